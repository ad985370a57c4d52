-- ssl/context/hello.lua - a client's first message, taken apart when it is asked for.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"

--@ ssl.ClientHello
-- What a client has said first (RFC 8446, 4.1.2), for a `client_hello_callback`. Nothing of
-- it is proven. The fields are there as the client gave them, in its order, and not one is
-- needed to be there: a field is empty, or nil where that is said, if the client left it out.
-- - `name` (string or nil): the server's name that the client asks for.
-- - `versions` (array of integers): the versions that it offers, as in `ssl.TLSVersion`.
-- - `ciphers` (array of integers): the numbers of its cipher suites; `groups` and
--   `signature_algorithms` (arrays of integers) likewise, as IANA numbers them;
--   `key_shares` (array of integers): the groups that it has sent a key for.
-- - `alpn` (array of strings): the protocols above TLS.
-- - `session_offered` (boolean): whether it has a session to resume.
-- - `psk_identities` (array of strings): what it offers in TLS 1.3 in place of certificates,
--   best first: identities of pre-shared keys, and tickets of sessions.
-- - `extensions` (array of `{type =, data =}`): all of them, with their bytes;
--   `hello:extension(type)` returns the bytes of one, or nil.
-- - `legacy_version` (integer), `random`, `session_id`, `cipher_bytes`,
--   `compression_methods` (strings): the rest, as it came.
-- - `ja3` (string): a fingerprint of the program that made it, in the form whose MD5 is
--   called JA3. `ja4_r` (string): the same in the form of JA4 before its parts are hashed.
-- Numbers that clients make up to keep servers tolerant (GREASE; RFC 8701) are in the
-- fields, but in no fingerprint. Since: an addition.
--
-- Type: ClientHello = { name?: string, versions: integer[], ciphers: integer[], groups: integer[],
--   signature_algorithms: integer[], alpn: string[], session_offered: boolean,
--   psk_identities: string[],
--   extensions: { type: integer, data: string }[], legacy_version: integer, random: string,
--   session_id: string, cipher_bytes: string, compression_methods: string, ja3: string,
--   ja4_r: string, extension: fun(self: ClientHello, type: integer): string? }
--
--     server_ctx.client_hello_callback = function(conn, hello)
--       for _, protocol in ipairs(hello.alpn) do print(hello.name, protocol) end
--     end

local Hello = _ssl._clienthello
local methods, fields = {}, {}

-- Extensions by their numbers.
local SERVER_NAME, GROUPS, POINT_FORMATS, SIGNATURES, ALPN = 0, 10, 11, 13, 16
local TICKET, PSK, VERSIONS, KEY_SHARE = 35, 41, 43, 51

function methods:extension(number)
  for _, extension in ipairs(self.extensions) do
    if extension.type == number then return extension.data end
  end
  return nil
end

-- The bytes behind a length of `size` bytes; what a client has cut short is empty.
local function block(data, size)
  local format = ">s" .. size
  local ok, value = pcall(string.unpack, format, data or "")
  return ok and value or ""
end

