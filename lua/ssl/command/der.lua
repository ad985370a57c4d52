-- ssl/command/der.lua - reads DER (ITU-T X.690) for showing it. No decision about trust
-- hangs on what is read here: OpenSSL makes those.
-- SPDX-License-Identifier: MIT

local M = {}

local Node = {}
Node.__index = Node

local function broken(text)
  error("the data are damaged: " .. text, 0)
end

-- Reads the value that begins at `at` and ends at `limit` at the latest.
local function read(bytes, at, limit)
  local tag, size = bytes:byte(at, at + 1)
  if not size or at + 1 > limit then
    broken("they end in the middle of a value")
  elseif tag & 0x1F == 0x1F then
    broken("a tag has more than one byte")
  end
  local first = at + 2
  if size >= 0x80 then
    local count = size & 0x7F
    if count == 0 or count > 4 or first + count - 1 > limit then
      broken("a length cannot be")
    end
    size = string.unpack(">I" .. count, bytes, first)
    first = first + count
  end
  if first + size - 1 > limit then
    broken("a value is longer than what is there")
  end
  return setmetatable({ tag = tag, bytes = bytes, start = at, first = first,
    last = first + size - 1 }, Node)
end

--- Reads the value at the beginning of a string: a node. `rest` allows more bytes after it.
function M.parse(bytes, rest)
  local node = read(bytes, 1, #bytes)
  if not rest and node.last ~= #bytes then
    broken("more bytes follow the end")
  end
  return node
end

--- The values inside of a value, as an array.
function Node:children()
  local list, at = {}, self.first
  while at <= self.last do
    local child = read(self.bytes, at, self.last)
    list[#list + 1] = child
    at = child.last + 1
  end
  return list
end

--- The bytes inside of a value, and the value with its tag and length.
function Node:content() return self.bytes:sub(self.first, self.last) end
function Node:whole() return self.bytes:sub(self.start, self.last) end

--- The value inside of an OCTET STRING or of an explicit tag.
function Node:inner() return read(self.bytes, self.first, self.last) end

--- Checks the tag.
function Node:expect(tag)
  if self.tag ~= tag then
    broken(("tag %02X where %02X should be"):format(self.tag, tag))
  end
  return self
end

--- An INTEGER as hexadecimal digits.
function Node:hex()
  local digits = self:content():gsub(".", function(c) return ("%02X"):format(c:byte()) end)
  return (digits:gsub("^00(.)", "%1"))
end

--- An INTEGER; nil for one beyond 63 bits.
function Node:integer()
  local size = self.last - self.first + 1
  return size >= 1 and size <= 8 and string.unpack(">i" .. size, self.bytes, self.first) or nil
end

--- An OBJECT IDENTIFIER in dotted form.
function Node:oid()
  self:expect(0x06)
  local parts, n = {}, 0
  for _, byte in ipairs({ self:content():byte(1, 64) }) do
    n = n << 7 | byte & 0x7F
    if byte < 0x80 then
      parts[#parts + 1], n = n, 0
    end
  end
  local first = parts[1] or 0
  local top = math.min(first // 40, 2)
  parts[1] = ("%d.%d"):format(top, first - 40 * top)
  return table.concat(parts, ".")
end

local function from_units(format, text)
  local out = {}
  for at = 1, #text - (#text % format), format do
    local code = string.unpack(">I" .. format, text, at)
    out[#out + 1] = code < 0x110000 and (code < 0xD800 or code > 0xDFFF) and utf8.char(code)
      or "\u{FFFD}"
  end
  return table.concat(out)
end

--- A string of any type, in UTF-8 where the type says how. T61String is taken for Latin-1.
function Node:text()
  local bytes = self:content()
  if self.tag == 0x1E then
    return from_units(2, bytes)
  elseif self.tag == 0x1C then
    return from_units(4, bytes)
  elseif self.tag == 0x14 then
    return (bytes:gsub("[\x80-\xFF]", function(c) return utf8.char(c:byte()) end))
  end
  return bytes
end

-- Days from 1970 to a day of the Gregorian calendar.
local function days(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local leap = year // 4 - year // 100 + year // 400
  return 365 * year + leap + (153 * month - 457) // 5 + day - 719469
end

--- A UTCTime or GeneralizedTime in seconds since 1970; nil for one that is malformed.
function Node:time()
  local text = self:content()
  if self.tag == 0x17 then
    text = (tonumber(text:sub(1, 2)) or 0) < 50 and "20" .. text or "19" .. text
  end
  local parts = { text:match("^(%d%d%d%d)(%d%d)(%d%d)(%d%d)(%d%d)(%d%d)Z$") }
  if not parts[1] then return nil end
  for i, part in ipairs(parts) do parts[i] = math.tointeger(tonumber(part)) end
  local year, month, day, hour, minute, second = table.unpack(parts)
  return days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
end

--- The numbers of the bits that are set in a BIT STRING, as a set.
function Node:bits()
  local set = {}
  for i, byte in ipairs({ self:content():byte(2, 9) }) do
    for bit = 0, 7 do
      if byte & 0x80 >> bit ~= 0 then set[(i - 1) * 8 + bit] = true end
    end
  end
  return set
end

--- The size of an INTEGER in bits.
function Node:size()
  local hex = self:hex():gsub("^0+", "")
  if hex == "" then return 0 end
  local top = tonumber(hex:sub(1, 1), 16)
  return (#hex - 1) * 4 + (top >= 8 and 4 or top >= 4 and 3 or top >= 2 and 2 or 1)
end

return M
