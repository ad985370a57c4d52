-- Server identities that a careful client refuses: every way to be wrong, by its
-- name. Each function makes one of an authority that the client trusts and of
-- the host that the client asks for.

local _ssl = require "_ssl"
local low = require "_ssl_testing"
local authority = require "ssl.testing.authority"
local identity = require "ssl.testing.identity"
local seed = require "ssl.testing.seed"
local unruly = require "ssl.testing.unruly"

local DAY = 86400
local Authority, Identity = authority.Authority, identity.Identity

--@ ssl.testing.BrokenIdentity
-- What the functions of `ssl.testing.broken` return: an `ssl.testing.Identity` for the server,
-- and what a client should make of it.
--
-- `identity.name` and `identity.why` (strings) say what is wrong. `identity.host` (string) is
-- the name that the client must ask for. `identity.expect` (table) describes the client's error
-- for `assert.tls_error`: `class` (name of the error's class, such as
-- `"SSLCertVerificationError"`), `reason`, `verify_code` and sometimes `rule`.
--
-- Some faults show only if the client looks for them. Then `identity.needs` (string) says for
-- what, and `identity:prepare(ctx)` makes a context look, and makes it trust `identity.anchor`
-- (`ssl.testing.CA`), if there is one. Since: an addition.
--
-- Type: ssl.testing.BrokenIdentity: ssl.testing.Identity = { name: string, why: string,
--   host: string, expect: ssl.testing.ExpectedError, needs?: string, anchor?: ssl.testing.CA,
--   prepare: fun(self: ssl.testing.BrokenIdentity, ctx: SSLContext) }
--
--     local testing = require "ssl.testing"
--     local identity = testing.broken.expired(testing.CA(), "localhost")
--     assert(identity.expect.verify_code == 10)
local Broken = setmetatable({ __name = "ssl.testing.BrokenIdentity" }, { __index = Identity })
Broken.__index = Broken

-- What is weak or small is refused by the server's own OpenSSL too, unless its
-- security level is lowered.
function Broken:configure_cert(ctx)
  if self.low_level then
    ctx:set_ciphers("ALL:@SECLEVEL=0")
  end
  Identity.configure_cert(self, ctx)
  if self.needs == "OCSP stapling" then
    ctx.ocsp_response = self.ocsp
  end
end

-- `verify_code` and all else that a failed check is known by.
local function verification(code)
  return { class = "SSLCertVerificationError", reason = "CERTIFICATE_VERIFY_FAILED",
    verify_code = code }
end

local function is_address(host)
  return low.address(host) ~= nil
end

-- A name is wrong in one way, an address in another.
local function mismatch(host)
  return verification(is_address(host) and 64 or 62)
end

-- How each is made: make(ca, host) returns the identity, what the client has to
-- say, and other fields.
local kinds, order = {}, {}

