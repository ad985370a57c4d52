local python = require "support.python"
local ssl = require "_ssl"

local function client() return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) end
local function server() return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) end

local function raised(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  return err
end

local function set(ctx, attribute, value) ctx[attribute] = value end

local function refused(ctx, attribute, value)
  local before = ctx[attribute]
  local err = raised(set, ctx, attribute, value)
  assert.equal(before, ctx[attribute])
  return err
end

describe("SSLContext", function()
  it("begins with the settings that CPython 3.13's has", function()
    local attributes = { "protocol", "verify_mode", "verify_flags", "check_hostname", "num_tickets",
      "hostname_checks_common_name", "security_level", "post_handshake_auth", "minimum_version",
      "maximum_version", "options" }
    local theirs = python.run([[
import sys, ssl, warnings
warnings.simplefilter("ignore")
result = None
if sys.version_info >= (3, 13):
    result = {}
    for protocol in "PROTOCOL_TLS_CLIENT", "PROTOCOL_TLS_SERVER", "PROTOCOL_TLS":
        ctx = ssl.SSLContext(getattr(ssl, protocol))
        result[protocol] = {name: getattr(ctx, name) for name in data}
]], attributes)
    if not theirs then return pending("a Python older than 3.13") end
    for protocol, settings in pairs(theirs) do
      local ctx = ssl.SSLContext(ssl[protocol])
      if not python.owndefaults() then settings.minimum_version = 0x303 end
      for _, name in ipairs(attributes) do
        assert.equal(settings[name], ctx[name], protocol .. " " .. name)
      end
    end
  end)

  it("refuses protocols that it does not know", function()
    for _, protocol in ipairs { -1, 6, 15, 18, math.maxinteger, ssl.PROTOCOL_SSLv2 } do
      assert.is_true(ssl.isinstance(raised(ssl.SSLContext, protocol), ssl.ValueError))
    end
    for _, protocol in ipairs { "2", 1.5, true } do
      assert.is_string(raised(ssl.SSLContext, protocol))
    end
  end)

  it("has no attributes but its own", function()
    local ctx = client()
    assert.is_nil(ctx.nosuch)
    assert.is_string(raised(set, ctx, "nosuch", 1))
    for _, name in ipairs { "protocol", "security_level", "session_stats" } do
      assert.is_string(raised(set, ctx, name, 1))
    end
    assert.is_string(raised(ctx.session_stats, io.stdout))
    assert.is_string(raised(ctx.session_stats))
  end)
end)

describe("SSLContext.options", function()
  it("can be set and cleared bit by bit, the highest included", function()
    local ctx = client()
    local before = ctx.options
    ctx.options = before | ssl.OP_NO_TICKET
    assert.equal(before | ssl.OP_NO_TICKET, ctx.options)
    ctx.options = ctx.options & ~ssl.OP_NO_TICKET
    assert.equal(before, ctx.options)
    ctx.options = before | 1 << 63
    assert.equal(before | 1 << 63, ctx.options)
    ctx.options = 0
    assert.equal(0, ctx.options)
    for _, value in ipairs { "1", 1.5, true } do
      assert.is_string(refused(ctx, "options", value))
    end
  end)
end)

describe("SSLContext.verify_mode and check_hostname", function()
  it("hold each other", function()
    local ctx = client()
    assert.is_true(ssl.isinstance(refused(ctx, "verify_mode", ssl.CERT_NONE), ssl.ValueError))
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
    local ctx = server()
    for _, mode in ipairs { -1, 3, math.mininteger } do
      local err = refused(ctx, "verify_mode", mode)
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

describe("SSLContext.num_tickets", function()
  it("is a server's, and not negative", function()
    local ctx = server()
    ctx.num_tickets = 0
    assert.equal(0, ctx.num_tickets)
    ctx.num_tickets = 5
    assert.equal(5, ctx.num_tickets)
    assert.equal("value must be non-negative", refused(ctx, "num_tickets", -1).message)
    assert.equal("SSLContext is not a server context.", refused(client(), "num_tickets", 1).message)
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

describe("SSLContext.session_stats", function()
  it("counts from zero what CPython counts", function()
    local theirs = python.run("import ssl; " ..
      "result = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).session_stats()")
    assert.same(theirs, client():session_stats())
  end)
end)
