-- A TLS server for the length of a test.

local _ssl = require "_ssl"
local low = require "_ssl_testing"
local attack = require "ssl.testing.attack.attack"
local authority = require "ssl.testing.authority"
local http = require "ssl.testing.http"
local loop = require "ssl.testing.loop"
local records = require "ssl.testing.view.records"
local read_options = require "ssl.testing.options"
local report = require "ssl.testing.report"
local scope = require "ssl.testing.scope"
local serve = require "ssl.testing.serve"
local socket = require "socket"
local wire = require "ssl.testing.wire"

--@ ssl.testing.Server
-- What `ssl.testing.server` returns. Its fields are `server.port` (integer), `server.host`
-- (`"localhost"`), `server.url` (`"https://localhost:PORT"`), `server.ca`, `server.identity`,
-- `server.context` (the server's own context) and `server.client_context` (a context for
-- clients, which trusts the server). It may be a `<close>` variable. Since: an addition.
--
-- Type: ssl.testing.Server = { port: integer, host: string, url: string, ca: ssl.testing.CA,
--   identity: ssl.testing.Identity, context: SSLContext, client_context: SSLContext }
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     print(server.host, server.port, server.url)
local Server = { __name = "ssl.testing.Server" }
Server.__index = Server

local OPTIONS = {
  context = "userdata", identity = "table", ca = "table", client_ca = "table",
  handler = "function", in_process = "boolean", tap = "function", drip = "number",
  stall = "string", reset = "string", garbage = "string", plain = "string", ragged = "boolean",
}

-- The server in a child process.
local function start_child(self, listener, plan)
  if not low.fork then
    error(_ssl.NotImplementedError("no server in a process of its own: this system has no fork()"))
  end
  self.records:share()
  self.process = low.fork(function(send)
    warn("@off")  -- of the parent's objects, which are not ours to close
    local tasks = loop.new()
    serve(tasks, listener, plan, report.sender(send, tasks))
    while true do
      tasks:step()
    end
  end, listener:getfd())
  listener:close()
  self.rest = ""
end

