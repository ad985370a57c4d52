local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local pair = require "support.pair"

local TLSv1_2, TLSv1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

-- What both sides' handshakes end with.
local function outcome(client, server)
  return testing.pair({ client = client, server = server, server_hostname = "localhost" })
    :handshake()
end

-- The advice of an SSLError: its message behind the text that CPython has.
local function advice(side)
  local err = assert(side.error)
  assert.is_true(ssl.isinstance(err, ssl.SSLError))
  local text, rest = err.message:sub(1, #err.strerror), err.message:sub(#err.strerror + 1)
  assert.equal(err.strerror, text)
  return rest
end

-- What one side says that is sent these bytes.
local function answer(context, bytes, options)
  local incoming = ssl.MemoryBIO()
  local conn = context:wrap_bio(incoming, ssl.MemoryBIO(), options)
  pcall(conn.do_handshake, conn)
  incoming:write(bytes)
  local ok, err = pcall(conn.do_handshake, conn)
  assert.is_false(ok)
  return { error = err }
end

describe("The message of a handshake that failed says", function()
  it("that a server has no certificate", function()
    for _, version in ipairs({ TLSv1_2, TLSv1_3 }) do
      local client = contexts.new(version)
      local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      assert.equal(": the context has no certificate, which load_cert_chain gives it",
        advice(outcome(client, server).server))
    end
  end)

  it("nothing more where a server has one, but no cipher in common", function()
    local client, server = contexts.new(TLSv1_2)
    client:set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    server:set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    assert.equal("", advice(outcome(client, server).server))
  end)

  it("that the two have no version of TLS in common", function()
    local client, server = contexts.new()
    client.maximum_version, server.minimum_version = TLSv1_2, TLSv1_3
    assert.equal(": the peer offers no version of TLS between minimum_version and maximum_version",
      advice(outcome(client, server).server))
  end)

  it("that a context's settings leave no version", function()
    local client, server = contexts.new(TLSv1_2)
    client.options = client.options | ssl.OP_NO_TLSv1_2
    assert.equal(": minimum_version, maximum_version and options leave no version of TLS",
      advice(outcome(client, server).client))
  end)

  it("that the peer does not trust this side", function()
    local client, server = contexts.new(TLSv1_2)
    testing.CA():issue("localhost"):configure_cert(server)
    local result = outcome(client, server)
    assert.equal(": the peer does not trust the certificate of this side", advice(result.server))
    assert.is_true(ssl.isinstance(result.client.error, ssl.SSLCertVerificationError))
  end)

  it("that the server wants a certificate of the client", function()
    local client, server = contexts.new(TLSv1_3)
    server.verify_mode = ssl.CERT_REQUIRED
    local made = testing.pair({ client = client, server = server, server_hostname = "localhost" })
    made:handshake()
    local ok, err = pcall(made.client.read, made.client, 1)
    assert.is_false(ok)
    assert.equal(": the server wants a certificate of the client, which load_cert_chain gives its "
      .. "context", advice({ error = err }))
  end)

  it("that the server does not know the name", function()
    local client, server = contexts.new(TLSv1_2)
    server.sni_callback = function() return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME end
    assert.equal(": the server does not know server_hostname",
      advice(outcome(client, server).client))
  end)

  it("that the peer speaks no TLS", function()
    local client, server = contexts.new()
    assert.equal(": the peer does not speak TLS on this connection",
      advice(answer(client, "220 mail.test ESMTP\r\n", { server_hostname = "localhost" })))
    assert.equal(": the client speaks plain HTTP",
      advice(answer(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", { server_side = true })))
  end)

  it("nothing of the kind of junk after the handshake", function()
    local client_context, server_context = contexts.ticketless()
    local wires = pair.connected(client_context, server_context)
    wires.client_in:write("220 mail.test ESMTP\r\n")
    local ok, err = pcall(wires.client.read, wires.client, 1)
    assert.is_false(ok)
    assert.equal(err.strerror, err.message)
  end)
end)
