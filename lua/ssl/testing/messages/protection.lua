-- How records of one direction are encrypted and decrypted with one key (RFC 8446, 5.2;
-- RFC 5288 and RFC 7905 for TLS 1.2).

local low = require "_ssl_testing"
local keys = require "ssl.testing.messages.keys"

local Protection = {}
Protection.__index = Protection

local protection = {}

-- Of TLS 1.3, from a traffic secret.
function protection.of_secret(suite, secret)
  return setmetatable({
    suite = suite, secret = secret, sequence = 0, modern = true,
    key = keys.expand_label(suite.hash, secret, "key", "", suite.key_size),
    iv = keys.expand_label(suite.hash, secret, "iv", "", 12),
  }, Protection)
end

-- Of TLS 1.2, from {key =, iv =}.
function protection.of_keys(suite, pair)
  return setmetatable({ suite = suite, sequence = 0, key = pair.key, iv = pair.iv }, Protection)
end

-- The one that follows a KeyUpdate.
function Protection:updated()
  local suite = self.suite
  return protection.of_secret(suite,
    keys.expand_label(suite.hash, self.secret, "traffic upd", "", suite.hash_size))
end

-- A copy that goes its own way.
function Protection:copy()
  local out = setmetatable({}, Protection)
  for key, value in pairs(self) do
    out[key] = value
  end
  return out
end

local function xor(iv, sequence)
  local a, b = string.unpack(">I4I8", iv)
  return string.pack(">I4I8", a, b ~ sequence)
end

-- The nonce of the next record, and what of it the record itself has.
local function nonce(self, explicit)
  if self.iv and #self.iv == 12 then
    return xor(self.iv, self.sequence), ""
  end
  explicit = explicit or string.pack(">I8", self.sequence)
  return self.iv .. explicit, explicit
end

local function extra12(self, kind, version, size)
  return string.pack(">I8I1I2I2", self.sequence, kind, version, size)
end

-- Decrypts the next record: its content and its true content type; nil if the key is
-- another.
function Protection:open(kind, version, payload)
  local text
  if self.modern then
    local head = string.pack(">I1I2I2", kind, version, #payload)
    text = low.unseal(self.suite.cipher, self.key, (nonce(self)), head, payload)
    if text then
      text = text:match("^.*[^\0]") or ""  -- without the padding
      kind, text = text:byte(-1), text:sub(1, -2)
    end
  else
    local size = #self.iv == 4 and 8 or 0
    if #payload < size + 16 then
      return nil
    end
    text = low.unseal(self.suite.cipher, self.key, (nonce(self, payload:sub(1, size))),
      extra12(self, kind, version, #payload - size - 16), payload:sub(size + 1))
  end
  if text then
    self.sequence = self.sequence + 1
    return text, kind
  end
end

-- The bytes of the next record with this content.
function Protection:seal(kind, text, version)
  version = version or 0x0303
  local payload
  if self.modern then
    text = text .. string.char(kind)
    kind = 23
    payload = low.seal(self.suite.cipher, self.key, (nonce(self)),
      string.pack(">I1I2I2", kind, version, #text + 16), text)
  else
    local whole, explicit = nonce(self)
    payload = explicit .. low.seal(self.suite.cipher, self.key, whole,
      extra12(self, kind, version, #text), text)
  end
  self.sequence = self.sequence + 1
  return string.pack(">I1I2s2", kind, version, payload)
end

return protection
