-- Writes ClientHellos byte by byte, so that a probe can offer what no library
-- offers any more, or nothing offers yet.

local _ssl = require "_ssl"
local names = require "ssl.scan.names"

local hello = {}

local pack, concat = string.pack, table.concat

-- A vector of TLS with 16-bit numbers in it.
local function numbers(list)
  local out = {}
  for i, n in ipairs(list) do
    out[i] = pack(">I2", n)
  end
  return pack(">s2", concat(out))
end

-- Public keys of the private key 1. They are valid, so a server goes on to answer,
-- and the probe ends before any secret is needed.
local SHARES = {
  [0x001D] = "\9" .. ("\0"):rep(31),
  [0x001E] = "\5" .. ("\0"):rep(55),
  [0x0017] = "\4\x6B\x17\xD1\xF2\xE1\x2C\x42\x47\xF8\xBC\xE6\xE5\x63\xA4\x40\xF2\z
    \x77\x03\x7D\x81\x2D\xEB\x33\xA0\xF4\xA1\x39\x45\xD8\x98\xC2\x96\z
    \x4F\xE3\x42\xE2\xFE\x1A\x7F\x9B\x8E\xE7\xEB\x4A\x7C\x0F\x9E\x16\z
    \x2B\xCE\x33\x57\x6B\x31\x5E\xCE\xCB\xB6\x40\x68\x37\xBF\x51\xF5",
  [0x0018] = "\4\xAA\x87\xCA\x22\xBE\x8B\x05\x37\x8E\xB1\xC7\x1E\xF3\x20\xAD\x74\z
    \x6E\x1D\x3B\x62\x8B\xA7\x9B\x98\x59\xF7\x41\xE0\x82\x54\x2A\x38\z
    \x55\x02\xF2\x5D\xBF\x55\x29\x6C\x3A\x54\x5E\x38\x72\x76\x0A\xB7\z
    \x36\x17\xDE\x4A\x96\x26\x2C\x6F\x5D\x9E\x98\xBF\x92\x92\xDC\x29\z
    \xF8\xF4\x1D\xBD\x28\x9A\x14\x7C\xE9\xDA\x31\x13\xB5\xF0\xB8\xC0\z
    \x0A\x60\xB1\xCE\x1D\x7E\x81\x9D\x7A\x43\x1D\x7C\x90\xEA\x0E\x5F",
}

-- Whether a probe can send a key of this group.
function hello.has_share(group)
  return SHARES[group] ~= nil
end

local function key_shares(groups)
  local out = {}
  for i, group in ipairs(groups) do
    out[i] = pack(">I2s2", group, SHARES[group])
  end
  return pack(">s2", concat(out))
end

local function is_name(host)
  return host and not host:find(":", 1, true) and not host:find("^[%d.]+$")
end

-- The extensions that `offer` asks for, as {type, data}.
local function extensions_of(offer)
  local list = {}
  local function add(condition, kind, data)
    list[#list + 1] = condition and pack(">I2s2", kind, data) or nil
  end
  add(is_name(offer.host), 0, is_name(offer.host) and pack(">s2", "\0" .. pack(">s2", offer.host)))
  add(offer.staple, 5, "\1\0\0\0\0")
  add(offer.groups, 10, offer.groups and numbers(offer.groups))
  add(offer.groups, 11, "\1\0")
  add(offer.signatures, 13, offer.signatures and numbers(offer.signatures))
  add(offer.heartbeat, 15, "\1")
  add(offer.alpn, 16, offer.alpn and pack(">s2", pack("s1", offer.alpn)))
  add(not offer.bare, 22, "")  -- encrypt_then_mac
  add(not offer.bare, 23, "")  -- extended_master_secret
  add(not offer.bare, 35, "")  -- session_ticket
  add(offer.versions, 43, offer.versions and pack("s1", numbers(offer.versions):sub(3)))
  add(offer.shares, 51, offer.shares and key_shares(offer.shares))
  add(not offer.bare, 0xFF01, "\0")  -- renegotiation_info
  for _, one in ipairs(offer.extensions or {}) do
    add(true, one[1], one[2])
  end
  return concat(list)
end

--- Makes the record of a ClientHello. `offer` has `version` (the number of the
-- newest version before TLS 1.3), `ciphers` (their numbers), and by choice `host`,
-- `versions`, `groups`, `signatures`, `shares` (arrays of numbers), `compressions`
-- (a string), `staple`, `heartbeat` (booleans), `alpn` (a name), `extensions` (array
-- of {number, bytes}), and `bare` for no extension but those named.
function hello.encode(offer)
  local body = pack(">I2c32s1", offer.version, _ssl.RAND_bytes(32),
    offer.versions and _ssl.RAND_bytes(32) or "")
    .. numbers(offer.ciphers) .. pack("s1", offer.compressions or "\0")
  if offer.version > names.version_code.SSLv3 then
    local extensions = extensions_of(offer)
    if extensions ~= "" then
      body = body .. pack(">s2", extensions)
    end
  end
  local first = offer.record_version or math.min(offer.version, 0x0301)
  return pack(">I1I2s2", 22, first, "\1" .. pack(">s3", body))
end

--- Makes a ClientHello of SSL 2.0, which offers all its ciphers.
function hello.encode_ssl2(ciphers)
  local list = {}
  for code in pairs(ciphers) do
    list[#list + 1] = pack(">I3", code)
  end
  list = concat(list)
  local body = pack(">I1I2I2I2I2", 1, 2, #list, 0, 16) .. list .. _ssl.RAND_bytes(16)
  return pack(">I2", 0x8000 | #body) .. body
end

return hello
