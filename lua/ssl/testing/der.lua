-- The DER (ITU-T X.690) of the values in certificates, written by hand so that
-- wrong ones can be made as easily as right ones.

local der = {}

local char, concat = string.char, table.concat

-- The bytes of a positive integer, most significant first.
local function base256(n)
  local bytes = ""
  repeat
    bytes = char(n & 0xFF) .. bytes
    n = n >> 8
  until n == 0
  return bytes
end

-- One value: its tag (an octet), the length, the content.
function der.value(tag, content)
  local size = #content
  if size < 0x80 then
    return char(tag, size) .. content
  end
  local length = base256(size)
  return char(tag, 0x80 | #length) .. length .. content
end

local value = der.value

function der.sequence(...)
  return value(0x30, concat({ ... }))
end

function der.set(...)
  return value(0x31, concat({ ... }))
end

function der.boolean(b)
  return value(0x01, b and "\xFF" or "\0")
end

-- A non-negative integer.
function der.integer(n)
  local bytes = base256(n)
  return value(0x02, (bytes:byte() >= 0x80 and "\0" or "") .. bytes)
end

function der.octets(s)
  return value(0x04, s)
end

-- Named bits: `numbers` are those set, counted from the first; DER drops
-- the zeros at the end.
function der.bits(numbers)
  local bytes, last = {}, -1
  for _, n in ipairs(numbers) do
    bytes[n // 8] = (bytes[n // 8] or 0) | (0x80 >> n % 8)
    last = math.max(last, n)
  end
  local out = { char(last < 0 and 0 or 7 - last % 8) }
  for i = 0, last // 8 do
    out[#out + 1] = char(bytes[i] or 0)
  end
  return value(0x03, concat(out))
end

-- An object identifier such as "2.5.4.3".
function der.oid(text)
  local first, second, rest = text:match("^(%d+)%.(%d+)(.*)$")
  local out = {}
  local function arc(n)
    local bytes = char(n & 0x7F)
    while n > 0x7F do
      n = n >> 7
      bytes = char(0x80 | n & 0x7F) .. bytes
    end
    out[#out + 1] = bytes
  end
  arc(tonumber(first) * 40 + tonumber(second))
  for n in rest:gmatch("%d+") do
    arc(tonumber(n))
  end
  return value(0x06, concat(out))
end

local attributes = {
  CN = { "2.5.4.3" },
  serialNumber = { "2.5.4.5", 0x13 },
  C = { "2.5.4.6", 0x13 },
  L = { "2.5.4.7" },
  ST = { "2.5.4.8" },
  O = { "2.5.4.10" },
  OU = { "2.5.4.11" },
  DC = { "0.9.2342.19200300.100.1.25", 0x16 },
  emailAddress = { "1.2.840.113549.1.9.1", 0x16 },
}

-- A distinguished name: an array of {attribute, value [, tag]}, the attribute
-- by its short name or as an OID, the tag that of the string (UTF8String,
-- unless RFC 5280 asks for another).
function der.name(parts)
  local out = {}
  for i, part in ipairs(parts) do
    local known = attributes[part[1]] or { part[1] }
    out[i] = der.set(der.sequence(der.oid(known[1]), value(part[3] or known[2] or 0x0C, part[2])))
  end
  return der.sequence(table.unpack(out))
end

return der
