-- What a certificate says that a policy asks for: names, dates, key, signature.

local _ssl = require "_ssl"
local pem = require "ssl.x509.pem"

local certificate = {}

local DAY = 86400

-- One value of DER at `at`: its tag, its content, and where the next one begins.
local function value(bytes, at)
  local tag, size
  tag, size, at = string.unpack("I1I1", bytes, at)
  if size >= 0x80 then
    size, at = string.unpack(">I" .. size - 0x80, bytes, at)
  end
  return tag, bytes:sub(at, at + size - 1), at + size
end

-- The contents of the values inside one another, as an array of {tag, content}.
local function children(bytes)
  local list, at = {}, 1
  while at <= #bytes do
    local tag, content
    tag, content, at = value(bytes, at)
    list[#list + 1] = { tag, content }
  end
  return list
end

-- An object identifier in dots.
local function oid(bytes)
  local first = bytes:byte()
  local arcs, n = { math.min(first // 40, 2) }, 0
  arcs[2] = first - arcs[1] * 40
  for i = 2, #bytes do
    n = n << 7 | bytes:byte(i) & 0x7F
    if bytes:byte(i) < 0x80 then
      arcs[#arcs + 1], n = n, 0
    end
  end
  return table.concat(arcs, ".")
end

local KEYS = {
  ["1.2.840.113549.1.1.1"] = "RSA", ["1.2.840.113549.1.1.10"] = "RSA-PSS",
  ["1.2.840.10040.4.1"] = "DSA", ["1.2.840.10045.2.1"] = "EC", ["1.3.101.112"] = "Ed25519",
  ["1.3.101.113"] = "Ed448", ["2.16.840.1.101.3.4.3.17"] = "ML-DSA-44",
  ["2.16.840.1.101.3.4.3.18"] = "ML-DSA-65", ["2.16.840.1.101.3.4.3.19"] = "ML-DSA-87",
}

local CURVES = {
  ["1.2.840.10045.3.1.7"] = { "secp256r1", 256 }, ["1.3.132.0.34"] = { "secp384r1", 384 },
  ["1.3.132.0.35"] = { "secp521r1", 521 }, ["1.3.132.0.33"] = { "secp224r1", 224 },
  ["1.3.132.0.10"] = { "secp256k1", 256 }, ["1.2.840.10045.3.1.1"] = { "secp192r1", 192 },
}

local SIGNATURES = {
  ["1.2.840.113549.1.1.4"] = "md5WithRSAEncryption",
  ["1.2.840.113549.1.1.5"] = "sha1WithRSAEncryption",
  ["1.2.840.113549.1.1.10"] = "rsassaPss",
  ["1.2.840.113549.1.1.11"] = "sha256WithRSAEncryption",
  ["1.2.840.113549.1.1.12"] = "sha384WithRSAEncryption",
  ["1.2.840.113549.1.1.13"] = "sha512WithRSAEncryption",
  ["1.2.840.113549.1.1.14"] = "sha224WithRSAEncryption",
  ["1.2.840.10045.4.1"] = "ecdsa-with-SHA1", ["1.2.840.10045.4.3.1"] = "ecdsa-with-SHA224",
  ["1.2.840.10045.4.3.2"] = "ecdsa-with-SHA256", ["1.2.840.10045.4.3.3"] = "ecdsa-with-SHA384",
  ["1.2.840.10045.4.3.4"] = "ecdsa-with-SHA512", ["1.2.840.10040.4.3"] = "dsa-with-SHA1",
  ["1.3.101.112"] = "Ed25519", ["1.3.101.113"] = "Ed448",
  ["2.16.840.1.101.3.4.3.17"] = "ML-DSA-44", ["2.16.840.1.101.3.4.3.18"] = "ML-DSA-65",
  ["2.16.840.1.101.3.4.3.19"] = "ML-DSA-87",
}

-- The bits of a number in DER.
local function bits_of(bytes)
  bytes = bytes:gsub("^\0+", "")
  local bits, first = #bytes * 8, bytes:byte() or 0
  while bits > 0 and first < 0x80 do
    bits, first = bits - 1, first << 1
  end
  return bits
end

-- Type, bits and curve of a SubjectPublicKeyInfo.
local function key_of(info)
  local parts = children(info)
  local algorithm = children(parts[1][2])
  local name = KEYS[oid(algorithm[1][2])] or oid(algorithm[1][2])
  if name:find("^RSA") then
    local numbers = children(select(2, value(parts[2][2], 2)))
    return name, bits_of(numbers[1][2])
  elseif name == "EC" and algorithm[2] and algorithm[2][1] == 6 then
    local curve = CURVES[oid(algorithm[2][2])] or { oid(algorithm[2][2]) }
    return name, curve[2], curve[1]
  elseif name == "DSA" then
    return name, bits_of(children(algorithm[2][2])[1][2])
  end
  return name, (#parts[2][2] - 1) * 8
end

-- A distinguished name in one line: "CN=a, O=b".
local SHORT = { commonName = "CN", organizationName = "O", organizationalUnitName = "OU",
  countryName = "C", localityName = "L", stateOrProvinceName = "ST", domainComponent = "DC" }

local function line(name)
  local out = {}
  for _, relative in ipairs(name or {}) do
    for _, attribute in ipairs(relative) do
      out[#out + 1] = (SHORT[attribute[1]] or attribute[1]) .. "=" .. attribute[2]
    end
  end
  return table.concat(out, ", ")
end

-- The raw issuer and subject, which tell who signed whom, and the two algorithms.
local function anatomy(der)
  local parts = children(select(2, value(der, 1)))
  local fields = children(parts[1][2])
  if fields[1][1] == 0xA0 then
    table.remove(fields, 1)  -- the version
  end
  return { issuer = fields[3][2], subject = fields[5][2], key = fields[6][2],
    signature = oid(children(parts[2][2])[1][2]) }
end

--- Reads a certificate (DER). Returns a table: `subject`, `issuer` (strings), `names`
-- (array), `not_before`, `not_after` (seconds since 1970), `lifetime_days`,
-- `days_left`, `key_type`, `key_bits`, `curve`, `signature`, `serial`, `der`, `pem`,
-- `self_signed`, `ocsp` (the address of the responder, or nil).
function certificate.read(der)
  local text, raw = _ssl.decode_certificate(der), anatomy(der)
  local out = {
    der = der, pem = pem.DER_cert_to_PEM_cert(der), subject = line(text.subject),
    issuer = line(text.issuer), ocsp = text.OCSP and text.OCSP[1],
    serial = text.serialNumber, names = {},
    signature = SIGNATURES[raw.signature] or raw.signature,
    raw_subject = raw.subject, raw_issuer = raw.issuer,
    self_signed = raw.subject == raw.issuer,
    not_before = pem.cert_time_to_seconds(text.notBefore),
    not_after = pem.cert_time_to_seconds(text.notAfter),
  }
  for i, name in ipairs(text.subjectAltName or {}) do
    out.names[i] = name[2]
  end
  out.key_type, out.key_bits, out.curve = key_of(raw.key)
  out.lifetime_days = (out.not_after - out.not_before) // DAY
  out.days_left = (out.not_after - os.time()) // DAY
  return out
end

--- Whether each certificate of a chain is signed by the next one's subject.
function certificate.in_order(chain)
  for i = 1, #chain - 1 do
    if chain[i].raw_issuer ~= chain[i + 1].raw_subject then
      return false
    end
  end
  return true
end

return certificate
