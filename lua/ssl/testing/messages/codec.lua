-- The parts that messages of TLS are made of (RFC 8446, 3): each is a table with
-- `read(reader)`, which returns a value, and `write(value)`, which returns bytes.
--
-- A value may lie: a list with a field `length` says so many bytes and has others, and
-- codec.raw(bytes) stands for any value, as it is.

local codec = {}

local Raw = {}

function codec.raw(bytes)
  return setmetatable({ bytes = bytes }, Raw)
end

-- What is read: `at` is the next byte of `bytes`, `last` the last.
local Reader = {}
Reader.__index = Reader

function codec.reader(bytes, context)
  return setmetatable({ bytes = bytes, at = 1, last = #bytes, context = context }, Reader)
end

function Reader:left()
  return self.last - self.at + 1
end

function Reader:take(size)
  if size > self:left() then
    error(("%d bytes, %d expected"):format(self:left(), size), 0)
  end
  self.at = self.at + size
  return self.bytes:sub(self.at - size, self.at - 1)
end

function Reader:number(size)
  return (string.unpack(">I" .. size, self:take(size)))
end

-- A reader of the next bytes alone.
function Reader:part(size)
  local bytes = self:take(size)
  return codec.reader(bytes, self.context)
end

-- A codec whose values may be raw.
local function new(read, write)
  return {
    read = read,
    write = function(value, context)
      return getmetatable(value) == Raw and value.bytes or write(value, context)
    end,
  }
end

codec.new = new

local function expect(value, kind)
  local is = math.type(value) or type(value)
  if is ~= kind then
    error(("%s expected, got %s"):format(kind, is), 0)
  end
  return value
end

-- An integer of `size` bytes.
function codec.number(size)
  return new(function(reader)
    return reader:number(size)
  end, function(value)
    return string.pack(">I" .. size, expect(value, "integer") & (1 << 8 * size) - 1)
  end)
end

-- The same with names: the number itself where it has none.
function codec.named(size, names)
  return new(function(reader)
    local number = reader:number(size)
    return names.name[number] or number
  end, function(value)
    local number = names.number[value] or value
    if math.type(number) ~= "integer" then
      error(("'%s' is no known name"):format(tostring(value)), 0)
    end
    return string.pack(">I" .. size, number & (1 << 8 * size) - 1)
  end)
end

-- Bytes: so many, or all that are left, or after a length of `size` bytes.
function codec.fixed(count)
  return new(function(reader) return reader:take(count) end,
    function(value) return expect(value, "string") end)
end

codec.rest = new(function(reader) return reader:take(reader:left()) end,
  function(value) return expect(value, "string") end)

local function prefixed(size, bytes, length)
  return string.pack(">I" .. size, (length or #bytes) & (1 << 8 * size) - 1) .. bytes
end

codec.prefixed = prefixed

function codec.opaque(size)
  return new(function(reader) return reader:take(reader:number(size)) end,
    function(value) return prefixed(size, expect(value, "string")) end)
end

-- Items one after the other, to the end.
local function read_items(reader, item)
  local out = {}
  while reader:left() > 0 do
    out[#out + 1] = item.read(reader)
  end
  return out
end

local function write_items(value, item, context)
  local out = {}
  for i, one in ipairs(expect(value, "table")) do
    out[i] = item.write(one, context)
  end
  return table.concat(out)
end

-- A list of items, whose bytes are counted by a number of `size` bytes.
function codec.list(size, item)
  return new(function(reader)
    return read_items(reader:part(reader:number(size)), item)
  end, function(value, context)
    return prefixed(size, write_items(value, item, context), value.length)
  end)
end

-- Fields one after the other: {{name, codec}, ...}.
function codec.struct(fields)
  return new(function(reader)
    local out = {}
    for _, field in ipairs(fields) do
      local ok, value = pcall(field[2].read, reader)
      if not ok then
        error(field[1] .. ": " .. tostring(value), 0)
      end
      out[field[1]] = value
    end
    return out
  end, function(value, context)
    local out = {}
    for i, field in ipairs(fields) do
      local ok, bytes = pcall(field[2].write, expect(value, "table")[field[1]], context)
      if not ok then
        error(field[1] .. ": " .. tostring(bytes), 0)
      end
      out[i] = bytes
    end
    return table.concat(out)
  end)
end

-- nil where nothing is left.
function codec.optional(inner)
  return new(function(reader)
    return reader:left() > 0 and inner.read(reader) or nil
  end, function(value, context)
    return value == nil and "" or inner.write(value, context)
  end)
end

-- Reads all of `bytes`; raises what is wrong with them.
function codec.read(what, bytes, context)
  local reader = codec.reader(bytes, context)
  local value = what.read(reader)
  if reader:left() > 0 then
    error(("%d bytes too many"):format(reader:left()), 0)
  end
  return value
end

return codec
