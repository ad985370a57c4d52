local ssl = require "_ssl"
local errors = require "support.errors"
local process = require "support.process"

local set = errors.set

local MINIMUM, MAXIMUM = -2, -1
local TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 = 0x301, 0x302, 0x303, 0x304

local function raised(...) return errors.raised(set, ...) end

describe("SSLContext.minimum_version and maximum_version", function()
  it("begin with TLS 1.2 and all that is newer", function()
    for _, protocol in ipairs { ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER,
                                ssl.PROTOCOL_TLS } do
      local ctx = ssl.SSLContext(protocol)
      assert.equal(TLSv1_2, ctx.minimum_version)
      assert.equal(MAXIMUM, ctx.maximum_version)
    end
  end)

  it("give back what they were set to", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for _, version in ipairs { TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 } do
      ctx.minimum_version = version
      ctx.maximum_version = version
      assert.equal(version, ctx.minimum_version)
      assert.equal(version, ctx.maximum_version)
    end
  end)

  it("take both ends for both, as CPython does", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.minimum_version, ctx.maximum_version = MINIMUM, MAXIMUM
    assert.equal(MINIMUM, ctx.minimum_version)
    assert.equal(MAXIMUM, ctx.maximum_version)
    ctx.minimum_version = MAXIMUM
    assert.equal(TLSv1_3, ctx.minimum_version)
    ctx.maximum_version = MINIMUM
    assert.is_true(ctx.maximum_version == TLSv1 or ctx.maximum_version == 0x300)
  end)

  it("refuse other numbers and types, and stay as they were", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for _, attribute in ipairs { "minimum_version", "maximum_version" } do
      local before = ctx[attribute]
      for value, text in pairs { [0] = "0x0", [5] = "0x5", [0x305] = "0x305", [-3] = "-0x3",
                                 [math.maxinteger] = "0x7fffffffffffffff" } do
        local err = raised(ctx, attribute, value)
        assert.is_true(ssl.isinstance(err, ssl.ValueError))
        assert.equal("Unsupported TLS/SSL version " .. text, err.message)
      end
      for _, value in ipairs { "771", 1.5, true } do
        assert.is_truthy(raised(ctx, attribute, value):find("bad value for '" .. attribute, 1,
          true))
      end
      assert.equal(before, ctx[attribute])
    end
  end)

  it("cannot be set where the protocol is one version", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLSv1_2)
    assert.equal(MINIMUM, ctx.minimum_version)
    assert.equal(MAXIMUM, ctx.maximum_version)
    for _, attribute in ipairs { "minimum_version", "maximum_version" } do
      assert.equal("The context's protocol doesn't support modification of highest and lowest " ..
        "version.", raised(ctx, attribute, TLSv1_3).message)
    end
    assert.equal(MINIMUM, ctx.minimum_version)
  end)

  it("let SSL 3 be spoken if asked for, where OpenSSL has it", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local ok = pcall(set, ctx, "minimum_version", 0x300)
    assert.equal(ok, ctx.options & ssl.OP_NO_SSLv3 == 0)
  end)

  it("warn of versions before TLS 1.2", function()
    local out = process.run_lua([[
      warn("@on")
      local ctx = require("_ssl").SSLContext(16)
      for version = 0x301, 0x304 do ctx.minimum_version = version end
      ctx.maximum_version = 0x302]])
    assert.equal("Lua warning: ssl.TLSVersion.TLSv1 is deprecated\n" ..
      ("Lua warning: ssl.TLSVersion.TLSv1_1 is deprecated\n"):rep(2), out)
  end)
end)
