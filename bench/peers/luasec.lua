-- LuaSec, or this module through LuaSec's API. It checks no host name.

local socket = require "socket"
local ssl = require "ssl"

assert(ssl.newcontext and (ssl.create_default_context ~= nil) == (arg[1] == "dropin"),
  "this 'ssl' is another module")

local dir = os.getenv("BENCH_DIR")
local identity = ("%s/%s.pem"):format(dir, os.getenv("BENCH_CERT"))
local suite = os.getenv("BENCH_CIPHER")

local M = {
  calls = {
    recv = "conn:receive(n)",
    line = "conn:receive()",
    all = "conn:receive('*a')",
    send = "assert(conn:send(data))",
    want = "conn:receive(n)",
    -- An object, of which nothing is made yet: asked for what others' tables have.
    peercert = [[
      local cert = conn:getpeercertificate()
      local _ = { cert:subject(), cert:issuer(), cert:serial(), cert:notbefore(),
        cert:notafter(), cert:extensions() }
    ]],
  },
}

function M.client()
  return assert(ssl.newcontext({ mode = "client", protocol = "any", cafile = dir .. "/ca.pem",
    verify = "peer", ciphersuites = suite }))
end

function M.server()
  return assert(ssl.newcontext({ mode = "server", protocol = "any", key = identity,
    certificate = identity, ciphersuites = suite }))
end

local function wrap(sock, ctx)
  sock:setoption("tcp-nodelay", true)
  local conn = assert(ssl.wrap(sock, ctx))
  assert(conn:dohandshake())
  return conn
end

function M.connect(ctx, port)
  local sock = assert(socket.tcp())
  assert(sock:connect("127.0.0.1", port))
  sock:setoption("tcp-nodelay", true)
  local conn = assert(ssl.wrap(sock, ctx))
  conn:sni("localhost")
  assert(conn:dohandshake())
  return conn
end

function M.listen()
  local listener = assert(socket.bind("127.0.0.1", 0, 1024))
  print((select(2, listener:getsockname())))
  io.stdout:flush()
  return listener
end

function M.accept(ctx, listener)
  return wrap(assert(listener:accept()), ctx)
end

function M.close(conn) conn:close() end
function M.nonblocking(conn) conn:settimeout(0) end

-- Half-closes, and waits until the peer has it all.
function M.finish(conn)
  conn:close()
end

return M
