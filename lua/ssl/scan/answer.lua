-- Reads what a server answers to a ClientHello, up to the point from which on the
-- server's words are encrypted.

local names = require "ssl.scan.names"

local answer = {}

local unpack = string.unpack

-- The random of a ServerHello that is a HelloRetryRequest (RFC 8446, 4.1.3).
local RETRY = "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91\z
  \xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C"

local function read_extensions(bytes)
  local extensions, at = {}, 1
  while at <= #bytes do
    local kind, data
    kind, data, at = unpack(">I2s2", bytes, at)
    extensions[kind] = data
  end
  return extensions
end

local readers = {}

-- ServerHello, or HelloRetryRequest.
readers[2] = function(result, body)
  local extensions = ""
  local at
  result.version, result.random, result.session_id, result.cipher, result.compression, at =
    unpack(">I2c32s1I2I1", body)
  if at <= #body then
    extensions = unpack(">s2", body, at)
  end
  result.kind, result.retry = "hello", result.random == RETRY
  result.extensions = read_extensions(extensions)
  local version, share = result.extensions[43], result.extensions[51]
  if version then
    result.version = unpack(">I2", version)
  end
  result.group = share and unpack(">I2", share) or nil
end

-- Certificate, of TLS 1.2 and older.
readers[11] = function(result, body)
  local list, at = unpack(">s3", body), 1
  result.certificates = {}
  while at <= #list do
    local der
    der, at = unpack(">s3", list, at)
    table.insert(result.certificates, der)
  end
end

-- CertificateStatus.
readers[22] = function(result, body)
  result.staple = unpack(">s3", body, 2)
end

local function bits_of(number)
  number = number:gsub("^\0+", "")
  local bits, first = #number * 8, number:byte() or 0
  while bits > 0 and first < 0x80 do
    bits, first = bits - 1, first << 1
  end
  return bits
end

-- ServerKeyExchange: of Diffie-Hellman on curves, or over a prime.
readers[12] = function(result, body)
  local suite, at = result.suite, nil
  local exchange = suite and suite(result.cipher).key_exchange or ""
  if exchange:find("^ECDHE") or exchange:find("^ECDH_anon") then
    local _
    _, result.group, _, at = unpack(">I1I2s1", body)
  elseif exchange:find("^DHE_[RD]") or exchange:find("^DH_anon") then
    local prime, _
    prime, _, _, at = unpack(">s2s2s2", body)
    result.dh_bits = bits_of(prime)
  end
  if at and result.version == names.version_code["TLSv1.2"] and not exchange:find("anon") then
    result.signature = unpack(">I2", body, at)
  end
end

-- Takes the messages off the front of `result.handshake`. Returns whether the
-- server has said all that it says in plain.
local function read_messages(result)
  while #result.handshake >= 4 do
    local kind, size = unpack(">I1I3", result.handshake)
    if #result.handshake < 4 + size then
      return false
    end
    local body = result.handshake:sub(5, 4 + size)
    result.handshake = result.handshake:sub(5 + size)
    if readers[kind] then
      readers[kind](result, body)
    end
    -- ServerHelloDone; or a ServerHello after which all is encrypted
    if kind == 14 or kind == 2 and (result.only_hello or result.version >= 0x0304) then
      return true
    end
  end
  return false
end

-- Reads the record at the front of `bytes`. Returns whether the answer is whole, and
-- the rest; nil if the record is not whole.
local function read_record(result, bytes)
  local kind = bytes:byte()
  if kind < 20 or kind > 23 or (bytes:byte(2) or 3) ~= 3 then
    result.kind, result.bytes = result.kind or "rubbish", bytes
    return true, ""
  elseif #bytes < 5 or #bytes < 5 + unpack(">I2", bytes, 4) then
    return nil
  end
  local payload, at = unpack(">s2", bytes, 4)
  local rest = bytes:sub(at)
  if kind == 21 and #payload == 2 then
    local description = payload:byte(2)
    if description ~= 112 then  -- unrecognized_name may be a warning only
      result.kind, result.alert = result.kind or "alert", names.alert(description)
      return true, rest
    end
  elseif kind == 22 then
    result.handshake = result.handshake .. payload
    return read_messages(result), rest
  end
  return false, rest
end

--- Reads an answer. `read` is a function that gives the next bytes, or nil and why
-- there are none ("closed", "reset", "silent"); `options` has `suite` (a function
-- from a cipher's number to its table) and `only_hello` (boolean). Returns a table
-- whose `kind` is "hello", "alert", "closed", "reset", "silent" or "rubbish".
function answer.read(read, options)
  local result = setmetatable({ handshake = "" }, { __index = options })
  local bytes = ""
  while true do
    local more, why = read()
    if not more then
      result.kind = result.kind or why
      result.cut = why
      return result
    end
    bytes = bytes .. more
    while bytes ~= "" do
      local ok, done, rest = pcall(read_record, result, bytes)
      if not ok then
        result.kind, result.malformed = result.kind or "rubbish", true
        return result
      elseif done then
        return result
      elseif done == nil then
        break
      end
      bytes = rest
    end
  end
end

--- Reads the answer to a ClientHello of SSL 2.0: the numbers of the ciphers that
-- server and client share; nil if the server does not speak it.
function answer.read_ssl2(read)
  local bytes = ""
  repeat
    local more = read()
    bytes = bytes .. (more or "")
  until not more or #bytes >= 2 and #bytes >= 2 + (unpack(">I2", bytes) & 0x7FFF)
  if #bytes < 13 or bytes:byte() < 0x80 or bytes:byte(3) ~= 4 then
    return nil
  end
  local certificate, ciphers = unpack(">I2I2", bytes, 8)
  local list, first = {}, 14 + certificate
  for at = first, math.min(first + ciphers, #bytes) - 3, 3 do
    list[#list + 1] = unpack(">I3", bytes, at)
  end
  return list
end

return answer
