-- Server identities that OpenSSL accepts, and that the rules of the Web PKI
-- refuse: what ssl.testing.broken has for SSLContext.certificate_profile.

local _ssl = require "_ssl"
local authority = require "ssl.testing.authority"
local der = require "ssl.testing.der"
local extensions = require "ssl.testing.extensions"
local low = require "_ssl_testing"

-- The code of every broken rule, X509_V_ERR_CERT_REJECTED.
local REJECTED = 28

local OID = {
  subject_key_identifier = "2.5.29.14", key_usage = "2.5.29.15", basic_constraints = "2.5.29.19",
  name_constraints = "2.5.29.30", authority_key_identifier = "2.5.29.35",
  policy_constraints = "2.5.29.36", extended_key_usage = "2.5.29.37",
  inhibit_any_policy = "2.5.29.54", authority_info_access = "1.3.6.1.5.5.7.1.1",
}

-- {name, rule, why, make}, in the order of the manual. make(ca, host) returns the
-- identity, and other fields.
local kinds = {}

local function kind(name, rule, why, make)
  kinds[#kinds + 1] = { name = name, rule = rule, why = why, make = make }
end

-- An extension as an option of ca:issue and ssl.testing.CA.
local function extension(name, value, critical)
  return { extensions = { { oid = OID[name], value = value, critical = critical } } }
end

local function without(...)
  local out = {}
  for i, name in ipairs({ ... }) do
    out[i] = { oid = OID[name], omit = true }
  end
  return { extensions = out }
end

-- The certificate -------------------------------------------------------------

kind("old_version", "version", "It is of version 1, which has no extensions.", function(ca, host)
  host = low.address(host) and "localhost" or host
  local options = without("basic_constraints", "key_usage", "extended_key_usage",
    "subject_key_identifier", "authority_key_identifier")
  options.version, options.common_name = 1, host
  return ca:issue(options), { host = host }
end)

kind("serial_zero", "serial_number", "Its serial number is zero.", function(ca, host)
  return ca:issue(host, { serial = 0 })
end)

kind("serial_too_long", "serial_number", "Its serial number has 21 bytes.", function(ca, host)
  return ca:issue(host, { serial = "7f" .. ("0"):rep(40) })
end)

kind("odd_digest", "signature_algorithm", "Its signature is made with SHA-224.",
  function(ca, host)
    return ca:issue(host, { digest = "SHA224" })
  end)

kind("odd_key", "key", "Its RSA key ends amid a byte.", function(ca, host)
  return ca:issue(host, { key_type = "RSA-2052" })
end)

kind("rare_key", "key", "Its key is of Ed25519, which no authority of the Web signs.",
  function(ca, host)
    return ca:issue(host, { key_type = "Ed25519" })
  end)

kind("malformed_extension", "extensions", "What it says of its issuer cannot be read.",
  function(ca, host)
    return ca:issue(host, extension("authority_info_access", "malformed"))
  end)

-- Who signed it ---------------------------------------------------------------

kind("unknown_signer", "authority_key_identifier",
  "The trusted authority does not tell which key signed it.", function(ca, host)
    local child = ca:create_child_ca(without("authority_key_identifier"))
    local leaf = child:issue(host)
    leaf.chain[2] = nil
    return leaf, { anchor = child }
  end)

kind("signer_by_serial", "authority_key_identifier",
  "It tells its issuer's name and serial number.", function(ca, host)
    local name = der.value(0xA1, der.value(0xA4, ca.cert.handle:subject()))
    local serial = _ssl.decode_certificate(ca.cert.der).serialNumber:gsub("%x%x", function(hex)
      return string.char(tonumber(hex, 16))
    end)
    return ca:issue(host, extension("authority_key_identifier", der.sequence(
      der.value(0x80, ca.key.handle:identifier()), name, der.value(0x82, serial))))
  end)

kind("foreign_root", "authority_key_identifier",
  "Its root is signed by its own key, and tells of another.", function(ca, host)
    local root = authority.CA(extension("authority_key_identifier",
      der.sequence(der.value(0x80, ca.key.handle:identifier()))))
    return root:issue(host), { anchor = root }
  end)

-- What it is for --------------------------------------------------------------

kind("authority_as_server", "basic_constraints", "It is an authority's, which serves by itself.",
  function(ca, host)
    return ca:issue(host, { ca = true })
  end)

kind("any_purpose", "extended_key_usage", "It is for any purpose.", function(ca, host)
  return ca:issue(host, { extended_key_usage = { "serverAuth", "any" } })
end)

kind("critical_purpose", "extended_key_usage", "Its purposes are critical.", function(ca, host)
  local purposes = extensions.extended_key_usage({ "serverAuth" })
  return ca:issue(host, extension("extended_key_usage", purposes[3], true))
end)

kind("root_with_purpose", "extended_key_usage", "Its root is for servers alone.",
  function(_, host)
    local root = authority.CA({ extended_key_usage = { "serverAuth" } })
    return root:issue(host), { anchor = root }
  end)

-- Constraints -----------------------------------------------------------------

kind("uncritical_policy_constraints", "policy_constraints",
  "Who does not know the constraints of its authority's policies may pass over them.",
  function(ca, host)
    local value = der.sequence(der.value(0x81, "\0"))
    return ca:create_child_ca(extension("policy_constraints", value)):issue(host)
  end)

kind("uncritical_inhibition", "inhibit_any_policy",
  "Who does not know that its authority is for certain policies may pass over that.",
  function(ca, host)
    return ca:create_child_ca(extension("inhibit_any_policy", der.integer(0))):issue(host)
  end)

local function constraints(permitted, excluded)
  return extensions.name_constraints(permitted, excluded)[3]
end

kind("constrained_server", "name_constraints", "It has name constraints, and is no authority.",
  function(ca, host)
    return ca:issue(host, extension("name_constraints", constraints(nil, { "other.test" }), true))
  end)

kind("empty_constraints", "name_constraints", "The name constraints of its authority are empty.",
  function(ca, host)
    local child = ca:create_child_ca(extension("name_constraints", constraints(), true))
    return child:issue(host)
  end)

kind("dotted_constraint", "name_constraints",
  "Its authority is excluded from a domain that begins with a dot.", function(ca, host)
    local child = ca:create_child_ca({ name_constraints = {
      excluded = { { "dns", ".other.test" } },
    } })
    return child:issue(host)
  end)

kind("excluded_wildcard", "name_constraints",
  "Its wildcard stands for a name that its authority is excluded from.", function(ca, host)
    local child = ca:create_child_ca({ name_constraints = { excluded = { "no.wild.test" } } })
    return child:issue(host, "*.wild.test")
  end)

-- Names -----------------------------------------------------------------------

kind("critical_names", "subject_alt_name", "Its names are critical beside a subject.",
  function(ca, host)
    local names = extensions.subject_alt_name({ host }, true)
    return ca:issue({ common_name = host, extensions = {
      { oid = names[1], critical = true, value = names[3] },
    } })
  end)

kind("odd_name", "subject_alt_name", "Beside its name it has one that can be no host's.",
  function(ca, host)
    return ca:issue(host, { names = { { "dns", "under_score.test" } } })
  end)

kind("other_common_name", "common_name", "Its common name is another host's.", function(ca, host)
  return ca:issue(host, "this.test", { common_name = "other.test" })
end)

-- Tells a client the profile, and whom to trust beside the authority.
local function prepare(identity, ctx)
  ctx.certificate_profile = "webpki"
  if identity.anchor then
    ctx.verify_flags = ctx.verify_flags | _ssl.VERIFY_X509_PARTIAL_CHAIN
    ctx:load_verify_locations({ cadata = identity.anchor.cert.pem })
  end
end

-- One of them as ssl.testing.broken makes its own: the identity, what the client
-- has to say, other fields.
local function make(one, ca, host)
  local identity, fields = one.make(ca, host)
  fields = fields or {}
  fields.needs, fields.prepare = "certificate profile", prepare
  return identity, {
    class = "SSLCertVerificationError", reason = "CERTIFICATE_VERIFY_FAILED",
    verify_code = REJECTED, rule = one.rule,
  }, fields
end

return { kinds = kinds, make = make }
