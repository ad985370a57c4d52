-- ssl/waiter/scheduler.lua - a scheduler of coroutines on poll(2).
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local Pause = require "ssl.waiter.pause"
local socket = require "socket"

local M = {}

local tasks = {}  -- coroutine -> the Pause it is in; false: to be resumed
local current     -- the task that runs

local Wait = setmetatable({ __close = function(self) tasks[self.task] = nil end },
  { __index = Pause })
Wait.__index = Wait

local function resume(co)
  local previous = current
  tasks[co], current = nil, co
  local ok, result = coroutine.resume(co)
  current = previous
  if coroutine.status(co) == "suspended" then
    tasks[co] = result or false
  elseif not ok then
    result = type(result) == "string" and debug.traceback(co, result) or result
    coroutine.close(co)  -- its <close> variables too
    error(result, 0)
  end
end

local function pause(object, event, timeout)
  local wait <close> = setmetatable(Pause.new(object, event, timeout), Wait)
  wait.task = coroutine.running()
  if not coroutine.isyieldable() then
    return wait:block()
  elseif wait.task ~= current then
    error("this coroutine is no task: see spawn", 3)
  end
  coroutine.yield(wait)
  return not wait:over()
end

--@ ssl.waiter.scheduler.wait(conn, event [, timeout])
-- Lets other tasks run until the connection is ready. Set it as `ctx.waiter`. Outside of tasks,
-- it blocks.
-- - `conn`, `event`, `timeout`: as for `ssl.waiter.copas`.
-- Returns whether the connection is ready (boolean). Raises a string error in a coroutine that
-- is not a task. Since: an addition.
--
-- Type: fun(conn: table|userdata, event: "read"|"write", timeout?: number): boolean
--
--     local scheduler = require("ssl.waiter").scheduler
--     peer:sendall("hello")
--     assert(scheduler.wait(conn, "read", 10))
function M.wait(conn, event, timeout)
  return pause(conn, event, timeout)
end

--@ ssl.waiter.scheduler.sleep(seconds)
-- Lets other tasks run for a while.
-- - `seconds` (number): for how long. With 0, each of the other tasks gets one turn.
-- Returns nothing. Raises the errors of `wait`. Since: an addition.
--
-- Type: fun(seconds: number)
--
--     require("ssl.waiter").scheduler.sleep(0.01)
function M.sleep(seconds)
  pause(nil, "time", seconds)
end

--@ ssl.waiter.scheduler.spawn(f, ...)
-- Makes a task: a coroutine that `run` will run.
-- - `f` (function): the task's function. It gets the other arguments.
-- Returns the coroutine. `coroutine.close` ends it while it waits. Since: an addition.
--
-- Type: fun(f: function, ...: any): thread
--
--     local scheduler = require("ssl.waiter").scheduler
--     local got = {}
--     scheduler.spawn(table.insert, got, "hello")
--     scheduler.run()
--     assert(got[1] == "hello")
function M.spawn(f, ...)
  local args = table.pack(...)
  local co = coroutine.create(function() f(table.unpack(args, 1, args.n)) end)
  tasks[co] = false
  return co
end

--@ ssl.waiter.scheduler.run([done])
-- Runs the tasks until all have ended.
-- - `done` (function): is called before each turn. If it returns a true value, `run` ends.
-- Returns nothing. If a task raises an error, `run` raises it; when you call `run` again, it
-- goes on with the other tasks. Since: an addition.
--
-- Type: fun(done?: fun(): any)
--
--     require("ssl.waiter").scheduler.run()
function M.run(done)
  while next(tasks) and not (done and done()) do
    local waits, fds, events, ready, timeout = {}, {}, {}, {}, nil
    local now = socket.gettime()
    for co, wait in pairs(tasks) do
      if not wait or wait:over(now) then
        ready[#ready + 1] = co
      else
        if wait.fd then
          local i = #waits + 1
          waits[i], fds[i], events[i] = wait, wait.fd, wait.event
        end
        timeout = math.min(timeout or math.huge, wait.deadline and wait.deadline - now or math.huge)
      end
    end
    timeout = #ready > 0 and 0 or timeout ~= math.huge and timeout or nil
    for _, i in ipairs(_ssl._poll(fds, events, timeout)) do
      ready[#ready + 1] = waits[i].task
    end
    for _, co in ipairs(ready) do
      if coroutine.status(co) == "dead" then  -- closed by one before it
        tasks[co] = nil
      else
        resume(co)
      end
    end
  end
end

return M
