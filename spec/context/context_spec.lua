local ssl = require "_ssl"
local errors = require "support.errors"
local python = require "support.python"

local badargument = errors.badargument
local raised, raises, set = errors.raised, errors.raises, errors.set

local function client() return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) end

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
      raises(ssl.ValueError, ssl.SSLContext, protocol)
    end
    for _, protocol in ipairs { "2", 1.5, true } do
      badargument(ssl.SSLContext, protocol)
    end
  end)

  it("has no attributes but its own", function()
    local ctx = client()
    assert.is_nil(ctx.nosuch)
    assert.is_string(raised(set, ctx, "nosuch", 1))
    for _, name in ipairs { "protocol", "security_level", "session_stats" } do
      assert.is_string(raised(set, ctx, name, 1))
    end
    assert.matches("bad self", raised(ctx.session_stats, io.stdout))
    assert.matches("bad self", raised(ctx.session_stats))
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
      assert.is_string(errors.kept(ctx, "options", value))
    end
  end)
end)
