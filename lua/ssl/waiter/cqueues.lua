-- ssl/waiter/cqueues.lua - waiting under cqueues.
-- SPDX-License-Identifier: MIT

local cqueues = require "cqueues"

-- How many wait for a descriptor.
local waits = {}

-- A descriptor that nobody waits for may be closed at any moment, so the loop has to
-- forget it now. Not before: that would wake up who waits for the other event.
local Leave = { __close = function(self)
  local fd = self.pollfd
  waits[fd] = waits[fd] > 1 and waits[fd] - 1 or nil
  if not waits[fd] then
    cqueues.cancel(fd)
  end
end }

return function(conn, event, timeout)
  local fd = conn:getfd()
  if fd < 0 then  -- closed
    return false
  end
  local wait <close> = setmetatable({
    pollfd = fd, events = event == "read" and "r" or "w",
  }, Leave)
  waits[fd] = (waits[fd] or 0) + 1
  local got = cqueues.poll(wait, timeout)
  return got == nil or got == wait  -- nil: who waits for the other event was woken up
end
