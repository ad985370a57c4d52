-- ssl/waiter/copas.lua - waiting under copas.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local Pause = require "ssl.waiter.pause"
local copas = require "copas"
local socket = require "socket"

-- What select finds writable at once: a wait that is over stands for it.
local ready = assert(socket.udp4())

-- LuaSocket's select raises for a descriptor from here on, which would end the loop.
local LIMIT = package.config:sub(1, 1) == "/" and socket._SETSIZE or math.huge

local function check(fd)
  if fd >= LIMIT then
    error(_ssl.OSError(("descriptor %d cannot wait under copas, whose select takes those "
      .. "below %d"):format(fd, LIMIT)))
  end
end

-- copas' own receive and connect are the way into its queues: to them a Pause is a
-- socket that says "timeout" once. It is not the connection itself, whose dirty() tells
-- of bytes that this wait is not for.
local Wait = setmetatable({}, { __index = Pause })
Wait.__index = Wait

local function first(self)
  self.tries = self.tries + 1
  if self.tries == 1 then
    return nil, "timeout"
  end
  return 1
end

Wait.receive = first
Wait.connect = first
function Wait.settimeout() end
-- For select: dirty() makes a wait to read end, a writable descriptor the others.
Wait.dirty = Pause.over

function Wait:getfd()
  return self:over() and ready:getfd() or self.fd
end

function Wait.close() end  -- at the end of a thread, of what it waited for last

-- The waits that have a deadline.
local timed = {}

-- copas may still hold it: it must hold nothing, and leave the queue.
function Wait:__close()
  timed[self] = nil
  self.object, self.deadline = nil, 0
end

-- A copas without timers stays in select for as long as nothing happens.
local step = copas.step
if not copas.timeout then
  function copas.step(timeout)
    local now = socket.gettime()
    for wait in pairs(timed) do
      timeout = math.max(0, math.min(timeout or math.huge, wait.deadline - now))
    end
    return step(timeout)
  end
end

return function(conn, event, timeout)
  local pause <close> = setmetatable(Pause.new(conn, event, timeout), Wait)
  if not coroutine.isyieldable() then
    return pause:block()
  end
  check(pause.fd)
  check(ready:getfd())
  pause.tries = 0
  timed[pause] = pause.deadline and true
  if event == "read" then
    copas.receive(pause, 1)
  else
    copas.connect(pause)
  end
  return not pause:over()
end
