-- The names of TLS's numbers, as the registries of RFC 8446 and its relatives have
-- them, and the way back. A number without a name stays a number.

local names = {}

-- {name to number}, {number to name}
local function both(list)
  local numbers = {}
  for number, name in pairs(list) do
    numbers[name] = number
  end
  return { number = numbers, name = list }
end

names.version = both({
  [0x0300] = "SSLv3", [0x0301] = "TLSv1", [0x0302] = "TLSv1.1", [0x0303] = "TLSv1.2",
  [0x0304] = "TLSv1.3",
})

names.content = both({
  [20] = "change_cipher_spec", [21] = "alert", [22] = "handshake", [23] = "application_data",
  [24] = "heartbeat",
})

names.message = both({
  [0] = "HelloRequest", [1] = "ClientHello", [2] = "ServerHello", [4] = "NewSessionTicket",
  [5] = "EndOfEarlyData", [8] = "EncryptedExtensions", [11] = "Certificate",
  [12] = "ServerKeyExchange", [13] = "CertificateRequest", [14] = "ServerHelloDone",
  [15] = "CertificateVerify", [16] = "ClientKeyExchange", [20] = "Finished",
  [22] = "CertificateStatus", [24] = "KeyUpdate", [25] = "CompressedCertificate",
  [67] = "NextProtocol", [254] = "MessageHash",
})

names.extension = both({
  [0] = "server_name", [1] = "max_fragment_length", [5] = "status_request",
  [10] = "supported_groups", [11] = "ec_point_formats", [13] = "signature_algorithms",
  [14] = "use_srtp", [15] = "heartbeat", [16] = "alpn",
  [18] = "signed_certificate_timestamp", [19] = "client_certificate_type",
  [20] = "server_certificate_type", [21] = "padding", [22] = "encrypt_then_mac",
  [23] = "extended_master_secret", [27] = "compress_certificate", [28] = "record_size_limit",
  [35] = "session_ticket", [41] = "pre_shared_key", [42] = "early_data",
  [43] = "supported_versions", [44] = "cookie", [45] = "psk_key_exchange_modes",
  [47] = "certificate_authorities", [48] = "oid_filters", [49] = "post_handshake_auth",
  [50] = "signature_algorithms_cert", [51] = "key_share", [57] = "quic_transport_parameters",
  [0xFE0D] = "encrypted_client_hello", [0x3374] = "next_protocol_negotiation",
  [0xFF01] = "renegotiation_info",
})

names.group = both({
  [21] = "secp224r1", [22] = "secp256k1", [23] = "secp256r1", [24] = "secp384r1",
  [25] = "secp521r1", [26] = "brainpoolP256r1", [27] = "brainpoolP384r1",
  [28] = "brainpoolP512r1", [29] = "x25519", [30] = "x448", [256] = "ffdhe2048",
  [257] = "ffdhe3072", [258] = "ffdhe4096", [259] = "ffdhe6144", [260] = "ffdhe8192",
  [0x0200] = "MLKEM512", [0x0201] = "MLKEM768", [0x0202] = "MLKEM1024",
  [0x11EB] = "SecP256r1MLKEM768", [0x11EC] = "X25519MLKEM768", [0x11ED] = "SecP384r1MLKEM1024",
})

names.signature = both({
  [0x0201] = "rsa_pkcs1_sha1", [0x0203] = "ecdsa_sha1", [0x0301] = "rsa_pkcs1_sha224",
  [0x0303] = "ecdsa_sha224", [0x0401] = "rsa_pkcs1_sha256",
  [0x0403] = "ecdsa_secp256r1_sha256", [0x0501] = "rsa_pkcs1_sha384",
  [0x0503] = "ecdsa_secp384r1_sha384", [0x0601] = "rsa_pkcs1_sha512",
  [0x0603] = "ecdsa_secp521r1_sha512", [0x0804] = "rsa_pss_rsae_sha256",
  [0x0805] = "rsa_pss_rsae_sha384", [0x0806] = "rsa_pss_rsae_sha512", [0x0807] = "ed25519",
  [0x0808] = "ed448", [0x0809] = "rsa_pss_pss_sha256", [0x080A] = "rsa_pss_pss_sha384",
  [0x080B] = "rsa_pss_pss_sha512", [0x081A] = "ecdsa_brainpoolP256r1tls13_sha256",
  [0x081B] = "ecdsa_brainpoolP384r1tls13_sha384", [0x081C] = "ecdsa_brainpoolP512r1tls13_sha512",
  [0x0904] = "mldsa44", [0x0905] = "mldsa65", [0x0906] = "mldsa87",
})

