-- The secrets of an attacker's own connection, each as soon as what it depends on has
-- been sent or received (RFC 8446, 7.1; RFC 5246, 8.1; RFC 7627).

local low = require "_ssl_testing"
local keys = require "ssl.testing.messages.keys"
local names = require "ssl.testing.messages.names"
local shares = require "ssl.testing.attack.shares"

local schedule = {}

-- How the connection's cipher protects records.
local function suite_of(peer)
  local cipher = peer.context.cipher
  return keys.suite(cipher)
    or shares.refuse("the kit cannot encrypt by the cipher %s", names.show(cipher))
end

local function hash_of(peer, suite)
  return low.digest(suite.hash, peer.transcript)
end

-- Keeps a secret, for what reads the other side's records, and for the wire.
local function note(peer, label, secret)
  peer.secrets[label] = secret
  local function hex(bytes)
    return (bytes:gsub(".", function(char) return ("%02x"):format(char:byte()) end))
  end
  peer.wire:secret(peer.role, ("%s %s %s"):format(label, hex(peer.random), hex(secret)))
end

-- After ServerHello of TLS 1.3.
function schedule.handshake(peer, shared)
  local suite = suite_of(peer)
  local none, empty = ("\0"):rep(suite.hash_size), low.digest(suite.hash, "")
  local early = keys.extract(suite.hash, none, none)
  local secret = keys.extract(suite.hash, keys.derive(suite, early, "derived", empty), shared)
  local transcript = hash_of(peer, suite)
  for label, name in pairs({
    ["c hs traffic"] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    ["s hs traffic"] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
  }) do
    note(peer, name, keys.derive(suite, secret, label, transcript))
  end
  peer.master = keys.extract(suite.hash, keys.derive(suite, secret, "derived", empty), none)
end

-- After the server's Finished of TLS 1.3.
function schedule.application(peer)
  local suite = suite_of(peer)
  local transcript = hash_of(peer, suite)
  for label, name in pairs({
    ["c ap traffic"] = "CLIENT_TRAFFIC_SECRET_0", ["s ap traffic"] = "SERVER_TRAFFIC_SECRET_0",
  }) do
    note(peer, name, keys.derive(suite, peer.master, label, transcript))
  end
end

-- After ClientKeyExchange of TLS 1.2.
function schedule.master(peer, shared)
  local suite = suite_of(peer)
  local label, seed = "master secret", peer.client_random .. peer.server_random
  if peer.extended then
    label, seed = "extended master secret", hash_of(peer, suite)
  end
  peer.master = keys.prf(suite.hash, shared, label, seed, 48)
  note(peer, "CLIENT_RANDOM", peer.master)
end

-- What a side's Finished has to say.
function schedule.finished(peer, side)
  local suite = keys.suite(peer.context.cipher)
  if not suite or not peer.master then
    return ("\0"):rep(peer.context.version == "TLSv1.3" and 32 or 12)
  elseif peer.context.version == "TLSv1.3" then
    local label = side:upper() .. "_HANDSHAKE_TRAFFIC_SECRET"
    return keys.finished(suite, peer.secrets[label], hash_of(peer, suite))
  end
  return keys.finished12(suite, peer.master, side, hash_of(peer, suite))
end

-- What a side's CertificateVerify signs.
function schedule.to_sign(peer, side)
  local suite = suite_of(peer)
  return (" "):rep(64) .. ("TLS 1.3, %s CertificateVerify\0"):format(side) .. hash_of(peer, suite)
end

-- The first ClientHello, once the server has asked for another (RFC 8446, 4.4.1).
function schedule.retry(peer)
  local suite = suite_of(peer)
  peer.transcript = string.pack(">I1 s3", 254, hash_of(peer, suite))
end

return schedule
