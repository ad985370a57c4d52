-- What stands on the wire between client and server: it sees each TLS record and
-- may do to it what a hostile network would.

local names = require "ssl.testing.messages.names"
local rewrite = require "ssl.testing.messages.rewrite"
local seed = require "ssl.testing.seed"

local tap = {}

-- Whether a record is one of those meant: all that the table names must be so.
local function matches(what, record)
  if type(what) == "function" then
    return what(record)
  end
  for key, value in pairs(what or {}) do
    local is = record[key]
    if key == "type" and type(value) == "string" then
      is = record.type_name
    end
    if is ~= value then
      return false
    end
  end
  return true
end

local function check(name, what)
  if what ~= nil and type(what) ~= "table" and type(what) ~= "function" then
    error(("bad argument #1 to '%s' (table or function expected, got %s)"):format(name,
      type(what)), 3)
  end
end

-- A maker of taps: `change(record, ...)` says what to deliver for a record that
-- matches.
local function maker(name, change)
  return function(what, ...)
    check(name, what)
    local rest = table.pack(...)
    return function(record)
      if matches(what, record) then
        return change(record, table.unpack(rest, 1, rest.n))
      end
    end
  end
end

--@ ssl.testing.tap
-- The functions that make taps. A tap changes what the wire of a `ssl.testing.pair` or
-- `ssl.testing.server` delivers.
--
-- A tap is a function. `tap(record)` is called for each TLS record. The record is a table with
-- these fields: `from` (`"client"` or `"server"`), `n` (its number, counted from 1 in each
-- direction), `type` (the number of its content type), `type_name` (`"handshake"`, `"alert"`,
-- `"application_data"`, `"change_cipher_spec"`, or `"unknown"` for bytes that are no record),
-- `version` (such as 0x0303), `length`, `payload`, `bytes` (the whole record with its header),
-- and `connection` (a value that differs for each connection).
--
-- With DTLS, the tap is called for each datagram. `bytes` is the whole datagram. The other
-- fields are those of the first record in it, with `epoch` and `sequence` (integers) besides,
-- and `datagram` is true.
--
-- A tap returns nil to let the record pass. It returns a string to deliver that string instead;
-- `""` drops the record. It returns an array of strings to deliver them one after the other,
-- each alone. If the array has the field `eof = true`, the stream ends there.
--
-- The first argument `what` of the functions below chooses records: a table of fields, such as
-- `{from = "server", type = "handshake", n = 1}`, or a function of the record. Nil means all
-- records. Since: an addition.
--
-- Type: ssl.testing.Record = { from: "client"|"server", n: integer, type: integer,
--   type_name: string, version: integer, length: integer, payload: string, bytes: string,
--   connection: any, datagram?: boolean, epoch?: integer, sequence?: integer }
-- Type: ssl.testing.Tap = fun(record: ssl.testing.Record): string|{ [integer]: string,
--   eof?: boolean }|nil
-- Type: ssl.testing.What = table|(fun(record: ssl.testing.Record): boolean?)
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.split({ from = "server" }, 1),
--     })
--     assert(pair:handshake().ok)

--@ ssl.testing.tap.drop([what])
-- Loses records. Returns a tap. Since: an addition.
--
-- Type: fun(what?: ssl.testing.What): ssl.testing.Tap
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({ client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.drop({ from = "server", n = 1 }) })
--     assert(not pair:handshake().ok)
tap.drop = maker("drop", function()
  return ""
end)

--@ ssl.testing.tap.alter([what [, offset [, mask]]])
-- Flips bits of one byte.
-- - `offset` (integer): which byte of the record, from 1; from its end if it is
--   negative; the last by default.
-- - `mask` (integer): the bits to flip; 1 by default.
-- Returns a tap. Since: an addition.
--
-- Type: fun(what?: ssl.testing.What, offset?: integer, mask?: integer): ssl.testing.Tap
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({ client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.alter({ from = "server", type = "application_data", n = 3 }) })
--     assert(pair:handshake().client.error)         -- a record that cannot be decrypted
tap.alter = maker("alter", function(record, offset, mask)
  local bytes = record.bytes
  offset = offset or -1
  if offset < 0 then
    offset = #bytes + offset + 1
  end
  if offset < 1 or offset > #bytes then
    return nil
  end
  return bytes:sub(1, offset - 1) .. string.char(bytes:byte(offset) ~ (mask or 1))
    .. bytes:sub(offset + 1)
end)

