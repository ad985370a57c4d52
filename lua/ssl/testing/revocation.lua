-- What an authority for tests says of the certificates that it has revoked: lists, and
-- OCSP responses.

local _ssl = require "_ssl"
local low = require "_ssl_testing"
local extensions = require "ssl.testing.extensions"
local files = require "ssl.testing.files"
local identity = require "ssl.testing.identity"
local pem = require "ssl.x509.pem"
local read_options = require "ssl.testing.options"
local seed = require "ssl.testing.seed"

local DAY = 86400

-- The methods for this, of every `ssl.testing.CA`. `revoked` is the array of what the
-- authority has revoked.
local Revoker = setmetatable({}, { __index = identity.Identity })
Revoker.__index = Revoker

--@ ca:revoke(identity [, reason])
-- Revokes a certificate. From then on `ca:crl` and `ca:ocsp` say so.
-- - `identity` (`ssl.testing.Identity`): one that this authority has issued.
-- - `reason` (string): a reason of RFC 5280, 5.3.1, such as `"keyCompromise"`.
-- Returns nothing. Since: an addition.
--
-- Type: fun(identity: ssl.testing.Identity, reason?: string)
--
--     local testing = require "ssl.testing"
--     local ca = testing.CA()
--     local identity = ca:issue("localhost")
--     ca:revoke(identity, "keyCompromise")
--     assert(ca:crl().pem:find("BEGIN X509 CRL", 1, true))
local reasons = {
  unspecified = 0, keyCompromise = 1, cACompromise = 2, affiliationChanged = 3, superseded = 4,
  cessationOfOperation = 5, certificateHold = 6, removeFromCRL = 8, privilegeWithdrawn = 9,
  aACompromise = 10,
}
function Revoker:revoke(who, reason)
  local number = reasons[reason]
  if reason and not number then
    error(_ssl.ValueError(("no reason is named '%s'"):format(tostring(reason))))
  end
  self.revoked[#self.revoked + 1] = { cert = who.cert, reason = number, time = seed.now() }
end

local function to_pem(label, bytes)
  return (pem.DER_cert_to_PEM_cert(bytes):gsub("(%-%u+ )CERTIFICATE", "%1" .. label))
end

--@ ca:crl([options])
-- Makes the authority's list of revoked certificates.
-- - `options` (table): `this_update` and `next_update` (numbers: seconds since 1970; by default
--   the list is an hour old, and holds for a week), `number` (integer; 1 by default), `digest`
--   (string).
-- Returns a table with the strings `pem` and `der`. RFC 5280, 5. Since: an addition.
--
-- Type: fun(options?: ssl.testing.CRLOptions): { pem: string, der: string }
-- Type: ssl.testing.CRLOptions = { this_update?: integer, next_update?: integer,
--   number?: integer, digest?: string }
--
--     local testing = require "ssl.testing"
--     assert(testing.CA():crl().der:byte() == 0x30)
function Revoker:crl(options)
  options = read_options("crl", options, {
    this_update = "number", next_update = "number", number = "number", digest = "string",
  })
  local key, revoked = self.key.handle, {}
  for i, entry in ipairs(self.revoked) do
    local about = entry.reason and entry.reason > 0 and { extensions.crl_reason(entry.reason) }
    revoked[i] = { entry.cert.handle, entry.time, about or nil }
  end
  local now = seed.now()
  local bytes = low.crl({
    issuer = self.cert.handle:subject(), key = key,
    digest = identity.digest_for(key, options.digest),
    updated = options.this_update or now - 3600, next = options.next_update or now + 7 * DAY,
    revoked = revoked,
    extensions = {
      extensions.authority_key_identifier(key:identifier()),
      extensions.crl_number(options.number or 1),
    },
  })
  return { der = bytes, pem = to_pem("X509 CRL", bytes) }
end

--@ ca:configure_crl(ctx [, options])
-- Gives a context the authority's list of revoked certificates, and makes the context look up
-- the peer's certificate in it.
-- - `ctx` (`SSLContext`): the context.
-- - `options` (table): as for `ca:crl`.
-- Returns nothing. OpenSSL: `X509_V_FLAG_CRL_CHECK`. Since: an addition.
--
-- Type: fun(ctx: SSLContext, options?: ssl.testing.CRLOptions)
--
--     local testing = require "ssl.testing"
--     local ca = testing.CA()
--     ca:configure_trust(ctx)
--     ca:configure_crl(ctx)
function Revoker:configure_crl(ctx, options)
  local folder <close> = files.folder()
  local paths = folder:write({ ["crl.pem"] = self:crl(options).pem })
  ctx:load_verify_locations(paths["crl.pem"])
  ctx.verify_flags = ctx.verify_flags | 4  -- VERIFY_CRL_CHECK_LEAF
end

local statuses = { good = 0, revoked = 1, unknown = 2 }

--@ ca:ocsp(identity [, options])
-- Makes an OCSP response about a certificate. The authority signs it.
-- - `identity` (`ssl.testing.Identity`): one that this authority has issued.
-- - `options` (table): `status` (string: `"good"`, `"revoked"` or `"unknown"`; by default what
--   `ca:revoke` was told), `this_update` and `next_update` (numbers: seconds since 1970; by
--   default the response is an hour old, and holds for a day), `digest` (string), `signer`
--   (`ssl.testing.Identity`: who signs instead).
-- Returns the response in DER (string). RFC 6960. Since: an addition.
--
-- Type: fun(identity: ssl.testing.Identity, options?: ssl.testing.OCSPOptions): string
-- Type: ssl.testing.OCSPOptions = { status?: "good"|"revoked"|"unknown", this_update?: integer,
--   next_update?: integer, digest?: string, signer?: ssl.testing.Identity }
--
--     local testing = require "ssl.testing"
--     local ca = testing.CA()
--     assert(ca:ocsp(ca:issue("localhost")):byte() == 0x30)
function Revoker:ocsp(who, options)
  options = read_options("ocsp", options, {
    status = "string", this_update = "number", next_update = "number", digest = "string",
    signer = "table",
  })
  local entry
  for _, e in ipairs(self.revoked) do
    entry = e.cert == who.cert and e or entry
  end
  local status = options.status or (entry and "revoked" or "good")
  if not statuses[status] then
    error(_ssl.ValueError(("no status is named '%s'"):format(status)))
  end
  local now, signer = seed.now(), options.signer or self
  return low.ocsp({
    certificate = who.cert.handle, issuer = self.cert.handle,
    signer = signer.cert.handle, key = signer.key.handle,
    digest = identity.digest_for(signer.key.handle, options.digest),
    status = statuses[status], reason = entry and entry.reason or -1,
    revoked = status == "revoked" and (entry and entry.time or now) or nil,
    this = options.this_update or now - 3600, next = options.next_update or now + DAY,
  })
end

return { Revoker = Revoker }
