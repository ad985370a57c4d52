-- From secrets to keys: the key schedule of TLS 1.3 (RFC 8446, 7) and of TLS 1.2
-- (RFC 5246, 5 and 6.3).

local low = require "_ssl_testing"

local keys = {}

-- How a cipher protects records: nil for those that this kit cannot do itself, which
-- are the ones with CBC, CCM and RC4.
function keys.suite(name)
  local kind, size
  name = type(name) == "string" and name or ""
  if name:find("AES_128_GCM", 1, true) then
    kind, size = "AES-128-GCM", 16
  elseif name:find("AES_256_GCM", 1, true) then
    kind, size = "AES-256-GCM", 32
  elseif name:find("CHACHA20_POLY1305", 1, true) then
    kind, size = "ChaCha20-Poly1305", 32
  else
    return nil
  end
  local hash = name:match("SHA%d+$") or "SHA256"
  return {
    name = name, cipher = kind, key_size = size, hash = hash,
    hash_size = hash == "SHA384" and 48 or 32,
    salt = kind ~= "ChaCha20-Poly1305" and 4 or 12,  -- of TLS 1.2's nonce
  }
end

function keys.extract(hash, salt, secret)
  return low.hmac(hash, salt, secret)
end

function keys.expand(hash, secret, info, size)
  local out, block, i = "", "", 0
  while #out < size do
    i = i + 1
    block = low.hmac(hash, secret, block .. info .. string.char(i))
    out = out .. block
  end
  return out:sub(1, size)
end

function keys.expand_label(hash, secret, label, context, size)
  return keys.expand(hash, secret, string.pack(">I2s1s1", size, "tls13 " .. label, context), size)
end

-- A secret for a label and the hash of the messages so far.
function keys.derive(suite, secret, label, transcript)
  return keys.expand_label(suite.hash, secret, label, transcript, suite.hash_size)
end

-- The pseudorandom function of TLS 1.2.
function keys.prf(hash, secret, label, seed, size)
  seed = label .. seed
  local out, a = "", seed
  while #out < size do
    a = low.hmac(hash, secret, a)
    out = out .. low.hmac(hash, secret, a .. seed)
  end
  return out:sub(1, size)
end

-- The keys of both sides in TLS 1.2: {client = {key, iv}, server = {key, iv}}.
function keys.block(suite, master, client_random, server_random)
  local size, salt = suite.key_size, suite.salt
  local block = keys.prf(suite.hash, master, "key expansion", server_random .. client_random,
    2 * size + 2 * salt)
  local a, b, c, d = string.unpack(("c%dc%dc%dc%d"):format(size, size, salt, salt), block)
  return { client = { key = a, iv = c }, server = { key = b, iv = d } }
end

-- What Finished has in TLS 1.3, and in TLS 1.2 for a side.
function keys.finished(suite, secret, transcript)
  local key = keys.expand_label(suite.hash, secret, "finished", "", suite.hash_size)
  return low.hmac(suite.hash, key, transcript)
end

function keys.finished12(suite, master, side, transcript)
  return keys.prf(suite.hash, master, side .. " finished", transcript, 12)
end

return keys
