-- The Lua sources as C: an array of bytes for each, and a table of all, as
-- src/host/parts.h declares it. For tools/amalgamation.lua.

local M = {}

-- Comments that have a line for themselves are left out, the line is not: so
-- errors tell the right one. What is in a long string stays.
local function strip(text)
  local out, long = {}, false
  for written in (text .. "\n"):gmatch("([^\n]*)\n") do
    local line = not long and written:find("^%s*%-%-") and "" or written
    local open, close = line:find("%[=*%["), line:find("%]=*%]")
    if open and not line:find("%]=*%]", open) then long = true
    elseif long and close then long = false end
    out[#out + 1] = line
  end
  return (table.concat(out, "\n"):gsub("\n+$", "\n"))
end

local function array(name, text)
  local rows = {}
  for i = 1, #text, 24 do
    rows[#rows + 1] = table.concat({ text:byte(i, math.min(i + 23, #text)) }, ",")
  end
  return ("static const unsigned char %s[] = {\n%s\n};\n"):format(name, table.concat(rows, ",\n"))
end

local function read(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

--- The C text.
function M.text()
  local arrays, rows = {}, {}
  local pipe = assert(io.popen(  -- without what the command lua-ssl alone needs
    "find lua -name '*.lua' ! -path 'lua/ssl/command/*' | LC_ALL=C sort"))
  for file in pipe:lines() do
    local module = file:match("^lua/(.+)%.lua$"):gsub("/", ".")
    local name = "part_" .. module:gsub("%W", "_")
    local before, after = "", ""
    if module:find("^ssl%.testing") or module:find("^ssl%.scan") then
      before, after = "#if defined(LSSL_TESTING)\n", "#endif\n"
    end
    arrays[#arrays + 1] = before .. array(name, strip(read(file))) .. after
    rows[#rows + 1] = ('%s  {"%s", "lssl:%s", %s, sizeof %s},\n%s'):format(before, module,
      file:match("^lua/(.+)$"), name, name, after)
  end
  pipe:close()
  return table.concat(arrays, "\n") .. "\nLSSL_INNER const Part lssl_parts[] = {\n"
    .. table.concat(rows) .. "  {NULL, NULL, NULL, 0}\n};\n"
end

return M
