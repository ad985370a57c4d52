-- Sends back the datagrams of many clients, by DTLS on one port, each client in a task:
--   lua5.4 examples/dtls_server.lua [PORT [CERTFILE KEYFILE]]
-- Without certificate it makes one for localhost and prints its authority's file.

local socket = require "socket"
local ssl = require "ssl"
local scheduler = require("ssl.waiter").scheduler

local port, certfile, keyfile = ...
if port and not tonumber(port) then
  io.stderr:write("usage: dtls_server.lua [PORT [CERTFILE KEYFILE]]\n")
  os.exit(1, true)
end

local ctx = ssl.SSLContext(ssl.PROTOCOL_DTLS_SERVER)
ctx.waiter = scheduler.wait
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

-- One client. Who falls silent for a minute is forgotten: its goodbye may be lost.
local function serve(conn)
  local _ <close> = conn
  conn:settimeout(60)
  local ok, err = pcall(function()
    conn:do_handshake()
    for data in function() return conn:recv() end do
      conn:send(data)
    end
    conn:unwrap()
  end)
  if not ok then io.stderr:write(tostring(err), "\n") end
end

local udp = assert(socket.udp4())
assert(udp:setsockname("127.0.0.1", tonumber(port) or 0))
print("port: " .. select(2, udp:getsockname()))
io.stdout:flush()

local listener <close> = ctx:wrap_datagram(udp,
  { server_side = true, do_handshake_on_connect = false })
scheduler.spawn(function()
  while true do
    scheduler.spawn(serve, (listener:accept()))
  end
end)
scheduler.run()
