local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local raised = require "support.errors".raised
local joined = require "support.joined"
local loopback = require "support.loopback"
local python = require "support.python"

local _, authority = contexts.identity()
local rsa = authority:issue("localhost", { key_type = "RSA" })
local p384 = authority:issue("localhost", { key_type = "P-384" })

local TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

local function connect(version) return joined.connect(contexts.new(version)) end

local function refused(class, text, f, ...)
  local err = raised(f, ...)
  assert.is_true(ssl.isinstance(err, class))
  assert.matches(text, tostring(err), 1, true)
end

describe("get_channel_binding", function()
  it("knows the types of CHANNEL_BINDING_TYPES, and no other", function()
    assert.same({ "tls-unique", "tls-server-end-point", "tls-exporter" },
      ssl.CHANNEL_BINDING_TYPES)
    local client = connect(TLS12)
    for _, kind in ipairs(ssl.CHANNEL_BINDING_TYPES) do
      assert.equal("string", type(client:get_channel_binding(kind)))
    end
    for _, wrong in ipairs({ "tls", "", "tls-unique\0", "TLS-UNIQUE" }) do
      local ok, err = pcall(client.get_channel_binding, client, wrong)
      assert.is_true(not ok and ssl.isinstance(err, ssl.ValueError))
    end
    refused(ssl.ValueError, "'tls' channel binding type not implemented",
      client.get_channel_binding, client, "tls")
  end)

  it("is the same on both sides, and of no other connection", function()
    for _, version in ipairs({ TLS12, TLS13 }) do
      local client, server = connect(version)
      local other = connect(version)
      for _, kind in ipairs(ssl.CHANNEL_BINDING_TYPES) do
        if version == TLS12 or kind ~= "tls-unique" then
          local bytes = client:get_channel_binding(kind)
          assert.equal(bytes, server:get_channel_binding(kind))
          assert.equal(kind == "tls-server-end-point", bytes == other:get_channel_binding(kind))
        end
      end
    end
  end)

  it("refuses tls-unique for TLS 1.3, which does not define it", function()
    local client, server = connect(TLS13)
    for _, side in ipairs({ client, server }) do
      refused(ssl.ValueError, "RFC 9266", side.get_channel_binding, side)
    end
  end)

  it("is nil before the handshake", function()
    local client, server = joined.objects(contexts.new())
    for _, kind in ipairs(ssl.CHANNEL_BINDING_TYPES) do
      assert.is_nil(client:get_channel_binding(kind))
      assert.is_nil(server:get_channel_binding(kind))
    end
  end)

  it("refuses tls-unique for a session resumed without the extended master secret", function()
    local NO_EXTENDED_MASTER_SECRET <const> = 1
    local client_ctx, server_ctx = contexts.new(TLS12)
    client_ctx.options = client_ctx.options | NO_EXTENDED_MASTER_SECRET
    local first = joined.connect(client_ctx, server_ctx)
    assert.equal(12, #first:get_channel_binding("tls-unique"))
    local client, server = joined.connect(client_ctx, server_ctx, first.session)
    assert.is_true(client.session_reused)
    for _, conn in ipairs { client, server } do
      refused(ssl.ValueError, "RFC 7627", conn.get_channel_binding, conn)
      assert.equal(32, #conn:get_channel_binding("tls-exporter"))
    end
  end)

  it("gives the server's Finished as tls-unique when a session is resumed", function()
    local client_ctx, server_ctx = contexts.new(TLS12)
    local first = joined.connect(client_ctx, server_ctx)
    local client, server = joined.connect(client_ctx, server_ctx, first.session)
    assert.is_true(client.session_reused)
    assert.equal(12, #client:get_channel_binding("tls-unique"))
    assert.equal(client:get_channel_binding(), server:get_channel_binding())
    assert.not_equal(first:get_channel_binding(), client:get_channel_binding())
  end)

  it("digests the server's certificate by the hash of its signature", function()
    for _, identity in ipairs({ rsa, p384 }) do
      local client_ctx, server_ctx = contexts.new()
      identity:configure_cert(server_ctx)
      local client = joined.connect(client_ctx, server_ctx)
      local digest = client:get_channel_binding("tls-server-end-point")
      local name = python.run([=[
import hashlib
result = [n for n in ("sha256", "sha384", "sha512")
          if hashlib.new(n, data["cert"]).digest() == data["digest"]]
]=], { cert = python.bytes(client:getpeercert(true)), digest = python.bytes(digest) })
      assert.same({ "sha256" }, name)
    end
  end)

  it("knows no digest for a signature that has none, and takes SHA-256 for SHA-1", function()
    local client_ctx, server_ctx = contexts.new()
    local root = testing.CA({ key_type = "Ed25519" })
    root:configure_trust(client_ctx)
    root:issue("localhost"):configure_cert(server_ctx)
    local client, server = joined.connect(client_ctx, server_ctx)
    for _, object in ipairs({ client, server }) do
      refused(ssl.ValueError, "tls-server-end-point is not defined",
        object.get_channel_binding, object, "tls-server-end-point")
    end

    client_ctx, server_ctx = contexts.new()
    for _, ctx in ipairs({ client_ctx, server_ctx }) do ctx:set_ciphers("DEFAULT:@SECLEVEL=0") end
    authority:issue("localhost", { digest = "SHA1" }):configure_cert(server_ctx)
    client, server = joined.connect(client_ctx, server_ctx)
    assert.equal(32, #client:get_channel_binding("tls-server-end-point"))
    assert.equal(client:get_channel_binding("tls-server-end-point"),
      server:get_channel_binding("tls-server-end-point"))
  end)

  it("knows no digest for a signature that OpenSSL does not know", function()
    local client_ctx, server_ctx = contexts.new()
    client_ctx.check_hostname = false
    client_ctx.verify_mode = ssl.CERT_NONE
    for _, ctx in ipairs({ client_ctx, server_ctx }) do ctx:set_ciphers("DEFAULT:@SECLEVEL=0") end
    local identity = authority:issue("localhost")
    local ecdsa_with, SHA256, NOTHING = "\42\134\72\206\61\4\3", "\2", "\9"
    local odd, count = identity.cert.der:gsub(ecdsa_with .. SHA256, ecdsa_with .. NOTHING)
    assert.equal(2, count)
    local files <close> = identity:files()
    local file = assert(io.open(files.chain, "w"))
    file:write(ssl.DER_cert_to_PEM_cert(odd))
    file:close()
    server_ctx:load_cert_chain(files.chain, files.key)
    local client, server = joined.connect(client_ctx, server_ctx)
    assert.equal(odd, client:getpeercert(true))
    for _, object in ipairs({ client, server }) do
      refused(ssl.ValueError, "tls-server-end-point is not defined",
        object.get_channel_binding, object, "tls-server-end-point")
    end
  end)

  it("is nil where there is no certificate, and before the handshake", function()
    local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client_ctx.check_hostname = false
    client_ctx.verify_mode = ssl.CERT_NONE
    contexts.only(TLS13, client_ctx, server_ctx)
    client_ctx:set_psk_client_callback(function() return "me", "secret" end)
    server_ctx:set_psk_server_callback(function() return "secret" end)
    local a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    assert.is_nil(client_ctx:wrap_bio(a, b):get_channel_binding("tls-unique"))
    local unconnected <close> = client_ctx:wrap_socket(socket.tcp())
    assert.is_nil(unconnected:get_channel_binding("tls-unique"))
    refused(ssl.OSError, "not connected", unconnected.export_keying_material, unconnected, "x", 3)
    local client, server = joined.connect(client_ctx, server_ctx)
    assert.is_nil(client:get_channel_binding("tls-server-end-point"))
    assert.is_nil(server:get_channel_binding("tls-server-end-point"))
  end)

  it("has CPython's tls-unique for the same connection", function()
    local ca = testing.CA()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca:issue("localhost"):configure_cert(ctx)
    ctx.maximum_version = TLS12
    local server <close> = testing.server({ ca = ca, context = ctx,
      handler = function(conn)
        conn:sendall(conn:get_channel_binding("tls-unique"))
      end })
    local answer = python.run([[
import socket, ssl
ctx = ssl.create_default_context(cadata=data["ca"])
sock = socket.create_connection(("127.0.0.1", data["port"]), 10)
conn = ctx.wrap_socket(sock, server_hostname="localhost")
sent = b""
while len(sent) < 12:
    sent += conn.recv(12 - len(sent))
result = [sent, conn.get_channel_binding("tls-unique")]
conn.close()
]], { ca = ca.cert.pem, port = server.port })
    assert.equal(12, #answer[1])
    assert.equal(answer[2], answer[1])
  end)
end)

describe("export_keying_material", function()
  it("gives both sides the same bytes, others for another label, context, or connection", function()
    for _, version in ipairs({ TLS12, TLS13 }) do
      local client, server = connect(version)
      local other = connect(version)
      local key = client:export_keying_material("EXPERIMENTAL-a", 32, "context")
      assert.equal(32, #key)
      assert.equal(key, server:export_keying_material("EXPERIMENTAL-a", 32,
        ssl.bytearray("context")))
      assert.not_equal(key, client:export_keying_material("EXPERIMENTAL-b", 32, "context"))
      assert.not_equal(key, client:export_keying_material("EXPERIMENTAL-a", 32, "other"))
      assert.not_equal(key, other:export_keying_material("EXPERIMENTAL-a", 32, "context"))
      -- RFC 8446, 7.5: no context is an empty one; RFC 5705, 4: it is not
      assert.equal(version == TLS13, client:export_keying_material("EXPERIMENTAL-a", 32)
        == client:export_keying_material("EXPERIMENTAL-a", 32, ""))
    end
  end)

  it("is what the binding tls-exporter is made of", function()
    for _, version in ipairs({ TLS12, TLS13 }) do
      local client = connect(version)
      assert.equal(client:get_channel_binding("tls-exporter"),
        client:export_keying_material("EXPORTER-Channel-Binding", 32, ""))
    end
  end)

  it("has limits", function()
    local client, server = connect(TLS13)
    assert.equal(1, #client:export_keying_material("EXPERIMENTAL-a", 1))
    for _, wrong in ipairs({ 0, -1, 16385, math.maxinteger, math.mininteger }) do
      refused(ssl.ValueError, "", client.export_keying_material, client, "EXPERIMENTAL-a", wrong)
    end
    for _, wrong in ipairs({ "8", 1.5, {} }) do
      assert.has_error(function() server:export_keying_material("EXPERIMENTAL-a", wrong) end)
    end
    assert.has_error(function() client:export_keying_material(1, 8) end)
    assert.has_error(function() client:export_keying_material("EXPERIMENTAL-a", 8, 1) end)
    assert.equal(8192, #connect(TLS12):export_keying_material("EXPERIMENTAL-a", 8192))
  end)

  it("is refused before the handshake", function()
    local client = joined.objects(contexts.new())
    refused(ssl.ValueError, "handshake not done yet", client.export_keying_material, client,
      "EXPERIMENTAL-a", 8)
  end)

  it("works over sockets, until they end", function()
    local net <close> = loopback.new()
    local client, server = net:tls(contexts.new(TLS13))
    assert.equal(client:export_keying_material("EXPERIMENTAL-a", 16),
      server:export_keying_material("EXPERIMENTAL-a", 16))
    assert.equal(client:get_channel_binding("tls-exporter"),
      server:get_channel_binding("tls-exporter"))
    client:close()
    refused(ssl.OSError, "", client.export_keying_material, client, "EXPERIMENTAL-a", 16)
    refused(ssl.OSError, "", client.get_channel_binding, client, "tls-exporter")
  end)
end)
