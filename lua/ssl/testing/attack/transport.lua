-- What a peer of an attack sends and receives through: a LuaSocket object, in a program
-- that may block, or in a task of a server's loop.

local _ssl = require "_ssl"
local loop = require "ssl.testing.loop"

local transport = {}

-- Why nothing came, in the words of a peer.
local function reason(err)
  return err == "closed" and "end" or "reset"
end

-- Over a socket; `wait(event)` returns whether the event came in time.
local function new(sock, wait)
  sock:settimeout(0)
  sock:setoption("tcp-nodelay", true)
  local self = {}
  function self.read()
    repeat  -- first what the object itself may hold, which no wait would see
      local data, err, partial = sock:receive(16384)
      data = data or partial
      if data and data ~= "" then
        return data
      elseif err ~= "timeout" then
        return nil, reason(err)
      end
    until not wait("read")
    return nil, "timeout"
  end
  function self.write(bytes)
    local at = 1
    while at <= #bytes do
      local last, err, partial = sock:send(bytes, at)
      if not last and (err ~= "timeout" or not wait("write")) then
        return false
      end
      at = (last or partial) + 1
    end
    return true
  end
  return self
end

-- Over a socket on which the program waits for `timeout` seconds at most.
function transport.blocking(sock, timeout)
  return new(sock, function(event)
    return #_ssl._poll({ sock:getfd() }, { event }, timeout) > 0
  end)
end

-- Over a socket of a task of `ssl.testing.loop`.
function transport.of_task(sock, timeout)
  return new(sock, function(event)
    return loop.wait(sock, event, timeout)
  end)
end

return transport
