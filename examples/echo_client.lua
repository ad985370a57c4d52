-- Sends the lines of its input to an echo server and prints what comes back:
--   lua5.4 examples/echo_client.lua HOST PORT [CAFILE]

local socket = require "socket"
local ssl = require "ssl"

local host, port, cafile = ...
if not tonumber(port) then
  io.stderr:write("usage: echo_client.lua HOST PORT [CAFILE]\n")
  os.exit(1, true)
end

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
