-- ssl/waiter/pause.lua - one wait, as an object for LuaSocket's select. It is not
-- the connection itself, whose dirty() tells of bytes that this wait is not for.
-- SPDX-License-Identifier: MIT

local socket = require "socket"

-- What select finds writable at once: a wait that is over stands for it.
local ready = assert(socket.udp4())

local Pause = {}
Pause.__index = Pause

-- A wait for `object` (nil: for time alone).
function Pause.new(object, event, timeout)
  return setmetatable({
    object = object, event = event, fd = object and object:getfd(),
    deadline = timeout and socket.gettime() + timeout,
  }, Pause)
end

-- Whether the object has been closed, before or meanwhile.
function Pause:closed()
  return self.object ~= nil and (self.fd < 0 or self.object:getfd() ~= self.fd)
end

-- Whether there is nothing more to wait for.
function Pause:over(now)
  return self.deadline and self.deadline <= (now or socket.gettime()) or self:closed()
end

-- For select: dirty() makes a wait to read end, a writable descriptor the others.
Pause.dirty = Pause.over

function Pause:getfd()
  return self:over() and ready:getfd() or self.fd
end

-- Waits for it alone, the program with it: nothing can close it meanwhile.
function Pause:block()
  if self:closed() then
    return false
  end
  local set = { { getfd = function() return self.fd end } }
  local left = self.deadline and math.max(0, self.deadline - socket.gettime())
  local read, write = socket.select(self.event == "read" and set or nil,
    self.event == "write" and set or nil, left)
  return #read + #write > 0
end

return Pause
