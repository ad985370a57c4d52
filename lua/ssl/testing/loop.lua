-- Runs the connections of a server side by side: one coroutine for each, woken
-- when its socket is ready.

local _ssl = require "_ssl"
local seed = require "ssl.testing.seed"
local socket = require "socket"

local Loop = {}
Loop.__index = Loop

local function new()
  return setmetatable({ tasks = {}, count = 0 }, Loop)
end

-- Waits, from inside a task, until `object` (with `getfd`; nil for none) can be read or
-- written, or the time is over. Returns whether it is ready. An `SSLContext.waiter` for
-- connections that belong to tasks.
local function wait(object, event, timeout)
  return coroutine.yield({
    object = object, event = event, deadline = timeout and socket.gettime() + timeout,
  })
end

-- Runs f(...) as a task, up to where it waits for the first time.
function Loop:spawn(f, ...)
  self.count = self.count + 1
  local task = { thread = coroutine.create(f), number = self.count }
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

-- Ends the task that has this thread, where it waits; its `<close>` variables are closed.
function Loop:kill(thread)
  for task in pairs(self.tasks) do
    if task.thread == thread and coroutine.status(thread) == "suspended" then
      self.tasks[task] = nil
      coroutine.close(thread)
      return
    end
  end
end

-- Waits until a task can go on, or `extra` ({object =, event =}) is ready, but
-- `timeout` seconds at most (nil: for ever), and lets those tasks go on. Returns
-- whether `extra` is ready.
function Loop:step(timeout, extra)
  local wants, fds, events, now = {}, {}, {}, socket.gettime()
  local deadline = timeout and now + timeout
  local function add(want)
    if want.object then
      local i = #wants + 1
      wants[i], fds[i], events[i] = want, want.object:getfd(), want.event
    end
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
  local ready = {}
  for _, i in ipairs(_ssl._poll(fds, events, deadline and math.max(0, deadline - now))) do
    ready[wants[i]] = true
  end
  now = socket.gettime()
  local awake = {}
  for task in pairs(self.tasks) do
    if ready[task.want] then
      awake[#awake + 1] = { task, true }
    elseif task.want.deadline and task.want.deadline <= now then
      awake[#awake + 1] = { task, false }
    end
  end
  -- in the order in which they began, or the seed's
  table.sort(awake, function(a, b) return a[1].number < b[1].number end)
  for _, entry in ipairs(seed.shuffle(awake)) do
    if self.tasks[entry[1]] then  -- another may have ended it just now
      self:resume(table.unpack(entry))
    end
  end
  return extra and ready[extra] or false
end

-- Ends all tasks where they are; their `<close>` variables are closed.
function Loop:close()
  for task in pairs(self.tasks) do
    self.tasks[task] = nil
    coroutine.close(task.thread)
  end
end

return { new = new, wait = wait }
