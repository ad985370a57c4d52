-- ssl/command/extensions.lua - the extensions of certificates, requests and lists.
-- SPDX-License-Identifier: MIT

local json = require "ssl.command.json"
local names = require "ssl.command.names"

local M = {}

local USAGES = { [0] = "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
  "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly" }

local REASONS = { [0] = "unspecified", "keyCompromise", "cACompromise", "affiliationChanged",
  "superseded", "cessationOfOperation", "certificateHold", [8] = "removeFromCRL",
  [9] = "privilegeWithdrawn", [10] = "aACompromise" }

local function list_of(node, convert)
  local out = {}
  for i, child in ipairs(node:expect(0x30):children()) do out[i] = convert(child) end
  return json.array(out)
end

-- URIs of AuthorityInfoAccess, by what is there.
local function access(node, out)
  for _, entry in ipairs(node:children()) do
    local method, place = table.unpack(entry:children())
    local field = ({ OCSP = "ocsp", caIssuers = "ca_issuers" })[names.oid(method)]
    if field and place.tag == 0x86 then
      out[field] = out[field] or json.array()
      table.insert(out[field], place:content())
    end
  end
end

local function distribution(node, out)
  out.crls = json.array()
  for _, point in ipairs(node:children()) do
    for _, part in ipairs(point:children()) do
      if part.tag == 0xA0 and part:inner().tag == 0xA0 then
        table.move(names.uris(part:inner()), 1, 100, #out.crls + 1, out.crls)
      end
    end
  end
end

-- How each known extension is read: into `out`, from its value.
local readers = {
  ["2.5.29.17"] = function(node, out) out.names = list_of(node, names.general) end,
  ["2.5.29.37"] = function(node, out) out.purposes = list_of(node, names.oid) end,
  ["2.5.29.31"] = distribution,
  ["1.3.6.1.5.5.7.1.1"] = access,
  ["2.5.29.20"] = function(node, out) out.number = node:hex() end,
  ["2.5.29.21"] = function(node, out) out.reason = REASONS[node:integer()] end,
  ["2.5.29.19"] = function(node, out)
    local ca, length = table.unpack(node:expect(0x30):children())
    out.authority = ca ~= nil and ca.tag == 0x01 and ca:content() ~= "\0"
    out.path_length = length and length:integer()
  end,
  ["2.5.29.15"] = function(node, out)
    out.usages = json.array()
    local bits = node:expect(0x03):bits()
    for i = 0, #USAGES do
      if bits[i] then table.insert(out.usages, USAGES[i]) end
    end
  end,
  ["1.3.6.1.5.5.7.1.24"] = function(node, out)
    for _, feature in ipairs(node:children()) do
      if feature:integer() == 5 then out.must_staple = true end
    end
  end,
}

-- Of the others only the names are told; these need no word at all.
local silent = { ["2.5.29.14"] = true, ["2.5.29.35"] = true }

--- Reads Extensions into `out`: `names`, `usages`, `purposes`, `authority` and others by
--- name; `others`, the names of those that are not among them.
function M.read(node, out)
  local others = json.array()
  for _, extension in ipairs(node:expect(0x30):children()) do
    local parts = extension:expect(0x30):children()
    local oid, value = parts[1]:oid(), parts[#parts]:expect(0x04)
    if readers[oid] then
      readers[oid](value:inner(), out)
    elseif not silent[oid] then
      others[#others + 1] = names.oid(parts[1]) .. (#parts == 3 and " (critical)" or "")
    end
  end
  out.others = #others > 0 and others or nil
end

return M
