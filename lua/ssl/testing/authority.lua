-- A certificate authority for tests.

local _ssl = require "_ssl"
local low = require "_ssl_testing"
local der = require "ssl.testing.der"
local extensions = require "ssl.testing.extensions"
local identity = require "ssl.testing.identity"
local read_options = require "ssl.testing.options"
local revocation = require "ssl.testing.revocation"
local seed = require "ssl.testing.seed"

local DAY = 86400

local Authority = setmetatable({ __name = "ssl.testing.CA" }, { __index = revocation.Revoker })
Authority.__index = Authority

-- What can be asked of any certificate. 'raw' names are for ssl.testing.broken
-- and for those who test their own checks.
local OPTIONS = {
  key_type = "string", key = "table", digest = "string", serial = "number string",
  not_before = "number string", not_after = "number string",
  common_name = "string", organization = "string", subject = "table",
  key_usage = "table", extended_key_usage = "table",
  must_staple = "boolean", ocsp = "string", ca_issuers = "string", crl = "string",
  extensions = "table", version = "number", names = "table",
}
local LEAF_OPTIONS = setmetatable({ ca = "boolean", path_length = "number" }, { __index = OPTIONS })
local CA_OPTIONS = setmetatable({ path_length = "number", name_constraints = "table" },
  { __index = OPTIONS })

local function serial_of(options)
  if math.type(options.serial) == "integer" then
    return (options.serial < 0 and "-%x" or "%x"):format(math.abs(options.serial))
  end
  return options.serial
end

local function subject_of(options, default)
  local parts = options.subject or {
    { "O", options.organization or "ssl.testing" },
    (options.common_name or default) and { "CN", options.common_name or default } or nil,
  }
  return der.name(parts), #parts == 0
end

