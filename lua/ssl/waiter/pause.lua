-- ssl/waiter/pause.lua - one wait, as an object that a loop keeps.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local socket = require "socket"

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

-- Waits for it alone, the program with it: nothing can close it meanwhile.
function Pause:block()
  if self:closed() then
    return false
  end
  repeat
    local left = self.deadline and math.max(0, self.deadline - socket.gettime())
    if #_ssl._poll({ self.fd }, { self.event }, left) > 0 then
      return true
    end
  until left == 0
  return false
end

return Pause
