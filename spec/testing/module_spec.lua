local process = require "support.process"

-- What the shared object takes from other libraries.
local function undefined_symbols(name)
  local found = {}
  local file = assert(package.searchpath(name, package.cpath))
  local pipe = assert(io.popen("nm -D --undefined-only '" .. file .. "'"))
  for line in pipe:lines() do
    local symbol = line:match("U ([%w_]+)")
    if symbol then found[symbol] = true end
  end
  assert(pipe:close())
  return found
end

describe("The shared object of a server", function()
  it("can neither fork nor sign certificates", function()
    local symbols = undefined_symbols("_ssl")
    assert.is_true(symbols.SSL_new)
    for _, name in ipairs({ "fork", "kill", "X509_sign", "X509_sign_ctx", "X509_CRL_sign",
      "X509_REQ_sign", "OCSP_basic_sign", "EVP_PKEY_keygen", "EVP_PKEY_generate" }) do
      assert.is_nil(symbols[name], name)
    end
  end)

  it("is all that 'ssl' and 'ssl.waiter' load", function()
    local out = process.run_lua([[
      require "ssl"
      require "ssl.waiter"
      print(package.loaded._ssl_testing)
      require "ssl.testing"
      print(type(package.loaded._ssl_testing))
    ]])
    assert.equal("nil\ntable\n", out)
  end)
end)

describe("_ssl_testing", function()
  it("raises errors of the classes of 'ssl'", function()
    local ssl, low = require "ssl", require "_ssl_testing"
    local ok, err = pcall(low.newkey, "no such type")
    assert.is_false(ok)
    assert.is_true(ssl.isinstance(err, ssl.ValueError))
  end)

  it("counts its objects with those of 'ssl'", function()
    local _ssl, low = require "_ssl", require "_ssl_testing"
    local before = _ssl._alive()
    local key = low.newkey("P-256")
    assert.is_true(_ssl._alive() > before)
    assert.is_string(key:der())
  end)
end)

describe("_ssl_testing beside an _ssl of another build", function()
  it("refuses to work on its data", function()
    local out = process.run_lua([[
      package.loaded._ssl = { _state = function() return io.stdout end }
      print(pcall(require, "_ssl_testing"))
    ]])
    assert.matches("_ssl is of another build than what uses it", out, 1, true)
  end)
end)
