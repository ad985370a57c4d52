-- This module.

local socket = require "socket"
local ssl = require "ssl"

local dir = os.getenv("BENCH_DIR")
local identity = ("%s/%s.pem"):format(dir, os.getenv("BENCH_CERT"))

local M = { buffer = ssl.bytearray }

M.calls = {
  recv = "conn:recv(n)",
  into = "conn:recv_into(buffer)",
  send = "conn:sendall(data)",
  want = "pcall(conn.recv, conn, n)",
  write = "conn:write(data)",
  read = "to:read(n)",
  fill = "to:read(n, buffer)",
  wantmemory = "pcall(conn.read, conn, n)",
  peercert = "conn:getpeercert()",
}

local function suite(ctx)
  if os.getenv("BENCH_CIPHER") then
    ctx:set_ciphersuites(os.getenv("BENCH_CIPHER"))
  end
  return ctx
end

function M.client()
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  ctx:load_verify_locations(dir .. "/ca.pem")
  return suite(ctx)
end

function M.server()
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  ctx:load_cert_chain(identity)
  return suite(ctx)
end

function M.connect(ctx, port, session)
  local sock = assert(socket.tcp())
  assert(sock:connect("127.0.0.1", port))
  sock:setoption("tcp-nodelay", true)
  return ctx:wrap_socket(sock, { server_hostname = "localhost", session = session })
end

function M.listen()
  local listener = assert(socket.bind("127.0.0.1", 0, 1024))
  print((select(2, listener:getsockname())))
  io.stdout:flush()
  return listener
end

function M.accept(ctx, listener)
  local sock = assert(listener:accept())
  sock:setoption("tcp-nodelay", true)
  return ctx:wrap_socket(sock, true)
end

function M.close(conn) conn:close() end
function M.finish(conn) conn:unwrap():close() end
function M.nonblocking(conn) conn:setblocking(false) end
function M.reused(conn) return conn.session_reused end
function M.session(conn) return conn.session end
function M.defaultcontext() return ssl.create_default_context() end

function M.pair(client, server)
  local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
  local a = client:wrap_bio(down, up, { server_hostname = "localhost" })
  local b = server:wrap_bio(up, down, true)
  pcall(a.do_handshake, a)
  pcall(b.do_handshake, b)
  a:do_handshake()
  b:do_handshake()
  return a, b
end

return M
