-- ssl/command/main.lua - the command lua-ssl: chooses one of its commands, and turns
-- what that raises into a message and an exit status.
-- SPDX-License-Identifier: MIT

local options = require "ssl.command.options"
local terminal = require "ssl.command.terminal"

local M = {}

--- The names of the commands, in the order in which help shows them.
M.NAMES = { "connect", "serve", "cert", "show", "scan", "trust" }

-- Exit statuses. 141 is what a shell reports of a program that SIGPIPE has ended.
local FINE, FAILED, MISUSED, INTERRUPTED, CLOSED = 0, 1, 2, 130, 141

--- The command of that name; nil if there is none.
function M.find(name)
  for _, known in ipairs(M.NAMES) do
    if known == name then return require("ssl.command." .. name) end
  end
end

--- What `lua-ssl --help` shows.
function M.overview()
  local out = { "Usage: lua-ssl COMMAND [option ...] [argument ...]", "" }
  for _, name in ipairs(M.NAMES) do
    out[#out + 1] = ("  %-9s %s"):format(name, M.find(name).summary)
  end
  out[#out + 1] = "\n'lua-ssl COMMAND --help' tells more. 'lua-ssl --version' tells the versions."
  return table.concat(out, "\n") .. "\n"
end

local function version()
  local ssl = require "ssl"
  return ("lua-ssl %s, %s, %s\n"):format(ssl.__version__, ssl.OPENSSL_VERSION, _VERSION)
end

local function complain(text)
  io.stderr:write("lua-ssl: ", terminal.clean(text), "\n")
end

-- What was raised, for people: without its number, with the file's name.
local function text_of(err)
  if type(err) ~= "table" then return tostring(err) end
  local text = err.message:gsub("^%[Errno %d+%] ", "")
  if err.filename and not text:find(err.filename, 1, true) then
    return ("%s: '%s'"):format(text, err.filename)
  end
  return text
end

-- Says what was raised, and gives the exit status.
local function failure(err)
  if err == terminal.CLOSED then
    return CLOSED
  elseif type(err) == "string" and err:find("interrupted!", 1, true) then
    return INTERRUPTED
  end
  complain(text_of(err))
  return FAILED
end

-- Runs a command: the exit status.
local function run(command, words)
  local values, problem = options.parse(command, words)
  if values and values.help then
    terminal.screen(1, "never"):write(options.usage(command))
    return FINE
  elseif values and command.check then
    problem = command.check(values)
  end
  if problem then
    complain(("%s; 'lua-ssl %s --help' tells more"):format(problem, command.name))
    return MISUSED
  end
  return command.run(values) or FINE
end

local function choose(words)
  local name = words[1]
  local screen = terminal.screen(1, "never")
  if name == "--help" or name == "-h" or name == "help" and not words[2] then
    return screen:write(M.overview())
  elseif name == "--version" then
    return screen:write(version())
  elseif name == "help" then
    words = { words[2], "--help" }
  end
  local command = words[1] and M.find(words[1])
  if not command then
    complain(words[1] and ("unknown command '%s'; 'lua-ssl --help' lists them"):format(words[1])
      or "which command? 'lua-ssl --help' lists them")
    return MISUSED
  end
  return run(command, table.move(words, 2, #words, 1, {}))
end

--- Runs lua-ssl with the words of its command line. Returns the exit status.
function M.main(words)
  local ok, result = pcall(function()
    local status = choose(words) or FINE
    if not io.stdout:flush() then error(terminal.CLOSED, 0) end
    return status
  end)
  return ok and result or failure(result)
end

return M
