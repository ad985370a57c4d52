-- The messages of handshakes of TLS 1.2 and 1.3 (RFC 5246, 7.4; RFC 8446, 4): from bytes
-- to tables and back.

local codec = require "ssl.testing.messages.codec"
local extensions = require "ssl.testing.messages.extensions"
local names = require "ssl.testing.messages.names"

local list, number, opaque, named = codec.list, codec.number, codec.opaque, codec.named
local struct, optional, rest = codec.struct, codec.optional, codec.rest

local handshake = {}

-- The random of a ServerHello that asks for another ClientHello (RFC 8446, 4.1.3).
local RETRY = "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91"
  .. "\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C"
handshake.RETRY = RETRY

local version, cipher = named(2, names.version), named(2, names.cipher)
local signature = struct({
  { "algorithm", named(2, names.signature) }, { "signature", opaque(2) },
})

local server_hello = struct({
  { "legacy_version", version }, { "random", codec.fixed(32) }, { "session_id", opaque(1) },
  { "cipher", cipher }, { "compression", number(1) }, { "extensions", optional(extensions) },
})

local certificate = struct({ { "certificate", opaque(3) }, { "extensions", extensions } })

-- Whether a cipher of TLS 1.2 has its key exchange by elliptic curves.
local function by_curve(context)
  return type(context.cipher) == "string" and context.cipher:find("^TLS_ECDHE_%u+_WITH") ~= nil
end

local curve_exchange = struct({
  { "curve_type", number(1) }, { "group", named(2, names.group) }, { "key", opaque(1) },
  { "algorithm", named(2, names.signature) }, { "signature", opaque(2) },
})

local unknown_exchange = struct({ { "data", rest } })

-- The codec of each message; a function gets the context and returns it.
local forms = {
  HelloRequest = struct({}),
  ServerHelloDone = struct({}),
  EndOfEarlyData = struct({}),
  ClientHello = struct({
    { "legacy_version", version }, { "random", codec.fixed(32) }, { "session_id", opaque(1) },
    { "ciphers", list(2, cipher) }, { "compressions", list(1, number(1)) },
    { "extensions", optional(extensions) },
  }),
  ServerHello = server_hello,
  HelloRetryRequest = server_hello,
  EncryptedExtensions = struct({ { "extensions", extensions } }),
  CertificateVerify = signature,
  Finished = struct({ { "verify_data", rest } }),
  KeyUpdate = struct({ { "request", number(1) } }),
  CertificateStatus = struct({ { "status_type", number(1) }, { "response", opaque(3) } }),
  Certificate = {
    ["TLSv1.3"] = struct({ { "context", opaque(1) }, { "certificates", list(3, certificate) } }),
    other = struct({ { "certificates", list(3, struct({ { "certificate", opaque(3) } })) } }),
  },
  CertificateRequest = {
    ["TLSv1.3"] = struct({ { "context", opaque(1) }, { "extensions", extensions } }),
    other = struct({
      { "types", list(1, number(1)) }, { "algorithms", list(2, named(2, names.signature)) },
      { "authorities", list(2, opaque(2)) },
    }),
  },
  NewSessionTicket = {
    ["TLSv1.3"] = struct({
      { "lifetime", number(4) }, { "age_add", number(4) }, { "nonce", opaque(1) },
      { "ticket", opaque(2) }, { "extensions", extensions },
    }),
    other = struct({ { "lifetime", number(4) }, { "ticket", opaque(2) } }),
  },
}

local function form_of(name, context)
  if name == "ServerKeyExchange" then
    return by_curve(context) and curve_exchange or unknown_exchange
  elseif name == "ClientKeyExchange" then
    return by_curve(context) and struct({ { "key", opaque(1) } }) or unknown_exchange
  end
  local form = forms[name] or unknown_exchange
  return form.read and form or form[context.version] or form.other
end

-- What a message's table can do -----------------------------------------------

