local socket = require "socket"
local ssl = require "_ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"

local raised, raises = errors.raised, errors.raises

local NEEDED, FAILED, UNKNOWN, REVOKED = 73, 74, 75, 23
local DAY = 86400

-- Before the helper counts the objects that a test leaves.
local leaf, ca = contexts.identity()
local stapled = ca:issue("localhost", { must_staple = true })
local other = ca:issue("other.test")
local stranger = testing.CA()
local delegate = ca:issue("ocsp.test", { extended_key_usage = { "OCSPSigning" } })
local pretender = ca:issue("ocsp.test")

-- The errors of both and the connections; the server staples `response`.
local function shake(response, policy, identity, version, callback)
  local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  if version then contexts.only(version, client_ctx, server_ctx) end
  ca:configure_trust(client_ctx);
  (identity or leaf):configure_cert(server_ctx)
  server_ctx.ocsp_response = response
  client_ctx.ocsp_stapling = policy
  client_ctx.ocsp_callback = callback
  local client, server = joined.objects(client_ctx, server_ctx)
  local cerr, serr = joined.handshake(client, server)
  return cerr, serr, client, server
end

-- Since OpenSSL 3.6 a server sends only what it can read and is about its certificate.
local filtered = ssl.OPENSSL_VERSION_NUMBER >= 0x30600000

local function refused(code, text, cerr, serr)
  assert.is_true(ssl.isinstance(cerr, ssl.SSLCertVerificationError))
  assert.equal(code, cerr.verify_code)
  assert.is_true(ssl.isinstance(cerr.cause, ssl.SSLError))
  assert.truthy(cerr.cause.message:find(text, 1, true), cerr.cause.message)
  assert.is_true(ssl.isinstance(serr, ssl.SSLError))
end

for _, version in ipairs { 0x303, 0x304 } do
  describe(("a stapled OCSP response in version 0x%x"):format(version), function()
    it("that is good is accepted, and can be read on both sides", function()
      local good = ca:ocsp(leaf)
      for _, policy in ipairs { ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED } do
        local cerr, serr, client, server = shake(good, policy, leaf, version)
        assert.is_false(cerr)
        assert.is_false(serr)
        joined.echo(client, server)
        assert.equal(good, client:ocsp_response())
        assert.equal(good, server:ocsp_response())
      end
    end)

    it("that says revoked or unknown is refused", function()
      for _, policy in ipairs { ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED } do
        refused(REVOKED, "is revoked", shake(ca:ocsp(leaf, { status = "revoked" }), policy, leaf,
          version))
        refused(UNKNOWN, "is unknown", shake(ca:ocsp(leaf, { status = "unknown" }), policy, leaf,
          version))
      end
    end)

    it("that is missing is refused where it is required or promised", function()
      refused(NEEDED, "did not staple", shake(nil, ssl.CERT_REQUIRED, leaf, version))
      refused(NEEDED, "did not staple", shake(nil, ssl.CERT_OPTIONAL, stapled, version))
      assert.is_false((shake(nil, ssl.CERT_OPTIONAL, leaf, version)))
      assert.is_false((shake(ca:ocsp(stapled), ssl.CERT_OPTIONAL, stapled, version)))
    end)
  end)
end

