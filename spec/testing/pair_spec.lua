local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local merged = require "support.merged"

local raised, raises, protocolerror = errors.raised, errors.raises, errors.protocolerror

local _, ca = contexts.identity()

local function new_pair(options)
  local client, server = contexts.new()
  return testing.pair(merged({ client = client, server = server, server_hostname = "localhost" },
    options)), client, server
end

describe("A pair", function()
  it("makes a handshake of which both sides say that it succeeded", function()
    local pair = new_pair()
    local outcome = pair:handshake()
    assert.same({ ok = true, client = { ok = true }, server = { ok = true } }, outcome)
    assert.equal("TLSv1.3", pair.client:version())
    assert.equal("TLSv1.3", pair.server:version())
  end)

  it("tells why a side failed, and the alert that it sent", function()
    local _, server = contexts.new()
    local stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local outcome = testing.pair({
      client = stranger, server = server, server_hostname = "localhost",
    }):handshake()
    assert.is_false(outcome.ok)
    assert.is_true(ssl.isinstance(outcome.client.error, ssl.SSLCertVerificationError))
    assert.equal("unknown_ca", outcome.client.alert)
    assert.equal("TLSV1_ALERT_UNKNOWN_CA", outcome.server.error.reason)
    assert.is_nil(outcome.server.alert)
  end)

  it("tells of a client that is refused after its own handshake", function()
    local client, server = contexts.new()
    server.verify_mode = ssl.CERT_REQUIRED
    local outcome = testing.pair({
      client = client, server = server, server_hostname = "localhost",
    }):handshake()
    assert.is_false(outcome.client.ok)
    assert.is_false(outcome.server.ok)
    assert.equal("PEER_DID_NOT_RETURN_A_CERTIFICATE", outcome.server.error.reason)
    assert.equal("certificate_required", outcome.server.alert)
  end)

  it("knows alerts that go unencrypted from the wire", function()
    local tap = testing.tap.alter({ from = "server", n = 2 })
    local outcome = new_pair({ tap = tap }):handshake()
    assert.is_true(protocolerror(outcome.client.error))
    assert.matches("_ALERT_" .. outcome.client.alert:upper() .. "$", outcome.server.error.reason)
  end)

  it("carries data both ways, whatever its size", function()
    local pair = new_pair()
    pair:handshake()
    assert.equal("hello", pair:transfer("hello"))
    local much = ("0123456789abcdef"):rep(40000)
    assert.is_true(much == pair:transfer(much, "server"))
    assert.is_true(much == pair:transfer(much, "client"))
    assert.equal("", pair:transfer(""))
  end)

  it("is closed in good order from either side", function()
    for _, first in ipairs({ "client", "server" }) do
      local pair = new_pair()
      pair:handshake()
      assert.is_true(pair:unwrap(first))
    end
  end)

  it("ends a stream where the test cuts it", function()
    local pair = new_pair()
    pair:handshake()
    pair:cut("client")
    raises(ssl.SSLEOFError, pair.transfer, pair, "never", "server")
  end)

  it("takes bytes that nobody sent", function()
    local pair = new_pair()
    pair:handshake()
    pair:inject("server", testing.tap.record("application_data", ("x"):rep(40)))
    local err = raised(pair.transfer, pair, "hello")
    assert.is_true(protocolerror(err))
  end)

  it("resumes a session", function()
    local pair, client, server = new_pair()
    pair:handshake()
    local session = pair.client.session
    pair:unwrap()
    pair = testing.pair({
      client = client, server = server, server_hostname = "localhost", session = session,
    })
    assert.is_true(pair:handshake().ok)
    assert.is_true(pair.client.session_reused)
  end)

  it("makes a thousand handshakes with a thousand certificates within seconds", function()
    local client = contexts.new()
    local slow = os.getenv("LSSL_SLOW")
    local start = os.clock()
    for i = 1, slow and 20 or 1000 do
      local name = ("host%d.test"):format(i)
      local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      ca:issue(name):configure_cert(server)
      local pair = testing.pair({ client = client, server = server, server_hostname = name })
      assert(pair:handshake().ok)
    end
    assert.is_true(slow ~= nil or os.clock() - start < 20)
  end)

  it("refuses what is no side", function()
    local pair = new_pair()
    assert.error_matches(function() pair:transfer("x", "nobody") end,
      "bad argument #1 to 'transfer'")
    assert.error_matches(function() testing.pair({ klient = 1 }) end,
      "unexpected keyword argument 'klient'")
  end)
end)

describe("A client", function()
  it("refuses every broken identity, for the reason that it names", function()
    local authority, refused = testing.CA(), 0
    for identity in testing.each_broken(authority, "localhost") do
      local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      authority:configure_trust(client)
      identity:prepare(client)
      identity:configure_cert(server)
      local outcome = testing.pair({
        client = client, server = server, server_hostname = identity.host,
      }):handshake()
      local err = outcome.client.error
      assert.is_table(err, identity.name .. " was accepted")
      assert.is_true(ssl.isinstance(err, ssl[identity.expect.class]), identity.name)
      assert.equal(identity.expect.reason, err.reason, identity.name)
      assert.equal(identity.expect.verify_code, err.verify_code, identity.name)
      if identity.expect.rule then assert.equal(identity.expect.rule, err.rule, identity.name) end
      assert.is_false(outcome.server.ok)
      refused = refused + 1
    end
    assert.is_true(refused >= 30)
  end)
end)