names.alert = both({
  [0] = "close_notify", [10] = "unexpected_message", [20] = "bad_record_mac",
  [21] = "decryption_failed", [22] = "record_overflow", [30] = "decompression_failure",
  [40] = "handshake_failure", [41] = "no_certificate", [42] = "bad_certificate",
  [43] = "unsupported_certificate", [44] = "certificate_revoked", [45] = "certificate_expired",
  [46] = "certificate_unknown", [47] = "illegal_parameter", [48] = "unknown_ca",
  [49] = "access_denied", [50] = "decode_error", [51] = "decrypt_error",
  [60] = "export_restriction", [70] = "protocol_version", [71] = "insufficient_security",
  [80] = "internal_error", [86] = "inappropriate_fallback", [90] = "user_canceled",
  [100] = "no_renegotiation", [109] = "missing_extension", [110] = "unsupported_extension",
  [111] = "certificate_unobtainable", [112] = "unrecognized_name",
  [113] = "bad_certificate_status_response", [114] = "bad_certificate_hash_value",
  [115] = "unknown_psk_identity", [116] = "certificate_required",
  [120] = "no_application_protocol",
})

names.level = both({ [1] = "warning", [2] = "fatal" })

-- The ciphers of TLS 1.3, and of TLS 1.2 those that its servers still meet.
local ciphers = {
  [0x00FF] = "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", [0x5600] = "TLS_FALLBACK_SCSV",
  [0x0000] = "TLS_NULL_WITH_NULL_NULL", [0x0004] = "TLS_RSA_WITH_RC4_128_MD5",
  [0x0005] = "TLS_RSA_WITH_RC4_128_SHA", [0x000A] = "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
  [0xC007] = "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", [0xC011] = "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
  [0xC008] = "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA",
  [0xC012] = "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
}

-- Numbers that follow each other, with `%s` for what differs.
local function row(first, format, ...)
  for i, part in ipairs({ ... }) do
    ciphers[first + i - 1] = format:format(part)
  end
end

row(0x1301, "TLS_%s", "AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256",
  "AES_128_CCM_SHA256", "AES_128_CCM_8_SHA256")
row(0xC0AC, "TLS_ECDHE_ECDSA_WITH_AES_%s", "128_CCM", "256_CCM", "128_CCM_8", "256_CCM_8")
row(0xC09C, "TLS_RSA_WITH_AES_%s", "128_CCM", "256_CCM")
row(0xC09E, "TLS_DHE_RSA_WITH_AES_%s", "128_CCM", "256_CCM")
row(0xCCA8, "TLS_%s_WITH_CHACHA20_POLY1305_SHA256", "ECDHE_RSA", "ECDHE_ECDSA", "DHE_RSA", "PSK",
  "ECDHE_PSK", "DHE_PSK", "RSA_PSK")

-- The seven of AES and their like, for each kind of key exchange.
for kind, first in pairs({
  RSA = { 0x002F, 0x0035, 0x003C, 0x003D, 0x009C },
  DHE_DSS = { 0x0032, 0x0038, 0x0040, 0x006A, 0x00A2 },
  DHE_RSA = { 0x0033, 0x0039, 0x0067, 0x006B, 0x009E },
  DH_anon = { 0x0034, 0x003A, 0x006C, 0x006D, 0x00A6 },
  ECDHE_ECDSA = { 0xC009, 0xC00A, 0xC023, 0xC024, 0xC02B, "SHA384" },
  ECDHE_RSA = { 0xC013, 0xC014, 0xC027, 0xC028, 0xC02F, "SHA384" },
  PSK = { 0x008C, 0x008D, 0x00AE, 0x00AF, 0x00A8, "SHA384" },
}) do
  local long = "TLS_" .. kind .. "_WITH_AES_"
  ciphers[first[1]] = long .. "128_CBC_SHA"
  ciphers[first[2]] = long .. "256_CBC_SHA"
  ciphers[first[3]] = long .. "128_CBC_SHA256"
  ciphers[first[4]] = long .. "256_CBC_" .. (first[6] or "SHA256")
  row(first[5], long .. "%s", "128_GCM_SHA256", "256_GCM_SHA384")
end

names.cipher = both(ciphers)

-- Whether a number is one of those that programs send to try others (RFC 8701).
function names.is_grease(number)
  return math.type(number) == "integer" and number & 0x0F0F == 0x0A0A
    and number >> 8 == number & 0xFF
end

-- How a value of a list is written for people.
function names.show(value)
  if type(value) ~= "number" then
    return tostring(value)
  end
  return names.is_grease(value) and "GREASE" or ("0x%04X"):format(value)
end

return names
