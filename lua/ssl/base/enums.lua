-- ssl/base/enums.lua - tables from the names of constants to their numbers, which
-- turn back.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"

-- Names that share their number with another, which is the one to show.
local alias = {
  PROTOCOL_SSLv23 = true, OP_SINGLE_DH_USE = true, OP_SINGLE_ECDH_USE = true,
}

local methods = {}

local function readonly(self)
  error(("%s is read-only"):format(getmetatable(self).__name), 2)
end

local function new(title, members)
  return setmetatable(members, {
    __name = "ssl." .. title, __index = methods, __newindex = readonly,
  })
end

-- All of _ssl's constants whose names begin with `prefix`.
local function collect(title, prefix, cut)
  local members = {}
  for name, value in pairs(_ssl) do
    if name:sub(1, #prefix) == prefix then
      members[cut and name:sub(#prefix + 1) or name] = value
    end
  end
  return new(title, members)
end

--@ Enum:name(number)
-- The name of a constant.
-- - `number` (integer): its value.
-- Returns `name` (string), or nil if no constant of this enum has the value.
-- Since: an addition (Python's `VerifyMode(2).name`).
--
-- Type: fun(number: integer): string?
--
--     assert(ssl.VerifyMode:name(ssl.CERT_REQUIRED) == "CERT_REQUIRED")
--     assert(ssl.VerifyMode:name(77) == nil)
function methods:name(number)
  local found
  for name, value in pairs(self) do
    if value == number and not alias[name] then
      found = name
    end
  end
  return found
end

-- {value = name} of the constants that are made of bits, in the order of their
-- lowest new bit.
local function flags(self)
  local list = {}
  for name, value in pairs(self) do
    if value ~= 0 and not alias[name] then
      list[#list + 1] = { name = name, value = value }
    end
  end
  table.sort(list, function(a, b) return math.ult(a.value, b.value) end)
  return list
end

--@ Enum:names(flags)
-- The names of the constants that make up a combination.
-- - `flags` (integer): constants combined by `|`.
-- Returns an array of strings in the order of the numbers. Bits that no constant
-- has come last, as one hexadecimal number.
-- Since: an addition (Python's `list(Options(n))`).
--
-- Type: fun(flags: integer): string[]
--
--     local set = ssl.OP_NO_TLSv1 | ssl.OP_NO_TICKET
--     assert(table.concat(ssl.Options:names(set), " ") == "OP_NO_TICKET OP_NO_TLSv1")
function methods:names(number)
  local names, rest = {}, number
  for _, flag in ipairs(flags(self)) do
    if number & flag.value == flag.value then
      names[#names + 1] = flag.name
      rest = rest & ~flag.value
    end
  end
  if rest ~= 0 then
    names[#names + 1] = ("0x%x"):format(rest)
  end
  return names
end

local M = {}

--@ ssl.VerifyMode (table)
-- The `CERT_*` constants, from name to integer. `ssl.VerifyMode:name(n)` returns the name
-- of a number. Like all enums, the table is read-only, and `pairs` works on it.
-- Since: CPython 3.6.
--
-- Type: enum CERT_*
--
--     assert(ssl.VerifyMode.CERT_NONE == ssl.CERT_NONE)
M.VerifyMode = collect("VerifyMode", "CERT_")

--@ ssl.VerifyFlags (table)
-- The `VERIFY_*` constants. `ssl.VerifyFlags:names(flags)` lists the names of the flags
-- that are set. Since: CPython 3.6.
--
-- Type: enum VERIFY_*
--
--     local names = ssl.VerifyFlags:names(ssl.VERIFY_X509_STRICT)
--     assert(#names == 1 and names[1] == "VERIFY_X509_STRICT")
M.VerifyFlags = collect("VerifyFlags", "VERIFY_")

--@ ssl.Options (table)
-- The `OP_*` constants. `ssl.Options:names(ctx.options)` lists the names of the options
-- that are set. Since: CPython 3.6.
--
-- Type: enum OP_*
--
--     assert(ssl.Options:names(ssl.OP_NO_TICKET)[1] == "OP_NO_TICKET")
M.Options = collect("Options", "OP_")

--@ ssl.AlertDescription (table)
-- The `ALERT_DESCRIPTION_*` constants. Since: CPython 3.6.
--
-- Type: enum ALERT_DESCRIPTION_*
--
--     assert(ssl.AlertDescription:name(48) == "ALERT_DESCRIPTION_UNKNOWN_CA")
M.AlertDescription = collect("AlertDescription", "ALERT_DESCRIPTION_")

--@ ssl.SSLErrorNumber (table)
-- The `SSL_ERROR_*` constants, which are the `errno` of an `SSLError`.
-- Since: CPython 3.6.
--
-- Type: enum SSL_ERROR_*
--
--     assert(ssl.SSLErrorNumber:name(2) == "SSL_ERROR_WANT_READ")
M.SSLErrorNumber = collect("SSLErrorNumber", "SSL_ERROR_")

--@ ssl.Protocol (table)
-- The `PROTOCOL_*` constants. Python's private name for the table, `_SSLMethod`, works
-- too. Since: CPython 3.6.
--
-- Type: enum PROTOCOL_*
--
--     assert(ssl.Protocol:name(ssl.PROTOCOL_SSLv23) == "PROTOCOL_TLS")
M.Protocol = collect("Protocol", "PROTOCOL_")
M._SSLMethod = M.Protocol

--@ ssl.TLSVersion (table)
-- The values for a context's `minimum_version` and `maximum_version`:
-- `MINIMUM_SUPPORTED`, `SSLv3`, `TLSv1`, `TLSv1_1`, `TLSv1_2`, `TLSv1_3`,
-- `MAXIMUM_SUPPORTED`. Since: CPython 3.7.
--
-- Type: enum MINIMUM_SUPPORTED SSLv3 TLSv1 TLSv1_1 TLSv1_2 TLSv1_3 MAXIMUM_SUPPORTED
--
--     ctx.minimum_version = ssl.TLSVersion.TLSv1_3
--     assert(ssl.TLSVersion:name(ctx.minimum_version) == "TLSv1_3")
M.TLSVersion = collect("TLSVersion", "PROTO_", true)

--@ ssl._TLSContentType (table)
-- The content types that `_msg_callback` is given (RFC 8446, B.1), and two of
-- OpenSSL's own: `HEADER` and `INNER_CONTENT_TYPE`. Since: CPython 3.8.
--
-- Type: enum CHANGE_CIPHER_SPEC ALERT HANDSHAKE APPLICATION_DATA HEADER INNER_CONTENT_TYPE
--
--     assert(ssl._TLSContentType:name(22) == "HANDSHAKE")
M._TLSContentType = new("_TLSContentType", {
  CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23,
  HEADER = 0x100, INNER_CONTENT_TYPE = 0x101,
})

--@ ssl._TLSAlertType (table)
-- The alerts that `_msg_callback` is given (RFC 8446, B.2). Since: CPython 3.8.
--
-- Type: enum CLOSE_NOTIFY UNEXPECTED_MESSAGE BAD_RECORD_MAC DECRYPTION_FAILED RECORD_OVERFLOW
--   DECOMPRESSION_FAILURE HANDSHAKE_FAILURE NO_CERTIFICATE BAD_CERTIFICATE
--   UNSUPPORTED_CERTIFICATE CERTIFICATE_REVOKED CERTIFICATE_EXPIRED CERTIFICATE_UNKNOWN
--   ILLEGAL_PARAMETER UNKNOWN_CA ACCESS_DENIED DECODE_ERROR DECRYPT_ERROR EXPORT_RESTRICTION
--   PROTOCOL_VERSION INSUFFICIENT_SECURITY INTERNAL_ERROR INAPPROPRIATE_FALLBACK USER_CANCELED
--   NO_RENEGOTIATION MISSING_EXTENSION UNSUPPORTED_EXTENSION CERTIFICATE_UNOBTAINABLE
--   UNRECOGNIZED_NAME BAD_CERTIFICATE_STATUS_RESPONSE BAD_CERTIFICATE_HASH_VALUE
--   UNKNOWN_PSK_IDENTITY CERTIFICATE_REQUIRED NO_APPLICATION_PROTOCOL
--
--     assert(ssl._TLSAlertType:name(0) == "CLOSE_NOTIFY")
M._TLSAlertType = new("_TLSAlertType", {
  CLOSE_NOTIFY = 0, UNEXPECTED_MESSAGE = 10, BAD_RECORD_MAC = 20, DECRYPTION_FAILED = 21,
  RECORD_OVERFLOW = 22, DECOMPRESSION_FAILURE = 30, HANDSHAKE_FAILURE = 40,
  NO_CERTIFICATE = 41, BAD_CERTIFICATE = 42, UNSUPPORTED_CERTIFICATE = 43,
  CERTIFICATE_REVOKED = 44, CERTIFICATE_EXPIRED = 45, CERTIFICATE_UNKNOWN = 46,
  ILLEGAL_PARAMETER = 47, UNKNOWN_CA = 48, ACCESS_DENIED = 49, DECODE_ERROR = 50,
  DECRYPT_ERROR = 51, EXPORT_RESTRICTION = 60, PROTOCOL_VERSION = 70,
  INSUFFICIENT_SECURITY = 71, INTERNAL_ERROR = 80, INAPPROPRIATE_FALLBACK = 86,
  USER_CANCELED = 90, NO_RENEGOTIATION = 100, MISSING_EXTENSION = 109,
  UNSUPPORTED_EXTENSION = 110, CERTIFICATE_UNOBTAINABLE = 111, UNRECOGNIZED_NAME = 112,
  BAD_CERTIFICATE_STATUS_RESPONSE = 113, BAD_CERTIFICATE_HASH_VALUE = 114,
  UNKNOWN_PSK_IDENTITY = 115, CERTIFICATE_REQUIRED = 116, NO_APPLICATION_PROTOCOL = 120,
})

--@ ssl._TLSMessageType (table)
-- The handshake messages that `_msg_callback` is given (RFC 8446, B.3).
-- Since: CPython 3.8.
--
-- Type: enum HELLO_REQUEST CLIENT_HELLO SERVER_HELLO HELLO_VERIFY_REQUEST NEWSESSION_TICKET
--   END_OF_EARLY_DATA HELLO_RETRY_REQUEST ENCRYPTED_EXTENSIONS CERTIFICATE SERVER_KEY_EXCHANGE
--   CERTIFICATE_REQUEST SERVER_DONE CERTIFICATE_VERIFY CLIENT_KEY_EXCHANGE FINISHED
--   CERTIFICATE_URL CERTIFICATE_STATUS SUPPLEMENTAL_DATA KEY_UPDATE NEXT_PROTO MESSAGE_HASH
--   CHANGE_CIPHER_SPEC
--
--     assert(ssl._TLSMessageType:name(1) == "CLIENT_HELLO")
M._TLSMessageType = new("_TLSMessageType", {
  HELLO_REQUEST = 0, CLIENT_HELLO = 1, SERVER_HELLO = 2, HELLO_VERIFY_REQUEST = 3,
  NEWSESSION_TICKET = 4, END_OF_EARLY_DATA = 5, HELLO_RETRY_REQUEST = 6,
  ENCRYPTED_EXTENSIONS = 8, CERTIFICATE = 11, SERVER_KEY_EXCHANGE = 12,
  CERTIFICATE_REQUEST = 13, SERVER_DONE = 14, CERTIFICATE_VERIFY = 15,
  CLIENT_KEY_EXCHANGE = 16, FINISHED = 20, CERTIFICATE_URL = 21, CERTIFICATE_STATUS = 22,
  SUPPLEMENTAL_DATA = 23, KEY_UPDATE = 24, NEXT_PROTO = 67, MESSAGE_HASH = 254,
  CHANGE_CIPHER_SPEC = 0x0101,
})

--@ ssl.get_protocol_name(protocol)
-- Tells the name of a protocol number.
-- - `protocol` (integer): a `PROTOCOL_*` constant.
-- Returns a string; `"<unknown>"` for any other number. Since: CPython 2.6.
--
-- Type: fun(protocol: integer): string
--
--     assert(ssl.get_protocol_name(ssl.PROTOCOL_TLS_CLIENT) == "PROTOCOL_TLS_CLIENT")
function M.get_protocol_name(protocol)
  return M.Protocol:name(protocol) or "<unknown>"
end

return M
