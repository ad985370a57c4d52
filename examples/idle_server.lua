-- A server that holds many idle TLS connections in one process, one coroutine each,
-- under cqueues; its clients are another process. When all are connected it measures
-- itself; then each client says something, once, and gets it back. Usage:
--   lua examples/idle_server.lua [connections]        (10000 by default)
-- It prints "10000 connections, 10000 echoed, N KiB of memory each".

local cqueues = require "cqueues"
local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local waiter = require "ssl.waiter"

local count = math.tointeger(tonumber(arg[1] or 10000))
if not count or count < 1 then
  io.stderr:write("usage: idle_server.lua [connections]\n")
  os.exit(1, true)
end
local lua = os.getenv("LUA") or arg[-1]

-- Kibibytes of memory that the process has in use.
local function memory()
  collectgarbage()
  for line in io.lines("/proc/self/status") do
    local size = line:match("^VmRSS:%s*(%d+)")
    if size then return tonumber(size) end
  end
end

-- Connects them all, a few at a time; when told to go on, has each say its number.
local function clients(port, cafile)
  local ctx = ssl.create_default_context({ cafile = cafile })
  ctx.waiter = waiter.cqueues
  local conns, right, cq = {}, 0, cqueues.new()
  for first = 1, 100 do
    cq:wrap(function()
      for i = first, count, 100 do
        conns[i] = ctx:wrap_socket(socket.tcp4(), { server_hostname = "localhost" })
        conns[i]:connect("127.0.0.1", port)
      end
    end)
  end
  assert(cq:loop())
  io.read()
  for i = 1, count do
    cq:wrap(function()
      conns[i]:sendall(tostring(i))
      if conns[i]:recv() == tostring(i) then right = right + 1 end
      conns[i]:close()
    end)
  end
  assert(cq:loop())
  os.exit(right == count, true)
end

local function serve(identity, port_is)
  local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  identity:configure_cert(ctx)
  ctx.waiter = waiter.cqueues
  local listener <close> = ctx:wrap_socket(assert(socket.bind("127.0.0.1", 0, 1024)),
    { server_side = true, do_handshake_on_connect = false })
  local others = port_is(select(2, listener:getsockname()))
  local before, each = memory(), nil
  local established, echoed, cq = 0, 0, cqueues.new()

  local function one(conn)
    local _ <close> = conn
    conn:do_handshake()
    established = established + 1
    if established == count then
      each = (memory() - before) / count
      others:write("go on\n")
      others:flush()
    end
    local text = conn:recv()  -- idle
    while text do
      conn:sendall(text)
      echoed = echoed + 1
      text = conn:recv()
    end
  end

  cq:wrap(function()
    for _ = 1, count do
      local conn = listener:accept()
      cq:wrap(one, conn)
    end
  end)
  assert(cq:loop())
  assert(others:close(), "a client did not get back what it had said")
  print(("%d connections, %d echoed, %.1f KiB of memory each"):format(established, echoed, each))
end

if arg[2] == "clients" then
  clients(tonumber(arg[3]), arg[4])
elseif arg[2] == "server" then
  local identity = testing.CA():issue("localhost")
  local files <close> = identity:files()
  serve(identity, function(port)
    return io.popen(("exec %s %s %d clients %d %s"):format(lua, arg[0], count, port, files.ca), "w")
  end)
else
  -- Lua cannot raise the limit of descriptors; the shell can.
  local ok = os.execute(("ulimit -n %d && exec %s %s %d server"):format(count + 100, lua, arg[0],
    count))
  os.exit(ok or false, true)
end
