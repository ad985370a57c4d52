local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local joined = require "support.joined"
local pair = require "support.pair"
local process = require "support.process"
local raises = require "support.errors".raises
local steps = require "support.steps"

local ca = testing.CA()
local identities = {
  ["P-256"] = ca:issue("localhost"),
  ["P-384"] = ca:issue("localhost", { key_type = "P-384" }),
  RSA = ca:issue("localhost", { key_type = "RSA" }),
  Ed25519 = ca:issue("localhost", { key_type = "Ed25519" }),
}

local function connect(kind, version, mutual)
  local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  contexts.only(version, client_ctx, server_ctx)
  ca:configure_trust(client_ctx)
  ca:configure_trust(server_ctx)
  identities[kind]:configure_cert(server_ctx)
  if mutual then
    identities[mutual]:configure_cert(client_ctx)
    server_ctx.verify_mode = ssl.CERT_REQUIRED
  end
  return joined.connect(client_ctx, server_ctx)
end

for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
  local named = version:gsub("_", ".")

  describe("What was negotiated under " .. named, function()
    it("is the same on both sides", function()
      local client_context, server_context = contexts.new(ssl.TLSVersion[version])
      server_context:set_alpn_protocols({ "h2" })
      client_context:set_alpn_protocols({ "http/1.1", "h2" })
      local p = pair.connected(client_context, server_context)
      for _, method in ipairs({ "cipher", "version", "group", "selected_alpn_protocol" }) do
        assert.is_string((p.client[method](p.client)), method)
        assert.same(table.pack(p.client[method](p.client)), table.pack(p.server[method](p.server)))
      end
      assert.equal(named, p.client:version())
      assert.equal("h2", p.client:selected_alpn_protocol())
      for _, method in ipairs({ "compression", "selected_npn_protocol" }) do
        assert.is_nil(p.client[method](p.client))
        assert.is_nil(p.server[method](p.server))
      end
    end)

    it("is nil while the handshake goes on, until it is known", function()
      local client_context, server_context = contexts.new(ssl.TLSVersion[version])
      local p = pair.new(client_context, server_context)
      for turn = 1, 2 do
        for _, conn in ipairs({ p.client, p.server }) do
          assert.is_nil(conn:version())
          raises(ssl.ValueError, conn.getpeercert, conn)
          assert.equal("handshake not done yet",
            raises(ssl.ValueError, conn.getpeercert, conn, true).message)
          assert.is_false(conn.session_reused)
          assert.equal(0, conn:pending())
          assert.is_nil((conn:selected_alpn_protocol()))
          assert.same({}, conn:get_verified_chain())
        end
        if turn == 1 then
          assert.equal("want", steps.try(p.client, "do_handshake"))
          assert.is_nil((p.client:cipher()))
          assert.is_nil(p.client:group())
        end
      end
    end)

    it("has a cipher out of the client's and the server's", function()
      local client_context, server_context = contexts.new(ssl.TLSVersion[version])
      client_context:set_ciphers("ECDHE+AESGCM")
      server_context:set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305")
      local p = pair.connected(client_context, server_context)
      local name, protocol, bits = p.client:cipher()
      assert.equal(version == "TLSv1_2" and "ECDHE-ECDSA-AES128-GCM-SHA256"
        or "TLS_AES_256_GCM_SHA384", name)
      assert.equal(named, protocol)
      assert.equal(version == "TLSv1_2" and 128 or 256, bits)
      assert.is_nil(p.client:shared_ciphers())
      local shared = p.server:shared_ciphers()
      local found = {}
      for _, cipher in ipairs(shared) do
        assert.equal(3, #cipher)
        found[cipher[1]] = cipher
      end
      assert.same({ name, protocol, bits }, found[name])
      assert.is_nil(found["ECDHE-ECDSA-CHACHA20-POLY1305"])
      assert.is_nil(found["ECDHE-ECDSA-AES256-GCM-SHA384"])
    end)
  end)
end

describe("server_sigalg and client_sigalg", function()
  local keyfile
  before_each(function() keyfile = os.tmpname() end)
  after_each(function() os.remove(keyfile) end)

  it("name the schemes as RFC 8446 does, on both sides", function()
    for kind, names in pairs {
      ["P-256"] = { "ecdsa_secp256r1_sha256" }, ["P-384"] = { "ecdsa_secp384r1_sha384" },
      RSA = { "rsa_pss_rsae_sha256" }, Ed25519 = { "ed25519" },
    } do
      for _, version in ipairs { 0x303, 0x304 } do
        local client, server = connect(kind, version)
        if version == 0x304 or kind ~= "P-384" then
          assert.equal(names[1], client:server_sigalg())
        end
        assert.equal(client:server_sigalg(), server:server_sigalg())
        assert.is_nil(client:client_sigalg())
        assert.is_nil(server:client_sigalg())
      end
    end
  end)

  it("name those of keys that only OpenSSL's command makes", function()
    for kind, case in pairs {
      DSA = { "dsaparam -genkey 1024", "dsa_sha%d+", 0x303, "aDSS:@SECLEVEL=0" },
      ["RSA-PSS"] = { "genpkey -algorithm RSA-PSS", "rsa_pss_pss_sha256", 0x303, "DEFAULT" },
      ["RSA-PSS, in TLS 1.3"] = { "genpkey -algorithm RSA-PSS", "rsa_pss_pss_sha256", 0x304,
        "DEFAULT" },
    } do
      local command, name, version, ciphers = table.unpack(case)
      local client_ctx = contexts.new(version)
      local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      client_ctx.check_hostname = false
      client_ctx.verify_mode = ssl.CERT_NONE
      local known = pcall(client_ctx.set_ciphers, client_ctx, ciphers)
      local pem, made = process.shell("openssl %s 2>/dev/null > %s && openssl req -x509 -new "
        .. "-sha256 -key %s -subj /CN=localhost && cat %s", command, keyfile, keyfile, keyfile)
      if known and made then
        server_ctx:set_ciphers(ciphers)
        server_ctx:load_cert_chain({ certdata = pem })
        if kind == "DSA" then
          process.shell("openssl dhparam -dsaparam -out %s 1024", keyfile)
          server_ctx:load_dh_params(keyfile)
        end
        local client, server = joined.connect(client_ctx, server_ctx)
        assert.matches("^" .. name .. "$", client:server_sigalg(), kind)
        assert.equal(client:server_sigalg(), server:server_sigalg())
      elseif kind ~= "DSA" then
        return pending("no openssl command")
      end
    end
  end)

  it("name the client's where it showed a certificate", function()
    for _, version in ipairs { 0x303, 0x304 } do
      local client, server = connect("P-256", version, "Ed25519")
      assert.equal("ed25519", client:client_sigalg())
      assert.equal("ed25519", server:client_sigalg())
      assert.equal("ecdsa_secp256r1_sha256", client:server_sigalg())
      assert.equal("ecdsa_secp256r1_sha256", server:server_sigalg())
    end
  end)

  it("are nil before the handshake", function()
    local client, server = joined.objects(contexts.new())
    assert.is_nil(client:server_sigalg())
    assert.is_nil(server:client_sigalg())
  end)
end)

describe("A second ClientHello", function()
  -- A pair whose client guesses another group than the server wants.
  local function guess(version)
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion[version])
    client_ctx:set_groups("x25519:secp384r1")
    server_ctx:set_groups("secp384r1")
    return client_ctx, server_ctx
  end

  it("shows on both sides", function()
    local client, server = joined.objects(guess("TLSv1_3"))
    assert.is_false(client.hello_retry)
    joined.handshake(client, server)
    assert.equal("secp384r1", client:group():lower())
    assert.is_true(client.hello_retry)
    assert.is_true(server.hello_retry)
  end)

  it("shows to who looks at the messages, too", function()
    local client_ctx, server_ctx = guess("TLSv1_3")
    local messages = 0
    local function count() messages = messages + 1 end
    client_ctx._msg_callback, server_ctx._msg_callback = count, count
    local client, server = joined.connect(client_ctx, server_ctx)
    assert.is_true(client.hello_retry)
    assert.is_true(server.hello_retry)
    assert.is_true(messages > 0)
  end)

  it("is not needed where the guess is right, nor known to TLS 1.2", function()
    local client, server = joined.connect(contexts.new(ssl.TLSVersion.TLSv1_3))
    assert.is_false(client.hello_retry)
    assert.is_false(server.hello_retry)
    client, server = joined.connect(contexts.new(ssl.TLSVersion.TLSv1_2))
    assert.is_false(client.hello_retry)
    assert.is_false(server.hello_retry)
  end)
end)
