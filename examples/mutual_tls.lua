-- An echo server that knows its clients by their certificates (mutual TLS). Usage:
--   lua examples/mutual_tls.lua
-- starts the server and four clients in one process and prints what became of each.

local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local waiter = require "ssl.waiter"

local scheduler = waiter.scheduler

-- Who may do what; whoever is not here may do nothing.
local rights = { ["alice@example.test"] = "write", ["bob@example.test"] = "read" }

-- The e-mail address in the certificate that the handshake has verified.
local function who(conn)
  for _, name in ipairs(conn:getpeercert().subjectAltName or {}) do
    if name[1] == "email" then return name[2] end
  end
end

local function serve(ctx, tcp)
  tcp:settimeout(10)
  local conn <close> = ctx:wrap_socket(tcp, { server_side = true })
  local name = who(conn) or "whoever you are"
  conn:sendall("hello " .. name)
  local text = conn:recv(4096)
  conn:sendall(rights[name] == "write" and "echo: " .. text or "you may not write")
  conn:unwrap():close()
end

local function client(ca, identity, port)
  local ctx = ssl.create_default_context({ cadata = ca.cert.pem })
  ctx.waiter = scheduler.wait
  if identity then identity:configure_cert(ctx) end  -- from files: load_cert_chain
  local conn <close> = ctx:wrap_socket(socket.tcp4(), { server_hostname = "localhost" })
  conn:settimeout(10)
  conn:connect("127.0.0.1", port)
  print(conn:recv(4096))  -- with TLS 1.3 a client learns only here that it is refused
  conn:sendall("one")
  return conn:recv(4096)
end

local ca, clients = testing.CA(), testing.CA()  -- of the server, and of its clients
local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
ca:issue("localhost"):configure_cert(ctx)
ctx.verify_mode = ssl.CERT_REQUIRED  -- who has no certificate gets no connection
ctx:load_verify_locations({ cadata = clients.cert.pem })
ctx.waiter = scheduler.wait

local listener = waiter.plain(assert(socket.bind("127.0.0.1", 0)), scheduler.wait)
local port = tonumber((select(2, listener:getsockname())))
scheduler.spawn(function()
  for _ = 1, 4 do
    scheduler.spawn(pcall, serve, ctx, assert(listener:accept()))
  end
  listener:close()
end)

local function try(name, identity)
  scheduler.spawn(function()
    local ok, result = pcall(client, ca, identity, port)
    print(name .. ": " .. (ok and result or tostring(result)))
  end)
end
try("alice", clients:issue("alice@example.test"))
try("bob", clients:issue("bob@example.test"))
try("a stranger", testing.CA():issue("alice@example.test"))
try("nobody", nil)
scheduler.run()
