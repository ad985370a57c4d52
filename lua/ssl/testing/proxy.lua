-- A proxy between two programs, which does to their bytes what bad networks do.

local _ssl = require "_ssl"
local low = require "_ssl_testing"
local loop = require "ssl.testing.loop"
local read_options = require "ssl.testing.options"
local report = require "ssl.testing.report"
local scope = require "ssl.testing.scope"
local seed = require "ssl.testing.seed"
local socket = require "socket"
local wire = require "ssl.testing.wire"

local OPTIONS = { client = "table", server = "table", script = "function", seed = "number" }
local FAULTS = { delay = "number", piece = "number", rate = "number", cut = "number",
  reset = "number", lose = "number" }

-- Faults ----------------------------------------------------------------------

local function check_faults(faults)
  for _, side in ipairs({ "client", "server" }) do
    read_options("wire_proxy", faults[side], FAULTS)
  end
  return faults
end

-- One fault for one direction, by a seed and the number of the connection.
local function random_faults(chosen, n)
  local random = seed.generator(chosen * 1000003 + n)
  local value = random(4000)
  local kinds = {
    { delay = random(50) / 1000 }, { piece = random(100) }, { rate = 10000 + random(90000) },
    { cut = value }, { reset = value }, { lose = value },
  }
  local fault = kinds[random(#kinds)]
  return random(2) == 1 and { client = fault } or { server = fault }
end

-- What happens to the connection `n`: a table of `client` and `server`.
local function faults_of(plan, n)
  if plan.script then
    return check_faults(plan.script(n) or {})
  elseif plan.seed then
    return random_faults(plan.seed, n)
  end
  return plan
end

-- Connections -----------------------------------------------------------------

local Connection = {}
Connection.__index = Connection

-- Ends both directions at once, in the way that `how` says.
function Connection:finish(how)
  self.ended = self.ended or how
  if how == "reset" then
    for _, sock in ipairs({ self.near, self.far }) do
      sock:setoption("linger", { on = true, timeout = 0 })
    end
  end
  if coroutine.running() ~= self.main then
    self.tasks:kill(self.main)  -- which closes the sockets
  else
    self.tasks:kill(self.answering)
  end
end

-- Whether a fault has ended both directions.
function Connection:broken()
  return self.ended == "cut" or self.ended == "reset"
end

-- Sends one piece, with the faults of its direction. Returns whether to go on.
function Connection:pass(name, to, piece, faults)
  local limit = faults.cut or faults.reset or faults.lose
  local left = limit and limit - self.bytes[name]
  piece = left and piece:sub(1, left) or piece
  local pause = (faults.delay or 0) + (faults.rate and #piece / faults.rate or 0)
  if pause > 0 then
    loop.wait(nil, nil, pause)
  end
  if not wire.send(to, piece) then
    return false
  end
  self.bytes[name] = self.bytes[name] + #piece
  return not limit or self.bytes[name] < limit
end

-- Carries the bytes of one direction until it ends, or a fault ends it.
function Connection:carry(name, from, to)
  local faults = self.faults[name] or {}
  local at_once = faults.cut == 0 or faults.reset == 0
  local going = not at_once and faults.lose ~= 0
  local data = going and wire.receive(from)
  while going and data do
    -- a slow line gives a little at a time, not much after a long while
    local size = faults.piece or faults.rate and math.max(1, faults.rate // 20 | 0) or #data
    for at = 1, #data, size do
      going = going and self:pass(name, to, data:sub(at, at + size - 1), faults)
    end
    data = going and wire.receive(from)
  end
  local limit = faults.cut or faults.reset or faults.lose
  if not limit or self.bytes[name] < limit then  -- a side has ended it, and no fault
    to:shutdown("send")
  elseif faults.lose then
    self.ended = "lost"
    wire.drain(from)
    to:shutdown("send")
  else
    self:finish(faults.cut and "cut" or "reset")
  end
end

local function serve(plan, tasks, tell)
  local count = 0
  return function(sock)
    count = count + 1
    local self = setmetatable({
      tasks = tasks, faults = faults_of(plan, count), bytes = { client = 0, server = 0 },
      main = coroutine.running(), near = sock,
    }, Connection)
    local number = count
    local _ <close> = setmetatable({}, { __close = function()
      tell({ n = number, client = self.bytes.client, server = self.bytes.server,
        ended = self.ended or "closed" })
    end })
    local near <close> = wire.guard(sock)
    local far <close> = wire.guard(assert(socket.tcp()))
    self.far = far.socket
    far.socket:connect(plan.host, plan.port)
    loop.wait(far.socket, "write")
    local answers = tasks:spawn(function()
      self:carry("server", far.socket, near.socket)
      self.answered = true
      if self.asked then
        tasks:kill(self.main)
      end
    end)
    self.answering = answers.thread
    if self:broken() then
      return
    end
    self:carry("client", near.socket, far.socket)
    self.asked = true
    if not self.answered and not self:broken() then
      loop.wait(nil)  -- until the other direction ends it
    end
  end
end

-- The proxy -------------------------------------------------------------------

--@ ssl.testing.Proxy
-- What `ssl.testing.wire_proxy` gives: `proxy.port` (integer) and `proxy.host`
-- (`"127.0.0.1"`), where clients connect. It may be a `<close>` variable.
-- Since: an addition.
--
-- Type: ssl.testing.Proxy = { port: integer, host: string }
local Proxy = { __name = "ssl.testing.Proxy" }
Proxy.__index = Proxy

local function reach(target)
  if math.type(target) == "integer" then
    return "127.0.0.1", target
  elseif type(target) == "table" and math.type(target.port) == "integer" then
    return "127.0.0.1", target.port
  end
  local host, port = tostring(target):match("^%[?([^%]]-)%]?:(%d+)$")
  if not host then
    error("bad argument #1 to 'wire_proxy' (port, \"host:port\" or ssl.testing.Server expected)", 3)
  end
  return host, math.tointeger(tonumber(port))
end

--@ ssl.testing.wire_proxy(target [, options])
-- Runs a proxy between any two programs until the test ends. It carries TCP, whatever is
-- in it, and does to each direction what a bad network does, always in the same way.
-- - `target` (integer, string or `ssl.testing.Server`): where the bytes go: a port of this
--   machine, `"host:port"`, or a test's server.
-- - `options` (table): `client` and `server` (tables: the faults of what that side
--   sends), `script` (function: gets the number of a connection, from 1, and returns a
--   table of `client` and `server` for it; it runs in a process of its own), or `seed`
--   (integer: each connection has one fault, which the seed and its number choose).
-- The faults: `delay` (number: seconds before each piece), `piece` (integer: the bytes of
-- a piece at most), `rate` (number: bytes in a second), and one of `cut`, `reset` and
-- `lose` (integers: after so many bytes the connection is closed; is reset; or swallows
-- in silence what this side still sends).
-- Returns a `ssl.testing.Proxy`. Raises `NotImplementedError` on Windows, which has no
-- fork. Since: an addition.
--
-- Type: fun(target: integer|string|ssl.testing.Server, options?: { client?: ssl.testing.Faults,
--   server?: ssl.testing.Faults, script?: (fun(n: integer): ssl.testing.BothFaults?),
--   seed?: integer }): ssl.testing.Proxy
-- Type: ssl.testing.Faults = { delay?: number, piece?: integer, rate?: number, cut?: integer,
--   reset?: integer, lose?: integer }
-- Type: ssl.testing.BothFaults = { client?: ssl.testing.Faults, server?: ssl.testing.Faults }
--
--     local socket, ssl = require "socket", require "ssl"
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local proxy <close> = testing.wire_proxy(server, { server = { reset = 100 } })
--     local sock = assert(socket.connect("127.0.0.1", proxy.port))
--     local ok, err = pcall(function()
--       return server.client_context:wrap_socket(sock, { server_hostname = "localhost" })
--     end)
--     assert(not ok and ssl.isinstance(err, ssl.OSError))
--     assert(proxy:wait().ended == "reset")
local function wire_proxy(target, options)
  options = read_options("wire_proxy", options, OPTIONS)
  if not low.fork then
    error(_ssl.NotImplementedError("no proxy: this system has no fork()"))
  end
  local plan = { script = options.script, seed = options.seed, client = options.client,
    server = options.server }
  plan.host, plan.port = reach(target)
  check_faults(plan)
  local listener, port = wire.listen(1024)
  local self = setmetatable({ host = "127.0.0.1", port = port, plan = plan, reports = {},
    rest = "" }, Proxy)
  self.process = low.fork(function(send)
    warn("@off")  -- of the parent's objects, which are not ours to close
    local tasks = loop.new()
    tasks:spawn(wire.accept, tasks, listener, serve(plan, tasks, report.sender(send, tasks)))
    while true do
      tasks:step()
    end
  end, listener:getfd())
  listener:close()
  return scope.add(self)
end

--@ proxy:faults(n)
-- Tells what happens to a connection.
-- - `n` (integer): its number, from 1.
-- Returns a table of `client` and `server`: the faults of what each side sends, or nil.
-- Since: an addition.
--
-- Type: fun(n: integer): ssl.testing.BothFaults
--
--     local testing = require "ssl.testing"
--     local proxy <close> = testing.wire_proxy(443, { client = { delay = 0.1 } })
--     assert(proxy:faults(1).client.delay == 0.1)
function Proxy:faults(n)
  local faults = faults_of(self.plan, n)
  return { client = faults.client, server = faults.server }
end

--@ proxy:wait([count [, timeout]])
-- Waits until connections have ended.
-- - `count` (integer): how many since the last call; 1 by default.
-- - `timeout` (number): seconds; 10 by default.
-- Returns that many tables: `n` (the connection's number), `client` and `server` (the
-- bytes of each side that were passed on), `ended` (`"closed"`, `"cut"`, `"reset"` or
-- `"lost"`). Raises `TimeoutError`. Since: an addition.
--
-- Type: fun(count?: integer, timeout?: number): { n: integer, client: integer, server: integer,
--   ended: string } ...
--
--     local socket, testing = require "socket", require "ssl.testing"
--     local proxy <close> = testing.wire_proxy(testing.server(), { client = { cut = 3 } })
--     local sock = assert(socket.connect("127.0.0.1", proxy.port))
--     sock:send("hello")
--     assert(proxy:wait().client == 3)
--     sock:close()
function Proxy:wait(count, timeout)
  return report.await(self, count, timeout, function(left)
    report.receive(self, left, "proxy")
  end, "%d of %d connections have ended")
end

--@ proxy:close()
-- Ends the proxy and all its connections. Under busted the end of the test does it.
-- Returns nothing. Since: an addition.
--
-- Type: fun()
--
--     local testing = require "ssl.testing"
--     testing.wire_proxy(443):close()
function Proxy:close()
  self.process:close()
end

Proxy.__close = Proxy.close

return { wire_proxy = wire_proxy }
