-- The globals that an example of the manual may use, each made when it is first
-- asked for: fixtures() gives an environment, and fixtures.close(it) ends it.

local ssl = require "ssl"
local testing = require "ssl.testing"
local loopback = require "support.loopback"
local luasecs = require "support.luasec"
local steps = require "support.steps"

local M = {}

-- Made once: keys take time. Contexts and connections are made anew each time.
local ca = testing.CA({ common_name = "Authority of the examples" })
local identity = ca:issue("localhost", "127.0.0.1", { common_name = "localhost" })

local function path_of(name)
  return function(env) return rawget(env, "files")()[name] end
end

local makers = {}

function makers.ctx()
  return ssl.create_default_context({ cadata = ca.cert.pem })
end

function makers.ring()
  return ssl.ticket_ring({ secret = ssl.RAND_bytes(48) })
end

function makers.server_ctx()
  local context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  identity:configure_cert(context)
  return context
end

-- Connected by TCP on the loopback interface.
local function sockets(env)
  env.conn, env.peer = loopback.new():tls(env.ctx, env.server_ctx)
  for _, side in ipairs({ env.conn, env.peer }) do
    side:settimeout(nil)
    side.do_handshake_on_connect = true
  end
end

function makers.conn(env)
  sockets(env)
  return env.conn
end

function makers.peer(env)
  sockets(env)
  return env.peer
end

local function objects(env)
  local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
  env.client = env.ctx:wrap_bio(down, up, { server_hostname = "localhost" })
  env.server = env.server_ctx:wrap_bio(up, down, { server_side = true })
  steps.handshake(env.client, env.server)
end

function makers.client(env)
  objects(env)
  return env.client
end

function makers.server(env)
  objects(env)
  return env.server
end

-- A listening SSLSocket, to which a client has connected by TCP. The client makes its side
-- of the handshake whenever the server's side waits.
function makers.listener(env)
  local net, context = loopback.new(), env.server_ctx
  env.net = net
  local tcp, port = net:listener()
  local client = net:client(env.ctx, loopback.reach(port), { timeout = 0 })
  context.waiter = function()
    pcall(client.do_handshake, client)
    return true
  end
  return net:add(context:wrap_socket(tcp, { server_side = true }))
end

-- A client connected by DTLS on the loopback interface.
function makers.datagram(env)
  local contexts = require "support.contexts"
  env.net = env.net or loopback.new()
  env.datagram, env.datagram_peer = env.net:dtls(contexts.dtls())
  return env.datagram
end

-- The context of a client of DTLS; its waiter has a server answer at `dtls_port`, which
-- sends back what it gets.
function makers.dtls(env)
  local contexts = require "support.contexts"
  env.net = env.net or loopback.new()
  local client_context, server_context = contexts.dtls()
  local incoming, outgoing = ssl.MemoryBIO(true), ssl.MemoryBIO(true)
  local server = server_context:wrap_bio(incoming, outgoing, true)
  local udp
  udp, env.dtls_port = env.net:udp()
  udp:settimeout(0)
  client_context.waiter = function()
    local data, host, port = udp:receivefrom()
    if not data then return end
    incoming:write(data)
    local ok, text = pcall(server.read, server)
    if ok and text then server:write(text) end
    while outgoing.pending > 0 do udp:sendto(outgoing:read(), host, port) end
  end
  return client_context
end

function makers.dtls_port(env)
  local _ = env.dtls
  return rawget(env, "dtls_port")
end

local function service(env)
  local running = testing.server({ ca = ca, identity = identity })
  rawset(env, "service", running)
  env.host, env.port = running.host, running.port
end

function makers.host(env)
  service(env)
  return env.host
end

function makers.port(env)
  service(env)
  return env.port
end

makers.certfile = path_of("chain")
makers.keyfile = path_of("key")
makers.cafile = path_of("ca")

-- The group ffdhe2048 of RFC 7919.
function makers.dhparams()
  return "-----BEGIN DH PARAMETERS-----\n"
    .. "MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz\n"
    .. "+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a\n"
    .. "87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7\n"
    .. "YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi\n"
    .. "7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD\n"
    .. "ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==\n-----END DH PARAMETERS-----\n"
end

function makers.crl() return ca:crl().pem end
function makers.ocsp() return ca:ocsp(identity) end
function makers.pkcs12(env) return identity:pkcs12(env.keypassword) end

function makers.encryptedkeyfile(env)
  local path = os.tmpname()  -- the folder of the others is gone before close() is called
  local file <close> = assert(io.open(path, "wb"))
  file:write(identity.key:encrypted(env.keypassword))
  return path
end

-- The examples of LuaSec's API have other connections, and contexts of its own.
local luasec = {}

local function pair(env)
  env.net = loopback.new()
  env.conn, env.peer = luasecs.pair(env.net)
end

function luasec.conn(env)
  pair(env)
  return env.conn
end

function luasec.peer(env)
  pair(env)
  return env.peer
end

function luasec.ctx()
  return assert(ssl.newcontext({ mode = "client", protocol = "any", verify = "none" }))
end

function luasec.cert() return ssl.loadcertificate(identity.cert.pem) end
function luasec.authority() return ssl.loadcertificate(ca.cert.pem) end
function luasec.luasec() return ssl end
function luasec.context() return require "ssl.context" end
function luasec.core() return require "ssl.core" end

local https = {}

function https.https() return require "ssl.https" end

function https.url(env)
  env.service = testing.https({ ["/"] = "a page\n" }, { ca = ca, identity = identity })
  return env.service.url
end

local pages = { luasec = luasec, ["ssl.https"] = https }

--- A new environment, for the examples of a page of the manual.
function M.open(page)
  local own = pages[page] or makers
  local env, files = { ssl = ssl, keypassword = "the password", print = function() end }, nil
  function env.files()
    files = files or identity:files()
    return files
  end
  function env.closefiles()
    local encrypted = rawget(env, "encryptedkeyfile")
    if encrypted then os.remove(encrypted) end
    if files then files:close() end
  end
  return setmetatable(env, {
    __index = function(self, name)
      local make = own[name] or makers[name]
      if not make then return _G[name] end
      local value = make(self)
      rawset(self, name, value)
      return value
    end,
  })
end

--- Closes what is open in an environment.
function M.close(env)
  for _, name in ipairs({ "conn", "peer", "service", "net" }) do
    local object = rawget(env, name)
    if object then object:close() end
  end
  env.closefiles()
  for name in pairs(env) do env[name] = nil end
end

return M