describe("a stapled OCSP response", function()
  local now = os.time()

  it("out of date is refused, or from the future", function()
    for _, times in ipairs { { now - 2 * DAY, now - DAY }, { now + DAY, now + 2 * DAY } } do
      refused(FAILED, "out of date", shake(ca:ocsp(leaf, {
        this_update = times[1], next_update = times[2],
      }), ssl.CERT_OPTIONAL))
    end
  end)

  it("out of date is refused even if it says good of a certificate now revoked", function()
    refused(FAILED, "out of date", shake(ca:ocsp(stapled, {
      this_update = now - 9 * DAY, next_update = now - 8 * DAY,
    }), ssl.CERT_OPTIONAL, stapled))
  end)

  it("signed by a stranger, or by a certificate without the right to, is refused", function()
    for _, signer in ipairs { stranger, pretender, leaf } do
      refused(FAILED, "not signed by who may", shake(ca:ocsp(leaf, { signer = signer }),
        ssl.CERT_OPTIONAL))
    end
  end)

  it("signed by whom the issuer charged with it is accepted", function()
    assert.is_false((shake(ca:ocsp(leaf, { signer = delegate }), ssl.CERT_REQUIRED)))
  end)

  it("about another certificate is refused", function()
    if filtered then
      refused(NEEDED, "did not staple", shake(ca:ocsp(other), ssl.CERT_REQUIRED))
    else
      refused(UNKNOWN, "another certificate", shake(ca:ocsp(other), ssl.CERT_OPTIONAL))
    end
  end)

  it("with any byte changed that it signs is refused", function()
    local good = ca:ocsp(leaf)
    local signed = good:find(ca.cert.der, 1, true) - 1  -- the signer's certificate ends it
    for i = 1, signed, 23 do
      local bad = good:sub(1, i - 1) .. string.char(good:byte(i) ~ 1) .. good:sub(i + 1)
      local cerr = shake(bad, ssl.CERT_REQUIRED)
      assert.is_true(ssl.isinstance(cerr, ssl.SSLCertVerificationError), "byte " .. i)
    end
  end)

  it("that cannot be read is refused", function()
    for _, bad in ipairs { "x", ca:ocsp(leaf):sub(1, -2), "\x30\0" } do
      if filtered then
        refused(NEEDED, "did not staple", shake(bad, ssl.CERT_REQUIRED))
      else
        refused(FAILED, "cannot be read", shake(bad, ssl.CERT_OPTIONAL))
      end
    end
    if filtered then
      return
    end
    refused(FAILED, "cannot be read", shake(ca:ocsp(leaf) .. "x", ssl.CERT_OPTIONAL))
    refused(FAILED, "responder's failure", shake("\x30\3\x0a\1\6", ssl.CERT_OPTIONAL))
  end)

  it("is not sent to who did not ask", function()
    local cerr, _, client, server = shake("no response at all", ssl.CERT_NONE, stapled)
    assert.is_false(cerr)
    assert.is_nil(client:ocsp_response())
    assert.is_nil(server:ocsp_response())
  end)

  it("is not needed to resume a session", function()
    local client_ctx, server_ctx = contexts.new()
    client_ctx.ocsp_stapling = ssl.CERT_REQUIRED
    server_ctx.ocsp_response = ca:ocsp(leaf)
    local first = joined.connect(client_ctx, server_ctx)
    server_ctx.ocsp_response = nil
    local again = joined.connect(client_ctx, server_ctx, first.session)
    assert.is_true(again.session_reused)
  end)
end)

describe("SSLContext.ocsp_response", function()
  it("may be a function of the connection", function()
    local seen
    local good = ca:ocsp(leaf)
    local cerr, _, client, server = shake(function(conn)
      seen = conn
      return ssl.bytearray(good)
    end, ssl.CERT_REQUIRED)
    assert.is_false(cerr)
    assert.equal(server, seen)
    assert.equal(good, client:ocsp_response())
    cerr = shake(function() return nil end, ssl.CERT_OPTIONAL)
    assert.is_false(cerr)
    cerr = shake(function() return "" end, ssl.CERT_OPTIONAL)
    assert.is_false(cerr)
  end)

  it("ends the handshake by an error or a wrong type, which are the cause", function()
    local thrown = {}
    local cerr, serr = shake(function() error(thrown) end, ssl.CERT_OPTIONAL)
    assert.equal(thrown, serr.cause)
    assert.is_true(ssl.isinstance(cerr, ssl.SSLError))
    for _, value in ipairs { 5, true, {} } do
      local _  -- a loop's own variable is constant in Lua 5.5
      _, serr = shake(function() return value end, ssl.CERT_OPTIONAL)
      assert.truthy(serr.cause:find("bad return value from 'ocsp_response' (", 1, true))
    end
  end)

  it("is given back, and refuses other types", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert.is_nil(ctx.ocsp_response)
    ctx.ocsp_response = ssl.bytearray("abc")
    assert.equal("abc", ctx.ocsp_response)
    for _, value in ipairs { 5, true, {} } do
      local err = raised(function() ctx.ocsp_response = value end)
      assert.truthy(err:find("bad value for 'ocsp_response' (", 1, true))
    end
    assert.equal("abc", ctx.ocsp_response)
  end)
end)

describe("SSLContext.ocsp_stapling", function()
  it("is CERT_NONE at first, and one of the three", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert.equal(ssl.CERT_NONE, ctx.ocsp_stapling)
    ctx.ocsp_stapling = ssl.CERT_REQUIRED
    assert.equal(ssl.CERT_REQUIRED, ctx.ocsp_stapling)
    for _, value in ipairs { -1, 3 } do
      raises(ssl.ValueError, function() ctx.ocsp_stapling = value end)
    end
    assert.matches("bad value for 'ocsp_stapling'",
      raised(function() ctx.ocsp_stapling = true end), 1, true)
    assert.equal(ssl.CERT_REQUIRED, ctx.ocsp_stapling)
  end)
end)

