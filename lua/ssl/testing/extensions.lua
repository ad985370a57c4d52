-- The extensions of certificates (RFC 5280, 4.2), each as {oid, critical, DER}.

local _ssl = require "_ssl"
local low = require "_ssl_testing"
local der = require "ssl.testing.der"

local extensions = {}

local value, sequence, oid = der.value, der.sequence, der.oid

local usages = {
  digitalSignature = 0, nonRepudiation = 1, keyEncipherment = 2, dataEncipherment = 3,
  keyAgreement = 4, keyCertSign = 5, cRLSign = 6, encipherOnly = 7, decipherOnly = 8,
}

local purposes = {
  serverAuth = "1.3.6.1.5.5.7.3.1", clientAuth = "1.3.6.1.5.5.7.3.2",
  codeSigning = "1.3.6.1.5.5.7.3.3", emailProtection = "1.3.6.1.5.5.7.3.4",
  timeStamping = "1.3.6.1.5.5.7.3.8", OCSPSigning = "1.3.6.1.5.5.7.3.9",
  any = "2.5.29.37.0",
}

-- tags of a GeneralName
local kinds = { email = 0x81, dns = 0x82, directory = 0xA4, uri = 0x86, ip = 0x87, id = 0x88 }

local function lookup(what, list, name)
  local found = list[name]
  if not found then
    error(_ssl.ValueError(("no %s is named '%s'"):format(what, tostring(name))), 0)
  end
  return found
end

-- The A-labels of a name that is not ASCII.
local function ascii(name)
  if not name:find("[\x80-\xFF]") then
    return name
  end
  local star, rest = name:match("^(%*%.)(.*)$")
  return (star or "") .. _ssl._idna_encode(rest or name)
end

-- Tells what a name is by its looks: "ip", "email", "uri" or "dns", and its
-- form in a certificate.
function extensions.classify(name)
  if name == "" or name:find("\0", 1, true) then
    error(_ssl.ValueError("a name cannot be empty or have a null byte in it"), 0)
  end
  local address = low.address(name)
  if address then
    return "ip", address
  elseif name:find("://", 1, true) then
    return "uri", name
  end
  local mailbox, domain = name:match("^(.+)@(.+)$")
  if mailbox then
    return "email", mailbox .. "@" .. ascii(domain)
  end
  return "dns", ascii(name)
end

-- One name of subjectAltName: a string, or {kind, value} to be taken as is.
local function general_name(name)
  local kind, content
  if type(name) == "table" then
    kind, content = name[1], name[2]
  else
    kind, content = extensions.classify(name)
  end
  return value(lookup("kind of name", kinds, kind), content)
end

function extensions.subject_alt_name(names, critical)
  local out = {}
  for i, name in ipairs(names) do
    out[i] = general_name(name)
  end
  return { "2.5.29.17", critical or false, value(0x30, table.concat(out)) }
end

function extensions.basic_constraints(ca, path_length)
  local content = ca and der.boolean(true) or ""
  if path_length then
    content = content .. der.integer(path_length)
  end
  return { "2.5.29.19", true, value(0x30, content) }
end

function extensions.key_usage(names)
  local numbers = {}
  for i, name in ipairs(names) do
    numbers[i] = lookup("key usage", usages, name)
  end
  return { "2.5.29.15", true, der.bits(numbers) }
end

-- `names` may have OIDs too.
function extensions.extended_key_usage(names)
  local out = {}
  for i, name in ipairs(names) do
    out[i] = oid(name:find("^%d") and name or lookup("extended key usage", purposes, name))
  end
  return { "2.5.29.37", false, value(0x30, table.concat(out)) }
end

function extensions.subject_key_identifier(identifier)
  return { "2.5.29.14", false, der.octets(identifier) }
end

function extensions.authority_key_identifier(identifier)
  return { "2.5.29.35", false, sequence(value(0x80, identifier)) }
end

-- One name of nameConstraints: "10.0.0.0/8" has a mask, and a name that
-- begins with a dot stays as it is.
local function subtree(name)
  if type(name) == "table" then
    return sequence(general_name(name))
  end
  local network, bits = name:match("^(.*)/(%d+)$")
  if network then
    local address = low.address(network)
    if not address then
      error(_ssl.ValueError(("'%s' is no network"):format(name)), 0)
    end
    local mask = {}
    bits = tonumber(bits)
    for i = 1, #address do
      local n = math.max(0, math.min(8, bits - (i - 1) * 8))
      mask[i] = string.char(0xFF00 >> n & 0xFF)
    end
    return sequence(value(kinds.ip, address .. table.concat(mask)))
  end
  return sequence(general_name(name))
end

function extensions.name_constraints(permitted, excluded)
  local function trees(tag, names)
    local out = {}
    for i, name in ipairs(names or {}) do
      out[i] = subtree(name)
    end
    return #out > 0 and value(tag, table.concat(out)) or ""
  end
  return { "2.5.29.30", true, sequence(trees(0xA0, permitted), trees(0xA1, excluded)) }
end

-- Where to ask for the state of the certificate, and for its issuer's.
function extensions.authority_info_access(ocsp, issuers)
  local out = ""
  if ocsp then
    out = sequence(oid("1.3.6.1.5.5.7.48.1"), value(kinds.uri, ocsp))
  end
  if issuers then
    out = out .. sequence(oid("1.3.6.1.5.5.7.48.2"), value(kinds.uri, issuers))
  end
  return { "1.3.6.1.5.5.7.1.1", false, value(0x30, out) }
end

function extensions.crl_distribution_point(url)
  local name = value(0xA0, value(kinds.uri, url))
  return { "2.5.29.31", false, sequence(sequence(value(0xA0, name))) }
end

-- Asks for a stapled OCSP response in the handshake (RFC 7633).
function extensions.must_staple()
  return { "1.3.6.1.5.5.7.1.24", false, sequence(der.integer(5)) }
end

function extensions.crl_number(n)
  return { "2.5.29.20", false, der.integer(n) }
end

-- An ENUMERATED, as an entry of a revocation list has it.
function extensions.crl_reason(n)
  return { "2.5.29.21", false, value(0x0A, string.char(n)) }
end

return extensions
