-- One end of a connection that a test plays itself, message by message.

local _ssl = require "_ssl"
local low = require "_ssl_testing"
local handshake = require "ssl.testing.messages.handshake"
local keys = require "ssl.testing.messages.keys"
local names = require "ssl.testing.messages.names"
local opener = require "ssl.testing.messages.opener"
local parser = require "ssl.testing.messages.parser"
local protection = require "ssl.testing.messages.protection"
local recording = require "ssl.testing.view.recording"
local schedule = require "ssl.testing.attack.schedule"

--@ ssl.testing.Peer
-- The end of a connection that an attack plays: what the functions `script` and `talk`
-- of `ssl.testing.attack` get. It keeps the keys as any end does, and does what you say,
-- in any order. `peer.version` and `peer.cipher` are what ServerHello has chosen;
-- `peer.wire` is its `ssl.testing.Wire`. Since: an addition.
--
-- Type: ssl.testing.Peer = { version?: string, cipher?: string, wire: ssl.testing.Wire }
local Peer = { __name = "ssl.testing.Peer" }

function Peer:__index(name)
  if name == "version" or name == "cipher" then
    return rawget(self, "context")[name]
  end
  return Peer[name]
end

-- How many messages of the other side one attack takes.
local MOST <const> = 10000

local OTHER <const> = { client = "server", server = "client" }

-- A peer that plays `role` over a transport: a table with read(), which returns bytes, or
-- nil and why there are none ("end", "reset", "timeout"), write(bytes), which returns
-- whether they were taken, and close().
local function new(role, transport, options, wire)
  local self = setmetatable({
    role = role, transport = transport, options = options, wire = wire or recording.new(),
    parser = parser.stream(OTHER[role]), queue = {}, received = {}, transcript = "", secrets = {},
    shares = {},
  }, Peer)
  self.opener = opener.new(function(_, label) return self.secrets[label] end)
  self.context = self.opener.context
  return self
end

-- Sending ---------------------------------------------------------------------

local function check_bytes(func, place, value)
  if type(value) ~= "string" then
    error(("bad argument #%d to '%s' (string expected, got %s)"):format(place, func, type(value)),
      3)
  end
end

--@ peer:write(bytes)
-- Sends bytes as they are, below TLS.
-- - `bytes` (string).
-- Returns whether the other side could take them. Since: an addition.
--
-- Type: fun(bytes: string): boolean
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local outcome = testing.attack("127.0.0.1", server.port, { script = function(peer)
--       peer:write("GET / HTTP/1.0\r\n\r\n")
--     end })
--     assert(not outcome.ok)
function Peer:write(bytes)
  check_bytes("write", 1, bytes)
  self.wire:bytes(self.role, bytes)
  return self.transport.write(bytes)
end

