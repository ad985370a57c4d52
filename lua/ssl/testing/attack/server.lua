-- What an attacker says as a server where the test does not say otherwise.

local low = require "_ssl_testing"
local handshake = require "ssl.testing.messages.handshake"
local keys = require "ssl.testing.messages.keys"
local names = require "ssl.testing.messages.names"
local Peer = require("ssl.testing.attack.peer").Peer
local schedule = require "ssl.testing.attack.schedule"
local seed = require "ssl.testing.seed"
local shares = require "ssl.testing.attack.shares"

-- What of the client's list this side can do.
local function choose(what, list, known)
  for _, one in ipairs(list) do
    if known(one) then
      return one
    end
  end
  shares.refuse("the client offers no %s that the kit has", what)
end

-- How the identity signs: the name in TLS, the digest, and whether by PSS.
local function signing(peer)
  local kind = peer.identity.key.type
  if kind == "RSA" then
    return "rsa_pss_rsae_sha256", "SHA256", true
  elseif kind == "ED25519" or kind == "ED448" then
    return kind:lower(), nil
  end
  local size = #low.share(peer.identity.key.handle)
  if size == 97 then
    return "ecdsa_secp384r1_sha384", "SHA384"
  elseif size == 133 then
    return "ecdsa_secp521r1_sha512", "SHA512"
  end
  return "ecdsa_secp256r1_sha256", "SHA256"
end

-- Whether the client and this side speak TLS 1.3.
local function wants_modern(peer, hello)
  local versions = hello:extension("supported_versions")
  for _, version in ipairs(versions and versions.value or {}) do
    if version == "TLSv1.3" then
      return peer.options.version ~= "TLSv1.2"
    end
  end
  return false
end

--@ peer:server_hello()
-- Makes the ServerHello of an honest server, for the client's ClientHello.
-- Returns a `ssl.testing.Message`. Raises `ValueError` if the client offers nothing that
-- the kit has. Since: an addition.
--
-- Type: fun(): ssl.testing.Message
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.attacker_server({ script = function(peer)
--       peer:expect("ClientHello")
--       peer:send(peer:server_hello(), { name = "Finished", verify_data = "" })
--     end })
--     assert(not pcall(server.connect, server))
function Peer:server_hello()
  local hello = self.hello or shares.refuse("there is no ClientHello to answer")
  local modern = wants_modern(self, hello)
  self.context.version = modern and "TLSv1.3" or "TLSv1.2"
  local family = self.identity.key.type == "RSA" and "ECDHE_RSA" or "ECDHE_ECDSA"
  self.context.cipher = choose("cipher", hello.ciphers, function(name)
    return keys.suite(name) and (modern and not name:find("_WITH_")
      or not modern and name:find(family .. "_WITH", 1, true))
  end)
  self.server_random = seed.bytes(32)
  local message = handshake.new("ServerHello", {
    legacy_version = "TLSv1.2", random = self.server_random, session_id = hello.session_id,
    cipher = self.context.cipher, compression = 0, extensions = {},
  })
  if modern then
    local offered = hello:extension("key_share")
    local share = choose("key share", offered and offered.value or {}, function(one)
      return shares.knows(one.group)
    end)
    local mine = shares.new(self, share.group)
    self.shared = low.agree(self.shares[share.group], share.key)
    message:add("supported_versions", "\3\4")
    message:add("key_share", mine)
  else
    self.extended = hello:extension("extended_master_secret") ~= nil
    if self.extended then
      message:add("extended_master_secret")
    end
    message:add("renegotiation_info", "\0")
  end
  return message
end

--@ peer:certificate()
-- Makes the Certificate of an honest server: its identity's chain.
-- Returns a `ssl.testing.Message`. Since: an addition.
--
-- Type: fun(): ssl.testing.Message
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.attacker_server({ alter = {
--       Certificate = function(_, peer)
--         local message = peer:certificate()
--         message.certificates = {}
--         return message
--       end,
--     } })
--     assert(not pcall(server.connect, server))
function Peer:certificate()
  local list = {}
  for i, one in ipairs(self.identity.chain) do
    list[i] = { certificate = one.der, extensions = {} }
  end
  return handshake.new("Certificate", { context = "", certificates = list })
end

--@ peer:certificate_verify()
-- Makes the CertificateVerify of a server of TLS 1.3: a signature of all that was said.
-- Returns a `ssl.testing.Message`. Since: an addition.
--
-- Type: fun(): ssl.testing.Message
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.attacker_server({ alter = {
--       CertificateVerify = function(message)
--         message.algorithm = "rsa_pkcs1_sha1"  -- which TLS 1.3 does not have
--       end,
--     } })
--     assert(not pcall(server.connect, server))
function Peer:certificate_verify()
  local algorithm, digest, pss = signing(self)
  return handshake.new("CertificateVerify", {
    algorithm = algorithm,
    signature = low.sign(self.identity.key.handle, digest, schedule.to_sign(self, "server"), pss),
  })
end

local function server13(peer)
  peer:send_change_cipher_spec()
  peer:emit(handshake.new("EncryptedExtensions", { extensions = {} }))
  peer:emit(peer:certificate())
  peer:emit(peer:certificate_verify())
  peer:emit(peer:finished())
  peer:expect("Finished")
end

--@ peer:server_key_exchange()
-- Makes the ServerKeyExchange of a server of TLS 1.2, signed.
-- Returns a `ssl.testing.Message`. Since: an addition.
--
-- Type: fun(): ssl.testing.Message
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.attacker_server({ version = "TLSv1.2", alter = {
--       ServerKeyExchange = function(message) message.key = message.key:sub(2) end,
--     } })
--     assert(not pcall(server.connect, server))
function Peer:server_key_exchange()
  local groups = self.hello:extension("supported_groups")
  local group = choose("group", groups and groups.value or { "secp256r1" },
    shares.knows)
  local share = shares.new(self, group)
  self.group = group
  local algorithm, digest, pss = signing(self)
  local parameters = string.pack(">I1 I2 s1", 3, names.group.number[group], share.key)
  return handshake.new("ServerKeyExchange", {
    curve_type = 3, group = group, key = share.key, algorithm = algorithm,
    signature = low.sign(self.identity.key.handle, digest,
      self.client_random .. self.server_random .. parameters, pss),
  })
end

local function server12(peer)
  peer:emit(peer:certificate())
  peer:emit(peer:server_key_exchange())
  peer:emit(handshake.new("ServerHelloDone"))
  peer:expect("ClientKeyExchange")
  peer:expect("Finished")
  peer:send_change_cipher_spec()
  peer:emit(peer:finished())
end

-- The whole handshake.
return function(peer)
  peer:expect("ClientHello")
  peer:emit(peer:server_hello())
  if peer.version == "TLSv1.3" then
    server13(peer)
  else
    server12(peer)
  end
end
