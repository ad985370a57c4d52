-- How a server behaves: what it agrees to that it should not, and what it does with
-- what it does not understand.

local names = require "ssl.scan.names"
local Probe = require("ssl.scan.probe").Probe

local behaviour = {}

local RENEGOTIATION_INFO, MASTER_SECRET, ENCRYPT_THEN_MAC = 0xFF01, 23, 22
local FALLBACK_SCSV = 0x5600

-- The server's versions before TLS 1.3, the newest first.
local function old_versions(result)
  local list = {}
  for i = #names.versions - 1, 2, -1 do
    if result.versions[names.versions[i]] then
      list[#list + 1] = names.versions[i]
    end
  end
  return list
end

local function newest(result)
  for i = #names.versions, 2, -1 do
    if result.versions[names.versions[i]] then
      return names.versions[i]
    end
  end
end

local function codes_of(result, version)
  local codes = {}
  for i, suite in ipairs(result.ciphers[version] or {}) do
    codes[i] = suite.code
  end
  return #codes > 0 and codes or nil
end

--- `result.compression`, `result.heartbeat` (booleans), and, nil where the server
-- speaks TLS 1.3 alone, `result.secure_renegotiation` (RFC 5746),
-- `result.extended_master_secret` (RFC 7627) and `result.encrypt_then_mac` (RFC 7366).
function behaviour.extensions(probe, result)
  local version = old_versions(result)[1]
  result.compression, result.heartbeat = false, false
  if not version then
    return
  end
  local found = probe:ask(probe:offer(version, codes_of(result, version), {
    compressions = "\1\0", heartbeat = true,
  }))
  if found.kind == "hello" then
    result.compression = found.compression ~= 0
    result.heartbeat = found.extensions[15] ~= nil
    result.secure_renegotiation = found.extensions[RENEGOTIATION_INFO] ~= nil
    result.extended_master_secret = found.extensions[MASTER_SECRET] ~= nil
    result.encrypt_then_mac = behaviour.encrypts_first(probe, result, version)
  end
end

-- encrypt_then_mac is only for ciphers of CBC; nil if the server has none.
function behaviour.encrypts_first(probe, result, version)
  local codes = {}
  for _, suite in ipairs(result.ciphers[version] or {}) do
    if suite.encryption:find("_CBC") then
      codes[#codes + 1] = suite.code
    end
  end
  if #codes == 0 then
    return nil
  end
  local found = probe:ask(probe:offer(version, codes))
  return found.kind == "hello" and found.extensions[ENCRYPT_THEN_MAC] ~= nil
end

local SENTINELS = { ["TLSv1.2"] = "DOWNGRD\1", ["TLSv1.1"] = "DOWNGRD\0", TLSv1 = "DOWNGRD\0" }

--- `result.downgrade`: `sentinel` (boolean: does the server mark a version older than
-- its newest? RFC 8446, 4.1.3) and `scsv` (boolean: does it refuse a client that falls
-- back? RFC 7507). Nil for a server that has one version only.
function behaviour.downgrade(probe, result)
  local old = old_versions(result)
  local top = newest(result)
  if old[1] == top then
    table.remove(old, 1)
  end
  if #old == 0 then
    return
  end
  result.downgrade = { scsv = true }
  for _, version in ipairs(old) do
    local codes = codes_of(result, version) or {}
    local plain = probe:ask(probe:offer(version, codes))
    if SENTINELS[version] and (top == "TLSv1.3" or version ~= "TLSv1.2") and plain.random then
      local marked = plain.random:sub(-8) == SENTINELS[version]
      result.downgrade.sentinel = marked and result.downgrade.sentinel ~= false
    end
    local codes_and_scsv = table.move(codes, 1, #codes, 1, {})
    table.insert(codes_and_scsv, FALLBACK_SCSV)
    local fallen = probe:ask(probe:offer(version, codes_and_scsv))
    if fallen.kind == "hello" then
      result.downgrade.scsv = false
    end
  end
end

-- Bytes that are no ClientHello, by what they are.
local RUBBISH = {
  http = "GET / HTTP/1.0\r\n\r\n",
  noise = ("\x80\0garbage\xFF"):rep(20),
  empty_record = "\22\3\1\0\0" .. "\22\3\1\0\1\0",
  huge_record = "\22\3\1\xFF\xFF" .. ("\1"):rep(2000),
  half_hello = "\22\3\1\0\4\1\0\2\0",
  data_first = "\23\3\3\0\5hello",
}

local function reaction(probe, bytes)
  local stream <close> = probe:send(bytes)
  stream:patience(math.min(probe.timeout, 1))
  local got = stream:read()
  if not got then
    local _, why = stream:read()
    return why
  elseif got:byte() == 21 and got:byte(2) == 3 then
    return "alert"
  end
  return "answer"
end

--- `result.rubbish`: from the kind of rubbish to what the server does: "alert",
-- "closed" or "reset", "silent" (it waits), or "answer" (it says something in plain).
function behaviour.rubbish(probe, result)
  result.rubbish = {}
  for kind, bytes in pairs(RUBBISH) do
    result.rubbish[kind] = reaction(probe, bytes)
  end
end

-- Values that servers must ignore: RFC 8701.
local GREASE = 0x4A4A

--- `result.tolerates`: booleans: `grease` (ciphers, groups, versions and extensions
-- that nobody knows), `long_hello` (more than 2 KiB), `future_version` (a newer TLS).
function behaviour.tolerance(probe, result)
  local version = newest(result)
  local function takes(fields)
    local codes = table.move(codes_of(result, version) or {}, 1, 1000, 1, {})
    if fields.cipher then
      table.insert(codes, 1, fields.cipher)
    end
    return Probe.accepted(probe:ask(probe:offer(version, codes, fields)), version)
  end
  local tls13 = version == "TLSv1.3" and names.version_code[version]
  local groups = table.move(names.groups.codes, 1, #names.groups.codes, 2, { GREASE })
  result.tolerates = {
    grease = takes({ cipher = GREASE, groups = groups, extensions = { { GREASE, "\0" } },
      versions = tls13 and { GREASE, tls13 } or nil }),
    long_hello = takes({ extensions = { { 21, ("\0"):rep(2000) } } }),
    future_version = version ~= "SSLv3" and takes(tls13 and { versions = { 0x0305, tls13 } }
      or { versions = { 0x0305, names.version_code[version] } }),
  }
end

return behaviour
