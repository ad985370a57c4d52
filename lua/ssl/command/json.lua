-- ssl/command/json.lua - values as JSON (RFC 8259), in ASCII alone.
-- SPDX-License-Identifier: MIT

local M = {}

local Array = {}

--- Marks a table as an array, which matters where it is empty.
function M.array(values)
  return setmetatable(values or {}, Array)
end

local SHORT = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(char)
  local code = utf8.codepoint(char)
  if code < 0x10000 then
    return SHORT[char] or ("\\u%04x"):format(code)
  end
  code = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xD800 | code >> 10, 0xDC00 | code & 0x3FF)
end

-- A byte that is no UTF-8 becomes the character that stands for what cannot be read.
local function quoted(text)
  if not utf8.len(text) then
    text = text:gsub("[\x80-\xFF]", "\u{FFFD}")
  end
  return '"' .. text:gsub('[%c"\\\x7F]', escape):gsub("[\xC2-\xF4][\x80-\xBF]*", escape) .. '"'
end

local encode

local function members(value, indent)
  local out, inner = {}, indent .. "  "
  if getmetatable(value) == Array or #value > 0 then
    for i, item in ipairs(value) do out[i] = inner .. encode(item, inner) end
    return "[", out, "]"
  end
  local names = {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    out[i] = inner .. quoted(name) .. ": " .. encode(value[name], inner)
  end
  return "{", out, "}"
end

function encode(value, indent)
  if type(value) == "string" then
    return quoted(value)
  elseif math.type(value) == "float" then
    return ("%.17g"):format(value)
  elseif type(value) ~= "table" then
    return tostring(value)
  end
  local open, list, close = members(value, indent)
  if #list == 0 then
    return open .. close
  end
  return ("%s\n%s\n%s%s"):format(open, table.concat(list, ",\n"), indent, close)
end

--- The JSON of a value: a string, number, boolean, or table of them. A table with
--- elements, and one that `array` has marked, is an array; others are objects, their
--- names sorted.
function M.encode(value)
  return encode(value, "")
end

return M
