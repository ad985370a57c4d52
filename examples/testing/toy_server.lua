-- A server that looks into the ClientHello for the name that a client asks for, as those
-- do that lead clients to the right machine. It trusts the lengths that stand there: a
-- deliberate fault, for spec/testing/attack_spec.lua to find.
-- Usage: lua toy_server.lua, which prints its port.

local socket = require "socket"

-- What a vector that begins at `at` ends before.
local function skip(bytes, at, size)
  return at + size + string.unpack(">I" .. size, bytes, at)
end

-- The name in a ClientHello, the header of its record included.
local function server_name(bytes)
  local at = skip(bytes, 5 + 4 + 2 + 32 + 1, 1)  -- the session's name
  at = skip(bytes, skip(bytes, at, 2), 1) + 2    -- ciphers, compressions
  while at <= #bytes do
    local kind = string.unpack(">I2", bytes, at)
    if kind == 0 then
      return (string.unpack(">s2", bytes, at + 7))
    end
    at = skip(bytes, at + 2, 2)
  end
end

local listener = assert(socket.bind("127.0.0.1", 0))
print((select(2, listener:getsockname())))
io.stdout:flush()
while true do
  local sock = listener:accept()
  local head = sock:receive(5)
  local body = head and sock:receive((string.unpack(">I2", head, 4)))
  if body then
    sock:send(("leads to %s\n"):format(server_name(head .. body)))
  end
  sock:close()
end
