local ssl = require "_ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"

local kept, raised, set = errors.kept, errors.raised, errors.set

local HOSTNAME_MISMATCH, EXPIRED, NO_ISSUER, APPLICATION = 62, 10, 20, 50
local stranger, authority

-- Before the helper counts the objects that a test leaves.
do
  local _, ca = contexts.identity()
  authority = ca
  stranger = {
    wrongname = ca:issue("other.test"),
    expired = ca:issue("localhost", { not_after = os.time() - 60 }),
    untrusted = testing.CA():issue("localhost"),
  }
end

-- Both sides' errors, where the server shows `identity` and the client asks
-- `callback`.
local function shake(identity, callback, change)
  local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  authority:configure_trust(client_ctx)
  identity:configure_cert(server_ctx)
  client_ctx.verify_callback = callback
  if change then change(client_ctx, server_ctx) end
  local client, server = joined.objects(client_ctx, server_ctx)
  local cerr, serr = joined.handshake(client, server)
  return cerr, serr, client, server
end

local function refused(code, cerr)
  assert.is_true(ssl.isinstance(cerr, ssl.SSLCertVerificationError))
  assert.equal(code, cerr.verify_code)
  assert.matches(cerr.verify_message, cerr.message, 1, true)
end

describe("SSLContext.verify_callback", function()
  local good = contexts.identity()

  it("is asked for each certificate of a good chain", function()
    local seen = {}
    local cerr, _, client = shake(good, function(...)
      local ok, err, depth, der, conn = ...
      assert(select("#", ...) == 5)
      seen[#seen + 1] = { ok, err, depth, der == good.cert.der, tostring(conn) }
    end)
    assert.is_false(cerr)
    assert.same({ { true, 0, 1, false, tostring(client) },
                  { true, 0, 0, true, tostring(client) } }, seen)
  end)

  it("changes nothing by answering nothing", function()
    for identity, code in pairs { [stranger.wrongname] = HOSTNAME_MISMATCH,
                                  [stranger.expired] = EXPIRED,
                                  [stranger.untrusted] = NO_ISSUER } do
      local seen
      local cerr = shake(identity, function(ok, err) if not ok then seen = err end end)
      refused(code, cerr)
      assert.equal(code, seen)
    end
  end)

  it("accepts in spite of an error by true alone", function()
    for _, identity in pairs(stranger) do
      local function accept(ok) if not ok then return true end end
      local cerr, serr, client, server = shake(identity, accept)
      assert.is_false(cerr)
      assert.is_false(serr)
      joined.echo(client, server)
    end
    for _, answer in ipairs { 1, "true", {}, 0 } do
      local cerr = shake(stranger.expired, function(ok) if not ok then return answer end end)
      refused(EXPIRED, cerr)
      assert.truthy(cerr.cause:find("bad return value from 'verify_callback' (", 1, true))
    end
  end)

  it("accepts one error and not the next", function()
    local identity = authority:issue("other.test", { not_after = os.time() - 60 })
    local cerr = shake(identity, function(_, err) if err == EXPIRED then return true end end)
    refused(HOSTNAME_MISMATCH, cerr)
  end)

  it("refuses a good certificate by false", function()
    local cerr, serr = shake(good, function(_, _, depth) if depth == 0 then return false end end)
    refused(APPLICATION, cerr)
    assert.is_nil(cerr.cause)
    assert.is_true(ssl.isinstance(serr, ssl.SSLError))
    assert.truthy(serr.message:find("alert", 1, true))
  end)

  it("refuses by an error, which is the cause", function()
    local thrown = {}
    local cerr = shake(good, function() error(thrown) end)
    refused(APPLICATION, cerr)
    assert.equal(thrown, cerr.cause)
    cerr = shake(stranger.expired, function(ok) if not ok then error(thrown) end end)
    refused(EXPIRED, cerr)
    assert.equal(thrown, cerr.cause)
    cerr = shake(good, function() coroutine.yield(true) end)
    refused(APPLICATION, cerr)
  end)

  it("stays when the mode, the flags and the host name check are set after it", function()
    local cerr = shake(good, function() return false end, function(client)
      client.check_hostname = false
      client.verify_mode = ssl.CERT_NONE
      client.verify_mode = ssl.CERT_REQUIRED
      client.check_hostname = true
    end)
    refused(APPLICATION, cerr)
  end)

  it("leaves the mode as it was, and goes by nil", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for _, mode in ipairs { ssl.CERT_NONE, ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED } do
      ctx.verify_mode = mode
      ctx.verify_callback = print
      assert.equal(mode, ctx.verify_mode)
      assert.equal(print, ctx.verify_callback)
      ctx.verify_callback = nil
      assert.equal(mode, ctx.verify_mode)
      assert.is_nil(ctx.verify_callback)
    end
    assert.is_false((shake(good, function() return false end, function(client)
      client.verify_callback = nil
    end)))
  end)

  it("is not asked by a connection made before it was taken away", function()
    for how, identity in pairs({ connects = good, fails = stranger.wrongname }) do
      local client_ctx, server_ctx = contexts.new()
      identity:configure_cert(server_ctx)
      local asked = false
      client_ctx.verify_callback = function() asked = true end
      local client, server = joined.objects(client_ctx, server_ctx)
      client_ctx.verify_callback = nil
      local cerr = joined.handshake(client, server)
      assert.equal(how == "fails" and HOSTNAME_MISMATCH, cerr and cerr.verify_code)
      assert.is_false(asked)
    end
  end)

  it("is not asked where nothing is checked", function()
    local asked = 0
    local cerr = shake(good, function() asked = asked + 1 return false end, function(client)
      client.check_hostname = false
      client.verify_mode = ssl.CERT_NONE
    end)
    assert.is_false(cerr)
    assert.equal(0, asked)
  end)

  it("checks a client's certificate for the server", function()
    local function server_asks(answer)
      local seen = {}
      local _, serr = shake(good, nil, function(client, server)
        good:configure_cert(client)
        authority:configure_trust(server)
        server.verify_mode = ssl.CERT_REQUIRED
        client.maximum_version = 0x303
        server.verify_callback = function(ok, _, depth)
          seen[#seen + 1] = depth
          return answer and ok
        end
      end)
      return serr, #seen
    end
    assert.same({ false, 2 }, { server_asks(true) })
    local serr, count = server_asks(false)
    refused(APPLICATION, serr)
    assert.equal(1, count)
  end)

  it("is that of the context which sni_callback switched to", function()
    local asked
    local other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    good:configure_cert(other)
    other.verify_callback = function() asked = true return false end
    local _, serr = shake(good, nil, function(client, server)
      good:configure_cert(client)
      authority:configure_trust(server)
      authority:configure_trust(other)
      server.verify_mode = ssl.CERT_REQUIRED
      server.verify_callback = function() error("the old one") end
      server.sni_callback = function(conn) conn.context = other end
    end)
    assert.is_true(asked)
    refused(APPLICATION, serr)
    assert.is_nil(serr.cause)
  end)

  it("refuses what cannot be called", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for _, value in ipairs { true, 1, "f", {} } do
      local err = raised(set, ctx, "verify_callback", value)
      assert.truthy(err:find("bad value for 'verify_callback' (not a callable object)", 1, true))
    end
  end)
end)

local function client() return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) end

describe("SSLContext.verify_mode and check_hostname", function()
  it("hold each other", function()
    local ctx = client()
    assert.is_true(ssl.isinstance(kept(ctx, "verify_mode", ssl.CERT_NONE), ssl.ValueError))
    ctx.verify_mode = ssl.CERT_OPTIONAL
    assert.equal(ssl.CERT_OPTIONAL, ctx.verify_mode)
    ctx.check_hostname = false
    ctx.verify_mode = ssl.CERT_NONE
    ctx.check_hostname = true
    assert.equal(ssl.CERT_REQUIRED, ctx.verify_mode)
    ctx.verify_mode = ssl.CERT_OPTIONAL
    ctx.check_hostname = true
    assert.equal(ssl.CERT_OPTIONAL, ctx.verify_mode)
  end)

  it("refuse other numbers", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for _, mode in ipairs { -1, 3, math.mininteger } do
      local err = kept(ctx, "verify_mode", mode)
      assert.equal("invalid value for verify_mode", err.message)
    end
  end)
end)

describe("SSLContext.verify_flags", function()
  it("can be set and cleared", function()
    local ctx = client()
    local before = ctx.verify_flags
    ctx.verify_flags = before | ssl.VERIFY_X509_STRICT
    assert.equal(before | ssl.VERIFY_X509_STRICT, ctx.verify_flags)
    ctx.verify_flags = ssl.VERIFY_DEFAULT
    assert.equal(ssl.VERIFY_DEFAULT, ctx.verify_flags)
  end)
end)

describe("SSLContext.hostname_checks_common_name", function()
  it("can be turned off and on", function()
    local ctx = client()
    ctx.hostname_checks_common_name = false
    assert.is_false(ctx.hostname_checks_common_name)
    ctx.hostname_checks_common_name = true
    assert.is_true(ctx.hostname_checks_common_name)
  end)
end)
