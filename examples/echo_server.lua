-- Sends back what it receives, one client after the other:
--   lua5.4 examples/echo_server.lua [PORT [CERTFILE KEYFILE]]
-- Without certificate it makes one for localhost and prints its authority's file.

local socket = require "socket"
local ssl = require "ssl"

local port, certfile, keyfile = ...
if port and not tonumber(port) then
  io.stderr:write("usage: echo_server.lua [PORT [CERTFILE KEYFILE]]\n")
  os.exit(1, true)
end

local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
if certfile then
  ctx:load_cert_chain(certfile, keyfile)
else
  local ca = require("ssl.testing").CA()
  ca:issue("localhost"):configure_cert(ctx)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(ca.cert.pem)
  file:close()
  print("authority: " .. name)
end

local listener = assert(socket.bind("127.0.0.1", tonumber(port) or 0))
print("port: " .. select(2, listener:getsockname()))
io.stdout:flush()

while true do
  local tcp = assert(listener:accept())
  tcp:settimeout(60)
  local ok, err = pcall(function()
    local conn <close> = ctx:wrap_socket(tcp, { server_side = true })
    for data in function() return conn:recv(16384) end do
      conn:sendall(data)
    end
    conn:unwrap():close()
  end)
  if not ok then io.stderr:write(tostring(err), "\n") end
end
