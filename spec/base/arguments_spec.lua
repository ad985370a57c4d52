local _ssl = require "_ssl"
local errors = require "support.errors"

local raised, raises = errors.raised, errors.raises

local arguments = _ssl._arguments

local function call(...) return { n = select("#", arguments("f", "a b* c", ...)),
  arguments("f", "a b* c", ...) } end

describe("Arguments", function()
  it("come by position, nil where none was given", function()
    assert.same({ n = 3 }, call())
    assert.same({ n = 3, 1 }, call(1))
    assert.same({ n = 3, 1, 2, 3 }, call(1, 2, 3))
    assert.same({ n = 3, 1, nil, 3 }, call(1, nil, 3))
    assert.same({ n = 3, false }, call(false))
  end)

  it("come by name in a last table", function()
    assert.same({ n = 3, nil, nil, 3 }, call({ c = 3 }))
    assert.same({ n = 3, 1, 2, 3 }, call(1, 2, { c = 3 }))
    assert.same({ 1, 2, 3 }, { arguments("f", "a b c", 1, { b = 2, c = 3 }) })
    assert.same({ n = 3, 1, false }, call(1, 2 and false, {}))
    assert.same({ n = 3, 5 }, call({ a = 5 }))
    assert.same({ n = 3, 1, 2, 3 }, call(1, 2, 3, {}))
  end)

  it("end before trailing nils, so that options may be followed by them", function()
    assert.same({ n = 3, nil, nil, 3 }, call({ c = 3 }, nil))
    assert.same({ n = 3, 1, 2, 3 }, call(1, 2, 3, nil, nil))
  end)

  it("may be tables where a table is a value", function()
    local t = { 1, 2 }
    assert.equal(t, (select(2, arguments("f", "a b* c", 1, t))))
    assert.equal(t, (select(2, arguments("f", "a b* c", 1, t, { c = 3 }))))
    assert.equal(t, (select(2, arguments("f", "a b* c", 1, { b = t }, nil)))["b"])
  end)

  it("that have a metatable are values, not options", function()
    local object = setmetatable({ c = 3 }, {})
    assert.same({ n = 3, object }, call(object))
  end)

  it("of an unknown name are refused by that name", function()
    assert.matches("arguments_spec.lua:%d+: bad argument #2 to 'f' "
      .. "%(unexpected keyword argument 'sever_hostname'%)",
      raised(function() arguments("f", "a b c", 1, { sever_hostname = "x" }) end))
    assert.matches("keyword argument '1'", raised(arguments, "f", "a b", { "x" }))
    assert.matches("keyword argument 'true'", raised(arguments, "f", "a b", { [true] = 1 }))
    assert.matches("keyword argument 'a%*'", raised(arguments, "f", "a* b", 1, { ["a*"] = 1 }))
    assert.matches("keyword argument ''", raised(arguments, "f", "a b", { [""] = 1 }))
    assert.matches("keyword argument 'a b'", raised(arguments, "f", "a b", { ["a b"] = 1 }))
  end)

  it("given twice are refused", function()
    assert.matches("bad argument #2 to 'f' %(multiple values for argument 'a'%)",
      raised(arguments, "f", "a b c", 1, { a = 2 }))
  end)

  it("too many of them are refused", function()
    assert.matches("bad argument #3 to 'f' %(takes at most 2 arguments, got 4%)",
      raised(arguments, "f", "a b", 1, 2, 3, 4))
    assert.matches("bad argument #2 to 'f' %(takes at most 1 arguments, got 3%)",
      raised(arguments, "f", "a", 1, 2, { b = 1 }))
  end)

  it("of a method do not count its self", function()
    local self = {}
    local first, a, b = arguments(":m", "a b", self, 1, { b = 2 })
    assert.equal(self, first)
    assert.same({ 1, 2 }, { a, b })
    assert.matches("bad argument #1 to 'm' %(unexpected keyword argument 'x'%)",
      raised(arguments, ":m", "a b", self, { x = 1 }))
  end)

  it("leave the caller's table as it was", function()
    local options = { c = 3 }
    call(1, options)
    assert.same({ c = 3 }, options)
  end)

  it("are read without running anything of the table's", function()
    local options = setmetatable({}, { __index = error, __pairs = error })
    assert.same({ n = 3, options }, call(options))
  end)
end)

describe("An argument's reader", function()
  it("takes no number for a string, nor a string for a number", function()
    assert.matches("string expected, got number", raised(_ssl.txt2obj, 1))
    assert.matches("integer expected, got string", raised(_ssl.nid2obj, "13"))
    assert.matches("number has no integer representation", raised(_ssl.nid2obj, 1.5))
    assert.equal(13, (_ssl.nid2obj(13.0)))
  end)

  it("refuses a NUL where C would end the text", function()
    local err = raises(_ssl.ValueError, _ssl.txt2obj, "1.2.3\0.4")
    assert.equal("embedded null byte", err.message)
  end)

  it("refuses no value as well as nil", function()
    assert.matches("string expected, got no value", raised(_ssl._base64decode))
    assert.matches("string expected, got nil", raised(_ssl._base64decode, nil))
  end)

  it("calls objects by their class", function()
    assert.matches("string expected, got ssl.bytearray",
      raised(_ssl._base64decode, _ssl.bytearray(1)))
  end)
end)
