-- Follows a conversation record by record: decrypts what its secrets open, and puts
-- handshake messages together.

local handshake = require "ssl.testing.messages.handshake"
local keys = require "ssl.testing.messages.keys"
local names = require "ssl.testing.messages.names"
local protection = require "ssl.testing.messages.protection"

-- `lookup(random, label, side)` returns the secret of a client's random that has the
-- label of a log of secrets, as that side knows it; nil if it is unknown.
local Opener = {}
Opener.__index = Opener

local opener = {}

function opener.new(lookup)
  return setmetatable({
    lookup = lookup, context = {},
    sides = { client = { rest = "", stage = 0 }, server = { rest = "", stage = 0 } },
  }, Opener)
end

-- The secrets of TLS 1.3, in the order in which a side uses them.
local LABELS = {
  client = {
    "CLIENT_EARLY_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
  },
  server = { "SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0" },
}

-- The suites that a secret may be for: before ServerHello, any with a hash of its size.
local function suites(self, secret)
  local suite = keys.suite(self.context.cipher)
  if suite or self.context.cipher then
    return { suite }
  end
  return #secret == 48 and { keys.suite("AES_256_GCM_SHA384") }
    or { keys.suite("AES_128_GCM"), keys.suite("CHACHA20_POLY1305") }
end

-- Opens a record of TLS 1.3 with the key that `side` has, or the next that fits.
local function open_modern(self, name, record)
  local side = self.sides[name]
  local function try(key)
    local before = key:copy()
    local text, kind = key:open(record.type, record.version, record.payload)
    if text then
      side.key, side.before = key, before
      return text, kind
    end
  end
  if side.key then
    local text, kind = try(side.key)
    if text then
      return text, kind
    end
  end
  for stage = side.stage + 1, #LABELS[name] do
    local secret = self.lookup(self.random, LABELS[name][stage], name)
    for _, suite in ipairs(secret and suites(self, secret) or {}) do
      local text, kind = try(protection.of_secret(suite, secret))
      if text then
        side.stage = stage
        return text, kind
      end
    end
  end
  if side.key and side.stage == #LABELS[name] then
    return try(side.key:updated())
  end
end

-- After a ChangeCipherSpec of TLS 1.2.
local function change_cipher(self, name)
  local side = self.sides[name]
  if self.context.version == "TLSv1.3" or not self.context.version then
    return
  end
  side.hidden, side.key = true, nil
  local suite = keys.suite(self.context.cipher)
  local master = self.random and self.lookup(self.random, "CLIENT_RANDOM", name)
  if suite and master then
    side.key = protection.of_keys(suite,
      keys.block(suite, master, self.random, self.server_random)[name])
  end
end

-- What a message tells of the connection.
local function learn(self, message)
  if message.malformed then
    return
  elseif message.name == "ClientHello" then
    self.random = message.random
  elseif message.name == "ServerHello" or message.name == "HelloRetryRequest" then
    self.context.version = handshake.chosen_version(message)
    self.context.cipher = message.cipher
    self.server_random = message.random
  end
end

-- Takes the messages that are complete off what a side has sent.
local function messages(self, name, content, encrypted)
  local side, out = self.sides[name], {}
  side.rest = side.rest .. content
  while #side.rest >= 4 do
    local size = 4 + string.unpack(">I3", side.rest, 2)
    if #side.rest < size then
      break
    end
    local bytes = side.rest:sub(1, size)
    side.rest = side.rest:sub(size + 1)
    local message = handshake.parse(bytes, self.context)
    message.from, message.encrypted, message.bytes = name, encrypted, bytes
    out[#out + 1] = message
    learn(self, message)
  end
  return out
end

-- Reads the next record, as a tap gets it. Returns a table: `type` (number: the true
-- content type; nil if it cannot be decrypted), `encrypted`, `content` (its plain
-- bytes), `messages` (array), `partial` (whether a message goes on in the next
-- record), `level` and `alert` (names); `key`, with which it was encrypted.
function Opener:record(record)
  local name, out = record.from, { messages = {} }
  local side = self.sides[name]
  out.type, out.content = record.type, record.payload
  if not record.type then
    return out
  end
  local modern = record.type == 23 and self.context.version ~= "TLSv1.2" and not side.hidden
  if modern or side.hidden then
    out.encrypted, out.content, out.type = true, nil, nil
    if modern and self.random then
      out.content, out.type = open_modern(self, name, record)
    elseif side.key then
      side.before = side.key:copy()
      out.content, out.type = side.key:open(record.type, record.version, record.payload)
    end
    out.key = out.content and side.before
  end
  if out.type == 22 then
    out.messages = messages(self, name, out.content, out.encrypted or false)
    out.partial = side.rest ~= ""
  elseif out.type == 20 then
    change_cipher(self, name)
  elseif out.type == 21 and #out.content == 2 then
    local level, alert = out.content:byte(1, 2)
    out.level = names.level.name[level] or level
    out.alert = names.alert.name[alert] or alert
  end
  return out
end

return opener
