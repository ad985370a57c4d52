local ssl = require "_ssl"
local errors = require "support.errors"

local raised, raises = errors.raised, errors.raises

describe("RAND_egd", function()
  it("is there only where OpenSSL has it, and then takes a path", function()
    local library = "libcrypto.so.3"
    if not package.loadlib(library, "RAND_bytes") then
      return pending("OpenSSL's library has another name")
    end
    local disabled = package.loadlib(library, "RAND_egd") == nil
    assert.equal(disabled, ssl.RAND_egd == nil)
    if not disabled then
      raises(ssl.SSLError, ssl.RAND_egd, "/nowhere/egd")
    end
  end)
end)

local function refuses_wrong_counts(name)
  local f = ssl[name]
  for _, n in ipairs { -1, math.mininteger } do
    local err = raises(ssl.ValueError, f, n)
    assert.equal("num must be positive", err.message)
  end
  for _, n in ipairs { 1 << 31, math.maxinteger } do
    raises(ssl.ValueError, f, n)
  end
  local prefix = "bad argument #1 to '" .. name .. "' "
  assert.matches(prefix .. "%(integer expected, got string%)", raised(f, "8"))
  assert.matches(prefix .. "%(number has no integer representation%)", raised(f, 1.5))
  assert.matches(prefix .. "%(integer expected, got no value%)", raised(f))
end

describe("RAND_bytes", function()
  it("gives as many bytes as it is asked for", function()
    for _, n in ipairs { 0, 1, 16, 1000, 100000 } do assert.equal(n, #ssl.RAND_bytes(n)) end
    assert.equal(3, #ssl.RAND_bytes(3.0))
  end)

  it("never gives the same bytes twice, nor leaves any value out", function()
    assert.not_equal(ssl.RAND_bytes(16), ssl.RAND_bytes(16))
    local seen, count = {}, 0
    for byte in ssl.RAND_bytes(65536):gmatch(".") do
      if not seen[byte] then count = count + 1 end
      seen[byte] = true
    end
    assert.is_true(count >= 255)  -- "." does match every byte, NUL and line ends too
  end)

  it("refuses a wrong number", function() refuses_wrong_counts("RAND_bytes") end)
end)

describe("RAND_pseudo_bytes", function()
  it("gives bytes as strong as those of RAND_bytes, and says so", function()
    local bytes, strong = ssl.RAND_pseudo_bytes(20)
    assert.equal(20, #bytes)
    assert.is_true(strong)
    assert.same({ "", true }, { ssl.RAND_pseudo_bytes(0) })
    assert.not_equal(bytes, (ssl.RAND_pseudo_bytes(20)))
  end)

  it("refuses a wrong number", function() refuses_wrong_counts("RAND_pseudo_bytes") end)
end)

describe("RAND_status", function()
  it("tells that the generator is seeded", function()
    assert.is_true(ssl.RAND_status())
  end)
end)

describe("RAND_add", function()
  it("takes strings and bytearrays of any length", function()
    for _, bytes in ipairs { "", "\0", ("x"):rep(100000), ssl.bytearray(7), ssl.bytearray(0) } do
      assert.equal(0, select("#", ssl.RAND_add(bytes, 0.0)))
      ssl.RAND_add(bytes, 5)
    end
    assert.is_true(ssl.RAND_status())
    assert.not_equal(ssl.RAND_bytes(16), ssl.RAND_bytes(16))
  end)

  it("takes nothing else", function()
    assert.matches("bad argument #1 to 'RAND_add' %(a bytes%-like object is required, not 'number'",
      raised(ssl.RAND_add, 5, 1.0))
    assert.matches("bad argument #2 to 'RAND_add' %(number expected, got string%)",
      raised(ssl.RAND_add, "x", "1"))
    assert.matches("bad argument #2 to 'RAND_add' %(number expected, got no value%)",
      raised(ssl.RAND_add, "x"))
  end)
end)
