-- luaossl, with cqueues for the sockets.

local cs = require "cqueues.socket"
local context = require "openssl.ssl.context"
local pkey = require "openssl.pkey"
local x509 = require "openssl.x509"
local store = require "openssl.x509.store"
local param = require "openssl.x509.verify_param"

local dir = os.getenv("BENCH_DIR")
local suite = os.getenv("BENCH_CIPHER")

local M = {
  calls = {
    recv = "conn:xread(n, 'bf')",
    send = "assert(conn:xwrite(data, 'bf')) assert(conn:flush())",
  },
}

local function contents(name)
  local file <close> = assert(io.open(dir .. "/" .. name))
  return file:read("a")
end

local function limit(ctx)
  if suite and ctx.setCipherSuites then
    ctx:setCipherSuites(suite)
  end
  return ctx
end

function M.client()
  local ctx = limit(context.new("TLS", false))
  local trusted = store.new()
  trusted:add(x509.new(contents("ca.pem")))
  ctx:setStore(trusted)
  ctx:setVerify(context.VERIFY_PEER)
  local check = param.new()
  check:setHost("localhost")
  ctx:setParam(check)
  return ctx
end

function M.server()
  local ctx = limit(context.new("TLS", true))
  local pem = contents(os.getenv("BENCH_CERT") .. ".pem")
  ctx:setCertificate(x509.new(pem))
  ctx:setPrivateKey(pkey.new(pem))
  return ctx
end

local function wrap(sock, ctx)
  sock:setmode("bf", "bf")
  assert(sock:starttls(ctx))
  return sock
end

function M.connect(ctx, port)
  local sock = assert(cs.connect({ host = "127.0.0.1", port = port, nodelay = true,
    sendname = "localhost" }))
  sock:onerror(function(_, _, why) return why end)
  return wrap(sock, ctx)
end

function M.listen()
  local listener = assert(cs.listen({ host = "127.0.0.1", port = 0, nodelay = true }))
  assert(listener:listen())
  print((select(3, listener:localname())))
  io.stdout:flush()
  return listener
end

function M.accept(ctx, listener)
  return wrap(assert(listener:accept()), ctx)
end

function M.close(conn) conn:close() end
function M.finish(conn) conn:close() end

return M
