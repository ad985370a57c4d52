-- The command lua-ssl as a process, against servers of the test's own.

local files = require "ssl.testing.files"
local process = require "support.process"
local read = require "support.read"
local testing = require "ssl.testing"

local quoted = process.quoted

local M = {}

--- The command's line for the shell.
function M.line(...)
  local out = { quoted(process.lua), "bin/lua-ssl" }
  for i, word in ipairs({ ... }) do out[i + 2] = quoted(word) end
  return table.concat(out, " ")
end

--- Runs a line of the shell: what it printed, what it complained of, and its status.
function M.shell(line)
  local folder <close> = files.folder()
  local out, err = folder.path .. "/out", folder.path .. "/err"
  folder:write({ out = "", err = "" })
  local _, _, status = os.execute(("( %s ) > %s 2> %s"):format(line, out, err))
  return read(out), read(err), status
end

--- Runs lua-ssl with these words and nothing to read, as `shell` does.
function M.run(...)
  return M.shell(M.line(...) .. " < /dev/null")
end

--- An authority, the path of its certificate, for --cafile, and the folder of this file,
--- which goes when the test ends.
function M.authority()
  local ca, folder = testing.CA(), files.folder()
  return ca, folder:write({ ca = ca.cert.pem }).ca, folder
end

--- Runs it with `input` to read.
function M.feed(input, ...)
  local folder <close> = files.folder()
  local path = folder:write({ input = input }).input
  return M.shell(M.line(...) .. " < " .. path)
end

--- Marks the test as pending, by busted's function, where a program is missing that it
--- cannot do without.
function M.needs(pending, name)
  if not process.shell("command -v " .. name):find("/") then
    pending(name .. " is missing")
  end
end

--- The words that run a program, of `words`, on a terminal. Marks the test as pending where
--- there is none to be had, as in a bare chroot.
function M.on_terminal(pending, ...)
  M.needs(pending, "python3")
  if not select(2, process.shell("python3 -c 'import pty; pty.openpty()'")) then
    pending("no terminals are to be had here")
  end
  return { "python3", "-c", "import pty, sys; pty.spawn(sys.argv[1:])", ... }
end

--- JSON as tables, read by a stranger.
function M.decode(text)
  local value, _, problem = require("dkjson").decode(text, 1, false)
  return assert(value, problem)
end

return M
