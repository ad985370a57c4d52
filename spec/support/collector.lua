-- Finalizers that run where they suit least.

local M = {}

--- Calls f(...) with a collection due, so that `finalizer` runs as soon as anything is
--- allocated: what pcall gives. A hook that counts lines would be the first to allocate.
function M.during(finalizer, f, ...)
  local hook, mask = debug.gethook()
  debug.sethook()
  collectgarbage()
  collectgarbage()
  local mode = collectgarbage("generational")
  collectgarbage("stop")
  setmetatable({}, { __gc = finalizer })
  collectgarbage("restart")
  local results = table.pack(pcall(f, ...))
  collectgarbage(mode)
  collectgarbage()
  debug.sethook(hook, mask)
  return table.unpack(results, 1, results.n)
end

return M
