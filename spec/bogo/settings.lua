-- What a configuration of the runner chooses, in the words of OpenSSL: versions, ciphers,
-- groups and signatures. Where it says nothing, BoringSSL's defaults, which the tests
-- count on.

local ssl = require "ssl"
local names = require "spec.bogo.names"
local policies = require "spec.bogo.policies"
local report = require "spec.bogo.report"

local M = {}

-- All that BoringSSL has, no anonymous ciphers and none with finite fields.
local ciphers = "ALL:!aNULL:!kDHE:!kDHEPSK:!kRSAPSK:!ARIA:!CAMELLIA:!AESCCM"
local ciphersuites =
  "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
local accepted = "ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256:rsa_pkcs1_sha256:"
  .. "ecdsa_secp384r1_sha384:rsa_pss_rsae_sha384:rsa_pkcs1_sha384:rsa_pss_rsae_sha512:"
  .. "rsa_pkcs1_sha512:rsa_pkcs1_sha1"
local signed = "ed25519:ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256:rsa_pkcs1_sha256:"
  .. "ecdsa_secp384r1_sha384:rsa_pss_rsae_sha384:rsa_pkcs1_sha384:ecdsa_secp521r1_sha512:"
  .. "rsa_pss_rsae_sha512:rsa_pkcs1_sha512:ECDSA+SHA1:rsa_pkcs1_sha1"
if ssl.OPENSSL_VERSION_NUMBER >= 0x30500000 then signed = signed .. ":mldsa44:mldsa65:mldsa87" end

-- The names of numbers; a number that OpenSSL has no name for makes the test one that is
-- not implemented.
local function list(known, numbers, what)
  local text, unknown = names.list(known, numbers)
  if not text then report.unimplemented(("%s %d"):format(what, unknown)) end
  return text
end

-- A key share is sent for what has a star before it; without stars for the first.
local function starred(groups, shares)
  for _, number in ipairs(shares) do
    local name = list(names.groups, { number }, "group"):gsub("%-", "%%-")
    groups = (groups .. ":"):gsub("%f[%w]" .. name .. ":", "*%0"):sub(1, -2)
  end
  return groups
end

local function groups(config, policy)
  local chosen = policy.groups
  if config.curves then chosen = list(names.groups, config.curves, "group") end
  if config.key_shares then chosen = starred(chosen or "X25519:P-256:P-384", config.key_shares) end
  return chosen
end

-- What servers sign with and what clients do, which each takes from the other.
local function signatures(config, policy)
  local prefs = (config.credentials[1] or config).signing_prefs
  local sign = prefs and list(names.signatures, prefs, "signature") or policy.signatures
    or signed
  local verify = config.verify_prefs and list(names.signatures, config.verify_prefs, "signature")
    or policy.signatures or accepted
  if config.server then return sign, verify end
  return verify, sign
end

--- The settings of `config`: `oldest` and `newest` (numbers of versions; nil for the newest),
--- `ciphers`, `ciphersuites`, `groups` (or nil), `server_signatures`, `client_signatures`,
--- `serverchooses`. The level is 0, as the runner's keys have 1024 bits.
function M.of(config)
  local policy = policies.of(config) or {}
  local server, client = signatures(config, policy)
  return {
    oldest = config.min_version or policy.oldest or 0x0301,
    -- BoringSSL has keys shared beforehand for older versions
    newest = config.max_version or config.psk and 0x0303 or nil,
    ciphers = (config.cipher or policy.ciphers or ciphers) .. ":@SECLEVEL=0",
    ciphersuites = policy.ciphersuites or ciphersuites,
    groups = groups(config, policy),
    server_signatures = server, client_signatures = client,
    serverchooses = config.cipher or config.server_preference or policy.serverchooses,
  }
end

return M
