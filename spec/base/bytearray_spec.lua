local ssl = require "ssl"
local errors = require "support.errors"

local raised, raises = errors.raised, errors.raises

local function valueerror(...)
  local err = raises(ssl.ValueError, ...)
  return err.message
end

describe("A bytearray", function()
  it("begins with zeros, or with a copy", function()
    assert.equal("\0\0\0", ssl.bytearray(3):tostring())
    assert.equal("a\0b", ssl.bytearray("a\0b"):tostring())
    local first = ssl.bytearray("abc")
    local copy = ssl.bytearray(first)
    first[1] = 0
    assert.equal("abc", copy:tostring())
  end)

  it("may be empty", function()
    for _, empty in ipairs { ssl.bytearray(0), ssl.bytearray(""), ssl.bytearray("x"):slice(2) } do
      assert.equal(0, #empty)
      assert.equal("", empty:tostring())
      assert.equal("", empty:tostring(1, 5))
      assert.is_nil(empty[1])
    end
  end)

  it("has no size below zero, and none that is no integer", function()
    assert.equal("bytearray: negative size -1", valueerror(ssl.bytearray, -1))
    assert.matches("integer expected, got nil", raised(ssl.bytearray, nil))
    assert.matches("integer expected, got no value", raised(ssl.bytearray))
    assert.matches("no integer representation", raised(ssl.bytearray, 1.5))
    assert.matches("integer expected, got table", raised(ssl.bytearray, {}))
  end)

  it("of a size that no memory has is refused", function()
    assert.matches("memory", raised(ssl.bytearray, math.maxinteger))
  end)

  it("reads and sets bytes counted from one", function()
    local b = ssl.bytearray("abc")
    b[1], b[3] = 0, 255
    assert.equal("\0b\255", b:tostring())
    assert.equal(98, b[2])
    assert.equal(98, b[2.0])
    for _, i in ipairs { 0, 4, -1, math.maxinteger, math.mininteger } do
      assert.is_nil(b[i])
      assert.equal("bytearray index out of range", valueerror(function() b[i] = 1 end))
    end
  end)

  it("holds nothing but bytes", function()
    local b = ssl.bytearray(1)
    for _, value in ipairs { -1, 256, math.maxinteger } do
      assert.matches("is not between 0 and 255", valueerror(function() b[1] = value end))
    end
    assert.matches("integer expected, got string", raised(function() b[1] = "a" end))
    assert.matches("no integer", raised(function() b[1] = 0.5 end))
    assert.equal(0, b[1])
  end)

  it("has no other fields", function()
    local b = ssl.bytearray(1)
    assert.is_nil(b.length)
    assert.matches("no attribute 'length' in 'bytearray'", raised(function() b.length = 2 end))
    assert.matches("attribute 'slice' of 'bytearray' is not writable",
      raised(function() b.slice = 2 end))
    assert.is_nil(b[1.5])
  end)

  it("counts as string.sub does", function()
    local text = "abcdef"
    local b = ssl.bytearray(text)
    for _, i in ipairs { 0, 1, 2, 6, 7, 99, -1, -6, -7, -99, math.mininteger, math.maxinteger } do
      assert.equal(text:sub(i), b:tostring(i))
      for _, j in ipairs { 0, 1, 5, 6, 7, -1, -6, -7, math.mininteger, math.maxinteger } do
        assert.equal(text:sub(i, j), b:tostring(i, j))
        assert.equal(text:sub(i, j), b:slice(i, j):tostring())
      end
    end
  end)

  it("shares its storage with slices, and slices of slices", function()
    local whole = ssl.bytearray("abcdef")
    local part = whole:slice(2, 5):slice(2)
    part[1] = 0x58
    assert.equal("abXdef", whole:tostring())
    whole[4] = 0x59
    assert.equal("XYe", part:tostring())
    assert.equal(3, #part)
    assert.is_nil(part[4])
  end)

  it("keeps its storage as long as a slice needs it", function()
    local part = ssl.bytearray(("x"):rep(1000)):slice(500, 600)
    for _ = 1, 10 do
      collectgarbage()
      ssl.bytearray(("y"):rep(1000))
    end
    assert.equal(("x"):rep(101), part:tostring())
  end)

  it("is of its class, and shows its length", function()
    local b = ssl.bytearray(7)
    assert.is_true(ssl.isinstance(b, ssl.bytearray))
    assert.is_false(ssl.isinstance("text", ssl.bytearray))
    assert.matches("^ssl.bytearray: .* %(7 bytes%)$", tostring(b))
    assert.equal("ssl.bytearray", getmetatable(b))
  end)

  it("guards its methods against others' objects", function()
    local b = ssl.bytearray(1)
    for _, other in ipairs { "text", 1, io.stdout, {} } do
      assert.matches("bad self %(ssl.bytearray expected", raised(b.tostring, other))
      assert.matches("bad self %(ssl.bytearray expected", raised(b.slice, other))
    end
  end)
end)
