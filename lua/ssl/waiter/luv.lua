-- ssl/waiter/luv.lua - waiting under luv.
-- SPDX-License-Identifier: MIT

local uv = require "luv"

-- By descriptor, for which libuv allows one handle: the handle, and what wakes up
-- who waits to read and to write.
local polls = {}

-- Has the handle watch for what is still waited for; ends it if that is nothing.
local function watch(fd)
  local poll = polls[fd]
  local events = (poll.read and "r" or "") .. (poll.write and "w" or "")
  if events == "" then
    polls[fd] = nil
    poll.handle:close()
  else
    poll.handle:start(events, poll.notify)
  end
end

local function newpoll(fd)
  local poll = { handle = assert(uv.new_poll(fd)) }
  function poll.notify(err, events)
    local read, write = poll.read, poll.write
    if read and (err or events:find("[rd]")) then
      read(true)
    end
    if write and poll.write == write and (err or events:find("w")) then
      write(true)
    end
  end
  return poll
end

local Wait = {}
Wait.__index = Wait

function Wait:__close()
  polls[self.fd][self.event] = nil
  watch(self.fd)
  if self.timer then
    self.timer:close()
  end
end

-- Calls wake(ready) once, when the descriptor is or the time is over, unless the
-- wait is closed before.
local function begin(fd, event, timeout, wake)
  polls[fd] = polls[fd] or newpoll(fd)
  if polls[fd][event] then
    error("another coroutine waits for this descriptor already", 0)
  end
  polls[fd][event] = wake
  watch(fd)
  local timer
  if timeout then
    uv.update_time()  -- timers count from when the loop last looked at the clock
    timer = uv.new_timer()
    timer:start(math.min(math.ceil(timeout * 1000), math.maxinteger), 0,
      function() wake(false) end)
  end
  return setmetatable({ fd = fd, event = event, timer = timer }, Wait)
end

-- For the main thread, which cannot yield: runs the loop meanwhile.
local function block(fd, event, timeout)
  if uv.loop_mode() then
    error("a callback of luv cannot wait: make a coroutine in it", 0)
  end
  local over, ready = false, false
  do
    local wait <close> = begin(fd, event, timeout, function(value)  -- luacheck: ignore wait
      over, ready = true, value
      uv.stop()  -- a timer may be over before the loop looks at descriptors, for ever
    end)
    repeat
      uv.run("once")
    until over
  end
  uv.run("nowait")  -- lets go of the handle: with one half closed luv crashes at the end
  return ready
end

return function(conn, event, timeout)
  local fd = conn:getfd()
  if fd < 0 then  -- closed; a handle for it would crash luv
    return false
  elseif not coroutine.isyieldable() then
    return block(fd, event, timeout)
  end
  local co = coroutine.running()
  local wait <close> = begin(fd, event, timeout, function(ready)  -- luacheck: ignore wait
    local ok, err = coroutine.resume(co, ready)
    if not ok then
      coroutine.close(co)
      error(type(err) == "string" and debug.traceback(co, err) or err, 0)
    end
  end)
  return coroutine.yield()
end
