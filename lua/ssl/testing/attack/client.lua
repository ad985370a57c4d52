-- What an attacker says as a client where the test does not say otherwise.

local low = require "_ssl_testing"
local handshake = require "ssl.testing.messages.handshake"
local names = require "ssl.testing.messages.names"
local Peer = require("ssl.testing.attack.peer").Peer
local seed = require "ssl.testing.seed"
local shares = require "ssl.testing.attack.shares"

local CIPHERS <const> = {
  ["TLSv1.3"] = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
  },
  ["TLSv1.2"] = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  },
}

local SIGNATURES <const> = {
  "ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ed25519",
  "ed448", "rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512",
  "rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512",
}

--@ peer:client_hello([options])
-- Makes the ClientHello of an honest client, to change and send.
-- - `options` (table): `version` (`"TLSv1.3"` or `"TLSv1.2"`), `server_name` (string),
--   `ciphers`, `groups` and `protocols` (arrays of names); those of the attack by default.
-- Returns a `ssl.testing.Message`. The keys for its key shares are the peer's. Since: an
-- addition.
--
-- Type: fun(options?: { version?: string, server_name?: string, ciphers?: (string|integer)[],
--   groups?: string[], protocols?: string[] }): ssl.testing.Message
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     testing.attack("127.0.0.1", server.port, { script = function(peer)
--       local hello = peer:client_hello({ version = "TLSv1.2" })
--       table.insert(hello.ciphers, 1, 0xFAFA)
--       peer:send(hello)
--       assert(peer:expect("ServerHello").cipher ~= 0xFAFA)
--     end })
function Peer:client_hello(options)
  options = setmetatable(options or {}, { __index = self.options })
  local version, groups = options.version or "TLSv1.3", options.groups or { "x25519", "secp256r1" }
  local modern = version == "TLSv1.3"
  local hello = handshake.new("ClientHello", {
    legacy_version = "TLSv1.2", random = seed.bytes(32),
    session_id = modern and seed.bytes(32) or "",
    ciphers = table.move(options.ciphers or CIPHERS[version], 1,
      #(options.ciphers or CIPHERS[version]), 1, {}),
    compressions = { 0 }, extensions = {},
  })
  if options.server_name then
    hello:add("server_name", { options.server_name })
  end
  hello:add("supported_groups", table.move(groups, 1, #groups, 1, {}))
  hello:add("signature_algorithms", table.move(SIGNATURES, 1, #SIGNATURES, 1, {}))
  if options.protocols then
    hello:add("alpn", options.protocols)
  end
  if modern then
    hello:add("supported_versions", { "TLSv1.3" })
    hello:add("key_share", { shares.new(self, groups[1]) })
  else
    hello:add("ec_point_formats", { 0 })
    hello:add("extended_master_secret")
    hello:add("renegotiation_info", "\0")
  end
  return hello
end

-- Answers a server that wants another key share.
local function retry(peer, hello, request)
  local group = request:extension("key_share")
  local cookie = request:extension("cookie")
  if group then
    hello:add("key_share", { shares.new(peer, group.value) })
  end
  if cookie then
    hello:add("cookie", string.pack(">s2", cookie.value))
  end
  peer:emit(hello)
end

local function client13(peer)
  peer:expect("Finished")
  peer:send_change_cipher_spec()
  for _, message in ipairs(peer.received) do
    if message.name == "CertificateRequest" then
      peer:emit(handshake.new("Certificate", { context = message.context, certificates = {} }))
    end
  end
  peer:emit(peer:finished())
end

local function client12(peer)
  local exchange
  repeat
    local message = peer:expect_any()
    if message.name == "ServerKeyExchange" then
      exchange = message
    elseif message.name == "CertificateRequest" then
      peer.asked = true
    end
  until message.name == "ServerHelloDone"
  if not exchange or not exchange.group then
    shares.refuse("the server has chosen %s, for which the kit has no key exchange",
      names.show(peer.context.cipher))
  end
  if peer.asked then
    peer:emit(handshake.new("Certificate", { certificates = {} }))
  end
  local share = shares.new(peer, exchange.group)
  peer.shared = low.agree(peer.shares[exchange.group], exchange.key)
  peer:emit(handshake.new("ClientKeyExchange", { key = share.key }))
  peer:send_change_cipher_spec()
  peer:emit(peer:finished())
  peer:expect("Finished")
end

-- The whole handshake.
return function(peer)
  local hello = peer:client_hello()
  peer:emit(hello)
  local message
  repeat
    message = peer:expect_any()
    if message.name == "HelloRetryRequest" then
      retry(peer, hello, message)
    end
  until message.name == "ServerHello"
  if peer.version == "TLSv1.3" then
    client13(peer)
  else
    client12(peer)
  end
end
