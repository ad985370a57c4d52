-- Usage: lua tools/peers.lua serve FOLDER      lua tools/peers.lua fetch PORT CAFILE
-- The two sides that tools/peers.sh holds against other people's programs: a server
-- of pages whose context is create_default_context(Purpose.CLIENT_AUTH), and a client
-- whose context is the default one. The server writes its certificate, key and
-- authority to FOLDER, prints its port, and ends with its standard input.

local ssl = require "ssl"
local socket = require "socket"
local testing = require "ssl.testing"
local scheduler = require("ssl.waiter").scheduler

local PAGE = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n"
  .. "Strict-Transport-Security: max-age=31536000\r\n\r\nhello\n"

local function answer(ctx, sock)
  local conn <close> = ctx:wrap_socket(sock, { server_side = true, timeout = 30 })
  local request = ""
  repeat
    local data = conn:recv(16384)
    request = request .. (data or "")
  until not data or request:find("\n\r?\n") or #request > 100000
  if request ~= "" then conn:sendall(PAGE) end
  conn:unwrap():close()
end

local function serve(folder)
  local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  local identity = testing.CA({ key_type = "RSA" }):issue("localhost", "127.0.0.1",
    { key_type = "RSA" })
  identity:configure_cert(ctx)
  identity:write(folder)
  ctx.waiter = scheduler.wait
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(0)
  print((select(2, listener:getsockname())))
  io.stdout:flush()
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
end

local function fetch(port, cafile)
  local ctx = ssl.create_default_context({ cafile = cafile })
  local tcp = assert(socket.connect("127.0.0.1", math.tointeger(tonumber(port))))
  local conn <close> = ctx:wrap_socket(tcp, { server_hostname = "localhost", timeout = 10 })
  conn:sendall("GET / HTTP/1.0\r\n\r\n")
  local data = conn:recv(16384)
  print(conn:version(), (conn:cipher()), data and #data or "end")
end

if arg[1] == "serve" then serve(arg[2]) else fetch(arg[2], arg[3]) end
