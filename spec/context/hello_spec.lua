local ssl = require "ssl"
local contexts = require "support.contexts"
local joined = require "support.joined"
local testing = require "ssl.testing"

describe("A ClientHello", function()
  local function hello_of(settings)
    local client_ctx, server_ctx = contexts.new()
    for name, value in pairs(settings or {}) do client_ctx[name](client_ctx, value) end
    local seen
    server_ctx.client_hello_callback = function(_, hello) seen = hello end
    testing.pair({ client = client_ctx, server = server_ctx, server_hostname = "localhost" })
      :handshake()
    return seen
  end

  it("is what the client was set to", function()
    local hello = hello_of({ set_alpn_protocols = { "h2", "http/1.1" },
      set_groups = "X25519:P-384" })
    assert.equal("localhost", hello.name)
    assert.same({ "h2", "http/1.1" }, hello.alpn)
    assert.same({ 29, 24 }, hello.groups)
    assert.same({ 29 }, hello.key_shares)
    assert.equal(ssl.TLSVersion.TLSv1_3, hello.versions[1])
    assert.equal(ssl.TLSVersion.TLSv1_2, hello.legacy_version)
    assert.equal(32, #hello.random)
    assert.is_false(hello.session_offered)
    assert.equal("\0", hello.compression_methods)
    local offered = {}
    for _, number in ipairs(hello.ciphers) do offered[number] = true end
    assert.is_true(offered[0x1301] and not offered[0x0001])  -- RFC 8446, B.4; RFC 5246, A.5
    assert.is_string(hello:extension(43))
    assert.is_nil(hello:extension(65000))
    assert.is_nil(hello.nonsense)
  end)

  it("has the identities of pre-shared keys, and of sessions", function()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    local key, seen = ("k"):rep(32), nil
    server_ctx:set_ciphersuites("TLS_AES_128_GCM_SHA256")  -- which has the key's hash
    client_ctx:set_psk_client_callback(function() return "someone", key end)
    server_ctx:set_psk_server_callback(function(identity)
      return identity == "someone" and key or ""
    end)
    server_ctx.client_hello_callback = function(_, hello) seen = hello.psk_identities end
    joined.connect(client_ctx, server_ctx)
    assert.same({ "someone" }, seen)
    client_ctx:set_psk_client_callback(nil)
    local client = joined.connect(client_ctx, server_ctx)
    assert.same({}, seen)
    joined.connect(client_ctx, server_ctx, client.session)
    assert.equal(1, #seen)
    assert.is_true(#seen[1] > 32)
  end)

  it("makes fingerprints that the same client has again, and another has not", function()
    local one, again, another = hello_of(), hello_of(), hello_of({ set_ciphers = "AES256-SHA256" })
    assert.equal(one.ja3, again.ja3)
    assert.equal(one.ja4_r, again.ja4_r)
    assert.is_not.equal(one.ja3, another.ja3)
    assert.matches("^771,[%d-]+,[%d-]+,[%d-]+,[%d-]+$", one.ja3)
    assert.matches("^t13d%d%d%d%d00_[%x,]+_[%x,]+_[%x,]+$", one.ja4_r)
  end)

  it("has a fingerprint of its own over datagrams", function()
    local client_ctx, server_ctx = contexts.dtls()
    local seen
    server_ctx.client_hello_callback = function(_, hello) seen = hello end
    joined.handshake(joined.objects(client_ctx, server_ctx))
    assert.matches("^dd2d%d%d%d%d00_", seen.ja4_r)
  end)

  it("is empty where a client has cut it short", function()
    local broken = setmetatable({
      legacy_version = 0x301, session_id = "", cipher_bytes = "\x13", random = "",
      extensions = { { type = 0, data = "\0" }, { type = 16, data = "\0\5\9ab" },
        { type = 10, data = "" }, { type = 43, data = "\2" },
        { type = 41, data = "\0\9\0\2ab\0\0" } },
    }, require("_ssl")._clienthello)
    assert.is_nil(broken.name)
    assert.same({}, broken.alpn)
    assert.same({}, broken.groups)
    assert.same({}, broken.key_shares)
    assert.same({}, broken.versions)
    assert.same({}, broken.ciphers)
    assert.same({}, broken.psk_identities)
    assert.matches("^769,", broken.ja3)
    assert.matches("^t00d", broken.ja4_r)
  end)
end)
