-- What a server offers: versions, ciphers, groups, signature algorithms. All of it is
-- learnt from ClientHellos that the probe writes itself, so nothing depends on what
-- this OpenSSL can do.

local answer = require "ssl.scan.answer"
local ciphers = require "ssl.scan.ciphers"
local hello = require "ssl.scan.hello"
local names = require "ssl.scan.names"
local Probe = require("ssl.scan.probe").Probe

local surface = {}

local function reversed(list)
  local out = {}
  for i, value in ipairs(list) do
    out[#list + 1 - i] = value
  end
  return out
end

-- The first answer that agrees to a version: all ciphers are offered in parts.
local function accepts(probe, version)
  local codes = ciphers.codes(version == "TLSv1.3")
  for first = 1, #codes, 100 do
    local part = table.move(codes, first, math.min(first + 99, #codes), 1, {})
    local result = probe:ask(probe:offer(version, part))
    if Probe.accepted(result, version) then
      return true
    elseif result.kind == "hello" or result.alert == "protocol_version" then
      return false  -- another version; no cipher would change that
    end
  end
  return false
end

local function ssl2_ciphers(probe)
  local stream <close> = probe:send(hello.encode_ssl2(ciphers.ssl2))
  return answer.read_ssl2(function() return stream:read() end)
end

--- `result.versions`: from name to boolean; and the ciphers of SSL 2.0.
function surface.versions(probe, result)
  result.versions, result.ciphers = {}, {}
  for _, version in ipairs(names.versions) do
    if version == "SSLv2" then
      local codes = ssl2_ciphers(probe)
      result.versions.SSLv2 = codes ~= nil
      result.ciphers.SSLv2 = codes and {}
      for i, code in ipairs(codes or {}) do
        local name = ciphers.ssl2[code] or ("SSL2_%06X"):format(code)
        result.ciphers.SSLv2[i] = { code = code, name = name, bits = 0, key_exchange = "RSA",
          encryption = name, forward_secret = false, aead = false,
          faults = { "SSL 2.0 is broken" } }
      end
    else
      result.versions[version] = accepts(probe, version)
    end
  end
end

local function chooser(probe, version)
  return function(codes)
    local found = probe:ask(probe:offer(version, codes))
    return Probe.accepted(found, version) and found.cipher or nil
  end
end

-- Each version that the server speaks, but for SSL 2.0.
local function each_version(result)
  local i = 1
  return function()
    repeat
      i = i + 1
    until not names.versions[i] or result.versions[names.versions[i]]
    return names.versions[i]
  end
end

--- `result.ciphers`: from a version's name to the array of its ciphers, and
-- `result.server_order`: whether the server's order decides.
function surface.ciphers(probe, result)
  result.server_order = {}
  for version in each_version(result) do
    local choose = chooser(probe, version)
    local codes = Probe.all(ciphers.codes(version == "TLSv1.3"), choose)
    local list = {}
    for i, code in ipairs(codes) do
      list[i] = ciphers.get(code)
    end
    result.ciphers[version] = list
    if #codes > 1 then
      result.server_order[version] = choose(reversed(codes)) == codes[1]
    end
  end
end

-- The numbers of a version's ciphers, those whose names match a pattern.
local function codes_of(result, version, pattern)
  local codes = {}
  for _, suite in ipairs(result.ciphers[version] or {}) do
    if not pattern or suite.key_exchange:find(pattern) then
      codes[#codes + 1] = suite.code
    end
  end
  return codes
end

local function named(registry, codes, format)
  local list = {}
  for i, code in ipairs(codes) do
    list[i] = registry.by_code[code] or format:format(code)
  end
  return list
end

-- What a server chooses before TLS 1.3. There the groups of a client are those of its
-- ECDSA certificates too: if the server refuses as soon as a group has been chosen and
-- left out, that group is its certificate's, and is offered again, as the last.
local function group_chooser(probe, version, codes)
  local last, kept
  local function choose(groups)
    local offered = table.move(groups, 1, #groups, 1, {})
    offered[#offered + 1] = kept
    local found = probe:ask(probe:offer(version, codes, {
      groups = offered, only_hello = false,
    }))
    if not Probe.accepted(found, version) and last and not kept then
      kept = last
      return choose(groups)
    end
    last = found.group
    return last
  end
  return choose
end

--- `result.groups`: from "TLSv1.2" (and older ones, together) and "TLSv1.3" to arrays
-- of names; `result.dh_bits`: the size of the prime of Diffie-Hellman.
function surface.groups(probe, result)
  result.groups = {}
  if result.versions["TLSv1.3"] then
    local codes = codes_of(result, "TLSv1.3")
    local chosen = Probe.all(names.groups.codes, function(groups)
      local found = probe:ask(probe:offer("TLSv1.3", codes, { groups = groups }))
      return Probe.accepted(found, "TLSv1.3") and found.group or nil
    end)
    result.groups["TLSv1.3"] = named(names.groups, chosen, "group_0x%04X")
  end
  for _, version in ipairs({ "TLSv1.2", "TLSv1.1", "TLSv1" }) do
    local codes = codes_of(result, version, "^ECDHE_[RE]")
    if #codes > 0 then
      local chosen = Probe.all(names.groups.codes, group_chooser(probe, version, codes))
      result.groups[version] = named(names.groups, chosen, "group_0x%04X")
      break
    end
  end
  surface.dh_bits(probe, result)
end

function surface.dh_bits(probe, result)
  for version in each_version(result) do
    local codes = codes_of(result, version, "^DHE_[RD]")
    if version ~= "TLSv1.3" and #codes > 0 then
      local found = probe:ask(probe:offer(version, codes, { only_hello = false }))
      result.dh_bits = math.min(found.dh_bits or math.huge, result.dh_bits or math.huge)
    end
  end
  result.dh_bits = math.tointeger(result.dh_bits)
end

-- A group that the server takes and of which the probe has a key.
local function group_with_share(result)
  for _, name in ipairs(result.groups["TLSv1.3"] or {}) do
    local code = names.groups.by_name[name]
    if code and hello.has_share(code) then
      return code
    end
  end
end

-- TLS 1.3 encrypts the signature. But a server that cannot sign as the only algorithm
-- on offer says, refuses before its ServerHello.
local function signatures13(probe, result)
  local group, list = group_with_share(result), {}
  if not group then
    return nil
  end
  local codes = codes_of(result, "TLSv1.3")
  for _, code in ipairs(names.signatures.codes) do
    local found = probe:ask(probe:offer("TLSv1.3", codes, {
      groups = { group }, shares = { group }, signatures = { code },
    }))
    if Probe.accepted(found, "TLSv1.3") and not found.retry then
      list[#list + 1] = code
    end
  end
  return named(names.signatures, list, "signature_0x%04X")
end

--- `result.signatures`: from "TLSv1.2" and "TLSv1.3" to arrays of names.
function surface.signatures(probe, result)
  result.signatures = {}
  local codes = codes_of(result, "TLSv1.2", "DHE_[RED]")
  if #codes > 0 then
    local chosen = Probe.all(names.signatures.codes, function(signatures)
      local found = probe:ask(probe:offer("TLSv1.2", codes, {
        signatures = signatures, only_hello = false,
      }))
      return Probe.accepted(found, "TLSv1.2") and found.signature or nil
    end)
    result.signatures["TLSv1.2"] = named(names.signatures, chosen, "signature_0x%04X")
  end
  if result.versions["TLSv1.3"] then
    result.signatures["TLSv1.3"] = signatures13(probe, result)
  end
end

return surface
