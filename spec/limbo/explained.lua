-- The cases of x509-limbo that end otherwise than it expects, by profile, each with
-- the reason. `openssl` says that `openssl verify` comes to the same verdict as we do,
-- which the run checks. `against` names another case of x509-limbo that expects the
-- opposite of the same certificates, and which is as expected here.

local M = {}

M.webpki = {
  ["crl::crlnumber-missing"] = {
    openssl = true, why = "OpenSSL takes a revocation list that has no number",
  },
  ["crl::issuer-no-keyusage-extension"] = {
    openssl = true, why = "strict rules (RFC 5280, 4.2.1.3) want an authority to have keyUsage",
  },
  ["pathlen::max-chain-depth-1-self-issued"] = {
    openssl = true, why = "OpenSSL counts authorities that issued their own certificate, too",
  },
  ["pathlen::validation-ignores-pathlen-in-leaf"] = {
    openssl = true, why = "OpenSSL lets a key that may only sign certificates serve nobody",
  },
  ["rfc5280::ca-as-leaf"] = {
    against = "webpki::ca-as-leaf", why = "an authority's certificate is no server's",
  },
  ["webpki::eku::ee-without-eku"] = {
    against = "rfc5280::eku::ee-without-eku", why = "a certificate without purposes is for all",
  },
  ["rfc5280::nc::permitted-dns-match-noncritical"] = {
    against = "webpki::nc::permitted-dns-match-noncritical",
    why = "browsers take name constraints that are not critical",
  },
  ["rfc5280::nc::nc-forbids-alternate-chain-ica"] = {
    openssl = true, why = "OpenSSL tries no other chain where the first one breaks a constraint",
  },
  ["rfc5280::nc::nc-forbids-same-chain-ica"] = {
    openssl = true, why = "OpenSSL tries no other chain where the first one breaks a constraint",
  },
  ["rfc5280::validity::notafter-exact"] = {
    openssl = true, why = "for OpenSSL a certificate ends with the second that notAfter names",
  },
  ["rfc5280::validity::notafter-fractional"] = {
    openssl = true, why = "for OpenSSL a certificate ends with the second that notAfter names",
  },
}

-- CPython's rules are OpenSSL's: a case is explained by the same verdict of its own.
M.none = setmetatable({}, {
  __index = function() return { openssl = true, why = "openssl verify says the same" } end,
})

return M
