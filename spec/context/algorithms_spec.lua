local ssl = require "_ssl"
local collector = require "support.collector"
local errors = require "support.errors"
local python = require "support.python"

local badargument, raised, raises = errors.badargument, errors.raised, errors.raises

local function context() return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) end

local function names(ctx)
  local out = {}
  for i, cipher in ipairs(ctx:get_ciphers()) do out[i] = cipher.name end
  return table.concat(out, ":")
end

describe("SSLContext.set_ciphers", function()
  it("chooses by OpenSSL's lists, and the security level with them", function()
    local ctx = context()
    ctx:set_ciphers("ECDHE-RSA-AES256-GCM-SHA384:nope")
    assert.equal("ECDHE-RSA-AES256-GCM-SHA384", names(ctx):match("[^:]+$"))
    ctx:set_ciphers("ALL:@SECLEVEL=1")
    assert.equal(1, ctx.security_level)
  end)

  it("raises for a list that selects nothing, and changes nothing", function()
    local ctx = context()
    local before = names(ctx)
    for _, list in ipairs { "", "nope", "ALL:@SECLEVEL=9", "TLS_AES_128_GCM_SHA256",
                            "nope:@SECLEVEL=0" } do
      local err = raises(ssl.SSLError, ctx.set_ciphers, ctx, list)
      assert.equal("No cipher can be selected.", err.message)
      assert.same({}, { err.errno, err.library, err.reason })
      assert.equal(before, names(ctx))
      assert.equal(2, ctx.security_level)
    end
    badargument(ctx.set_ciphers, ctx, 1)
    badargument(ctx.set_ciphers, ctx)
    raises(ssl.ValueError, ctx.set_ciphers, ctx, "ALL\0")
  end)
end)

describe("SSLContext.get_ciphers", function()
  it("gives one list or the other where a finalizer sets another", function()
    for _ = 1, 3 do
      local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      ctx:set_ciphers("ECDHE+AESGCM")
      local before = #ctx:get_ciphers()
      local ok, list = collector.during(function() ctx:set_ciphers("AES128-SHA") end,
        ctx.get_ciphers, ctx)
      assert.is_true(ok)
      assert.is_true(#list == before or #list == #ctx:get_ciphers())
      for _, cipher in ipairs(list) do assert.is_string(cipher.name) end
    end
  end)

  it("gives the tables that Python gives", function()
    local list = "ALL:eNULL:@SECLEVEL=0"
    local theirs = python.run([[
import ssl
ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ctx.set_ciphers(data)
result = [ssl.OPENSSL_VERSION, ctx.get_ciphers()]
]], list)
    local ctx = context()
    ctx:set_ciphers(list)
    local ours = {}
    for _, cipher in ipairs(ctx:get_ciphers()) do ours[cipher.name] = cipher end
    local same = 0
    for _, cipher in ipairs(theirs[2]) do
      if ours[cipher.name] then
        same = same + 1
        for key, value in pairs(cipher) do
          if key ~= "description" then assert.equal(value, ours[cipher.name][key]) end
        end
      end
    end
    assert.is_true(same > 10)
  end)
end)

describe("SSLContext.set_ciphersuites", function()
  it("chooses those of TLS 1.3", function()
    local ctx = context()
    ctx:set_ciphersuites("TLS_AES_128_GCM_SHA256")
    assert.equal("TLS_AES_128_GCM_SHA256", ctx:get_ciphers()[1].name)
    assert.equal("TLSv1.2", ctx:get_ciphers()[2].protocol)
    local before = names(ctx)
    local err = raised(ctx.set_ciphersuites, ctx, "TLS_NOPE")
    assert.equal("No cipher suite can be selected.", err.message)
    assert.equal(before, names(ctx))
  end)
end)

describe("SSLContext.set_client_sigalgs and set_server_sigalgs", function()
  it("take lists of known names", function()
    local ctx = context()
    for _, method in ipairs { "set_client_sigalgs", "set_server_sigalgs" } do
      ctx[method](ctx, "rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256")
      for _, list in ipairs { "nope", "", "rsa_pss_rsae_sha256:nope" } do
        assert.equal("unrecognized signature algorithm", raised(ctx[method], ctx, list).message)
      end
    end
  end)
end)

describe("ssl.get_sigalgs", function()
  it("lists names, or raises NotImplementedError where OpenSSL cannot tell", function()
    local ok, result = pcall(ssl.get_sigalgs)
    if ok then
      assert.is_true(#result > 5)
      context():set_client_sigalgs(result[1])
    else
      assert.is_true(ssl.isinstance(result, ssl.NotImplementedError))
      assert.is_true(ssl.OPENSSL_VERSION_NUMBER < 0x30400000)
    end
  end)
end)
