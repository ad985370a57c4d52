-- Usage: lua5.4 spec/tlsfuzzer/serve.lua SERVER FOLDER CERTIFICATE KEY PORT
-- One of the servers of servers.lua: answers each request with a page, and ends with
-- its standard input. FOLDER is tlsfuzzer's.

local ssl = require "ssl"
local socket = require "socket"
local scheduler = require("ssl.waiter").scheduler
local servers = require "tlsfuzzer.servers"

local PAGE = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n"

local server = servers[arg[1]]

local function echo(conn)
  for data in function() return conn:recv(16384) end do conn:sendall(data) end
end

-- The certificate comes with what is read next, although no data does. A client that
-- did not offer it is not asked.
local function ask(conn)
  if not pcall(conn.verify_client_post_handshake, conn) then return end
  conn:settimeout(1)
  local ok, err = pcall(conn.recv, conn, 1)
  if not ok and not ssl.isinstance(err, ssl.TimeoutError) then error(err) end
  conn:settimeout(30)
end

local function page(conn)
  local request = ""
  repeat
    local data = conn:recv(16384)
    request = request .. (data or "")
  until not data or request:find("\n\r?\n") or #request > 100000
  if request ~= "" then
    if server.later then ask(conn) end
    conn:sendall(PAGE)
  end
end

-- Closes what still sends only once it has ended, a second later at most: the system
-- would reset the connection, and our alert could be lost with it.
local function leave(conn)
  local sock = conn:detach()
  sock:shutdown("send")
  local last = socket.gettime() + 1
  repeat
    local _, err = sock:receive(16384)
    local more = err ~= "closed" and scheduler.wait(sock, "read", last - socket.gettime())
  until not more
  sock:close()
end

local function answer(ctx, sock)
  local conn <close> = ctx:wrap_socket(sock, {
    server_side = true, timeout = 30, do_handshake_on_connect = false,
  })
  local ok, err = pcall(function()
    conn:do_handshake();
    (server.echo and echo or page)(conn)
    conn:unwrap():close()
  end)
  if not ok then
    leave(conn)
    error(err)
  end
end

local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
server.prepare(ctx, arg[2])
ctx:load_cert_chain(arg[3], arg[4])
ctx.waiter = scheduler.wait
local listener = assert(socket.bind("127.0.0.1", math.tointeger(tonumber(arg[5])), 128))
listener:settimeout(0)

scheduler.spawn(function()
  while true do
    scheduler.wait(listener, "read")
    local sock = listener:accept()
    if sock then
      sock:settimeout(0)
      scheduler.spawn(function()
        local ok, err = pcall(answer, ctx, sock)
        sock:close()
        if not ok and not ssl.isinstance(err, ssl.OSError) then print("FAILED", err) end
      end)
    end
  end
end)
scheduler.spawn(function()
  scheduler.wait({ getfd = function() return 0 end }, "read")
  os.exit(0)
end)
scheduler.run()
