-- What a peer of an attack sends and receives through: a LuaSocket object, in a program
-- that may block, or in a task of a server's loop.

local _ssl = require "_ssl"
local loop = require "ssl.testing.loop"

local transport = {}

-- Why nothing came, in the words of a peer.
local function reason(err)
  return err == "timeout" and "timeout" or err == "closed" and "end" or "reset"
end

-- Over a socket that blocks for `timeout` seconds at most.
function transport.blocking(sock, timeout)
  sock:settimeout(timeout)
  local self = {}
  function self.read()
    if #_ssl._poll({ sock:getfd() }, { "read" }, timeout) == 0 then
      return nil, "timeout"
    end
    sock:settimeout(0)
    local data, err, partial = sock:receive(16384)
    sock:settimeout(timeout)
    data = data or partial
    if data and data ~= "" then
      return data
    end
    return nil, reason(err)
  end
  function self.write(bytes)
    return sock:send(bytes) ~= nil
  end
  return self
end

-- Over a socket of a task of `ssl.testing.loop`.
function transport.of_task(sock, timeout)
  sock:settimeout(0)
  sock:setoption("tcp-nodelay", true)
  local self = {}
  function self.read()
    repeat
      local data, err, partial = sock:receive(16384)
      data = data or partial
      if data and data ~= "" then
        return data
      elseif err ~= "timeout" then
        return nil, reason(err)
      end
    until not loop.wait(sock, "read", timeout)
    return nil, "timeout"
  end
  function self.write(bytes)
    local at = 1
    while at <= #bytes do
      local last, err, partial = sock:send(bytes, at)
      if not last and (err ~= "timeout" or not loop.wait(sock, "write", timeout)) then
        return false
      end
      at = (last or partial) + 1
    end
    return true
  end
  return self
end

return transport
