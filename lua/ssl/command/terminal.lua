-- ssl/command/terminal.lua - what the command prints: colours for people only, and no
-- bytes of a stranger's that a terminal could take for orders.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"

local M = {}

-- Raised by what prints when nobody reads any more; `ssl.command.main` ends quietly.
M.CLOSED = setmetatable({}, { __tostring = function() return "nobody reads the output" end })

local COLOURS = { bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36" }

-- Characters that move the cursor, hide text or turn its direction.
local function isodd(code)
  return code < 0x20 or code >= 0x7F and code < 0xA0 or code == 0xAD
    or code >= 0x200B and code <= 0x200F or code >= 0x2028 and code <= 0x202E
    or code >= 0x2060 and code <= 0x206F or code == 0xFEFF or code >= 0xE0000
end

local function escape_byte(byte) return ("\\x%02X"):format(byte:byte()) end

-- The text without control characters: these and bytes that are no UTF-8 are written as
-- \x1B or \u{202E}.
function M.clean(text)
  text = tostring(text)
  if not text:find("[^\x20-\x7E]") then
    return text
  elseif not utf8.len(text) then
    return (text:gsub("[^\x20-\x7E]", escape_byte))
  end
  return (text:gsub(utf8.charpattern, function(char)
    local code = utf8.codepoint(char)
    if isodd(code) then
      return code < 0x80 and escape_byte(char) or ("\\u{%X}"):format(code)
    end
  end))
end

--- Breaks a text into lines of at most `width` bytes, between words.
function M.wrap(text, width)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    if line ~= "" and #line + 1 + #word > width then
      lines[#lines + 1], line = line, word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = line
  return lines
end

local Screen = {}
Screen.__index = Screen

-- Writes text of our own, or text that is clean already.
function Screen:write(...)
  if not self.file:write(...) then
    error(M.CLOSED, 0)
  end
end

function Screen:flush()
  if not self.file:flush() then
    error(M.CLOSED, 0)
  end
end

-- Writes a formatted line. What it is given may be a stranger's.
function Screen:line(format, ...)
  local values = table.pack(...)
  for i = 1, values.n do
    if type(values[i]) == "string" and not self.ours[values[i]] then
      values[i] = M.clean(values[i])
    end
  end
  self:write(format:format(table.unpack(values, 1, values.n)), "\n")
end

-- The text in a colour, for `line` and `write`; cleaned.
function Screen:paint(colour, text)
  text = M.clean(text)
  if self.coloured then
    text = ("\27[%sm%s\27[0m"):format(COLOURS[colour], text)
    self.ours[text] = true
  end
  return text
end

-- Whether output number `number` (1 or 2) may have colours. `wish`: "always", "never" or
-- "auto". https://no-color.org
local function coloured(number, wish)
  if wish == "always" or wish == "never" then
    return wish == "always"
  end
  local off = os.getenv("NO_COLOR")
  return (off == nil or off == "") and os.getenv("TERM") ~= "dumb" and _ssl._isterminal(number)
end

--- A screen on standard output (1) or standard error (2).
function M.screen(number, wish)
  return setmetatable({
    file = number == 1 and io.stdout or io.stderr,
    coloured = coloured(number, wish),
    ours = {},  -- the texts that this screen has coloured
  }, Screen)
end

return M
