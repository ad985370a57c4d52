-- Sends the lines of its input to an echo server and prints what comes back:
--   lua5.4 examples/echo_client.lua HOST PORT [cafile]

local socket = require "socket"
local ssl = require "ssl"

local host, port, cafile = ...

local ctx = ssl.create_default_context({ cafile = cafile })
local tcp = assert(socket.tcp())
tcp:settimeout(10)
assert(tcp:connect(host, tonumber(port)))
local conn <close> = ctx:wrap_socket(tcp, { server_hostname = host })

for line in io.lines(nil, "L") do
  conn:sendall(line)
  local got = 0
  while got < #line do
    local part = assert(conn:recv(#line - got), "the server hung up")
    io.write(part)
    got = got + #part
  end
end
conn:unwrap():close()
