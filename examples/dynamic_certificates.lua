-- Serves HTTPS for any number of names, whose certificates it looks up when a client asks
-- for them:
--   lua5.4 examples/dynamic_certificates.lua HOST:PORT [OWN_PORT]
-- HOST:PORT is a Redis server, or what speaks its protocol; the key "cert:NAME" holds the
-- certificate, its chain and its private key in PEM. While one client's certificate is
-- looked up, the others are served.

local socket = require "socket"
local ssl = require "ssl"
local waiter = require "ssl.waiter"

local host, port = (arg[1] or ""):match("^(.+):(%d+)$")
if not host then
  io.stderr:write("usage: dynamic_certificates.lua HOST:PORT [OWN_PORT]\n")
  os.exit(1, true)
end

-- The value of a key in Redis; nil if there is none.
local function get(key)
  local tcp <close> = waiter.plain(assert(socket.tcp()), waiter.scheduler.wait)
  tcp:settimeout(2)
  assert(tcp:connect(host, port))
  assert(tcp:send(("*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n"):format(#key, key)))
  local size = assert(tcp:receive("*l")):match("^%$(%d+)$")
  return size and assert(tcp:receive(tonumber(size)))
end

local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
ctx.waiter = waiter.scheduler.wait

function ctx.client_hello_callback(conn, hello)
  local pem = hello.name and get("cert:" .. hello.name:lower())
  if not pem then
    return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
  end
  conn:load_cert_chain({ certdata = pem })
end

local function serve(conn)
  local _ <close> = conn
  conn:settimeout(10)
  conn:do_handshake()
  conn:recv(4096)
  conn:sendall("HTTP/1.0 200 OK\r\n\r\nHello over TLS.\n")
  conn:unwrap():close()
end

local listener = ctx:wrap_socket(assert(socket.bind("*", tonumber(arg[2]) or 0)),
  { server_side = true, do_handshake_on_connect = false })
io.stdout:setvbuf("no")
print("port " .. select(2, listener:getsockname()))

waiter.scheduler.spawn(function()
  while true do
    local conn = listener:accept()
    waiter.scheduler.spawn(function()
      local ok, err = pcall(serve, conn)
      if not ok then print(err) end
    end)
  end
end)
waiter.scheduler.run()
