-- Post-quantum key exchange (ML-KEM) and signatures (ML-DSA), which OpenSSL has since 3.5.

local ssl = require "ssl"
local testing = require "ssl.testing"
local loopback = require "support.loopback"
local raises = require "support.errors".raises

local X25519, X25519MLKEM768 = 29, 4588

if ssl.OPENSSL_VERSION_NUMBER < 0x30500000 then
  describe("Post-quantum algorithms", function()
    it("need OpenSSL 3.5, and say so", function()
      local here = ssl.OPENSSL_VERSION:match("%d[%d.]*")
      for _, kind in ipairs { "ML-DSA-65", "SLH-DSA-SHA2-128s" } do
        local err = raises(ssl.NotImplementedError, testing.CA, { key_type = kind })
        assert.matches("3%.5.*" .. here, err.message)
      end
      raises(ssl.SSLError, function()
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT):set_groups("X25519MLKEM768")
      end)
    end)
  end)
  return
end

-- Before the helper counts the objects that a test leaves.
local quantum_ca = testing.CA{ key_type = "ML-DSA-65" }
local quantum = quantum_ca:issue("localhost", { key_type = "ML-DSA-44" })
local ca = testing.CA()
local classical = ca:issue("localhost")

-- A client that trusts both authorities, and a server that shows these certificates.
local function contexts_of(...)
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  ca:configure_trust(client)
  quantum_ca:configure_trust(client)
  for _, identity in ipairs { ... } do identity:configure_cert(server) end
  return client, server
end

local function handshake(client, server)
  local pair = testing.pair{ client = client, server = server, server_hostname = "localhost" }
  return pair, pair:handshake()
end

describe("Post-quantum key exchange", function()
  it("is what both sides agree on by default, at the first try", function()
    local client, server = contexts_of(classical)
    local heard
    server.client_hello_callback = function(_, hello) heard = hello.key_shares end
    local pair, result = handshake(client, server)
    assert.is_true(result.ok)
    assert.equal("X25519MLKEM768", pair.client:group())
    assert.same({ X25519MLKEM768, X25519 }, heard)
    assert.is_false(pair.client.hello_retry)
    assert.is_false(pair.server.hello_retry)
  end)

  it("takes a second ClientHello where the client guessed otherwise", function()
    local client, server = contexts_of(classical)
    client:set_groups("x25519:X25519MLKEM768")
    server:set_groups("X25519MLKEM768")
    local pair, result = handshake(client, server)
    assert.is_true(result.ok)
    assert.equal("X25519MLKEM768", pair.server:group())
    assert.is_true(pair.client.hello_retry)
    assert.is_true(pair.server.hello_retry)
  end)

  it("fails, and does not fall back, where one side insists on it", function()
    local client, server = contexts_of(classical)
    client:set_groups("X25519MLKEM768")
    server:set_groups("x25519:secp256r1")
    local _, result = handshake(client, server)
    assert.is_true(ssl.isinstance(result.client.error, ssl.SSLError))
    assert.is_true(ssl.isinstance(result.server.error, ssl.SSLError))
  end)

  it("is s_client's too", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local _, server = contexts_of(classical)
    local pipe <close> = assert(io.popen(("timeout 20 openssl s_client -connect 127.0.0.1:%d "
      .. "-groups X25519MLKEM768 </dev/null 2>&1"):format(port)))
    local conn <close> = server:wrap_socket(assert(listener:accept()),
      { server_side = true, timeout = 10 })
    assert.equal("X25519MLKEM768", conn:group())
    pcall(conn.recv, conn, 1)
    conn:close()
    pipe:read("a")
  end)
end)

describe("Post-quantum signatures", function()
  it("vouch for a server, by an authority that has them as well", function()
    local client, server = contexts_of(quantum)
    local pair, result = handshake(client, server)
    assert.is_true(result.ok)
    assert.equal("mldsa44", pair.client:server_sigalg())
    assert.equal("mldsa44", pair.server:server_sigalg())
    assert.equal("hello", pair:transfer("hello"))
  end)

  it("vouch for a client", function()
    local client, server = contexts_of(classical)
    quantum:configure_cert(client)
    quantum_ca:configure_trust(server)
    server.verify_mode = ssl.CERT_REQUIRED
    local pair, result = handshake(client, server)
    assert.is_true(result.ok)
    assert.equal("mldsa44", pair.server:client_sigalg())
  end)

  for _, first in ipairs { true, false } do
    local order = first and "first" or "last"
    it("live beside classical ones in one server, loaded " .. order, function()
      local list = first and { quantum, classical } or { classical, quantum }
      for accepted, expected in pairs {
        ["mldsa44:mldsa65"] = "mldsa44", ecdsa_secp256r1_sha256 = "ecdsa_secp256r1_sha256" } do
        local client, server = contexts_of(table.unpack(list))
        client:set_server_sigalgs(accepted)
        local pair, result = handshake(client, server)
        assert.is_true(result.ok, tostring(result.client.error))
        assert.equal(expected, pair.client:server_sigalg())
      end
    end)
  end

  it("are not in TLS 1.2", function()
    local client, server = contexts_of(quantum)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    local _, result = handshake(client, server)
    assert.is_false(result.ok)
  end)

  it("may be an authority's alone: SLH-DSA, which TLS has no other use for", function()
    local slow = testing.CA{ key_type = "SLH-DSA-SHA2-128f" }
    local client, server = contexts_of(slow:issue("localhost"))
    slow:configure_trust(client)
    local pair, result = handshake(client, server)
    assert.is_true(result.ok, tostring(result.client.error))
    assert.equal("ecdsa_secp256r1_sha256", pair.client:server_sigalg())
  end)
end)