local function kind(name, why, make)
  kinds[name] = { why = why, make = make }
  order[#order + 1] = name
end

kind("expired", "It was valid until yesterday.", function(ca, host)
  local now = seed.now()
  return ca:issue(host, { not_before = now - 30 * DAY, not_after = now - DAY }), verification(10)
end)

kind("not_yet_valid", "It is valid from tomorrow on.", function(ca, host)
  return ca:issue(host, { not_before = seed.now() + DAY }), verification(9)
end)

kind("wrong_host", "It names another host.", function(ca, host)
  return ca:issue("wrong.host.test"), mismatch(host)
end)

kind("self_signed", "Nobody but its own key signed it.", function(_, host)
  return Authority.issue(nil, host), verification(18)
end)

kind("untrusted_root", "Its chain ends in a root that the client does not trust.",
  function(_, host)
    local other = authority.CA()
    local leaf = other:issue(host)
    leaf.chain[2] = other.cert
    return leaf, verification(19)
  end)

kind("revoked", "Its authority has revoked it.", function(ca, host)
  local leaf = ca:issue(host)
  ca:revoke(leaf, "keyCompromise")
  return leaf, verification(23), {
    needs = "revocation list", ocsp = ca:ocsp(leaf),
    prepare = function(_, ctx) ca:configure_crl(ctx) end,
  }
end)

kind("stale_crl", "What its authority last said of revocations is out of date.",
  function(ca, host)
    local now = seed.now()
    local options = { this_update = now - 9 * DAY, next_update = now - DAY }
    return ca:issue(host), verification(12), {
      needs = "revocation list", crl_options = options,
      prepare = function(_, ctx) ca:configure_crl(ctx, options) end,
    }
  end)

kind("no_san", "It names nobody: it has no subjectAltName and no common name.",
  function(ca, host)
    return ca:issue(), mismatch(host)
  end)

kind("common_name_only", "Its name is in the subject alone, where RFC 9525 does not look.",
  function(ca, host)
    return ca:issue({ common_name = host }), mismatch(host), {
      needs = "no common names",
      prepare = function(_, ctx) ctx.hostname_checks_common_name = false end,
    }
  end)

kind("nul_in_name", "A null byte cuts the name of another to this one.", function(ca, host)
  return ca:issue({ names = { { "dns", host .. "\0.evil.test" } } }), mismatch(host)
end)

kind("wildcard_too_wide", "Its wildcard stands for every name of a top-level domain.",
  function(ca, host)
    local last = host:match("%.([^.]+)$")
    return ca:issue(last and not is_address(host) and "*." .. last or "*"), mismatch(host)
  end)

kind("partial_wildcard", "Its wildcard stands for a part of a label.", function(ca)
  return ca:issue("w*.example.test"), verification(62), { host = "www.example.test" }
end)

kind("ip_as_dns", "The address it names is written as a host name.", function(ca, host)
  host = is_address(host) and host or "127.0.0.1"
  return ca:issue({ names = { { "dns", host } } }), verification(64), { host = host }
end)

kind("weak_key", "Its RSA key has 768 bits.", function(ca, host)
  return ca:issue(host, { key_type = "RSA-768" }), verification(66), { low_level = true }
end)

kind("sha1", "Its signature is made with SHA-1.", function(ca, host)
  return ca:issue(host, { digest = "SHA1" }), verification(68), { low_level = true }
end)

kind("bad_signature", "Its signature is not that of what it says.", function(ca, host)
  local leaf = ca:issue(host)
  local der = leaf.cert.der
  local altered = der:sub(1, -2) .. string.char(der:byte(-1) ~ 1)
  leaf.cert = identity.new_cert(low.readcertificate(altered))
  leaf.chain[1] = leaf.cert
  return leaf, verification(7)
end)

kind("wrong_usage", "It is for clients, not for servers.", function(ca, host)
  return ca:issue(host, { extended_key_usage = { "clientAuth" } }), verification(26)
end)

kind("not_a_ca", "The certificate above it is a server's, not an authority's.",
  function(ca, host)
    return Authority.issue(ca:issue("issuer.test"), host), verification(79)
  end)

kind("no_cert_sign", "The key of its authority is not for signing certificates.",
  function(ca, host)
    return ca:create_child_ca({ key_usage = { "digitalSignature" } }):issue(host), verification(79)
  end)

kind("path_too_long", "The authority above its own may have no authorities below.",
  function(ca, host)
    local last = ca:create_child_ca({ path_length = 0 })
    return last:create_child_ca():issue(host), verification(25)
  end)

kind("name_constraint", "Its authority may only speak for another domain.", function(ca, host)
  local child = ca:create_child_ca({ name_constraints = {
    permitted = { "permitted.test", "192.0.2.0/24" },
  } })
  return child:issue(host), verification(47)
end)

kind("excluded_name", "Its authority may speak for all but this name.", function(ca, host)
  local child = ca:create_child_ca({ name_constraints = {
    excluded = { is_address(host) and host .. (host:find(":") and "/128" or "/32") or host },
  } })
  return child:issue(host), verification(48)
end)

kind("expired_intermediate", "The authority between it and the root is out of date.",
  function(ca, host)
    local now = seed.now()
    local child = ca:create_child_ca({ not_before = now - 30 * DAY, not_after = now - DAY })
    return child:issue(host), verification(10)
  end)

kind("missing_intermediate", "The server leaves out the certificate between it and the root.",
  function(ca, host)
    local leaf = ca:create_child_ca():issue(host)
    leaf.chain[2] = nil
    return leaf, verification(20)
  end)

kind("unknown_critical_extension", "It has a critical extension that nobody knows.",
  function(ca, host)
    return ca:issue(host, { extensions = {
      { oid = "1.3.6.1.4.1.99999.1", critical = true, value = "\5\0" },
    } }), verification(34)
  end)

kind("huge_chain", "More authorities stand between it and the root than anyone follows.",
  function(ca, host)
    local key = authority.CA().key
    for i = 1, 120 do
      ca = ca:create_child_ca({ key = key, common_name = tostring(i) })
    end
    return ca:issue(host), verification(22)
  end)

kind("many_names", "It is larger than any certificate that has a use.", function(ca, host)
  local names = { { "dns", host } }
  for i = 1, 5000 do
    names[i + 1] = { "dns", ("host-%05d.many.names.test"):format(i) }
  end
  return ca:issue({ names = names }), { class = "SSLError", reason = "EXCESSIVE_MESSAGE_SIZE" }
end)

-- Has the server staple `response`; the client has to ask for one.
local function stapled(leaf, response, code)
  local expect = verification(code)
  expect.reason = "INVALID_STATUS_RESPONSE"
  return leaf, expect, {
    needs = "OCSP stapling", ocsp = response,
    prepare = function(_, ctx) ctx.ocsp_stapling = _ssl.CERT_OPTIONAL end,
  }
end

kind("revoked_staple", "The OCSP response that its server staples says that it is revoked.",
  function(ca, host)
    local leaf = ca:issue(host)
    return stapled(leaf, ca:ocsp(leaf, { status = "revoked" }), 23)
  end)

kind("unknown_staple", "The OCSP response that its server staples knows nothing of it.",
  function(ca, host)
    local leaf = ca:issue(host)
    return stapled(leaf, ca:ocsp(leaf, { status = "unknown" }), 75)
  end)

kind("stale_staple", "The OCSP response that its server staples is out of date.",
  function(ca, host)
    local leaf, now = ca:issue(host), seed.now()
    return stapled(leaf, ca:ocsp(leaf, {
      this_update = now - 9 * DAY, next_update = now - DAY,
    }), 74)
  end)

kind("forged_staple", "The OCSP response that its server staples is signed by a stranger.",
  function(ca, host)
    local leaf = ca:issue(host)
    return stapled(leaf, ca:ocsp(leaf, { signer = authority.CA() }), 74)
  end)

kind("must_staple", "It asks for a stapled OCSP response, and the server has none.",
  function(ca, host)
    return stapled(ca:issue(host, { must_staple = true }), nil, 73)
  end)

for _, one in ipairs(unruly.kinds) do
  kind(one.name, one.why, function(ca, host) return unruly.make(one, ca, host) end)
end

--@ ssl.testing.broken
-- Identities that a client must refuse, by what is wrong with them:
-- `ssl.testing.broken.expired(ca, host)` and so on: `expired`, `not_yet_valid`,
-- `wrong_host`, `self_signed`, `untrusted_root`, `revoked`, `stale_crl`,
-- `no_san`, `common_name_only`, `nul_in_name`, `wildcard_too_wide`,
-- `partial_wildcard`, `ip_as_dns`, `weak_key`, `sha1`, `bad_signature`,
-- `wrong_usage`, `not_a_ca`, `no_cert_sign`, `path_too_long`,
-- `name_constraint`, `excluded_name`, `expired_intermediate`,
-- `missing_intermediate`, `unknown_critical_extension`, `huge_chain`,
-- `many_names`, `revoked_staple`, `unknown_staple`, `stale_staple`,
-- `forged_staple`, `must_staple`; and what breaks the rules of
-- `SSLContext.certificate_profile` alone: `old_version`, `serial_zero`,
-- `serial_too_long`, `odd_digest`, `odd_key`, `rare_key`, `malformed_extension`,
-- `unknown_signer`, `signer_by_serial`, `foreign_root`, `authority_as_server`,
-- `any_purpose`, `critical_purpose`, `root_with_purpose`,
-- `uncritical_policy_constraints`, `uncritical_inhibition`, `constrained_server`,
-- `empty_constraints`, `dotted_constraint`, `excluded_wildcard`, `critical_names`,
-- `odd_name` and `other_common_name`.
-- - `ca` (`ssl.testing.CA`): an authority that the client trusts, a root.
-- - `host` (string): the name or address that the client asks for.
-- Each returns a `ssl.testing.BrokenIdentity`. Since: an addition.
--
-- Type: table<string, fun(ca: ssl.testing.CA, host: string): ssl.testing.BrokenIdentity>
--
--     local testing = require "ssl.testing"
--     local ca = testing.CA()
--     local identity = testing.broken.wrong_host(ca, "localhost")
--     identity:configure_cert(server_ctx)
--     assert(identity.why == "It names another host.")
local broken = {}

for name, one in pairs(kinds) do
  broken[name] = function(ca, host)
    if getmetatable(ca) ~= Authority then
      error(("bad argument #1 to '%s' (ssl.testing.CA expected)"):format(name), 2)
    elseif type(host) ~= "string" then
      error(("bad argument #2 to '%s' (string expected, got %s)"):format(name, type(host)), 2)
    end
    local self, expect, fields = one.make(ca, host)
    self.name, self.why, self.expect, self.host, self.trusted = name, one.why, expect, host, ca
    for key, value in pairs(fields or {}) do
      self[key] = value
    end
    return setmetatable(self, Broken)
  end
end

-- Nothing to be told, for most.
function Broken:prepare() -- luacheck: ignore 212
end

--@ ssl.testing.each_broken(ca, host)
-- Goes through all identities of `ssl.testing.broken`, in the order of the manual.
-- - `ca`, `host`: as for `ssl.testing.broken`.
-- Returns an iterator over `ssl.testing.BrokenIdentity`. Since: an addition.
--
-- Type: fun(ca: ssl.testing.CA, host: string): fun(): ssl.testing.BrokenIdentity?
--
--     local testing = require "ssl.testing"
--     for identity in testing.each_broken(testing.CA(), "localhost") do
--       assert(identity.expect.reason, identity.name)
--     end
local function each_broken(ca, host)
  local i = 0
  return function()
    i = i + 1
    return order[i] and broken[order[i]](ca, host)
  end
end

return { broken = broken, each_broken = each_broken, names = order }