-- The server in coroutines of this process.
local function start_here(self, listener, plan)
  self.tasks, self.listener, self.plan = loop.new(), listener, plan
  serve(self.tasks, listener, plan, function(entry)
    self.reports[#self.reports + 1] = entry
  end)
  self:attach(self.client_context)
end

-- Sends back what it gets.
local function echo(conn)
  repeat
    local data = conn:recv(16384)
    if data then
      conn:sendall(data)
    end
  until not data
end

local POINTS = { connect = true, handshake = true, data = true }

local function check_points(options)
  for _, name in ipairs({ "stall", "reset", "garbage" }) do
    if options[name] and not POINTS[options[name]] then
      error(("bad value for '%s' ('connect', 'handshake' or 'data' expected)"):format(name), 3)
    end
  end
end

-- The contexts of both sides.
local function configure(self, options)
  self.ca = options.ca or options.identity and options.identity:root() or authority.CA()
  self.identity = options.identity or self.ca:issue("localhost", "127.0.0.1", "::1")
  self.context = options.context
  if not self.context then
    self.context = _ssl.SSLContext(_ssl.PROTOCOL_TLS_SERVER)
    self.identity:configure_cert(self.context)
  end
  if options.client_ca then
    self.context.verify_mode = _ssl.CERT_REQUIRED
    options.client_ca:configure_trust(self.context)
  end
  self.client_context = _ssl.SSLContext(_ssl.PROTOCOL_TLS_CLIENT)
  self.ca:configure_trust(self.client_context)
end

local function new(options)
  check_points(options)
  local self = setmetatable({ host = "localhost", reports = {} }, Server)
  configure(self, options)
  self.context.waiter = loop.wait
  local listener, port = wire.listen()
  self.port = port
  self.url = ("https://%s:%d"):format(self.host, port)
  self.records = records.new()
  local plan = setmetatable({
    context = self.context, handler = options.handler or echo, record = self.records:recorder(),
    attack = options.attack and options.attack(self),
  }, { __index = options })
  if options.drip and not options.tap then
    plan.tap = require("ssl.testing.tap").split({ from = "server" })
  end
  local here = options.in_process
  if here == nil then
    here = not low.fork  -- where a process cannot be copied
  end
  local run = here and start_here or start_child
  local ok, err = pcall(run, self, listener, plan)
  if not ok then
    listener:close()
    self.records:close()
    error(err, 0)
  end
  return scope.add(self)
end

--@ ssl.testing.server([options])
-- Starts a TLS server on a free port of 127.0.0.1. It runs in a child process, so your client
-- may block, or be another program. Under busted the server ends with the test; otherwise when
-- you close it, or when it is collected.
-- - `options` (table): any of the following fields.
-- - `identity` (`ssl.testing.Identity`): the certificate to show; by default a new one for
--   localhost.
-- - `ca` (`ssl.testing.CA`): the authority that issues that new one.
-- - `context` (`SSLContext`): a context of your own instead. The server sets its `waiter`.
-- - `client_ca` (`ssl.testing.CA`): makes the server demand a certificate of this authority from
--   clients.
-- - `handler` (function): is called with the `SSLSocket` of each connection after the handshake.
--   By default, it sends back what comes. It runs in the child process. If it returns a string,
--   number or boolean, the report has that value.
-- - `in_process` (boolean): whether the server runs in coroutines of this process instead. It
--   then goes on whenever a connection of `server.client_context` waits, or one of a context
--   that you gave to `server:connect` or `server:attach`. True by default on Windows, which
--   cannot fork a process.
-- - `stall`, `reset`, `garbage` (strings): makes the server fall silent, reset the connection,
--   or send garbage at a point: at `"connect"`, in the `"handshake"`, or at `"data"`, when the
--   client's first data comes.
-- - `plain` (string): what the server answers to the first bytes, instead of TLS.
-- - `drip` (number): makes the server send single bytes, with so many seconds between them.
-- - `ragged` (boolean): makes the server close without close_notify.
-- - `tap` (function): changes what the server sends and receives: see `ssl.testing.tap`.
-- Returns a `ssl.testing.Server`. Since: an addition.
--
-- Type: fun(options?: ssl.testing.ServerOptions): ssl.testing.Server
-- Type: ssl.testing.ServerOptions = { identity?: ssl.testing.Identity, ca?: ssl.testing.CA,
--   context?: SSLContext, client_ca?: ssl.testing.CA, handler?: fun(conn: SSLSocket): any,
--   in_process?: boolean, stall?: "connect"|"handshake"|"data",
--   reset?: "connect"|"handshake"|"data", garbage?: "connect"|"handshake"|"data",
--   plain?: string, drip?: number, ragged?: boolean, tap?: ssl.testing.Tap }
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local conn <close> = server:connect()
--     conn:sendall("hello")
--     assert(conn:recv(5) == "hello")
local function server(options)
  return new(read_options("server", options, OPTIONS))
end

--@ ssl.testing.https(routes [, options])
-- Starts an HTTPS server for a test.
-- - `routes` (table): the answers, by paths. An answer is a string (the body), a table with
--   `status` (integer), `headers` (table) and `body` (string), or a function. The function gets
--   the request (a table with `method`, `path`, `headers` and `body`) and the `SSLSocket`, and
--   returns an answer.
-- - `options` (table): as for `ssl.testing.server`, without `handler`.
-- Returns a `ssl.testing.Server`. Since: an addition.
--
-- Type: fun(routes: table<string, ssl.testing.Answer|ssl.testing.Handler>,
--   options?: ssl.testing.ServerOptions): ssl.testing.Server
-- Type: ssl.testing.Answer = string|{ status?: integer, headers?: table<string, string>,
--   body?: string }
-- Type: ssl.testing.Handler = fun(request: { method: string, path: string,
--   headers: table<string, string>, body: string }, conn: SSLSocket): ssl.testing.Answer
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.https({ ["/hello"] = "good day" })
--     assert(server:get("/hello") == "good day")
local function https(routes, options)
  if type(routes) ~= "table" then
    error(("bad argument #1 to 'https' (table expected, got %s)"):format(type(routes)), 2)
  end
  local all = {}
  for name, value in pairs(read_options("https", options, OPTIONS)) do
    all[name] = value
  end
  all.handler = http.handler(routes)
  return new(all)
end

--@ ssl.testing.attacker_server([options])
-- Runs a server of TLS 1.3 or 1.2 that says what you want, for clients of any program.
-- Without options it makes an honest handshake and waits for the client to end the
-- connection.
-- - `options` (table): `identity`, `ca` and `in_process`, as for `ssl.testing.server`;
--   `version`, `alter`, `script`, `talk` and `timeout`, as for `ssl.testing.attack`. With
--   `version = "TLSv1.2"` the server speaks that even if the client offers more.
-- Returns a `ssl.testing.Server`. What `server:wait` returns has the fields `ok`, `alert`,
-- `ended`, `error` and `value` of an attack's outcome. Since: an addition.
--
-- Type: fun(options?: { identity?: ssl.testing.Identity, ca?: ssl.testing.CA,
--   in_process?: boolean, version?: "TLSv1.3"|"TLSv1.2",
--   alter?: table|(fun(message: ssl.testing.Message, peer: ssl.testing.Peer): any),
--   script?: (fun(peer: ssl.testing.Peer): any), talk?: (fun(peer: ssl.testing.Peer): any),
--   timeout?: number }): ssl.testing.Server
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.attacker_server({ alter = {
--       Finished = function(message) message.verify_data = "wrong" end,
--     } })
--     assert(not pcall(server.connect, server))
--     assert(server:wait().alert == "decode_error")
local function attacker_server(options)
  local known = { identity = "table", ca = "table", in_process = "boolean" }
  for name, kind in pairs(attack.OPTIONS) do
    known[name] = kind
  end
  options = read_options("attacker_server", options, known)
  attack.check_version(options)
  return new({
    identity = options.identity, ca = options.ca, in_process = options.in_process,
    attack = function(self)
      return function(sock, record)
        return attack.serve(sock, self.identity, options, record)
      end
    end,
  })
end

--@ server:connect([ctx])
-- Connects a client to the server, and makes the handshake.
-- - `ctx` (`SSLContext`): `server.client_context` by default. If the server runs in this process
--   and the context has no `waiter`, `connect` calls `server:attach` for it.
-- Returns an `SSLSocket`. Raises the error of the handshake. Since: an addition.
--
-- Type: fun(ctx?: SSLContext): SSLSocket
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local conn <close> = server:connect()
--     assert(conn:version() == "TLSv1.3")
function Server:connect(ctx)
  if ctx and not ctx.waiter then
    self:attach(ctx)
  end
  local sock = assert(socket.connect("127.0.0.1", self.port))
  return (ctx or self.client_context):wrap_socket(sock, { server_hostname = self.host })
end

--@ server:get(path [, ctx])
-- Fetches a page from a server of `ssl.testing.https`.
-- - `path` (string): the path of the page.
-- - `ctx` (`SSLContext`): `server.client_context` by default.
-- Returns the body (string), the status (integer) and the head (string). Since: an addition.
--
-- Type: fun(path: string, ctx?: SSLContext): string, integer, string
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.https({})
--     local body, status = server:get("/nothing")
--     assert(status == 404)
function Server:get(path, ctx)
  local conn <close> = self:connect(ctx)
  conn:sendall(("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"):format(path, self.host))
  local parts, data = {}
  repeat
    data = conn:recv(16384)
    parts[#parts + 1] = data
  until not data
  local head, body = table.concat(parts):match("^(.-\r\n)\r\n(.*)$")
  return body, head and math.tointeger(tonumber(head:match("^%S+ (%d+)"))), head
end

--@ server:attach(ctx)
-- Lets a server that runs in this process go on whenever a connection of `ctx` waits. It sets
-- the context's `waiter`.
-- - `ctx` (`SSLContext`): the context of a client.
-- Returns nothing. Since: an addition.
--
-- Type: fun(ctx: SSLContext)
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server({ in_process = true })
--     local mine = ssl.create_default_context({ cadata = server.ca.cert.pem })
--     server:attach(mine)
--     local conn <close> = server:connect(mine)
--     assert(conn:version() == "TLSv1.3")
function Server:attach(ctx)
  local tasks = self.tasks
  if not tasks then
    return
  end
  ctx.waiter = function(conn, event, timeout)
    local want = { object = conn, event = event }
    local deadline = timeout and socket.gettime() + timeout
    repeat
      local left = deadline and deadline - socket.gettime()
      if left and left <= 0 then
        return false
      end
    until tasks:step(left, want)
    return true
  end
end

--@ server:wire([n])
-- Tells what was said on one of the server's connections, as far as the server has come
-- with it. The server keeps this of its last 16 connections.
-- - `n` (integer): which connection, counted from 1; the last by default.
-- Returns a `ssl.testing.Wire`, or nil if there is none. Since: an addition.
--
-- Type: fun(n?: integer): ssl.testing.Wire?
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local conn <close> = server:connect()
--     conn:unwrap()
--     server:wait()
--     assert(server:wire():draw():find("alert: close_notify"))
function Server:wire(n)
  return self.records:get(n)
end

-- Gets the reports that are there within `timeout` seconds.
function Server:poll(timeout)
  if self.tasks then
    self.tasks:step(timeout)
  else
    report.receive(self, timeout, "server")
  end
end

--@ server:wait([count [, timeout]])
-- Waits until the server has finished connections, and reports on them.
-- - `count` (integer): how many connections to wait for; 1 by default. Connections of earlier
--   reports do not count.
-- - `timeout` (number): seconds; 10 by default.
-- Returns a table for each of these connections, with the field `ok` (boolean). If it is true,
-- there are `version` (string) and `value` (what the handler returned). Otherwise there are
-- `stage` (`"handshake"` or `"handler"`), `error` (string), and the `message`, `reason` and
-- `verify_code` of the error. Raises `TimeoutError`. Since: an addition.
--
-- Type: fun(count?: integer, timeout?: number): ssl.testing.Report ...
-- Type: ssl.testing.Report = { ok: boolean, version?: string, value?: any,
--   stage?: "handshake"|"handler", error?: string, message?: string, reason?: string,
--   verify_code?: integer }
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server({ handler = function(conn) return conn:recv(5) end })
--     local conn <close> = server:connect()
--     conn:sendall("hello")
--     assert(server:wait().value == "hello")
function Server:wait(count, timeout)
  return report.await(self, count, timeout, function(left)
    self:poll(left)
  end, "the server finished %d of %d connections")
end

--@ server:close()
-- Ends the server and all its connections. Under busted, the end of the test does this for you.
-- Returns nothing. Since: an addition.
--
-- Type: fun()
--
--     local testing = require "ssl.testing"
--     local server = testing.server()
--     server:close()
function Server:close()
  if self.process then
    self.process:close()
  elseif self.tasks then
    self.tasks:close()
    self.listener:close()
    if self.plan.inner then
      self.plan.inner:close()
    end
  end
  self.records:close()
end

-- No __gc: what it is made of has its own.
Server.__close = Server.close

return { server = server, https = https, attacker_server = attacker_server }