--@ peer:send_record(type, content [, options])
-- Sends a record, encrypted if this side has come so far.
-- - `type` (string or integer): its content type, such as `"application_data"` or 99.
-- - `content` (string): up to 65000 bytes, although TLS has 16384 at most.
-- - `options` (table): `plain` (boolean: not encrypted), `version` (integer), `length`
--   (integer: what the record says of its length, without encryption).
-- Returns whether the other side could take it. RFC 8446, 5. Since: an addition.
--
-- Type: fun(type: string|integer, content: string, options?: { plain?: boolean,
--   version?: integer, length?: integer }): boolean
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local outcome = testing.attack("127.0.0.1", server.port, { talk = function(peer)
--       peer:send_record(99, "a record of a type that TLS does not have")
--     end })
--     assert(outcome.alert == "unexpected_message")
function Peer:send_record(kind, content, options)
  check_bytes("send_record", 2, content)
  options = options or {}
  if #content > 65000 then
    error(_ssl.ValueError(("one record cannot hold %d bytes"):format(#content)), 2)
  end
  kind = names.content.number[kind] or kind
  local version = options.version or 0x0303
  if self.out and not options.plain then
    return self:write(self.out:seal(kind, content, version))
  end
  local length = options.length or #content
  return self:write(string.pack(">I1 I2 I2", kind, version, length & 0xFFFF) .. content)
end

-- What sending a message leads to: keys.
local function after_sending(self, message)
  local modern = self.context.version == "TLSv1.3"
  local suite = keys.suite(self.context.cipher)
  if message.name == "ClientHello" and self.role == "client" then
    self.random, self.client_random = message.random, message.random
    self.opener.random = message.random
  elseif message.name == "ServerHello" and self.role == "server" then
    self.server_random, self.opener.server_random = message.random, message.random
    if modern and self.shared then
      schedule.handshake(self, self.shared)
      self.out = protection.of_secret(suite, self.secrets.SERVER_HANDSHAKE_TRAFFIC_SECRET)
    end
  elseif message.name == "Finished" and modern and self.master then
    if self.role == "server" then
      schedule.application(self)
    end
    self.out = protection.of_secret(suite, self.secrets[self.role:upper() .. "_TRAFFIC_SECRET_0"])
  elseif message.name == "KeyUpdate" and self.out then
    self.out = self.out:updated()
  elseif message.name == "ClientKeyExchange" and self.shared then
    schedule.master(self, self.shared)
  end
end

-- The parts of a record that hold `bytes`: no part is longer than a record may be.
local function records_of(bytes)
  local out = {}
  for at = 1, #bytes, 16384 do
    out[#out + 1] = bytes:sub(at, at + 16383)
  end
  return out
end

--@ peer:send(message, ...)
-- Sends messages of the handshake, each in a record of its own.
-- - `message` (table or string): a `ssl.testing.Message`, or a table with `name` and its
--   fields, or the bytes of a message.
-- Returns nothing. Raises what is wrong with a field. Since: an addition.
--
-- Type: fun(message: ssl.testing.Message|table|string, ...: ssl.testing.Message|table|string)
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local outcome = testing.attack("127.0.0.1", server.port, { script = function(peer)
--       peer:send({ name = "ServerHelloDone" })
--     end })
--     assert(outcome.alert == "unexpected_message")
function Peer:send(...)
  for _, message in ipairs({ ... }) do
    local bytes = message
    if type(message) == "table" then
      bytes = handshake.serialise(message, self.context)
      message = handshake.new(message.name, message)
    else
      message = #bytes >= 4 and handshake.parse(bytes, self.context) or { name = "" }
    end
    for _, part in ipairs(records_of(bytes)) do
      self:send_record("handshake", part)
    end
    self.transcript = self.transcript .. bytes
    after_sending(self, message)
  end
end

--@ peer:send_data(data)
-- Sends application data.
-- - `data` (string).
-- Returns nothing. Since: an addition.
--
-- Type: fun(data: string)
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     testing.attack("127.0.0.1", server.port, { talk = function(peer)
--       peer:send_data("hello")
--       assert(peer:expect("application_data").data == "hello")
--     end })
function Peer:send_data(data)
  check_bytes("send_data", 1, data)
  for _, part in ipairs(records_of(data)) do
    self:send_record("application_data", part)
  end
end

--@ peer:send_alert(name [, level])
-- Sends an alert.
-- - `name` (string or integer): such as `"close_notify"`.
-- - `level` (string or integer): `"fatal"` by default, but for close_notify.
-- Returns nothing. Since: an addition.
--
-- Type: fun(name: string|integer, level?: string|integer)
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     testing.attack("127.0.0.1", server.port, { script = function(peer)
--       peer:send_alert("user_canceled", "warning")
--     end })
function Peer:send_alert(name, level)
  level = level or name == "close_notify" and "warning" or "fatal"
  self:send_record("alert", string.char(names.level.number[level] or level,
    names.alert.number[name] or name))
end

--@ peer:send_change_cipher_spec()
-- Sends ChangeCipherSpec. With TLS 1.2, this side encrypts from here on, if it has keys.
-- Returns nothing. Since: an addition.
--
-- Type: fun()
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local outcome = testing.attack("127.0.0.1", server.port, { script = function(peer)
--       peer:send_change_cipher_spec()
--     end })
--     assert(outcome.alert == "unexpected_message")
function Peer:send_change_cipher_spec()
  self:send_record("change_cipher_spec", "\1", { plain = self.context.version == "TLSv1.3" })
  local suite = keys.suite(self.context.cipher)
  if self.context.version ~= "TLSv1.3" and self.master and suite then
    self.out = protection.of_keys(suite,
      keys.block(suite, self.master, self.client_random, self.server_random)[self.role])
  end
end

-- Receiving -------------------------------------------------------------------

-- What receiving a message leads to: keys, and what later messages need.
local function after_receiving(self, message)
  local modern = self.context.version == "TLSv1.3"
  if message.name == "ClientHello" and self.role == "server" then
    self.random, self.client_random = message.random, message.random
    self.hello = message
  elseif message.name == "ClientKeyExchange" and self.group then
    self.shared = low.agree(self.shares[self.group], message.key)
    if self.shared then
      schedule.master(self, self.shared)
    end
  elseif message.name == "HelloRetryRequest" and self.role == "client" then
    local request = message.bytes
    self.transcript = self.transcript:sub(1, -#request - 1)
    schedule.retry(self)
    self.transcript = self.transcript .. request
  elseif message.name == "ServerHello" and self.role == "client" then
    self.server_random = message.random
    self.extended = message:extension("extended_master_secret") ~= nil
    local share = message:extension("key_share")
    local key = modern and share and self.shares[share.value.group]
    self.shared = key and low.agree(key, share.value.key)
    if self.shared then
      schedule.handshake(self, self.shared)
    end
  elseif message.name == "Finished" and modern and self.role == "client" and self.master then
    schedule.application(self)
    self.out = protection.of_secret(keys.suite(self.context.cipher),
      self.secrets.CLIENT_HANDSHAKE_TRAFFIC_SECRET)
  end
end

-- Puts what a record has into the queue.
local function enqueue(self, record)
  local content, queue = self.opener:record(record), self.queue
  for _, message in ipairs(content.messages) do
    self.transcript = self.transcript .. message.bytes
    if message.malformed == nil then
      after_receiving(self, message)
    end
    queue[#queue + 1] = message
  end
  if content.type == 20 then
    queue[#queue + 1] = { name = "change_cipher_spec" }
  elseif content.type == 21 then
    queue[#queue + 1] = { name = "alert", alert = content.alert, level = content.level }
    if content.alert ~= "close_notify" and not self.alert then
      self.alert = content.alert
    end
  elseif content.type == 23 then
    queue[#queue + 1] = { name = "application_data", data = content.content }
  elseif content.encrypted and not content.type then
    queue[#queue + 1] = { name = "encrypted", bytes = record.bytes }
  elseif not record.type then
    queue[#queue + 1] = { name = "bytes", bytes = record.bytes }
  end
end

--@ peer:receive()
-- Takes the next message of the other side.
-- Returns a table with its `name`: a `ssl.testing.Message`; or `"alert"`, with `alert`
-- and `level`; `"application_data"`, with `data`; `"change_cipher_spec"`; `"encrypted"`
-- for a record that the keys do not open; `"bytes"`, with `bytes`, for what is no TLS.
-- Returns nil and `"end"`, `"reset"` or `"timeout"` if nothing more comes, and `"flood"`
-- after 10000 messages. Since: an addition.
--
-- Type: fun(): ssl.testing.Message|table|nil, "end"|"reset"|"timeout"|"flood"|nil
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     testing.attack("127.0.0.1", server.port, { script = function(peer)
--       peer:send(peer:client_hello())
--       assert(peer:receive().name == "ServerHello")
--     end })
function Peer:receive()
  if #self.received >= MOST then
    self.ended = self.ended or "flood"
    return nil, self.ended
  end
  while #self.queue == 0 do
    local bytes, why = self.transport.read()
    if not bytes then
      self.ended = self.ended or why
      return nil, self.ended
    end
    self.wire:bytes(OTHER[self.role], bytes)
    for _, record in ipairs(self.parser:feed(bytes)) do
      enqueue(self, record)
    end
  end
  local message = table.remove(self.queue, 1)
  self.received[#self.received + 1] = message
  return message
end

--@ peer:read()
-- Takes the next bytes of the other side as they are, before TLS begins.
-- Returns a string, or nil and `"end"`, `"reset"` or `"timeout"`. Since: an addition.
--
-- Type: fun(): string?, string?
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server({ plain = "220 hello\r\n" })
--     testing.attack("127.0.0.1", server.port, { script = function(peer)
--       peer:write("EHLO\r\n")
--       assert(peer:read() == "220 hello\r\n")
--     end })
function Peer:read()
  local bytes, why = self.transport.read()
  if bytes then
    self.wire:bytes(OTHER[self.role], bytes)
  else
    self.ended = self.ended or why
  end
  return bytes, why
end

-- What ends an attack because the other side did not go along.
local Unexpected = { __name = "ssl.testing.Unexpected" }

function Unexpected:__tostring()
  return self.message
end

local function unexpected(name, message, why)
  local got = message and "the alert " .. tostring(message.alert) or "the " .. why
  if why == "end" then
    got = "the end of the stream"
  end
  error(setmetatable({ message = ("%s expected, got %s"):format(name, got) }, Unexpected), 0)
end

--@ peer:expect(name)
-- Takes messages of the other side up to the one of that name.
-- - `name` (string).
-- Returns that message. Ends the attack if the other side sends an alert or ends the
-- connection before: the outcome then tells. Since: an addition.
--
-- Type: fun(name: string): ssl.testing.Message|table
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     testing.attack("127.0.0.1", server.port, { script = function(peer)
--       peer:send(peer:client_hello())
--       assert(peer:expect("Certificate").certificates[1])
--     end })
function Peer:expect(name)
  repeat
    local message, why = self:receive()
    if not message or message.name == "alert" and name ~= "alert" then
      unexpected(name, message, why)
    end
  until message.name == name
  return self.received[#self.received]
end

-- The next message, whatever its name, but no alert.
function Peer:expect_any()
  local message, why = self:receive()
  if not message or message.name == "alert" then
    unexpected("a message", message, why)
  end
  return message
end

-- Whether an error is only that the other side did not go along.
local function is_unexpected(err)
  return getmetatable(err) == Unexpected
end

return { new = new, Peer = Peer, is_unexpected = is_unexpected }
