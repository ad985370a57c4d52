-- How the shim ends: 0, 1 with the error's reason for the runner to look for, or 89 where
-- a test asks for what a program of ours cannot do.

local ssl = require "ssl"

local M = {}

-- What comes after this line is not the shim's: a sanitizer's.
local function finish(status)
  io.stderr:write("--- DONE ---\n")
  os.exit(status, true)
end

--- The test wants `what`, which is not there.
function M.unimplemented(what)
  io.stderr:write(("not implemented: %s\n"):format(what))
  os.exit(89, true)
end

-- The runner looks for ":NO_SHARED_CIPHER:" and the like.
local function print_error(err)
  io.stderr:write(tostring(err), "\n")
  if ssl.isinstance(err, ssl.Error) then
    if err.reason then io.stderr:write((":%s:\n"):format(err.reason)) end
    if err.cause then print_error(err.cause) end
  end
end

--- Ends the program after `err`, or in peace without one.
function M.finish(err)
  if err == nil then finish(0) end
  print_error(err)
  finish(1)
end

return M
