-- Numbers of TLS and their names: versions, groups, signature algorithms, alerts.

local enums = require "ssl.base.enums"

local names = {}

-- Versions, the oldest first. SSL 2.0 has a ClientHello of its own.
names.versions = { "SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3" }
names.version_code = {
  SSLv2 = 0x0002, SSLv3 = 0x0300, TLSv1 = 0x0301, ["TLSv1.1"] = 0x0302, ["TLSv1.2"] = 0x0303,
  ["TLSv1.3"] = 0x0304,
}

-- A table from name to number, and the names in the order of the numbers.
local function both(by_code)
  local by_name, codes = {}, {}
  for code, name in pairs(by_code) do
    by_name[name] = code
    codes[#codes + 1] = code
  end
  table.sort(codes)
  return { by_code = by_code, by_name = by_name, codes = codes }
end

-- Groups of key exchange: IANA's registry, with the names that people use.
names.groups = both({
  [0x0001] = "sect163k1", [0x0002] = "sect163r1", [0x0003] = "sect163r2", [0x0004] = "sect193r1",
  [0x0005] = "sect193r2", [0x0006] = "sect233k1", [0x0007] = "sect233r1", [0x0008] = "sect239k1",
  [0x0009] = "sect283k1", [0x000A] = "sect283r1", [0x000B] = "sect409k1", [0x000C] = "sect409r1",
  [0x000D] = "sect571k1", [0x000E] = "sect571r1", [0x000F] = "secp160k1", [0x0010] = "secp160r1",
  [0x0011] = "secp160r2", [0x0012] = "secp192k1", [0x0013] = "secp192r1", [0x0014] = "secp224k1",
  [0x0015] = "secp224r1", [0x0016] = "secp256k1", [0x0017] = "secp256r1", [0x0018] = "secp384r1",
  [0x0019] = "secp521r1", [0x001A] = "brainpoolP256r1", [0x001B] = "brainpoolP384r1",
  [0x001C] = "brainpoolP512r1", [0x001D] = "x25519", [0x001E] = "x448",
  [0x001F] = "brainpoolP256r1tls13", [0x0020] = "brainpoolP384r1tls13",
  [0x0021] = "brainpoolP512r1tls13", [0x0029] = "curveSM2", [0x0100] = "ffdhe2048",
  [0x0101] = "ffdhe3072", [0x0102] = "ffdhe4096", [0x0103] = "ffdhe6144", [0x0104] = "ffdhe8192",
  [0x0200] = "MLKEM512", [0x0201] = "MLKEM768", [0x0202] = "MLKEM1024",
  [0x11EB] = "SecP256r1MLKEM768", [0x11EC] = "X25519MLKEM768", [0x11ED] = "SecP384r1MLKEM1024",
  [0x6399] = "X25519Kyber768Draft00",
})

-- Signature algorithms: those of RFC 8446, and TLS 1.2's pairs of hash and key.
names.signatures = both({
  [0x0101] = "rsa_pkcs1_md5", [0x0201] = "rsa_pkcs1_sha1", [0x0202] = "dsa_sha1",
  [0x0203] = "ecdsa_sha1", [0x0301] = "rsa_pkcs1_sha224", [0x0302] = "dsa_sha224",
  [0x0303] = "ecdsa_sha224", [0x0401] = "rsa_pkcs1_sha256", [0x0402] = "dsa_sha256",
  [0x0403] = "ecdsa_secp256r1_sha256", [0x0501] = "rsa_pkcs1_sha384", [0x0502] = "dsa_sha384",
  [0x0503] = "ecdsa_secp384r1_sha384", [0x0601] = "rsa_pkcs1_sha512", [0x0602] = "dsa_sha512",
  [0x0603] = "ecdsa_secp521r1_sha512", [0x0708] = "sm2sig_sm3", [0x0804] = "rsa_pss_rsae_sha256",
  [0x0805] = "rsa_pss_rsae_sha384", [0x0806] = "rsa_pss_rsae_sha512", [0x0807] = "ed25519",
  [0x0808] = "ed448", [0x0809] = "rsa_pss_pss_sha256", [0x080A] = "rsa_pss_pss_sha384",
  [0x080B] = "rsa_pss_pss_sha512", [0x081A] = "ecdsa_brainpoolP256r1tls13_sha256",
  [0x081B] = "ecdsa_brainpoolP384r1tls13_sha384", [0x081C] = "ecdsa_brainpoolP512r1tls13_sha512",
  [0x0904] = "mldsa44", [0x0905] = "mldsa65", [0x0906] = "mldsa87",
})

-- The name of an alert, as RFC 8446 has it.
function names.alert(number)
  local name = enums.AlertDescription:name(number)
  return name and name:match("([^.]+)$"):gsub("^ALERT_DESCRIPTION_", ""):lower()
    or tostring(number)
end

-- The name of a version of TLS.
function names.version(code)
  for name, number in pairs(names.version_code) do
    if number == code then
      return name
    end
  end
  return ("0x%04X"):format(code)
end

return names
