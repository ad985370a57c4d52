local ssl = require "ssl"
local collector = require "support.collector"
local errors = require "support.errors"

local badargument, raised = errors.badargument, errors.raised

describe("MemoryBIO", function()
  it("gives bytes in the order they were written", function()
    local bio = ssl.MemoryBIO()
    assert.equal(3, bio:write("a\0b"))
    assert.equal(2, bio:write(ssl.bytearray("cd")))
    assert.equal(5, bio.pending)
    assert.equal("a\0", bio:read(2))
    assert.equal("", bio:read(0))
    assert.equal("bcd", bio:read(-5))
    assert.equal("", bio:read())
    assert.equal(0, bio.pending)
  end)

  it("gives each byte once when a finalizer reads from it in the middle of a read", function()
    for _, wanted in ipairs({ 4000, 6000, 10000 }) do
      local bio, first = ssl.MemoryBIO(), nil
      bio:write(("a"):rep(5000) .. ("b"):rep(5000))
      local _, rest = collector.during(function() first = bio:read(5000) end, bio.read, bio, wanted)
      assert.equal(("a"):rep(5000), first)
      assert.equal(("b"):rep(math.min(wanted, 5000)), rest)
      assert.equal(5000 - #rest, bio.pending)
    end
  end)

  it("keeps the borders of datagrams where it is told to", function()
    for _, bio in ipairs({ ssl.MemoryBIO(true), ssl.MemoryBIO({ datagrams = true }) }) do
      for _, data in ipairs({ "one", "", ("x"):rep(70000), "last" }) do
        assert.equal(#data, bio:write(data))
      end
      assert.equal(70007, bio.pending)
      assert.equal("one", bio:read())
      assert.equal("xxx", bio:read(3))
      assert.equal(4, bio.pending)
      bio:write("one more")
      bio:write_eof()
      assert.is_false(bio.eof)
      assert.equal("last", bio:read(100))
      assert.equal("", bio:read(0))
      assert.equal("", bio:read())
      assert.equal(0, bio.pending)
      assert.is_true(bio.eof)
    end
  end)

  it("is at its end when it is empty and told so", function()
    local bio = ssl.MemoryBIO()
    assert.is_false(bio.eof)
    bio:write("x")
    bio:write_eof()
    bio:write_eof()
    assert.is_false(bio.eof)
    assert.equal("x", bio:read())
    assert.is_true(bio.eof)
    for _, data in ipairs({ "x", "" }) do
      local err = raised(bio.write, bio, data)
      assert.equal("cannot write() after write_eof()", err.message)
      assert.is_true(ssl.isinstance(err, ssl.SSLError))
    end
  end)

  it("takes lengths as integers, however large", function()
    local bio = ssl.MemoryBIO()
    bio:write("data")
    for _, n in ipairs({ 1.5, "1", true, {} }) do
      badargument(bio.read, bio, n)
    end
    assert.equal("data", bio:read(math.maxinteger))
    assert.equal("", bio:read(math.mininteger))
    for _, data in ipairs({ 1, true, {} }) do
      badargument(bio.write, bio, data)
    end
    assert.equal(0, bio:write(""))
  end)

  it("keeps its attributes from being written", function()
    local bio = ssl.MemoryBIO()
    for _, name in ipairs({ "pending", "eof" }) do
      assert.matches("attribute '" .. name .. "' of 'MemoryBIO' is not writable",
        raised(errors.set, bio, name, 1), 1, true)
    end
    assert.matches("no attribute 'other' in 'MemoryBIO'",
      raised(errors.set, bio, "other", 1), 1, true)
  end)

  it("keeps every byte through any order of reads and writes", function()
    local bio, model = ssl.MemoryBIO(), ""
    math.randomseed(7)
    for i = 1, 3000 do
      if math.random(2) == 1 then
        local data = string.char(i % 256):rep(math.random(0, 700))
        bio:write(data)
        model = model .. data
      else
        local n = math.random(0, 900)
        assert.is_true(model:sub(1, n) == bio:read(n))
        model = model:sub(n + 1)
      end
      assert.equal(#model, bio.pending)
    end
  end)
end)
