-- Programs beside the spec: servers that run until the test ends, and commands
-- of which output and status are asked.

local system = require "support.system"

local M = {}

--- Quotes a word for the shell.
function M.quoted(word) return "'" .. tostring(word):gsub("'", "'\\''") .. "'" end

local function command_of(words)
  local out = {}
  for i, word in ipairs(words) do out[i] = M.quoted(word) end
  return table.concat(out, " ")
end

--- The Lua under test; `make` names it.
M.lua = os.getenv("LUA") or "lua5.4"

local Process = {}
Process.__index = Process

--- Starts a program, given as its words, that ends with `process:stop()` or as a
-- `<close>` variable. Its output and what it says of errors are read together.
function M.start(words)
  local pipe = assert(io.popen("echo $$; exec " .. command_of(words) .. " 2>&1", "r"))
  return setmetatable({ pipe = pipe, pid = pipe:read("n", "l") }, Process)
end

--- Reads lines up to one that the pattern matches, and returns the captures.
function Process:expect(pattern)
  local seen = {}
  for line in self.pipe:lines() do
    if line:find(pattern) then return line:match(pattern) end
    seen[#seen + 1] = line
  end
  error(("ended without '%s':\n%s"):format(pattern, table.concat(seen, "\n")), 2)
end

function Process:stop()
  if not self.pipe then return end
  os.execute(("kill %d 2>/dev/null"):format(self.pid))
  self.pipe:close()
  self.pipe = nil
end

Process.__close = Process.stop

--- Runs a command and returns what it printed, errors included, and its status.
-- `input` (a string) is what it reads; `environment` goes before the command.
function M.run(words, input, environment)
  if system.windows then io.popen("") end  -- says why not
  local name = os.tmpname()
  local file = assert(io.open(name, "wb"))
  file:write(input or "")
  file:close()
  local pipe = assert(io.popen(("%s %s < %s 2>&1"):format(
    environment or "", command_of(words), name), "r"))
  local text = pipe:read("a")
  local _, _, status = pipe:close()
  os.remove(name)
  return text, status
end

--- Runs a line of the shell, formatted: what it printed, errors included, and whether it
--- succeeded: true, or nil.
function M.shell(line, ...)
  local pipe = assert(io.popen(line:format(...) .. " 2>&1"))
  local text = pipe:read("a")
  return text, (pipe:close())
end

-- The same by Windows' shell, which reads no program from a pipe.
local function run_file(program)
  local folder = require("ssl.testing.files").folder()
  local path = folder:write({ ["program.lua"] =
    "package.path = './?.lua;./spec/?.lua;' .. package.path\n" .. program })["program.lua"]
  local pipe = assert(require("support.popen")(('""%s" "%s" 2>&1"'):format(M.lua, path)))
  local text = pipe:read("a"):gsub("\r\n", "\n")
  local _, _, status = pipe:close()
  folder:close()
  return text, status
end

--- What run() gives of a Lua program, in which the modules of spec/ can be required too.
function M.run_lua(program, environment)
  if system.windows and not environment and not program:find("memfail", 1, true) then
    return run_file(program)
  end
  return M.run({ M.lua, "-" }, program,
    "LUA_PATH='./?.lua;./spec/?.lua;'\"$LUA_PATH\" " .. (environment or ""))
end

--- The same of a program that has `count` descriptors open, and may open 200 more.
function M.run_crowded(count, program)
  local fill = ("local full = {} for i = 1, %d do full[i] = assert(io.open('/dev/null')) end\n")
    :format(count)
  return M.run({ "sh", "-c", ("ulimit -n %d && exec %s -"):format(count + 200, M.lua) },
    fill .. program, "LUA_PATH='./?.lua;./spec/?.lua;'\"$LUA_PATH\" ")
end

return M