-- Numbers of `size` bytes each.
local function numbers(data, size)
  local list, format = {}, ">I" .. size
  for i = 1, #data - size + 1, size do
    list[#list + 1] = string.unpack(format, data, i)
  end
  return list
end

function fields:name()
  local list = block(self:extension(SERVER_NAME), 2)
  if list:byte() ~= 0 then return nil end
  local name = block(list:sub(2), 2)
  return name ~= "" and name or nil
end

function fields:versions()
  local data = self:extension(VERSIONS)
  return data and numbers(block(data, 1), 2) or { self.legacy_version }
end

function fields:ciphers() return numbers(self.cipher_bytes, 2) end
function fields:groups() return numbers(block(self:extension(GROUPS), 2), 2) end
function fields:signature_algorithms() return numbers(block(self:extension(SIGNATURES), 2), 2) end

function fields:key_shares()
  local list, rest = {}, block(self:extension(KEY_SHARE), 2)
  while #rest > 4 do
    list[#list + 1] = string.unpack(">I2", rest)
    rest = rest:sub(5 + string.unpack(">I2", rest, 3))
  end
  return list
end

function fields:alpn()
  local list, rest = {}, block(self:extension(ALPN), 2)
  while rest ~= "" do
    local name = block(rest, 1)
    list[#list + 1] = name
    rest = rest:sub(#name + 2)
  end
  return list
end

function fields:psk_identities()
  local list, rest = {}, block(self:extension(PSK), 2)
  while rest ~= "" do
    local identity = block(rest, 2)
    if identity ~= "" then list[#list + 1] = identity end
    rest = rest:sub(#identity + 7)  -- behind its length and its age
  end
  return list
end

function fields:session_offered()
  local modern = self:extension(VERSIONS) ~= nil  -- its session_id is only for appearances
  return self:extension(PSK) ~= nil or (self:extension(TICKET) or "") ~= ""
    or not modern and self.session_id ~= ""
end

-- Fingerprints --------------------------------------------------------------------

local function isgrease(number)
  return number & 0x0f0f == 0x0a0a and number >> 8 == number & 0xff
end

-- The list without GREASE, each number by the format.
local function plain(list, format)
  local out = {}
  for _, number in ipairs(list) do
    if not isgrease(number) then out[#out + 1] = format:format(number) end
  end
  return out
end

local function types(self)
  local list = {}
  for i, extension in ipairs(self.extensions) do list[i] = extension.type end
  return list
end

function fields:ja3()
  local formats = numbers(block(self:extension(POINT_FORMATS), 1), 1)
  return table.concat({
    ("%d"):format(self.legacy_version),
    table.concat(plain(self.ciphers, "%d"), "-"),
    table.concat(plain(types(self), "%d"), "-"),
    table.concat(plain(self.groups, "%d"), "-"),
    table.concat(formats, "-"),
  }, ",")
end

local SHORT = { [0x304] = "13", [0x303] = "12", [0x302] = "11", [0x301] = "10", [0x300] = "s3",
  [0xfefc] = "d3", [0xfefd] = "d2", [0xfeff] = "d1" }

-- The newest version that is no GREASE. Those of DTLS have numbers that go down.
local function newest(self, datagrams)
  local best
  for _, version in ipairs(self.versions) do
    if not isgrease(version) then
      best = (datagrams and math.min or math.max)(best or version, version)
    end
  end
  return SHORT[best] or "00"
end

-- The first and the last character of the first protocol, or their digits.
local function short_protocol(name)
  if not name or name == "" then return "00" end
  local first, last = name:sub(1, 1), name:sub(-1)
  if first:find("%w") and last:find("%w") then return first .. last end
  return ("%02x"):format(name:byte()):sub(1, 1) .. ("%02x"):format(name:byte(-1)):sub(2)
end

function fields:ja4_r()
  local ciphers = plain(self.ciphers, "%04x")
  local all, rest = plain(types(self), "%04x"), {}
  for _, number in ipairs(all) do
    if number ~= "0000" and number ~= "0010" then rest[#rest + 1] = number end
  end
  table.sort(ciphers)
  table.sort(rest)
  local datagrams = self.legacy_version >> 8 == 0xfe
  local head = ("%s%s%s%02d%02d%s"):format(datagrams and "d" or "t", newest(self, datagrams),
    self:extension(SERVER_NAME) and "d" or "i", math.min(#ciphers, 99), math.min(#all, 99),
    short_protocol(self.alpn[1]))
  local signatures = plain(self.signature_algorithms, "%04x")
  local tail = table.concat(rest, ",")
  if #signatures > 0 then
    tail = tail .. "_" .. table.concat(signatures, ",")
  end
  return head .. "_" .. table.concat(ciphers, ",") .. "_" .. tail
end

Hello.__name = "ssl.ClientHello"

function Hello.__index(self, key)
  local make = fields[key]
  if not make then
    return methods[key]
  end
  local value = make(self)
  rawset(self, key, value)
  return value
end

return {}