--@ ssl.testing.tap.duplicate([what])
-- Delivers records twice. Returns a tap. Since: an addition.
--
-- Type: fun(what?: ssl.testing.What): ssl.testing.Tap
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({ client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.duplicate({ from = "client", n = 1 }) })
--     assert(pair:handshake().server.error)         -- a second ClientHello
tap.duplicate = maker("duplicate", function(record)
  return { record.bytes, record.bytes }
end)

--@ ssl.testing.tap.split([what [, size]])
-- Delivers records in pieces.
-- - `size` (integer): bytes in each; 1 by default.
-- Returns a tap. Since: an addition.
--
-- Type: fun(what?: ssl.testing.What, size?: integer): ssl.testing.Tap
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({ client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.split({ from = "client" }, 5) })
--     assert(pair:handshake().ok)
tap.split = maker("split", function(record, size)
  local pieces = {}
  for at = 1, #record.bytes, size or 1 do
    pieces[#pieces + 1] = record.bytes:sub(at, at + (size or 1) - 1)
  end
  return pieces
end)

--@ ssl.testing.tap.truncate([what [, size]])
-- Ends the stream in the middle of a record.
-- - `size` (integer): how many of its bytes still come; 0 by default.
-- Returns a tap. Since: an addition.
--
-- Type: fun(what?: ssl.testing.What, size?: integer): ssl.testing.Tap
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({ client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.truncate({ from = "server", n = 1 }, 10) })
--     assert(ssl.isinstance(pair:handshake().client.error, ssl.SSLEOFError))
tap.truncate = maker("truncate", function(record, size)
  return { record.bytes:sub(1, size or 0), eof = true }
end)

--@ ssl.testing.tap.inject(what, bytes)
-- Puts bytes of its own before a record.
-- - `bytes` (string): for example a record from `ssl.testing.tap.record`.
-- Returns a tap. Since: an addition.
--
-- Type: fun(what: ssl.testing.What?, bytes: string): ssl.testing.Tap
--
--     local testing = require "ssl.testing"
--     local alert = testing.tap.record("alert", "\2\40")
--     local pair = testing.pair({ client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.inject({ from = "server", n = 1 }, alert) })
--     assert(pair:handshake().client.error.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE")
tap.inject = maker("inject", function(record, bytes)
  return { bytes, record.bytes }
end)

--@ ssl.testing.tap.replace(what, bytes)
-- Delivers other bytes instead of a record. Returns a tap. Since: an addition.
--
-- Type: fun(what: ssl.testing.What?, bytes: string): ssl.testing.Tap
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({ client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.replace({ from = "server", n = 1 }, "220 mail.test ESMTP\r\n") })
--     assert(pair:handshake().client.error)         -- this is not TLS
tap.replace = maker("replace", function(_, bytes)
  return bytes
end)

-- Whether a message is one of those meant.
local function chooser(what)
  if type(what) == "function" then
    return what
  end
  local fields = type(what) == "string" and { name = what } or what or {}
  return function(message)
    for key, value in pairs(fields) do
      if message[key] ~= value then
        return false
      end
    end
    return true
  end
end

--@ ssl.testing.tap.message(what, change)
-- Changes messages of the handshake on their way, encrypted ones too: the kit knows the
-- keys of its pairs and servers. The records are encrypted anew, so the other side can
-- decrypt them, and meets the change in the message.
-- - `what` (string, table, function or nil): the name of a message, such as
--   `"Certificate"`; or fields, such as `{ name = "Finished", from = "client" }`; or a
--   function of the message; nil means all.
-- - `change` (function): called with the `ssl.testing.Message`, which it may change. It
--   returns nil to send it on; false to drop it; or what to send instead: a message,
--   bytes, or an array of these (the same one twice repeats it).
--
-- Both sides take their keys from ClientHello and ServerHello. If you change one of
-- these, the two sides have different keys, and the first record that is encrypted is
-- refused. Records of TLS 1.2 with CBC or CCM pass as they are. Returns a tap. Since: an
-- addition.
--
-- Type: fun(what: string|table|(fun(message: ssl.testing.Message): boolean?)|nil,
--   change: ssl.testing.Change): ssl.testing.Tap
-- Type: ssl.testing.Change = fun(message: ssl.testing.Message):
--   nil|false|string|ssl.testing.Message|table
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.message("CertificateVerify", function() return false end),
--     })
--     assert(pair:handshake().client.alert == "unexpected_message")
function tap.message(what, change)
  if what ~= nil and type(what) ~= "string" then
    check("message", what)
  end
  if type(change) ~= "function" then
    error(("bad argument #2 to 'message' (function expected, got %s)"):format(type(change)), 2)
  end
  local rewriter = rewrite(chooser(what), change)
  return function(record)
    if record.datagram then
      error("ssl.testing.tap.message knows the messages of TLS, not those of DTLS", 0)
    end
    return rewriter(record)
  end
