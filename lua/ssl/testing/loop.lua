-- Runs the connections of a server side by side: one coroutine for each, woken
-- when its socket is ready.

local socket = require "socket"

local Loop = {}
Loop.__index = Loop

local function new()
  return setmetatable({ tasks = {} }, Loop)
end

-- Waits, from inside a task, until `object` (a LuaSocket object; nil for none)
-- can be read or written, or the time is over. Returns whether it is ready.
local function wait(object, event, timeout)
  return coroutine.yield({
    object = object, event = event, deadline = timeout and socket.gettime() + timeout,
  })
end

-- A connection as `socket.select` takes it: what it has decrypted already is no
-- reason to wake up whoever waits for more from the network.
local Descriptor = { dirty = function() return false end }
Descriptor.__index = Descriptor
function Descriptor:getfd() return self.conn:getfd() end

local function descriptor(conn)
  return setmetatable({ conn = conn }, Descriptor)
end

-- An `SSLContext.waiter` for connections that belong to tasks.
local function waiter(conn, event, timeout)
  return wait(descriptor(conn), event, timeout)
end

-- Runs f(...) as a task, up to where it waits for the first time.
function Loop:spawn(f, ...)
  local task = { thread = coroutine.create(f) }
  self.tasks[task] = true
  self:resume(task, ...)
  return task
end

function Loop:resume(task, ...)
  local ok, want = coroutine.resume(task.thread, ...)
  if not ok or coroutine.status(task.thread) == "dead" then
    self.tasks[task] = nil
    if not ok then
      coroutine.close(task.thread)  -- an error alone closes no variables
      io.stderr:write("ssl.testing: server: ", tostring(want), "\n")
    end
  else
    task.want = want
  end
end

-- Waits until a task can go on, or `extra` ({object =, event =}) is ready, but
-- `timeout` seconds at most (nil: for ever), and lets those tasks go on. Returns
-- whether `extra` is ready.
function Loop:step(timeout, extra)
  local reads, writes, now = {}, {}, socket.gettime()
  local deadline = timeout and now + timeout
  local function add(want)
    local list = want.event == "write" and writes or reads
    list[#list + 1] = want.object
    if want.deadline then
      deadline = math.min(deadline or want.deadline, want.deadline)
    end
  end
  for task in pairs(self.tasks) do
    add(task.want)
  end
  if extra then
    add(extra)
  end
  local readable, writable = socket.select(reads, writes, deadline and math.max(0, deadline - now))
  local function ready(want)
    return want.object ~= nil
      and ((want.event == "write" and writable or readable)[want.object] ~= nil)
  end
  now = socket.gettime()
  local awake = {}
  for task in pairs(self.tasks) do
    if ready(task.want) then
      awake[#awake + 1] = { task, true }
    elseif task.want.deadline and task.want.deadline <= now then
      awake[#awake + 1] = { task, false }
    end
  end
  for _, entry in ipairs(awake) do
    self:resume(table.unpack(entry))
  end
  return extra and ready(extra) or false
end

-- Ends all tasks where they are; their `<close>` variables are closed.
function Loop:close()
  for task in pairs(self.tasks) do
    self.tasks[task] = nil
    coroutine.close(task.thread)
  end
end

return { new = new, wait = wait, waiter = waiter, descriptor = descriptor }