--@ ssl.testing.Message
-- One message of a handshake, as `wire:messages`, `ssl.testing.tap.message` and an
-- attack have it: a table of `name` (such as `"ClientHello"`) and the fields of the
-- message, by the names of RFC 8446 or near to them: a ClientHello has
-- `legacy_version`, `random`, `session_id`, `ciphers`, `compressions` and
-- `extensions`. Versions, ciphers, groups, algorithms and extensions are names;
-- numbers without a name stay integers. Each extension is a table of `type` and
-- `value`, or of `type` and `data` (string) if its form is unknown.
--
-- A message that you change is written anew. To write one that no program would
-- write, you can set a field `length` of a list, of an extension or of the message,
-- which is then the length that is told; use `ssl.testing.raw` in place of any value;
-- or set the message's `body` (string), which is sent in place of all fields. A
-- message that cannot be read has `malformed` (string: why) and `body`.
-- Since: an addition.
--
-- Type: ssl.testing.Message = { name: string, extensions?: ssl.testing.Extension[],
--   length?: integer, body?: string, malformed?: string, from?: string, encrypted?: boolean,
--   bytes?: string }
-- Type: ssl.testing.Extension = { type: string|integer, value?: any, data?: string,
--   length?: integer }
local Message = { __name = "ssl.testing.Message" }
Message.__index = Message

--@ message:extension(type)
-- Finds an extension of a message.
-- - `type` (string or integer): such as `"key_share"`.
-- Returns its table, or nil if the message has none. Since: an addition.
--
-- Type: fun(type: string|integer): ssl.testing.Extension?
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pair:handshake()
--     local hello = pair.wire:messages()[1]
--     assert(hello:extension("server_name").value[1] == "localhost")
function Message:extension(kind)
  for _, one in ipairs(self.extensions or {}) do
    if one.type == kind then
      return one
    end
  end
end

--@ message:drop(type)
-- Takes an extension out of a message.
-- - `type` (string or integer).
-- Returns its table, or nil if the message had none. Since: an addition.
--
-- Type: fun(type: string|integer): ssl.testing.Extension?
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.message("ClientHello", function(hello)
--         hello:drop("key_share")
--       end),
--     })
--     assert(pair:handshake().server.error)
function Message:drop(kind)
  for i, one in ipairs(self.extensions or {}) do
    if one.type == kind then
      return table.remove(self.extensions, i)
    end
  end
end

--@ message:add(type [, value [, place]])
-- Puts an extension into a message, in place of one of the same type, if there is one.
-- - `type` (string or integer).
-- - `value`: as the extension's `value`; a string is its `data`. Without it, the
--   extension is empty.
-- - `place` (integer): where in the list; the end by default.
-- Returns the message. Since: an addition.
--
-- Type: fun(type: string|integer, value?: any, place?: integer): ssl.testing.Message
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.message("ClientHello", function(hello)
--         hello:add(0xFAFA, "bytes of mine", 1)
--       end),
--     })
--     pair:handshake()
function Message:add(kind, value, place)
  self:drop(kind)
  self.extensions = self.extensions or {}
  local data = type(value) == "string" and value or nil
  table.insert(self.extensions, place or #self.extensions + 1,
    { type = kind, value = not data and value or nil, data = data })
  return self
end

-- Reading and writing ----------------------------------------------------------

function handshake.new(name, fields)
  local message = setmetatable({}, Message)
  for key, value in pairs(fields or {}) do
    message[key] = value
  end
  message.name = name
  return message
end

-- The message in `bytes`, of one handshake message with its header. `context` has the
-- `version` and the `cipher` of the connection, as far as they are known.
function handshake.parse(bytes, context)
  local kind, size = string.unpack(">I1I3", bytes)
  local name, body = names.message.name[kind] or kind, bytes:sub(5)
  if name == "ServerHello" and body:sub(3, 34) == RETRY then
    name = "HelloRetryRequest"
  end
  local inner = { version = context.version, cipher = context.cipher, message = name }
  local ok, fields = pcall(codec.read, form_of(name, inner), body, inner)
  if size ~= #body then
    ok, fields = false, ("%d bytes, %d expected"):format(#body, size)
  end
  local message = handshake.new(name, ok and fields or { body = body, malformed = fields })
  return message
end

-- The bytes of a message, header included; `context` as for parse. Raises what is wrong.
function handshake.serialise(message, context)
  local name = message.name
  local kind = name == "HelloRetryRequest" and 2 or names.message.number[name] or name
  if math.type(kind) ~= "integer" then
    error(("no message is named '%s'"):format(tostring(name)), 0)
  end
  local body = message.body
  if not body then
    local inner = { version = context.version, cipher = context.cipher, message = name }
    local ok, result = pcall(form_of(name, inner).write, message, inner)
    if not ok then
      error(("%s: %s"):format(name, result), 0)
    end
    body = result
  end
  return string.char(kind & 0xFF) .. codec.prefixed(3, body, message.length)
end

-- The version that a ServerHello chooses.
function handshake.chosen_version(hello)
  local chosen = hello:extension("supported_versions")
  return chosen and chosen.value or hello.legacy_version
end

return handshake
