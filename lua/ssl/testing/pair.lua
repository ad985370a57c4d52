-- A client and a server joined in memory: no ports, no threads, and the same
-- steps in every run.

local _ssl = require "_ssl"
local alert = require "ssl.testing.alert"
local parser = require "ssl.testing.messages.parser"
local read_options = require "ssl.testing.options"
local recording = require "ssl.testing.view.recording"
local tap = require "ssl.testing.tap"

local other = { client = "server", server = "client" }

--@ ssl.testing.Pair
-- What `ssl.testing.pair` gives. `pair.client` and `pair.server` are the
-- `SSLObject`s, for whatever a test wants to ask them; `pair.records` is the
-- array of all records seen on the wire, as taps get them; `pair.wire` is the
-- `ssl.testing.Wire`, which draws them. Since: an addition.
--
-- Type: ssl.testing.Pair = { client: SSLObject, server: SSLObject,
--   records: ssl.testing.Record[], wire: ssl.testing.Wire }
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pair:handshake()
--     assert(pair.client:version() == pair.server:version() and #pair.records > 0)
local Pair = { __name = "ssl.testing.Pair" }
Pair.__index = Pair

-- One side: its connection, the queues of bytes below it, and what the wire
-- still has for it.
local function new_side(ctx, server_side, hostname, session)
  local datagrams = ctx.protocol == _ssl.PROTOCOL_DTLS_CLIENT
    or ctx.protocol == _ssl.PROTOCOL_DTLS_SERVER
  local incoming, outgoing = _ssl.MemoryBIO(datagrams), _ssl.MemoryBIO(datagrams)
  local name = server_side and "server" or "client"
  return {
    incoming = incoming, outgoing = outgoing,
    parser = datagrams and parser.datagrams(name) or parser.stream(name),
    queue = {}, first = 1, last = 0,
    object = ctx:wrap_bio(incoming, outgoing, server_side, hostname, session),
  }
end

--@ ssl.testing.pair(options)
-- Joins a client and a server in memory: by a stream, or by datagrams if the contexts are for
-- DTLS. They need no port and no second process, and each run takes the same steps.
-- - `options` (table): `client` and `server` (`SSLContext`s), `server_hostname` (string: the
--   name that the client asks for), `session` (`SSLSession` to resume), `tap` (function: see
--   `ssl.testing.tap`).
-- Returns a `ssl.testing.Pair`. Since: an addition.
--
-- Type: fun(options: { client: SSLContext, server: SSLContext, server_hostname?: string,
--   session?: SSLSession, tap?: ssl.testing.Tap }): ssl.testing.Pair
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     assert(pair:handshake().ok)
--     assert(pair:transfer("hello") == "hello")
local function new(options)
  options = read_options("pair", options, {
    client = "userdata", server = "userdata", server_hostname = "string", session = "userdata",
    tap = "function",
  })
  local self = setmetatable({ tap = options.tap, records = {}, sides = {} }, Pair)
  self.sides.client = new_side(options.client, false, options.server_hostname, options.session)
  self.sides.server = new_side(options.server, true)
  self.client, self.server = self.sides.client.object, self.sides.server.object
  self.wire = recording.new()
  self.wire:try_observe("client", self.client)
  self.wire:try_observe("server", self.server)
  return self
end

local function push(side, piece)
  side.last = side.last + 1
  side.queue[side.last] = piece
end

-- What the tap has made of a record; nil if it arrives as it is.
local function fate_of(record, pieces)
  local whole = table.concat(pieces)
  if whole == "" then
    return pieces.held and "held back" or "lost"
  end
  return whole ~= record.bytes and "altered" or nil
end

-- Keeps for `pair.wire` what a side has sent, which only reads TLS's own records.
local function draw(self, record, pieces)
  local fate = fate_of(record, pieces)
  if record.datagram then
    self.wire:note(record.from, ("sends a datagram of %d bytes (%s)%s"):format(#record.bytes,
      record.type_name, fate and ": " .. fate or ""))
  else
    self.wire:record(record, fate)
  end
end

-- Puts what one side has sent on the wire, through the tap.
function Pair:collect(name)
  local from, to = self.sides[name], self.sides[other[name]]
  while from.outgoing.pending > 0 do
    for _, record in ipairs(from.parser:feed(from.outgoing:read())) do
      record.connection = self.wire
      self.records[#self.records + 1] = record
      from.alert = from.alert or alert.of_record(record)
      local pieces, eof = tap.apply(self.tap, record)
      draw(self, record, to.ended and {} or pieces)
      for _, piece in ipairs(to.ended and {} or pieces) do
        if piece ~= "" then
          push(to, piece)
        end
      end
      if eof and not to.ended then
        self.wire:note(other[name], "the stream ends here")
      end
      to.ended = to.ended or eof
    end
  end
end

-- Delivers the next piece to a side. Returns whether there was one.
function Pair:deliver(name)
  local side = self.sides[name]
  local piece = side.queue[side.first]
  if piece then
    side.queue[side.first] = nil
    side.first = side.first + 1
    side.incoming:write(piece)
    return true
  elseif side.ended and not side.closed then
    side.closed = true
    side.incoming:write_eof()
    return true
  end
  return false
end

-- Delivers all that is under way, one piece for each side at a time, and calls
-- `step(name)` for both sides before every round, until nothing moves.
function Pair:run(step)
  local moved
  repeat
    for _, name in ipairs({ "client", "server" }) do
      step(name)
      self:collect(name)
    end
    moved = self:deliver("client")
    moved = self:deliver("server") or moved
  until not moved
end

--@ pair:pump()
-- Delivers all bytes that are on the wire. Neither side reads them yet.
-- Returns nothing. Since: an addition.
--
-- Type: fun()
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pcall(pair.client.do_handshake, pair.client)  -- leaves its ClientHello
--     pair:pump()
--     assert(pair.records[1].from == "client")
function Pair:pump()
  self:run(function() end)
end

--@ pair:inject(side, bytes)
-- Puts bytes on the wire as if the other side had sent them.
-- - `side` (string): the side that receives them: `"client"` or `"server"`.
-- - `bytes` (string): the bytes.
-- Returns nothing. Since: an addition.
--
-- Type: fun(side: "client"|"server", bytes: string)
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pair:inject("server", "GET / HTTP/1.0\r\n\r\n")
--     assert(pair:handshake().server.error.library == "SSL")
function Pair:inject(name, bytes)
  push(self:side(name, "inject"), bytes)
  self.wire:note(name, ("the test injects %d bytes"):format(#bytes))
end

--@ pair:cut(side)
-- Ends the stream that a side reads, as if the connection had broken.
-- - `side` (string): `"client"` or `"server"`.
-- Returns nothing. Since: an addition.
--
-- Type: fun(side: "client"|"server")
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pair:cut("client")
--     assert(ssl.isinstance(pair:handshake().client.error, ssl.SSLEOFError))
function Pair:cut(name)
  self:side(name, "cut").ended = true
  self.wire:note(name, "the stream ends here")
end

function Pair:side(name, func)
  return self.sides[name] or error(
    ("bad argument #1 to '%s' (\"client\" or \"server\" expected)"):format(func), 3)
end

-- Calls a method of a connection that lacks bytes sooner or later: true and its
-- results, false if it has to wait, nil and what it raised.
local function try(object, method, ...)
  local result = table.pack(pcall(object[method], object, ...))
  if result[1] then
    return true, table.unpack(result, 2, result.n)
  end
  local err = result[2]
  if _ssl.isinstance(err, _ssl.SSLWantReadError) or _ssl.isinstance(err, _ssl.SSLWantWriteError)
  then
    return false
  end
  return nil, err
end

-- A side whose handshake is over learns what the other made of it only by
-- reading: with TLS 1.3 the client is done before the server has seen its
-- certificate. What it reads is kept for `receive`.
local function settle(side, outcome)
  local done, data = try(side.object, "read", 16384)
  if done and data and data ~= "" then
    side.early = (side.early or "") .. data
  elseif done == nil then
    outcome.ok, outcome.error = false, data
  end
end

local function note_error(self, name, err)
  if err ~= nil then
    self:collect(name)  -- the alert, which it sends before
    local text = type(err) == "table" and (err.reason or err.message) or err
    self.wire:note(name, "raises " .. tostring(text):match("[^\n]*"))
  end
end

local function handshake_step(self, outcomes)
  return function(name)
    local side, outcome = self.sides[name], outcomes[name]
    if outcome.ok then
      settle(side, outcome)
      note_error(self, name, outcome.error)
    elseif not outcome.error then
      local done, err = try(side.object, "do_handshake")
      outcome.ok, outcome.error = done or false, err
      note_error(self, name, err)
    end
  end
end

-- Waits until one of the sides has to send again what got lost. Returns whether one
-- has to. Nobody watches the wire meanwhile: there is nothing on it.
local function await_timer(self)
  local soonest
  for _, side in pairs(self.sides) do
    local left = side.object:timeout()
    soonest = left and math.min(left, soonest or left) or soonest
  end
  if soonest then
    _ssl._poll({}, {}, soonest)
  end
  return soonest ~= nil
end

--@ pair:handshake()
-- Makes the handshake, and delivers what follows it: session tickets and alerts.
-- With DTLS it waits until a side sends again what got lost. To make that quick, set the
-- contexts' `retransmission_timeout` to a small number such as 0.05.
-- Returns a table. Its field `ok` (boolean) tells whether both sides succeeded. Its fields
-- `client` and `server` are tables with `ok` (boolean), `error` (what the side raised, or nil)
-- and `alert` (the name of the alert that the side sent, such as `"unknown_ca"`; nil if the
-- alert was encrypted and the other side did not get it). If a side still waits for bytes, it
-- has neither `ok` nor `error`. Since: an addition.
--
-- Type: fun(): { ok: boolean, client: ssl.testing.Outcome, server: ssl.testing.Outcome }
-- Type: ssl.testing.Outcome = { ok?: boolean, error?: Error, alert?: string }
--
--     local testing = require "ssl.testing"
--     local stranger = ssl.create_default_context()
--     local outcome = testing.pair({
--       client = stranger, server = server_ctx, server_hostname = "localhost",
--     }):handshake()
--     assert(outcome.client.error.reason == "CERTIFICATE_VERIFY_FAILED")
--     assert(outcome.client.alert == "unknown_ca")
function Pair:handshake()
  local outcomes = { client = { ok = false }, server = { ok = false } }
  repeat
    self:run(handshake_step(self, outcomes))
    local over = outcomes.client.ok and outcomes.server.ok
      or outcomes.client.error or outcomes.server.error
  until over or not await_timer(self)
  outcomes.ok = outcomes.client.ok and outcomes.server.ok
  for name, side in pairs(self.sides) do
    outcomes[name].alert = side.alert or alert.of_error(outcomes[other[name]].error)
  end
  return outcomes
end

local function take_early(side)
  local data = side.early or ""
  side.early = nil
  return data
end

--@ pair:transfer(data [, from])
-- Sends data from one side to the other.
-- - `data` (string): the data.
-- - `from` (string): the side that sends: `"client"` (the default) or `"server"`.
-- Returns the data that arrived (string). That is less if the wire has lost some, and nil if the
-- stream ended before any came. Raises the error of either side. Since: an addition.
--
-- Type: fun(data: string, from?: "client"|"server"): string?
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pair:handshake()
--     assert(pair:transfer(("x"):rep(100000), "server") == ("x"):rep(100000))
function Pair:transfer(data, from)
  local sender = self:side(from or "client", "transfer")
  local name = from or "client"
  local receiver = self.sides[other[name]]
  local sent, parts, ended = data == "", { take_early(receiver) }, false
  self:run(function(turn)
    local done, result
    if turn == name and not sent then
      done, result = try(sender.object, "write", data)
      sent = done
    elseif turn ~= name and not ended then
      repeat
        done, result = try(receiver.object, "read", 16384)
        parts[#parts + 1] = done and result or nil
        ended = done and result == nil
      until not done or ended
    end
    if done == nil and result then
      error(result, 0)
    end
  end)
  local received = table.concat(parts)
  return (received ~= "" or not ended) and received or nil
end

--@ pair:unwrap([side])
-- Closes the connection in good order. One side begins, and the other answers.
-- - `side` (string): the side that begins; `"client"` by default.
-- Returns whether each side got the close_notify of the other (boolean). Raises the error of
-- either side. Since: an addition.
--
-- Type: fun(side?: "client"|"server"): boolean
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pair:handshake()
--     assert(pair:unwrap("server"))
function Pair:unwrap(first)
  first = first or "client"
  self:side(first, "unwrap")
  local closed = {}
  self:run(function(name)
    local begun = name == first or self.sides[name].incoming.pending > 0
    if begun and not closed[name] then
      local done, err = try(self.sides[name].object, "unwrap")
      if done == nil then
        error(err, 0)
      end
      closed[name] = done
    end
  end)
  return (closed.client and closed.server) or false
end

return { pair = new, Pair = Pair }
