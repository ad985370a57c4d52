-- ssl/context/wincerts.lua - the authorities that Windows trusts, for
-- SSLContext.load_default_certs; elsewhere nothing calls it.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local prelude = require "ssl.base.prelude"

local methods = _ssl._methods("SSLContext")

local M = {}

-- The intermediate authorities, and the trusted ones.
local STORES = { "CA", "ROOT" }

local SERVER_AUTH = "1.3.6.1.5.5.7.3.1"

-- Trusts those of the entries (as ssl.enum_certificates gives them) that Windows
-- trusts for the purpose with this OID. One that OpenSSL cannot read harms nobody.
function M.add(context, entries, oid)
  for _, entry in ipairs(entries) do
    local trusted = entry.trust == true or entry.trust[oid]
    if trusted and entry.encoding_type == "x509_asn" then
      local ok, err = pcall(methods.load_verify_locations, context,
        { cadata = _ssl.bytearray(entry.cert_bytes) })
      if not ok and _ssl.isinstance(err, _ssl.SSLError) then
        warn("Bad certificate in Windows certificate store: " .. err.message)
      elseif not ok then
        error(err, 0)
      end
    end
  end
end

-- A store that this user may not read counts as empty.
local function entries_of(store)
  local ok, entries = pcall(_ssl.enum_certificates, store)
  if ok then
    return entries
  elseif not (_ssl.isinstance(entries, _ssl.OSError)
      and entries.errno == _ssl._errornumber("Permission denied")) then
    error(entries, 0)
  end
  warn("unable to enumerate Windows certificate store")
  return {}
end

local load_paths = methods.load_default_certs

local function load_default_certs(context, ...)
  load_paths(context, ...)  -- checks the arguments
  local purpose = prelude.arguments("load_default_certs", "purpose*", ...)
  for _, store in ipairs(STORES) do
    M.add(context, entries_of(store), purpose and purpose.oid or SERVER_AUTH)
  end
end

if _ssl.enum_certificates then
  methods.load_default_certs = load_default_certs
end

return M
