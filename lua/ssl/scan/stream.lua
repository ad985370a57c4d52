-- How a probe reaches a server: over TCP, or in memory where the server is a
-- context of this process. A stream has `write(bytes)`, `read()` and `close()`.

local _ssl = require "_ssl"
local socket = require "socket"

local stream = {}

-- Over TCP --------------------------------------------------------------------

local Tcp = {}
Tcp.__index = Tcp

-- Waits for the socket until the deadline. `tasks` are those of a test's server that
-- runs in this process: it goes on meanwhile.
local function wait(self, event)
  local left = self.deadline - socket.gettime()
  if left <= 0 then
    return false
  elseif self.tasks then
    return self.tasks:step(left, { object = self.socket, event = event }) or wait(self, event)
  end
  return #_ssl._poll({ self.socket:getfd() }, { event }, left) > 0 or wait(self, event)
end

-- Returns true, or nil and why not.
function Tcp:write(bytes)
  local at = 1
  while at <= #bytes do
    local last, err, partial = self.socket:send(bytes, at)
    if not last and err ~= "timeout" then
      return nil, "reset"
    elseif not last and not wait(self, "write") then
      return nil, "silent"
    end
    at = (last or partial) + 1
  end
  return true
end

-- Returns the bytes that have come; or nil and "closed", "reset" or "silent".
function Tcp:read()
  repeat
    local data, err, partial = self.socket:receive(16384)
    data = data or partial
    if data and data ~= "" then
      return data
    elseif err ~= "timeout" then
      return nil, err == "closed" and "closed" or "reset"
    end
  until not wait(self, "read")
  return nil, "silent"
end

-- Gives the server this many seconds from now on.
function Tcp:patience(seconds)
  self.deadline = socket.gettime() + seconds
end

function Tcp:close()
  self.socket:close()
end

Tcp.__close = Tcp.close

--- A function that connects to `host` and `port` and returns a stream, or nil and the
-- reason. `options` has `timeout` (seconds for each probe), `prepare` (function: gets
-- the LuaSocket object before TLS begins) and `tasks`.
function stream.tcp(host, port, options)
  return function()
    local sock = assert(socket.tcp())
    local self = setmetatable({ socket = sock, tasks = options.tasks }, Tcp)
    self:patience(options.timeout)
    sock:settimeout(options.timeout)
    local ok, err = sock:connect(host, port)
    if ok and options.prepare then
      ok, err = pcall(options.prepare, sock)
    end
    if not ok then
      sock:close()
      return nil, tostring(err)
    end
    sock:settimeout(0)
    return self
  end
end

-- In memory -------------------------------------------------------------------

-- It never helps to wait: what the server has to say is there at once.
local Memory = { instant = true }
Memory.__index = Memory

-- Lets the server go on with what has come. Until its handshake is over that is the
-- handshake; then it reads.
local function advance(self)
  local step = self.done and self.object.read or self.object.do_handshake
  local ok, result = pcall(step, self.object, self.done and 16384 or nil)
  if ok and not self.done then
    self.done = true
    return advance(self)
  elseif ok and result == nil or not ok
      and not _ssl.isinstance(result, _ssl.SSLWantReadError) then
    self.closed = true
  end
end

function Memory:write(bytes)
  if self.closed then
    return nil, "reset"
  end
  self.incoming:write(bytes)
  advance(self)
  return true
end

function Memory:read()
  local bytes = self.outgoing:read()
  if bytes ~= "" then
    return bytes
  end
  return nil, self.closed and "closed" or "silent"
end

function Memory:patience() -- luacheck: ignore 212
end

function Memory:close()
  self.closed = true
end

Memory.__close = Memory.close

--- A function that returns a stream to a new connection of `context`, a server's.
function stream.memory(context)
  return function()
    local self = setmetatable({ incoming = _ssl.MemoryBIO(), outgoing = _ssl.MemoryBIO() },
      Memory)
    self.object = context:wrap_bio(self.incoming, self.outgoing, { server_side = true })
    return self
  end
end

return stream
