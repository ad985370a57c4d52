-- Serves HTTPS, and takes a new certificate into use while it runs:
--   lua5.4 examples/reload_server.lua CERTFILE KEYFILE [PORT]
-- The two files are read once a second. When they have changed and belong together,
-- new connections get the new certificate; those that exist go on with the old.

local socket = require "socket"
local ssl = require "ssl"

local certfile, keyfile, port = ...
if not keyfile then
  io.stderr:write("usage: reload_server.lua CERTFILE KEYFILE [PORT]\n")
  os.exit(1, true)
end

local function read(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read("a")
end

local function new_context(cert, key)
  local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  ctx:load_cert_chain({ certdata = cert, keydata = key })
  return ctx
end

local cert, key = read(certfile), read(keyfile)
local listener = new_context(cert, key):wrap_socket(assert(socket.bind("*", tonumber(port) or 0)), {
  server_side = true,
  do_handshake_on_connect = false,
  timeout = 1,
})
print("port " .. select(2, listener:getsockname()))

-- Whoever writes the files may be at it: what does not fit together is tried again.
local function reload()
  local ok, newcert, newkey = pcall(function() return read(certfile), read(keyfile) end)
  if not ok or (newcert == cert and newkey == key) then return end
  local made, ctx = pcall(new_context, newcert, newkey)
  if made then
    listener.context = ctx
    cert, key = newcert, newkey
    print("reloaded")
  end
end

local function serve(conn)
  local _ <close> = conn
  conn:settimeout(10)
  conn:do_handshake()
  local request = conn:recv(4096)
  if request then
    conn:sendall("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nHello over TLS.\n")
    conn:unwrap()
  end
end

io.stdout:setvbuf("no")
while true do
  local ok, conn = pcall(listener.accept, listener)
  if ok then
    pcall(serve, conn)
  elseif not ssl.isinstance(conn, ssl.TimeoutError) then
    error(conn)
  end
  reload()
end
