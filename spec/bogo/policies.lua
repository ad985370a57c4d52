-- BoringSSL's compliance policies, said with what a program of ours has: versions,
-- ciphers, groups and signatures.

local M = {}

local gcm256 = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384"
local sha384 = "rsa_pss_rsae_sha384:ecdsa_secp384r1_sha384:rsa_pkcs1_sha384"

M.fips_202205 = {
  oldest = 0x0303, groups = "P-256:P-384",
  ciphers = gcm256 .. ":ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256",
  ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
  signatures = sha384 .. ":rsa_pss_rsae_sha256:rsa_pss_rsae_sha512:rsa_pkcs1_sha256:"
    .. "rsa_pkcs1_sha512:ecdsa_secp256r1_sha256",
}

M.wpa_202304 = {
  oldest = 0x0303, groups = "P-384", ciphers = gcm256, ciphersuites = "TLS_AES_256_GCM_SHA384",
  signatures = sha384 .. ":rsa_pss_rsae_sha512:rsa_pkcs1_sha512",
}

M.cnsa1_202603 = {
  oldest = 0x0303, groups = "MLKEM1024/P-384", ciphers = gcm256 .. ":AES256-GCM-SHA384",
  ciphersuites = "TLS_AES_256_GCM_SHA384", signatures = sha384,
}

M.cnsa2_202603 = {
  oldest = 0x0304, groups = "MLKEM1024", ciphers = gcm256,
  ciphersuites = "TLS_AES_256_GCM_SHA384", signatures = sha384,
}

M.cnsa_202407 = {
  ciphersuites = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
  serverchooses = true,
}

--- The policy that a configuration asks for, or nil.
function M.of(config)
  for name, policy in pairs(M) do
    if config[name] then return policy end
  end
end

return M