describe("SSLContext.ocsp_callback", function()
  local revoked = ca:ocsp(leaf, { status = "revoked" })
  local good = ca:ocsp(leaf)

  it("hears the verdict, the response and the connection, and by nil leaves it at that", function()
    for _, version in ipairs { 0x303, 0x304 } do
      local heard
      local function callback(...) heard = table.pack(...) end
      local cerr, _, client = shake(good, ssl.CERT_OPTIONAL, leaf, version, callback)
      assert.is_false(cerr)
      assert.same({ true, 0, good, client, n = 4 }, heard)
      local serr, _
      cerr, serr, client = shake(revoked, ssl.CERT_OPTIONAL, leaf, version, callback)
      refused(REVOKED, "is revoked", cerr, serr)
      assert.same({ false, REVOKED, revoked, client, n = 4 }, heard)
      cerr, _, client = shake(nil, ssl.CERT_OPTIONAL, leaf, version, callback)
      assert.is_false(cerr)
      assert.same({ true, 0, nil, client, n = 4 }, heard)
      cerr, serr = shake(nil, ssl.CERT_REQUIRED, leaf, version, callback)
      refused(NEEDED, "did not staple", cerr, serr)
      assert.same({ false, NEEDED, nil }, { heard[1], heard[2], heard[3] })
    end
  end)

  it("accepts what ssl refuses by true, and refuses what it accepts by false", function()
    local cerr, serr = shake(revoked, ssl.CERT_REQUIRED, leaf, nil, function() return true end)
    assert.is_false(cerr)
    assert.is_false(serr)
    cerr, serr = shake(good, ssl.CERT_REQUIRED, leaf, nil, function() return false end)
    refused(50, "ocsp_callback refuses", cerr, serr)
    cerr, serr = shake(revoked, ssl.CERT_REQUIRED, leaf, nil, function() return false end)
    refused(REVOKED, "is revoked", cerr, serr)
  end)

  it("ends the handshake by an error or a wrong type, which are the cause", function()
    local thrown = {}
    local cerr = shake(good, ssl.CERT_OPTIONAL, leaf, nil, function() error(thrown) end)
    assert.is_true(ssl.isinstance(cerr, ssl.SSLCertVerificationError))
    assert.equal(thrown, cerr.cause)
    for _, value in ipairs { 5, "true", {} } do
      cerr = shake(good, ssl.CERT_OPTIONAL, leaf, nil, function() return value end)
      assert.truthy(cerr.cause:find("bad return value from 'ocsp_callback' (", 1, true))
    end
  end)

  it("is not called by who does not ask, nor when a session is resumed", function()
    local called = 0
    local function callback() called = called + 1 end
    assert.is_false((shake(good, ssl.CERT_NONE, leaf, nil, callback)))
    assert.equal(0, called)
    local client_ctx, server_ctx = contexts.new()
    client_ctx.ocsp_stapling, server_ctx.ocsp_response = ssl.CERT_REQUIRED, good
    client_ctx.ocsp_callback = callback
    local client = joined.connect(client_ctx, server_ctx)
    local again = joined.connect(client_ctx, server_ctx, client.session)
    assert.is_true(again.session_reused)
    assert.equal(1, called)
  end)

  it("is given back, and refuses other types", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert.is_nil(ctx.ocsp_callback)
    ctx.ocsp_callback = print
    assert.equal(print, ctx.ocsp_callback)
    for _, value in ipairs { 5, true, {}, "print" } do
      local err = raised(function() ctx.ocsp_callback = value end)
      assert.truthy(err:find("bad value for 'ocsp_callback' (", 1, true))
    end
    ctx.ocsp_callback = nil
    assert.is_nil(ctx.ocsp_callback)
  end)
end)

describe("OCSP stapling and openssl", function()
  it("gives s_client what it asks for", function()
    local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf:configure_cert(server_ctx)
    server_ctx.ocsp_response = ca:ocsp(leaf)
    local listener = assert(socket.bind("127.0.0.1", 0))
    listener:settimeout(10)
    local _, port = listener:getsockname()
    local pipe = assert(io.popen(
      ("openssl s_client -status -connect 127.0.0.1:%s </dev/null 2>&1"):format(port)))
    local plain = assert(listener:accept())
    listener:close()
    plain:settimeout(10)
    local conn = server_ctx:wrap_socket(plain, { server_side = true })
    pcall(conn.recv, conn, 1)
    conn:close()
    local text = pipe:read("a")
    pipe:close()
    assert.truthy(text:find("OCSP Response Status: successful", 1, true), text)
    assert.truthy(text:find("Cert Status: good", 1, true), text)
  end)
end)
