-- Which of tlsfuzzer's scripts are run against which server, and with what arguments.
-- A script that is not named here is run against `old`, and against `default` if it can
-- be told a cipher (-C); those of TLS 1.3 against `default`.

local M = {}

-- What scripts use against `default` that begin with RSA key transport.
M.CIPHER = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
M.ciphers = {
  ["atypical-padding"] = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
  ["cve-2016-7054"] = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  ["fuzzed-MAC"] = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
  ["fuzzed-padding"] = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
  ["lucky13"] = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
}

-- What a client with tlsfuzzer's own key is told.
local CLIENT = { "-k", "{tests}/clientX509Key.pem", "-c", "{tests}/clientX509Cert.pem" }

local function client(name)
  return { "-k", "{tests}/" .. name .. "Key.pem", "-c", "{tests}/" .. name .. "Cert.pem" }
end

-- Arguments by script, where its defaults are not ours; each list is a row of its own.
M.rows = {
  ["alpn-negotiation"] = { { server = "alpn" } },
  ["bleichenbacher-timing-marvin"] = {
    { "--srv-key", "{tests}/serverX509Key.pem", "--srv-cert", "{tests}/serverX509Cert.pem",
      server = "old" },
  },
  ["bleichenbacher-timing-pregenerate"] = { { server = "old" } },
  ["certificate-malformed"] = { { server = "asking", client = CLIENT } },
  ["certificate-request"] = { { server = "asking", client = CLIENT } },
  ["certificate-verify"] = { { server = "asking", client = CLIENT } },
  ["certificate-verify-malformed"] = { { server = "asking", client = CLIENT } },
  ["certificate-verify-malformed-sig"] = { { server = "asking", client = CLIENT } },
  ["dsa-in-certificate-verify"] = { { server = "asking", client = client("clientDSA") } },
  ["dsa-sig-flexibility"] = { { server = "dsa" } },
  ["downgrade-protection"] = {
    { "--server-max-protocol=TLSv1.3", server = "old" },
    { "--server-max-protocol=TLSv1.2", server = "tls12" },
  },
  ["ecdsa-in-certificate-verify"] = { { server = "asking", client = client("serverEC") } },
  ["ecdsa-sig-flexibility"] = { { server = "ecdsa" } },
  ["eddsa-in-certificate-verify"] = {
    { server = "asking", client = client("serverEd25519") },
    { server = "asking", client = client("serverEd448") },
  },
  ["export-ciphers-rejected"] = { { "--min-ver", "TLSv1.0", server = "old" } },
  ["extended-master-secret-extension-with-client-cert"] = {
    { server = "asking", client = CLIENT },
  },
  ["fallback-scsv"] = { { "--tls-1.3", server = "old" }, { server = "tls12" } },
  ["ffdhe-expected-params"] = {
    { "--named-ffdh", "RFC7919 ffdhe2048", server = "old" },
  },
  ["ocsp-stapling"] = { { "--no-status", server = "old" } },
  ["lengths"] = { { server = "echo" } },
  ["rsa-pss-sigs-on-certificate-verify"] = {
    { server = "asking", client = CLIENT },
    { server = "asking", client = client("clientRSAPSS") },
  },
  ["rsa-sigs-on-certificate-verify"] = { { server = "asking", client = CLIENT } },
  ["session-ticket-resumption"] = { { server = "tls12" } },
  ["sig-algs"] = { { server = "old" }, { server = "rsapss" } },
  ["signature-algorithms"] = { { server = "old" }, { "--ecdsa", server = "ecdsa" } },
  ["tls13-certificate-request"] = { { server = "asking", client = CLIENT } },
  ["tls13-certificate-verify"] = {
    { server = "asking", client = CLIENT },
    { server = "asking", client = client("clientRSAPSS") },
  },
  ["tls13-conversation"] = { { server = "default" }, { server = "ecdsa" } },
  ["tls13-count-tickets"] = { { "-t", "2", server = "default" } },
  ["tls13-client-certificate-compression"] = { { server = "asking", client = CLIENT } },
  ["tls13-ecdsa-brainpool-in-certificate-verify"] = {
    { server = "asking", client = client("serverBrainpoolP256r1EC") },
  },
  ["tls13-ecdsa-in-certificate-verify"] = { { server = "asking", client = client("serverEC") } },
  ["tls13-ecdsa-support"] = { { server = "ecdsa" } },
  ["tls13-eddsa"] = { { server = "ed25519" }, { server = "ed448" } },
  ["tls13-eddsa-in-certificate-verify"] = {
    { server = "asking", client = client("serverEd25519") },
    { server = "asking", client = client("serverEd448") },
  },
  ["tls13-large-number-of-extensions"] = { { "--supgroup", server = "default" } },
  ["tls13-lengths"] = { { server = "echo" } },
  ["tls13-mldsa-in-certificate-verify"] = {
    { server = "asking", client = client("serverMldsa65") },
  },
  ["tls13-minerva"] = { { "--curve", "P-256", server = "ecdsa" } },
  ["tls13-non-support"] = { { server = "tls12" } },
  ["tls13-post-handshake-auth"] = {
    { "--pha-as-reply", "--min-tickets=2", server = "later", client = CLIENT },
  },
  ["tls13-psk_dhe_ke"] = { { "--psk", "aa", "--psk-iden", "test", server = "psk" } },
  ["tls13-psk_ke"] = { { "--psk", "aa", "--psk-iden", "test", server = "pskalone" } },
  ["tls13-rsapss-signatures"] = { { server = "rsapss" } },
  ["tls13-version-negotiation"] = { { server = "old" } },
}

-- What does not apply, and why. With `since`, the OpenSSL from which on it does.
M.left_out = {
  ["SSLv3-padding"] = { "SSL 3.0, which OpenSSL is built without" },
  ["heartbeat"] = { "heartbeats, which OpenSSL has not had since 1.1.1" },
  ["record-size-limit"] = { "record_size_limit (RFC 8449), which OpenSSL has not" },
  ["renegotiation-disabled-client-cert"] = { "asking for a certificate by renegotiation" },
  ["tls13-certificate-compression"] = { "certificate compression", since = 0x30200000 },
  ["tls13-client-certificate-compression"] = { "certificate compression", since = 0x30200000 },
  ["tls13-ecdhe-brainpool-curves"] = { "Brainpool curves in TLS 1.3", since = 0x30200000 },
  ["tls13-ecdsa-brainpool-in-certificate-verify"] = {
    "Brainpool curves in TLS 1.3", since = 0x30200000,
  },
  ["tls13-mldsa-in-certificate-verify"] = { "ML-DSA", since = 0x30500000 },
  ["tls13-mlkem"] = { "ML-KEM", since = 0x30500000 },
}

return M
