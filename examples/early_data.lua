-- A client that sends its request with the first flight, and a server that answers it:
--   lua5.4 examples/early_data.lua
-- Early data can be recorded and sent again. So the server acts on a GET alone that came
-- early; to a POST it says that it is too early (RFC 8470), and the client asks once more.

local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local scheduler = require("ssl.waiter").scheduler

local ca = testing.CA()
local server_ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
ca:issue("localhost"):configure_cert(server_ctx)
server_ctx.waiter = scheduler.wait
server_ctx.max_early_data = 4096

-- What a request gets; nil if it is not safe to act on it twice.
local function answer(request, early)
  if request:find("^GET ") then return "200 OK" end
  return early and "425 Too Early" or "204 No Content"
end

local function serve(conn)
  local _ <close> = conn
  local early = {}
  for part in function() return conn:read_early_data() end do early[#early + 1] = part end
  conn:do_handshake()
  local request = table.concat(early)
  if request ~= "" then conn:sendall(answer(request, true) .. "\n") end
  for later in function() return conn:recv(4096) end do
    conn:sendall(answer(later, false) .. "\n")
  end
end

local listener = server_ctx:wrap_socket(assert(socket.bind("127.0.0.1", 0)),
  { server_side = true, do_handshake_on_connect = false })
local _, port = listener:getsockname()

local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ca:configure_trust(client_ctx)
client_ctx.waiter = scheduler.wait

-- Makes a request, early if the session allows it; returns the session for the next one.
local function ask(method, session)
  local request = method .. " / HTTP/1.1\r\nHost: localhost\r\n\r\n"
  local conn <close> = client_ctx:wrap_socket(assert(socket.connect("127.0.0.1", port)),
    { server_hostname = "localhost", session = session, do_handshake_on_connect = false })
  local early = session ~= nil and session.max_early_data >= #request
  if early then conn:write_early_data(request) end
  conn:do_handshake()
  local status = conn.early_data_status
  if status ~= "accepted" then conn:sendall(request) end
  local result = conn:recv(4096)
  print(("%s: early data %s: %s"):format(method, status, result:match("[^\n]*")))
  if result:find("^425") then
    conn:sendall(request)
    print(("%s: once more: %s"):format(method, conn:recv(4096):match("[^\n]*")))
  end
  conn:send_close_notify()  -- without it the server forgets the session
  return conn.session
end

scheduler.spawn(function()
  for _ = 1, 3 do
    local conn = listener:accept()
    scheduler.spawn(function() serve(conn) end)
  end
end)
scheduler.spawn(function()
  local session = ask("GET")
  session = ask("GET", session)
  ask("POST", session)
end)
scheduler.run()
