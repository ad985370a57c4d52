-- The way to the runner: a connection to its port, and TLS over it. Two kinds with the
-- same methods: an SSLSocket, and for "-async" an SSLObject that is given one byte at a
-- time, so that it has to stop and go on everywhere.

local socket = require "socket"
local ssl = require "ssl"

local M = {}

--- Connects, and tells the runner which test this is.
function M.connect(config)
  local tcp = assert((config.ipv6 and socket.tcp6 or socket.tcp4)())
  assert(tcp:connect(config.ipv6 and "::1" or "127.0.0.1", config.port))
  tcp:setoption("tcp-nodelay", true)
  assert(tcp:send(("<I8"):pack(config.shim_id)))
  return tcp
end

-- The runner may still be sending: who closes before it has done so resets the connection,
-- and takes away what was sent last.
local function drain(tcp)
  tcp:shutdown("send")
  repeat
    local part, err, rest = tcp:receive(4096)
  until not part and (err ~= nil and #(rest or "") == 0)
  tcp:close()
end

-- Waiting ---------------------------------------------------------------------

local Stream = {}
Stream.__index = Stream

function Stream:handshake() self.tls:do_handshake() end
function Stream:read(size) return self.tls:recv(size) end
function Stream:write(data) self.tls:sendall(data) end
function Stream:peek(size) return self.tls:peek(size) end
function Stream:update() self.tls:key_update() end
function Stream:finish() self.tls:unwrap() end

-- What the runner still sends counts as sent after the end.
function Stream:finishfirst()
  self.tls:send_close_notify()
  self.tls:unwrap()
end

function Stream:close()
  pcall(self.tls.detach, self.tls)
  drain(self.tcp)
end

local function stream(ctx, config, tcp, session)
  local tls = ctx:wrap_socket(tcp, {
    server_side = config.server, server_hostname = config.host_name, session = session,
    do_handshake_on_connect = false, suppress_ragged_eofs = not config.check_close_notify,
  })
  return setmetatable({ tls = tls, tcp = tcp }, Stream)
end

-- Not waiting -----------------------------------------------------------------

local Drops = {}
Drops.__index = Drops

local function flush(self)
  if self.outgoing.pending > 0 then self.tcp:send(self.outgoing:read()) end
end

-- The next byte of the runner's, out of what has come of them.
local function feed(self)
  if self.next > #self.received then
    local part, _, rest = self.tcp:receive(1)
    self.received, self.next = part or rest or "", 1
    if self.received == "" then
      self.incoming:write_eof()
      return
    end
  end
  self.incoming:write(self.received:sub(self.next, self.next))
  self.next = self.next + 1
end

-- A method of the SSLObject, again after each byte until it has what it needs.
local function step(self, method, ...)
  while true do
    local results = table.pack(pcall(method, self.tls, ...))
    flush(self)
    if results[1] then return table.unpack(results, 2, results.n) end
    if not ssl.isinstance(results[2], ssl.SSLWantReadError) then error(results[2], 0) end
    feed(self)
  end
end

function Drops:handshake() step(self, self.tls.do_handshake) end

local function read(self, method, size)
  local ok, data = pcall(step, self, method, size)
  if ok then return data end
  if not self.strict and ssl.isinstance(data, ssl.SSLEOFError) then return nil end
  error(data, 0)
end

function Drops:read(size) return read(self, self.tls.read, size) end
function Drops:peek(size) return read(self, self.tls.peek, size) end
function Drops:update() step(self, self.tls.key_update) end

function Drops:write(data)
  local sent = 0
  while sent < #data do
    sent = sent + step(self, self.tls.write, data:sub(sent + 1))
  end
end

function Drops:finish() step(self, self.tls.unwrap) end

function Drops:finishfirst()
  step(self, self.tls.send_close_notify)
  step(self, self.tls.unwrap)
end

function Drops:close() drain(self.tcp) end

local function drops(ctx, config, tcp, session)
  local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  local tls = ctx:wrap_bio(incoming, outgoing, {
    server_side = config.server, server_hostname = config.host_name, session = session,
  })
  return setmetatable({
    tls = tls, tcp = tcp, incoming = incoming, outgoing = outgoing, received = "", next = 1,
    strict = config.check_close_notify,
  }, Drops)
end

--- TLS over `tcp`, before its handshake.
function M.wrap(ctx, config, tcp, session)
  return (config.async and drops or stream)(ctx, config, tcp, session)
end

return M
