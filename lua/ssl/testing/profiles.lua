-- Policies that others have written, as tables for ssl.testing.policy.

-- What every profile asks for besides. Nobody's document argues about these any more.
local function with_basics(profile)
  profile.chain_order, profile.compression, profile.heartbeat = true, false, false
  profile.secure_renegotiation, profile.client_renegotiation = true, false
  profile.downgrade, profile.rubbish = true, true
  profile.stapling = "named"
  return profile
end

local TLS13 = { "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256" }
local GROUPS = { "X25519MLKEM768", "x25519", "secp256r1", "secp384r1" }
local CURVES = { "secp256r1", "secp384r1" }

local profiles = {}

-- Mozilla's guidelines for servers, version 6.0. They also want HSTS, which is HTTP's.
profiles.modern = with_basics({
  source = "Mozilla 6.0", versions = { "TLSv1.3" }, ciphers = TLS13, groups = GROUPS,
  key_types = { "EC" }, curves = CURVES, lifetime_days = 90,
  certificate_signatures = { "ecdsa-with-SHA256", "ecdsa-with-SHA384", "ecdsa-with-SHA512" },
})

profiles.intermediate = with_basics({
  source = "Mozilla 6.0", versions = { "TLSv1.2", "TLSv1.3" },
  ciphers = {
    TLS13[1], TLS13[2], TLS13[3],
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  },
  groups = GROUPS, dh_bits = 2048, key_types = { "EC", "RSA" }, rsa_bits = 2048, curves = CURVES,
  certificate_signatures = { "sha256WithRSAEncryption", "ecdsa-with-SHA256", "ecdsa-with-SHA384",
    "ecdsa-with-SHA512" },
  lifetime_days = 366, forward_secrecy = true,
})

return profiles
