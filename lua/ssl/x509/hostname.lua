-- ssl/x509/hostname.lua - match_hostname. Connections do not need it: their contexts
-- check the name during the handshake, in OpenSSL.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local prelude = require "ssl.base.prelude"

local M = {}

local function mismatch(format, ...)
  error(_ssl.CertificateError(format:format(...)))
end

-- Addresses -----------------------------------------------------------------

-- Four decimal numbers as four bytes, or nil. "010" may be octal to others, so
-- it is none.
local function ipv4(text)
  local bytes = { text:match("^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$") }
  if #bytes == 0 then return nil end
  for i, digits in ipairs(bytes) do
    if tonumber(digits) > 255 or digits:find("^0%d") then return nil end
    bytes[i] = tonumber(digits)
  end
  return string.char(table.unpack(bytes))
end

-- Groups of hexadecimal digits between colons as bytes, or nil; the last one may
-- be an IPv4 address where `tail` says so.
local function groups(text, tail)
  local out = {}
  if text == "" then return "" end
  for group, last in (text .. ":"):gmatch("([^:]*):()") do
    if group:find("^%x%x?%x?%x?$") then
      out[#out + 1] = string.pack(">I2", tonumber(group, 16))
    elseif tail and last == #text + 2 and ipv4(group) then
      out[#out + 1] = ipv4(group)
    else
      return nil
    end
  end
  return table.concat(out)
end

local function ipv6(text)
  local before, after = text:match("^(.-)::(.*)$")
  if not before then
    local bytes = groups(text, true)
    return bytes and #bytes == 16 and bytes or nil
  end
  before, after = groups(before, false), groups(after, true)
  if not before or not after or #before + #after > 14 then return nil end
  return before .. ("\0"):rep(16 - #before - #after) .. after
end

-- An address as bytes, so that all its spellings are equal; nil for a name.
local function address(text)
  return ipv4(text) or ipv6(text)
end

-- Names ---------------------------------------------------------------------

local magic = "[%^%$%(%)%%%.%[%]%*%+%-%?]"

-- Does a pattern for the leftmost label fit? `*` stands for what is not empty
-- if it is alone; within other text it never reaches into an A-label.
local function label_matches(label, pattern)
  if pattern == "*" then
    return label ~= ""
  elseif label:find("^xn%-%-") or pattern:find("^xn%-%-") then
    return label == pattern
  end
  return label:find("^" .. pattern:gsub(magic, "%%%0"):gsub("%%%*", ".*") .. "$") ~= nil
end

local function name_matches(pattern, hostname)
  if pattern == "" then return false end
  local leftmost, rest = pattern:match("^([^.]*)(.*)$")
  local _, wildcards = leftmost:gsub("%*", "")
  if wildcards > 1 then
    mismatch("too many wildcards in certificate DNS name: %s", prelude.repr(pattern))
  elseif wildcards == 0 then
    return pattern:lower() == hostname:lower()
  end
  local label, remainder = hostname:match("^([^.]*)(.*)$")
  return remainder:lower() == rest:lower()
    and label_matches(label:lower(), leftmost:lower())
end

-- The names that are looked at, and whether one of them fits.
local function search_altnames(cert, hostname, ip)
  local seen = {}
  for _, entry in ipairs(cert.subjectAltName or {}) do
    local kind, value = entry[1], entry[2]
    if kind == "DNS" or kind == "IP Address" then
      if kind == "DNS" and not ip and name_matches(value, hostname) then
        return seen, true
      elseif kind == "IP Address" and ip and address(value:match("^(.-)%s*$")) == ip then
        return seen, true
      end
      seen[#seen + 1] = value
    end
  end
  return seen, false
end

local function search_subject(cert, hostname)
  local seen = {}
  for _, rdn in ipairs(cert.subject or {}) do
    for _, attribute in ipairs(rdn) do
      if attribute[1] == "commonName" then
        if name_matches(attribute[2], hostname) then
          return seen, true
        end
        seen[#seen + 1] = attribute[2]
      end
    end
  end
  return seen, false
end

local function refuse(hostname, seen)
  for i, name in ipairs(seen) do
    seen[i] = prelude.repr(name)
  end
  if #seen == 0 then
    mismatch("no appropriate commonName or subjectAltName fields were found")
  end
  mismatch("hostname %s doesn't match %s%s", prelude.repr(hostname),
    #seen > 1 and "either of " or "", table.concat(seen, ", "))
end

--@ ssl.match_hostname(cert, hostname)
-- Checks that a certificate names a host (RFC 2818 and RFC 6125). If the context has
-- `check_hostname`, as a client's has by default, the handshake has done this already.
--
-- A `*` in the leftmost label of a name matches within that label. The common name counts
-- only if the certificate has no DNS name and no IP address.
-- - `cert` (table): what `getpeercert` or `decode_certificate` returns.
-- - `hostname` (string): a DNS name in ASCII, or an IPv4 or IPv6 address.
-- Returns nothing. Raises `CertificateError`: "hostname 'a' doesn't match 'b'",
-- "hostname 'a' doesn't match either of 'b', 'c'", "no appropriate commonName or
-- subjectAltName fields were found", "too many wildcards in certificate DNS name:
-- '*a*.b'". Raises `ValueError` if the certificate is empty or nil. It makes a `warn`:
-- deprecated since CPython 3.7. Since: CPython 3.2.
--
-- Type: named fun(cert*: Certificate, hostname: string)
--
--     local cert = conn:getpeercert()
--     ssl.match_hostname(cert, "localhost")
function M.match_hostname(...)
  local cert, hostname = prelude.arguments("match_hostname", "cert* hostname", ...)
  prelude.deprecated("ssl.match_hostname() is deprecated")
  if cert == nil or type(cert) == "table" and next(cert) == nil then
    prelude.valueerror("empty or no certificate, match_hostname needs a SSL socket or SSL "
      .. "context with either CERT_OPTIONAL or CERT_REQUIRED")
  elseif type(cert) ~= "table" then
    prelude.typeerror(1, "match_hostname", "table", cert)
  end
  prelude.checkstring(hostname, 2, "match_hostname")
  local seen, found = search_altnames(cert, hostname, address(hostname))
  if #seen == 0 and not found then
    seen, found = search_subject(cert, hostname)
  end
  if not found then
    refuse(hostname, seen)
  end
end

return M
