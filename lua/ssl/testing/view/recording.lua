-- What was said on a wire, kept for diagrams and captures.

local socket = require "socket"
local opener = require "ssl.testing.messages.opener"
local parser = require "ssl.testing.messages.parser"
local secrets = require "ssl.testing.messages.secrets"
local other = { client = "server", server = "client" }

-- How many bytes of records one wire keeps.
local LIMIT <const> = 1 << 20
local ENTRIES <const> = 10000

--@ ssl.testing.Wire
-- What was said between a client and a server: `pair.wire`, what `server:wire` and
-- `ssl.testing.watch` return. A wire keeps the first MiB of the records of a
-- connection. Since: an addition.
--
-- Type: ssl.testing.Wire = {}
local Wire = { __name = "ssl.testing.Wire" }
Wire.__index = Wire

local recording = {}

-- The wire that last saw something, for the messages of assertions.
local latest = setmetatable({}, { __mode = "v" })
local moves = 0

-- `sink`: a file that gets what the wire sees, in place of its own memory.
function recording.new(sink)
  return setmetatable({
    entries = {}, count = 0, size = 0, secrets = secrets.new(), sink = sink,
    parsers = { client = parser.stream("client"), server = parser.stream("server") },
  }, Wire)
end

-- What a file has of an entry, and the reverse.
local function pack(entry)
  return string.pack("<z z d s4", entry.kind, entry.from, entry.at, entry.bytes)
end

local function put(self, kind, from, bytes, at)
  local entry = { kind = kind, from = from, bytes = bytes, at = at or socket.gettime() }
  if kind ~= "secret" then
    moves = moves + 1
    latest.wire = self
    self.count = self.count + 1
    self.entries[#self.entries + 1] = not self.sink and entry or nil
  else
    self.secrets:note(bytes, from)
    secrets.all:note(bytes, from)
  end
  if self.sink then
    self.sink:write(pack(entry))
  end
  return entry
end

-- A number that grows with all that any wire of this process sees, and the wire that
-- saw the last.
function recording.moves()
  return moves, latest.wire
end

-- Keeps a record that a side has sent; `fate`: what became of it on the way, if it did
-- not arrive as it is.
function Wire:record(record, fate, at)
  self.size = self.size + #record.bytes
  if self.full then
    return
  elseif self.size > LIMIT or self.count >= ENTRIES then
    self.full = true
    put(self, "note", record.from, "sends more, which the wire does not keep")
    return
  end
  put(self, "record", record.from, record.bytes, at).fate = fate
end

-- Keeps bytes that a side has sent, of which records are made.
function Wire:bytes(from, bytes, at)
  for _, record in ipairs(self.full and {} or self.parsers[from]:feed(bytes)) do
    self:record(record, nil, at)
  end
end

-- Keeps what happened on a side, in words.
function Wire:note(from, text, at)
  if not self.full then
    put(self, "note", from, text, at)
  end
end

-- Ends the writing into a file.
function Wire:__close()
  if self.sink then
    self.sink:close()
    self.sink, self.full = nil, true
  end
end

-- The wire whose file has these bytes.
function recording.replay(bytes)
  local self, at = recording.new(), 1
  while at <= #bytes do
    local ok, kind, from, when, data, after = pcall(string.unpack, "<z z d s4", bytes, at)
    if not ok then
      break  -- what is being written now
    end
    if kind == "record" then
      self:bytes(from, data, when)
    else
      put(self, kind, from, data, when)
    end
    at = after
  end
  return self
end

-- Keeps a line of a log of secrets, as a side knows it.
function Wire:secret(side, line)
  put(self, "secret", side, line)
end

-- Has the connection of a side tell this wire its secrets, and for a socket its bytes.
-- The connection does not keep the wire alive, nor the reverse. Raises what refuses it.
function Wire:observe(side, conn)
  local weak = setmetatable({ wire = self }, { __mode = "v" })
  recording.of[conn] = self
  conn:_observe(function(kind, data)
    local wire = weak.wire
    if not wire then
      return
    elseif kind == "secret" then
      wire:secret(side, data)
    else
      wire:bytes(kind == "write" and side or other[side], data)
    end
  end)
end

-- The same; where a host of this Lua state forbids to ask for secrets, the wire stays
-- without them.
function Wire:try_observe(side, conn)
  pcall(self.observe, self, side, conn)
end

-- From a connection to its wire.
recording.of = setmetatable({}, { __mode = "k" })

-- The entries in order, each with what its record holds, decrypted if the secrets are
-- known.
function Wire:read()
  local reader = opener.new(function(...) return self.secrets:find(...) end)
  local out = {}
  local parsers = { client = parser.stream("client"), server = parser.stream("server") }
  for i, entry in ipairs(self.entries) do
    local step = { from = entry.from, at = entry.at, fate = entry.fate }
    if entry.kind == "record" then
      step.record = parsers[entry.from]:feed(entry.bytes)[1]
      step.content = reader:record(step.record)
    else
      step.note = entry.bytes
    end
    out[i] = step
  end
  return out
end

--@ wire:messages([from])
-- Reads the handshake messages, decrypted.
-- - `from` (string): `"client"` or `"server"`; both by default.
-- Returns an array of `ssl.testing.Message`s, each with `from`, `encrypted` (boolean)
-- and `bytes` (string: all of the message as it was sent, before encryption). A
-- message whose keys are unknown is not among them. Since: an addition.
--
-- Type: fun(from?: "client"|"server"): ssl.testing.Message[]
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pair:handshake()
--     local last = pair.wire:messages("client")[2]
--     assert(last.name == "Finished" and last.encrypted)
function Wire:messages(from)
  local out = {}
  for _, entry in ipairs(self:read()) do
    for _, message in ipairs(entry.content and entry.content.messages or {}) do
      if not from or message.from == from then
        out[#out + 1] = message
      end
    end
  end
  return out
end

recording.Wire = Wire
return recording
