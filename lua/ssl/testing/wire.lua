-- Plain TCP inside the tasks of a loop: what a server does below TLS, or instead
-- of it, and the relay that a tap or a slow wire stands in.

local socket = require "socket"
local loop = require "ssl.testing.loop"
local parser = require "ssl.testing.messages.parser"
local tap = require "ssl.testing.tap"

local wire = {}

-- Closes a LuaSocket object at the end of a block.
local Guard = { __close = function(self) self.socket:close() end }

function wire.guard(sock)
  sock:settimeout(0)
  return setmetatable({ socket = sock }, Guard)
end

-- What has arrived; nil at the end of the stream.
function wire.receive(sock)
  repeat
    local data, err, partial = sock:receive(16384)
    data = data or partial
    if data and data ~= "" then
      return data
    elseif err ~= "timeout" then
      return nil
    end
    loop.wait(sock, "read")
  until false
end

-- Returns whether all of it went out.
function wire.send(sock, data)
  local at = 1
  while at <= #data do
    local last, err, partial = sock:send(data, at)
    if not last and err ~= "timeout" then
      return false
    elseif not last then
      loop.wait(sock, "write")
    end
    at = (last or partial) + 1
  end
  return true
end

-- Reads until the peer has closed.
function wire.drain(sock)
  repeat
    local data = wire.receive(sock)
  until not data
end

-- Ends the connection by a reset.
function wire.reset(sock)
  sock:setoption("linger", { on = true, timeout = 0 })
  sock:close()
end

function wire.listen(backlog)
  local listener = assert(socket.bind("127.0.0.1", 0, backlog))
  listener:settimeout(0)
  local _, port = listener:getsockname()
  return listener, math.tointeger(port) or math.tointeger(tonumber(port))
end

-- Accepts for ever, each connection in a task of its own.
function wire.accept(tasks, listener, serve)
  listener:settimeout(0)
  while true do
    local sock = listener:accept()
    if sock then
      tasks:spawn(serve, sock)
    else
      loop.wait(listener, "read")
    end
  end
end

-- Carries bytes from one socket to the other, through `options.tap`; `options.drip` is
-- the time between two pieces that the server sends.
local function carry(name, connection, from, to, options)
  local reader = parser.stream(name)
  repeat
    local data = wire.receive(from)
    for _, record in ipairs(data and reader:feed(data) or {}) do
      record.connection = connection
      local pieces, eof = tap.apply(options.tap, record)
      for _, piece in ipairs(pieces) do
        if options.drip and name == "server" then
          loop.wait(nil, nil, options.drip)
        end
        if not wire.send(to, piece) then
          return
        end
      end
      if eof then
        data = nil
        break
      end
    end
  until not data
  wire.send(to, reader.rest)
  to:shutdown("send")
end

-- Stands between clients and the server at `port` of this machine.
function wire.relay(tasks, port, options)
  return function(sock)
    local _ <close> = wire.guard(sock)
    local inside <close> = wire.guard(assert(socket.tcp()))
    inside.socket:connect("127.0.0.1", port)
    loop.wait(inside.socket, "write")
    local answering = tasks:spawn(carry, "server", sock, inside.socket, sock, options)
    carry("client", sock, sock, inside.socket, options)
    while tasks.tasks[answering] do
      loop.wait(nil, nil, 0.01)
    end
  end
end

return wire
