-- ssl/base/prelude.lua - what the prelude's parts share: arguments, warnings, texts.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"

local M = {}

-- M.arguments(name, parameters, ...): one value per parameter, as C's functions
-- take them; parameters are separated by blanks, and a * follows those that
-- may be tables.
M.arguments = _ssl._arguments

-- The name of a value's type as errors show it.
local function typename(value)
  local meta = getmetatable(value)
  if type(meta) == "table" and type(meta.__name) == "string" then
    return meta.__name
  end
  return type(meta) == "string" and meta or type(value)
end

-- Raises the string error of a wrong type for argument number `arg`.
function M.typeerror(arg, name, expected, value)
  return _ssl._argerror(arg, name, expected .. " expected, got " .. typename(value))
end

function M.checkstring(value, arg, name)
  if type(value) ~= "string" then
    M.typeerror(arg, name, "string", value)
  end
  return value
end

-- Whether an argument is given, as Python sees it: an empty path, or an empty
-- string or bytearray of certificates, is none.
function M.given(value)
  if value == nil or value == false or value == "" then
    return false
  end
  return not (_ssl.isinstance(value, _ssl.bytearray) and #value == 0)
end

-- Raises a ValueError.
function M.valueerror(format, ...)
  return error(_ssl.ValueError(format:format(...)))
end

-- What CPython warns of with a DeprecationWarning.
function M.deprecated(text)
  warn(text)
end

local escapes = { ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(char)
  return escapes[char] or ("\\x%02x"):format(char:byte())
end

-- The text as Python's repr shows it, so that messages read the same.
function M.repr(text)
  local quote = "'"
  if text:find("'", 1, true) and not text:find('"', 1, true) then
    quote = '"'
  end
  text = text:gsub("[%c\\]", escape)
  if not utf8.len(text) then
    text = text:gsub("[\x80-\xff]", escape)
  end
  if quote == "'" then
    text = text:gsub("'", "\\'")
  end
  return quote .. text .. quote
end

return M
