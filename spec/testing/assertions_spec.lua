local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local raised = require "support.errors".raised

local _, ca = contexts.identity()

-- The message with which an assertion fails.
local function complaint(f, ...)
  local err = raised(f, ...)
  return tostring(type(err) == "table" and err.message or err)
end

local function missing()
  ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT):load_verify_locations("missing.pem")
end

describe("assert.tls_error", function()
  it("passes for the error it expects, and returns it", function()
    local err = assert.tls_error(missing, { errno = 2, class = "OSError", message = "Errno 2" })
    assert.equal(2, err.errno)
    assert.tls_error(missing)
    assert.tls_error(function() error(ssl.SSLError("x")) end, {})
    assert.is_not.tls_error(missing, { errno = 3 })
  end)

  it("says what it expected and what it got", function()
    assert.matches("^Expected an error of TLS with errno = 3; got OSError %[Errno 2%] No such",
      complaint(assert.tls_error, missing, { errno = 3 }))
    assert.matches("Expected an error of TLS with BAD; the function returned 5.",
      complaint(assert.tls_error, function() return 5 end, "BAD"), 1, true)
    assert.matches("Expected an error of TLS with anything; got .*: plain",
      complaint(assert.tls_error, function() error("plain") end))
    assert.matches("Expected no such error of TLS; got OSError",
      complaint(assert.is_not.tls_error, missing, { errno = 2 }), 1, true)
    assert.matches("class = \"SSLError\"; got OSError",
      complaint(assert.tls_error, missing, { class = "SSLError" }), 1, true)
  end)
end)

describe("assert.negotiated", function()
  it("compares what a connection has agreed on", function()
    local client, server = contexts.new()
    local pair = testing.pair({ client = client, server = server, server_hostname = "localhost" })
    pair:handshake()
    assert.negotiated(pair.client, { version = "TLSv1.3", alpn = false, resumed = false,
      cipher = pair.server:cipher() })
    assert.matches("The connection agreed on something else: alpn: expected \"h2\", got nil; "
      .. "version: expected \"TLSv1.2\", got \"TLSv1.3\".",
      complaint(assert.negotiated, pair.server, { version = "TLSv1.2", alpn = "h2" }), 1, true)
    assert.matches("knows no 'versoin'", complaint(assert.negotiated, pair.client, { versoin = 1 }))
  end)
end)

describe("assert.certificate", function()
  it("compares names, issuer, subject and serial", function()
    local named = ca:issue("a.test", "b.test", { serial = 0x1F2E, common_name = "me" })
    local expected = {
      names = { "b.test", "a.test" }, issuer = ca, subject = "me", serial = "1F2E",
    }
    assert.certificate(named, expected)
    assert.certificate(named.cert.pem, expected)
    assert.certificate(named.cert.der, expected)
    assert.certificate(ssl.decode_certificate(named.cert.der), expected)
    assert.matches("says something else: issuer: expected \"x\", got \"ssl.testing CA ",
      complaint(assert.certificate, named, { issuer = "x" }), 1, true)
    assert.matches("names: expected \"a.test\", got \"a.test, b.test\"",
      complaint(assert.certificate, named, { names = { "a.test" } }), 1, true)
    assert.matches("knows no 'name'", complaint(assert.certificate, named, { name = "x" }))
  end)

  it("asks a connection for that of its peer", function()
    local client, server = contexts.new()
    local pair = testing.pair({ client = client, server = server, server_hostname = "localhost" })
    pair:handshake()
    assert.certificate(pair.client, { names = { "localhost", "127.0.0.1" }, issuer = ca })
    assert.matches("Expected a certificate; there is none.",
      complaint(assert.certificate, pair.server, {}), 1, true)
  end)
end)

describe("assert.handshake_fails", function()
  it("passes when both sides fail as expected", function()
    local _, server = contexts.new()
    local stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert.handshake_fails(stranger, server)
    assert.handshake_fails(stranger, server, {
      client = { class = "SSLCertVerificationError", verify_code = 20 },
      server = "TLSV1_ALERT_UNKNOWN_CA", alert = "unknown_ca",
    })
  end)

  it("says what was otherwise", function()
    local client, server = contexts.new()
    assert.matches("Expected the handshake to fail; it succeeded.",
      complaint(assert.handshake_fails, client, server), 1, true)
    assert.matches("The handshake failed otherwise. Expected the client to raise verify_code = 10, "
      .. "got SSLCertVerificationError [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
      .. "Hostname mismatch, certificate is not valid for 'other'. (verify_code 62); "
      .. "the alert unknown_ca, got bad_certificate.",
      complaint(assert.handshake_fails, client, server, {
        server_hostname = "other", client = { verify_code = 10 }, alert = "unknown_ca",
      }), 1, true)
  end)
end)
