-- ssl/command/objects.lua - what `lua-ssl show` shows, as tables: of certificates,
-- requests, revocation lists, keys and sessions in DER.
-- SPDX-License-Identifier: MIT

local der = require "ssl.command.der"
local extensions = require "ssl.command.extensions"
local json = require "ssl.command.json"
local keys = require "ssl.command.keys"
local names = require "ssl.command.names"
local ssl = require "ssl"

local M = {}

-- A list beyond this is counted and not listed.
local MOST_REVOKED = 1000

local function algorithm(node)
  return names.oid(node:expect(0x30):children()[1])
end

-- The parts of a signed structure: what is signed, as an array; the algorithm.
local function signed(bytes)
  local body, how = table.unpack(der.parse(bytes, true):expect(0x30):children())
  return body:expect(0x30):children(), algorithm(how)
end

local function subject(out, field, node)
  local parts = names.name(node)
  out[field] = names.line(parts)
  out[field .. "_short"] = names.short(parts)
end

--- A certificate (RFC 5280, 4.1).
function M.certificate(bytes)
  local parts, how = signed(bytes)
  if parts[1].tag ~= 0xA0 then table.insert(parts, 1, false) end  -- version 1
  local out = { type = "certificate", signature = how, serial = parts[2]:hex(), der = bytes }
  subject(out, "issuer", parts[4])
  local from, to = table.unpack(parts[5]:expect(0x30):children())
  out.not_before, out.not_after = from:time(), to:time()
  subject(out, "subject", parts[6])
  out.key = keys.public(parts[7])
  out.self_issued = parts[4]:whole() == parts[6]:whole()
  for i = 8, #parts do
    if parts[i].tag == 0xA3 then extensions.read(parts[i]:inner(), out) end
  end
  local ok, err = pcall(ssl.decode_certificate, bytes)
  out.refused = not ok and err.message or nil
  local cert = ok and ssl.loadcertificate(ssl.DER_cert_to_PEM_cert(bytes))
  out.sha256 = cert and cert:digest("sha256")
  return out
end

--- A request for a certificate (PKCS #10, RFC 2986).
function M.request(bytes)
  local parts, how = signed(bytes)
  local out = { type = "certificate request", signature = how }
  subject(out, "subject", parts[2])
  out.key = keys.public(parts[3])
  for _, attribute in ipairs(parts[4] and parts[4]:children() or {}) do
    local kind, values = table.unpack(attribute:children())
    if kind:oid() == "1.2.840.113549.1.9.14" then
      extensions.read(values:inner(), out)
    end
  end
  return out
end

local function revoked(node)
  local serial, time, more = table.unpack(node:expect(0x30):children())
  local out = { serial = serial:hex(), time = time:time() }
  if more then extensions.read(more, out) end
  return out
end

-- The entries of a list: how many, and the first of them.
local function entries(out, node)
  local all = node and node:children() or {}
  out.count, out.revoked = #all, json.array()
  for i = 1, math.min(#all, MOST_REVOKED) do out.revoked[i] = revoked(all[i]) end
end

--- A revocation list (RFC 5280, 5.1).
function M.crl(bytes)
  local parts, how = signed(bytes)
  if parts[1].tag == 0x02 then table.remove(parts, 1) end  -- the version
  local out = { type = "revocation list", signature = how, this_update = parts[3]:time() }
  subject(out, "issuer", parts[2])
  local i = 4
  if parts[i] and (parts[i].tag == 0x17 or parts[i].tag == 0x18) then
    out.next_update = parts[i]:time()
    i = i + 1
  end
  entries(out, parts[i] and parts[i].tag == 0x30 and parts[i])
  if parts[#parts].tag == 0xA0 then extensions.read(parts[#parts]:inner(), out) end
  return out
end

local function key(kind, read)
  return function(bytes)
    return { type = kind, key = read(der.parse(bytes)) }
  end
end

M.private_key = key("private key", keys.private)
M.ec_key = key("private key", keys.ec)
M.rsa_key = key("private key", function(node) return keys.rsa(node, 2) end)
M.public_key = key("public key", keys.public)
M.rsa_public_key = key("public key", function(node) return keys.rsa(node, 1) end)

--- An encrypted private key (PKCS #8): only how it is encrypted can be told.
function M.encrypted_key(bytes)
  local how = der.parse(bytes):children()[1]
  return { type = "encrypted private key", encryption = algorithm(how) }
end

local VERSIONS = { [0x300] = "SSLv3", [0x301] = "TLSv1", [0x302] = "TLSv1.1", [0x303] = "TLSv1.2",
  [0x304] = "TLSv1.3" }

--- A session of OpenSSL's. What of it is secret, and what is private, is left out.
function M.session(bytes)
  local session = ssl.SSLSession.from_bytes(bytes)
  local parts = der.parse(bytes, true):children()
  return {
    type = "session", version = VERSIONS[parts[2]:integer()] or parts[2]:hex(),
    cipher = "0x" .. parts[3]:hex(), id = session.id:gsub(".", function(c)
      return ("%02X"):format(c:byte())
    end),
    time = session.time, timeout = session.timeout, has_ticket = session.has_ticket,
    ticket_lifetime_hint = session.ticket_lifetime_hint,
  }
end

return M
