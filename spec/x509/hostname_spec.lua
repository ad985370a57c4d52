local ssl = require "ssl"
local python = require "support.python"
local system = require "support.system"

local ctx = ssl.create_default_context()

-- The name that a connection to `host` has; or false, and the error.
local function name_of(host)
  local ok, result = pcall(ctx.wrap_bio, ctx, ssl.MemoryBIO(), ssl.MemoryBIO(), false, host)
  return ok and result.server_hostname, result
end

local function labels(count, size) return (("a"):rep(size) .. "."):rep(count):sub(1, -2) end

-- Names of exactly so many bytes.
local function long(size)
  local name = labels(3, 63) .. "." .. ("b"):rep(60)
  return name .. "." .. ("c"):rep(size - #name - 1)
end

-- Since 4.0 OpenSSL refuses some names, if it is to check for them.
local refusing = ssl.OPENSSL_VERSION_NUMBER >= 0x40000000

local names = {
  "localhost", "LOCALHOST", "a.b.", "-a-.test", "a_b.test", "*.test", "xn--bcher-kva.test",
  "b\u{fc}cher.test", "B\u{dc}CHER.test", "fa\u{df}.test", "\u{3b1}\u{3b2}.test",
  "127.0.0.1", "::1", "1.2.3", "256.1.1.1", "2001:db8::ff",
  "", ".", ".a", "a..b", "a..", "\0", "a\0b", "localhost\0",
  labels(1, 63), labels(1, 64), labels(2, 63), "a." .. labels(1, 64), labels(1, 64) .. ".",
  long(253), long(254), long(255), long(256),
}

describe("server_hostname", function()
  for _, name in ipairs(names) do
    it(("of %q is taken or refused as CPython does"):format(name:sub(1, 20) .. #name), function()
      if not python.atleast(3, 7) then return pending("no Python 3.7 or newer") end
      local theirs = python.run([[
import ssl
data = data if isinstance(data, str) else data.decode()
ctx = ssl.create_default_context()
try:
    result = ctx.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=data).server_hostname
except (ValueError, ssl.SSLError, TypeError):
    result = False
]], name)
      local ours, err = name_of(name)
      if theirs and not ours and refusing and not python.samemajor(ssl.OPENSSL_VERSION) then
        assert.matches("is refused by OpenSSL", err.message, 1, true)
        return
      end
      assert.equal(theirs, ours, tostring(err))
      if not ours then
        assert.is_true(ssl.isinstance(err, ssl.ValueError) or ssl.isinstance(err, ssl.SSLError))
      end
    end)
  end

  it("of the wrong type is a string error", function()
    for _, bad in ipairs({ 1, true, 1.5 }) do
      local _, err = name_of(bad)
      assert.equal("string", type(err))
    end
  end)

  it("that OpenSSL refuses to check for is a ValueError that names it", function()
    for _, name in ipairs { "localhost.", "*.test", "-a.test", "a b.test", "x" } do
      local ours, err = name_of(name)
      if refusing then
        assert.is_true(ssl.isinstance(err, ssl.ValueError))
        assert.matches("server_hostname '" .. name .. "' is refused by OpenSSL", err.message, 1,
          true)
      else
        assert.equal(name, ours)
      end
    end
  end)

  it("is free of that where it is not checked", function()
    local lax <const> = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    lax.check_hostname = false
    local object = lax:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), false, "localhost.")
    assert.equal("localhost.", object.server_hostname)
  end)

  it("that no IDNA allows is a ValueError that tells it", function()
    if not system.idn then return pending("no libidn2 here") end
    local _, err = name_of("\xff\xfe.test")
    assert.is_true(ssl.isinstance(err, ssl.ValueError))
    assert.matches("is no IDNA name", err.message, 1, true)
  end)
end)