-- Puts an extension in the place of the one of that OID; nil takes it out.
local function replace(list, oid, extension)
  for i, other in ipairs(list) do
    if other[1] == oid then
      if extension then list[i] = extension else table.remove(list, i) end
      return
    end
  end
  list[#list + 1] = extension
end

-- Those that any certificate may have, in `list`.
local function add_optional(list, options)
  if options.ocsp or options.ca_issuers then
    list[#list + 1] = extensions.authority_info_access(options.ocsp, options.ca_issuers)
  end
  if options.crl then
    list[#list + 1] = extensions.crl_distribution_point(options.crl)
  end
  if options.must_staple then
    list[#list + 1] = extensions.must_staple()
  end
  for _, e in ipairs(options.extensions or {}) do
    replace(list, e.oid or e[1],
      not e.omit and { e.oid or e[1], e.critical or e[2] or false, e.value or e[3] } or nil)
  end
end

-- Signs a certificate for `key`. `issuer` is an authority, or nil for the key
-- itself.
local function sign(issuer, key, subject, list, options, days)
  local now = seed.now()
  local issuer_key = issuer and issuer.key.handle or key
  return identity.new_cert(low.certificate({
    subject = subject, issuer = issuer and issuer.cert.handle:subject() or subject,
    serial = serial_of(options), version = options.version or 3,
    not_before = options.not_before or now - DAY,
    not_after = options.not_after or now + days * DAY,
    key = key, issuer_key = issuer_key, digest = identity.digest_for(issuer_key, options.digest),
    extensions = list,
  }))
end

local function new_key(options)
  return options.key and options.key.handle or low.newkey(options.key_type or "P-256")
end

-- Identifiers of the key and of who signs; a root needs no word on the latter.
local function add_identifiers(list, key, issuer)
  list[#list + 1] = extensions.subject_key_identifier(key:identifier())
  if issuer then
    list[#list + 1] = extensions.authority_key_identifier(issuer.key.handle:identifier())
  end
end

-- What the peer is sent: the certificates up to the root, which it has.
local function chain_to(cert, issuer)
  local chain = { cert }
  while issuer and issuer.issuer do
    chain[#chain + 1] = issuer.cert
    issuer = issuer.issuer
  end
  return chain
end

local function new_authority(issuer, options)
  local key = new_key(options)
  local subject = subject_of(options, ("ssl.testing CA %08x"):format(
    (string.unpack(">I4", key:identifier()))))
  local list = {
    extensions.basic_constraints(true, options.path_length),
    extensions.key_usage(options.key_usage or { "digitalSignature", "keyCertSign", "cRLSign" }),
  }
  add_identifiers(list, key, issuer)
  if options.extended_key_usage then
    list[#list + 1] = extensions.extended_key_usage(options.extended_key_usage)
  end
  local constraints = options.name_constraints
  if constraints then
    list[#list + 1] = extensions.name_constraints(constraints.permitted, constraints.excluded)
  end
  add_optional(list, options)
  local cert = sign(issuer, key, subject, list, options, 3650)
  local chain = issuer and chain_to(cert, issuer) or {}
  local self = identity.new(Authority, cert, identity.new_key(key), chain, issuer)
  self.revoked = {}
  return self
end

--@ ssl.testing.CA([options])
-- Makes a certificate authority. Nobody trusts its root certificate until you call
-- `ca:configure_trust`.
-- - `options` (table): any of the following fields.
-- - `key_type` (string): the kind of key: `"P-256"` (the default) or another curve, `"RSA"`,
--   `"RSA-4096"`, `"Ed25519"`, `"Ed448"`; with OpenSSL 3.5 also `"ML-DSA-65"` and the like.
-- - `key` (`ssl.testing.Key`): the key of another identity, to be used again.
-- - `not_before`, `not_after` (numbers): seconds since 1970. By default the certificate is valid
--   from yesterday, for ten years.
-- - `common_name`, `organization` (strings), or `subject` (array of {attribute, value}): the
--   name of the authority.
-- - `serial` (integer, or a string of hexadecimal digits): the serial number; random by default.
-- - `digest` (string): the digest of signatures; `"SHA256"` by default.
-- - `path_length` (integer): how many authorities may stand below this one.
-- - `name_constraints` (table): the arrays `permitted` and `excluded`, of domains and of
--   addresses such as `"10.0.0.0/8"`.
-- - `key_usage`, `extended_key_usage` (arrays): names of RFC 5280.
-- - `ocsp`, `ca_issuers`, `crl` (strings): URLs.
-- - `must_staple` (boolean): whether the certificate demands a stapled OCSP response.
-- - `extensions` (array): tables {oid =, critical =, value = DER}. Each of them replaces the
--   extension that the certificate would have with this OID. {oid =, omit = true} leaves that
--   extension out.
-- Returns a `ssl.testing.CA`, which also has the fields of `ssl.testing.Identity`. Raises
-- `ValueError` for an impossible value. RFC 5280. Since: an addition.
--
-- Type: fun(options?: ssl.testing.CAOptions): ssl.testing.CA
-- Type: ssl.testing.CA: ssl.testing.Identity = {}
-- Type: ssl.testing.CAOptions = { key_type?: string, key?: ssl.testing.Key, not_before?: integer,
--   not_after?: integer, common_name?: string, organization?: string, subject?: string[][],
--   serial?: integer|string, digest?: string, path_length?: integer,
--   name_constraints?: { permitted?: string[], excluded?: string[] }, key_usage?: string[],
--   extended_key_usage?: string[], ocsp?: string, ca_issuers?: string, crl?: string,
--   must_staple?: boolean, extensions?: { oid: string, critical?: boolean, value?: string,
--   omit?: boolean }[] }
--
--     local testing = require "ssl.testing"
--     local ca = testing.CA()
--     ca:configure_trust(ctx)
--     ca:issue("localhost", "127.0.0.1"):configure_cert(server_ctx)
local function CA(options)
  return new_authority(nil, read_options("CA", options, CA_OPTIONS))
end

--@ ca:create_child_ca([options])
-- Makes an authority below this one. What the new authority issues comes with the chain.
-- - `options` (table): as for `ssl.testing.CA`.
-- Returns a `ssl.testing.CA`. Since: an addition.
--
-- Type: fun(options?: ssl.testing.CAOptions): ssl.testing.CA
--
--     local testing = require "ssl.testing"
--     local leaf = testing.CA():create_child_ca():issue("localhost")
--     assert(select(2, leaf.chain.pem:gsub("BEGIN", "")) == 2)
function Authority:create_child_ca(options)
  return new_authority(self, read_options("create_child_ca", options, CA_OPTIONS))
end

-- Names and the options after them.
local function split(...)
  local names, options = { ... }, nil
  if type(names[#names]) == "table" then
    options = table.remove(names)
  end
  for i, name in ipairs(names) do
    if type(name) ~= "string" then
      error(("bad argument #%d to 'issue' (string expected, got %s)"):format(i, type(name)), 3)
    end
  end
  return names, options
end

-- Extensions of a certificate that is no authority's.
local function leaf_extensions(self, key, names, nameless, options)
  local usage = { "digitalSignature", key:type() == "RSA" and "keyEncipherment" or nil }
  local list = {
    extensions.basic_constraints(options.ca, options.path_length),
    extensions.key_usage(options.key_usage or usage),
    extensions.extended_key_usage(options.extended_key_usage or { "serverAuth", "clientAuth" }),
  }
  add_identifiers(list, key, self)
  if #names > 0 then
    list[#list + 1] = extensions.subject_alt_name(names, nameless)
  end
  add_optional(list, options)
  return list
end

--@ ca:issue(name, ... [, options])
-- Issues a certificate with a new key. Servers and clients can use it.
-- - `name` (string): a host name, an IP address, an e-mail address or a URI; the form tells
--   which. A host name may be a wildcard such as `"*.example.test"`, and may have letters beyond
--   ASCII.
-- - `options` (table): those of `ssl.testing.CA`, except `path_length` and `name_constraints`.
--   By default the certificate is valid from yesterday, for 397 days, and its subject has no
--   common name. There are three more fields: `names` (array) holds names as {kind, bytes},
--   which go into the certificate as they are; the kinds are `"dns"`, `"ip"`, `"email"`,
--   `"uri"`, `"directory"` and `"id"`. `ca` (boolean) and `path_length` (integer) set the basic
--   constraints.
-- Returns a `ssl.testing.Identity`. Raises `ValueError` for an empty name and for a name with a
-- null byte. Raises `NotImplementedError` for a name beyond ASCII if this build has no libidn2.
-- RFC 5280. Since: an addition.
--
-- Type: fun(name: string, ...: string|ssl.testing.IssueOptions): ssl.testing.Identity
-- Type: ssl.testing.IssueOptions = { key_type?: string, key?: ssl.testing.Key,
--   not_before?: integer, not_after?: integer, common_name?: string, organization?: string,
--   subject?: string[][], serial?: integer|string, digest?: string, path_length?: integer,
--   key_usage?: string[], extended_key_usage?: string[], ocsp?: string, ca_issuers?: string,
--   crl?: string, must_staple?: boolean, extensions?: { oid: string, critical?: boolean,
--   value?: string, omit?: boolean }[], names?: string[][], ca?: boolean }
--
--     local testing = require "ssl.testing"
--     local identity = testing.CA():issue("localhost", "127.0.0.1", "::1",
--                                         "*.example.test", "user@example.test")
--     identity:configure_cert(server_ctx)
function Authority:issue(...)
  local names, options = split(...)
  options = read_options("issue", options, LEAF_OPTIONS)
  for _, name in ipairs(options.names or {}) do
    names[#names + 1] = name
  end
  local key = new_key(options)
  local subject, nameless = subject_of(options)
  local list = leaf_extensions(self, key, names, nameless, options)
  local cert = sign(self, key, subject, list, options, 397)
  return identity.new(identity.Identity, cert, identity.new_key(key), chain_to(cert, self), self)
end

--@ ca:configure_trust(ctx)
-- Makes a context trust the certificates that the authority issues. If the authority is a child,
-- the context gets the root above it.
-- - `ctx` (`SSLContext`): the context.
-- Returns nothing. Since: an addition.
--
-- Type: fun(ctx: SSLContext)
--
--     local testing = require "ssl.testing"
--     testing.CA():configure_trust(ctx)
function Authority:configure_trust(ctx)
  local root = self:root() or self
  ctx:load_verify_locations({ cadata = root.cert.pem })
end

-- What `read` makes of `bytes`, which should be a `what`, from `place`.
local function decoded(read, bytes, place, what)
  local ok, result = pcall(read, bytes)
  if ok then
    return result
  elseif not _ssl.isinstance(result, _ssl.SSLError) then
    error(result, 0)  -- a wrong type, no memory
  end
  local why = bytes == "" and "it is empty" or result.reason == "BAD_PASSWORD_READ"
    and "it is encrypted" or result.message
  error(_ssl.SSLError(("%s has no %s that can be read: %s"):format(place, what, why)))
end

-- As load_ca; messages say where the two are from.
local function load_from(cert, cert_place, key, key_place)
  local handle = decoded(low.readcertificate, cert, cert_place, "certificate")
  local key_handle = decoded(low.readkey, key, key_place, "private key")
  if not handle:matches(key_handle) then
    error(_ssl.ValueError(("the private key in %s is not that of the certificate in %s"):format(
      key_place, cert_place)))
  end
  local self = identity.new(Authority, identity.new_cert(handle), identity.new_key(key_handle), {})
  self.revoked = {}
  return self
end

--@ ssl.testing.load_ca(cert, key)
-- Makes an authority from a certificate and a private key that you have already, so that you can
-- add to a folder of certificates.
-- - `cert`, `key` (strings): in PEM or DER.
-- Returns a `ssl.testing.CA`. Raises `SSLError` for bytes that it cannot read, and `ValueError`
-- if the key does not belong to the certificate. Since: an addition.
--
-- Type: fun(cert: string, key: string): ssl.testing.CA
--
--     local testing = require "ssl.testing"
--     local ca = testing.CA()
--     local same = testing.load_ca(ca.cert.pem, ca.key.pem)
--     assert(same.cert.der == ca.cert.der)
local function load_ca(cert, key)
  return load_from(cert, "cert", key, "key")
end

return { CA = CA, load_ca = load_ca, load_from = load_from, Authority = Authority }