end

--@ ssl.testing.raw(bytes)
-- Stands for a value in a message, of any kind, which is written as these bytes, with no
-- length before them.
-- - `bytes` (string).
-- Returns a value for a field of a `ssl.testing.Message`. Since: an addition.
--
-- Type: fun(bytes: string): table
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = testing.tap.message("ClientHello", function(hello)
--         hello.ciphers = testing.raw("\xFF\xFF")  -- a length without ciphers
--       end),
--     })
--     assert(pair:handshake().server.error)

--@ ssl.testing.tap.record(type, payload [, version])
-- Makes a TLS record, not encrypted.
-- - `type` (integer or string): its content type, such as 22 or `"handshake"`.
-- - `payload` (string).
-- - `version` (integer): 0x0303 by default.
-- Returns its bytes (a string). RFC 8446, 5.1. Since: an addition.
--
-- Type: fun(type: integer|string, payload: string, version?: integer): string
--
--     local testing = require "ssl.testing"
--     assert(testing.tap.record("alert", "\2\40") == "\21\3\3\0\2\2\40")
function tap.record(kind, payload, version)
  kind = names.content.number[kind] or kind
  return string.pack(">I1I2s2", kind, version or 0x0303, payload)
end

local function share(options, name)
  local value = options[name]
  if value == nil then
    return 0
  elseif type(value) ~= "number" or not (value >= 0 and value <= 1) then
    error(("bad argument #1 to 'unreliable' (%s: number from 0 to 1 expected)"):format(name), 3)
  end
  return value
end

--@ ssl.testing.tap.unreliable(options)
-- Does to datagrams what networks do: loses some, delivers some twice, and some after
-- the next one. Which ones, depends on the numbers of the datagrams and on the seed.
-- - `options` (table): `loss`, `duplication` and `reordering` (numbers from 0 to 1: the
--   share of the datagrams; 0 by default), and `seed` (integer; 1 by default).
-- Returns a tap, for one pair. Since: an addition.
--
-- Type: fun(options: { loss?: number, duplication?: number, reordering?: number,
--   seed?: integer }): ssl.testing.Tap
--
--     local testing = require "ssl.testing"
--     local tap = testing.tap.unreliable({ loss = 1/3, duplication = 0.1, seed = 42 })
function tap.unreliable(options)
  local loss, twice, late = share(options, "loss"), share(options, "duplication"),
    share(options, "reordering")
  local start = options.seed or 1
  local numbers = { client = seed.generator(start), server = seed.generator(~start) }
  local held = {}
  return function(record)
    local next_number, before = numbers[record.from], held[record.from]
    local lost, doubled, delayed = next_number() < loss, next_number() < twice, next_number() < late
    held[record.from] = nil
    local out = {}
    if not lost and delayed and not before then
      held[record.from] = record.bytes
    elseif not lost then
      out[1], out[2] = record.bytes, doubled and record.bytes or nil
    end
    out[#out + 1] = before
    return out
  end
end

--@ ssl.testing.tap.chain(tap, ...)
-- Joins taps: the first that changes a record decides. Returns a tap. Since: an
-- addition.
--
-- Type: fun(tap: ssl.testing.Tap, ...: ssl.testing.Tap): ssl.testing.Tap
--
--     local testing = require "ssl.testing"
--     local tap = testing.tap.chain(testing.tap.split({ from = "client", n = 1 }),
--                                   testing.tap.drop({ from = "server", n = 1 }))
--     local pair = testing.pair({ client = ctx, server = server_ctx, server_hostname = "localhost",
--       tap = tap })
--     assert(not pair:handshake().ok)
function tap.chain(...)
  local taps = { ... }
  return function(record)
    for _, one in ipairs(taps) do
      local result = one(record)
      if result ~= nil then
        return result
      end
    end
  end
end

-- What is delivered for a record: an array of strings, and whether the stream
-- ends after them.
function tap.apply(f, record)
  local result = f and f(record)
  if result == nil then
    return { record.bytes }, false
  elseif type(result) == "string" then
    return { result }, false
  elseif type(result) == "table" then
    return result, result.eof or false
  end
  error(("bad return value from 'tap' (string or table expected, got %s)"):format(type(result)), 0)
end

return tap
