-- ssl/command/findings.lua - what `ssl.scan` has found, line by line, each with a mark:
-- "good", "weak", "bad", or none for what is neither.
-- SPDX-License-Identifier: MIT

local json = require "ssl.command.json"
local times = require "ssl.command.times"

local M = {}

local NEWEST_FIRST = { "TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3", "SSLv2" }
local GOOD = { ["TLSv1.3"] = true, ["TLSv1.2"] = true }

local function versions(found, add)
  for _, version in ipairs(NEWEST_FIRST) do
    local offered = found.versions[version]
    if GOOD[version] then
      add(offered and "good" or version == "TLSv1.3" and "weak" or nil,
        version .. (offered and "" or " is not offered"))
    else
      add(offered and "bad" or "good", version .. (offered and " is offered: its use is forbidden "
        .. "(RFC 8996, RFC 7568, RFC 6176)" or " is not offered"))
    end
  end
end

-- Two faults are weaknesses, which old clients may be a reason for: no forward secrecy, and
-- CBC. Every other one is worse.
local function cipher(version, suite)
  local text = ("%s %s, %d bits"):format(version, suite.name, suite.bits)
  if #suite.faults == 0 then
    return "good", text
  end
  local excused = (suite.forward_secret and 0 or 1) + (suite.encryption:find("_CBC") and 1 or 0)
  return #suite.faults > excused and "bad" or "weak",
    text .. ": " .. table.concat(suite.faults, "; ")
end

local function ciphers(found, add)
  for _, version in ipairs(NEWEST_FIRST) do
    for _, suite in ipairs(found.ciphers[version] or {}) do add(cipher(version, suite)) end
    local order = found.server_order and found.server_order[version]
    if order ~= nil then
      add(nil, version .. ": " .. (order and "the server chooses" or "the client chooses"))
    end
  end
end

local function lists(field)
  return function(found, add)
    for _, version in ipairs(NEWEST_FIRST) do
      local list = found[field] and found[field][version]
      if list and #list > 0 then add(nil, version .. ": " .. table.concat(list, ", ")) end
    end
    if field == "groups" and found.dh_bits then
      add(found.dh_bits < 2048 and "bad" or "good", ("Diffie-Hellman with %d bits"):format(
        found.dh_bits))
    end
  end
end

local MARKS = { good = "good", soon = "weak", early = "bad", late = "bad" }

local function certificates(found, add)
  for _, chain in ipairs(found.chains or {}) do
    for _, cert in ipairs(chain) do
      local state, words = times.validity(cert.not_before, cert.not_after)
      add(MARKS[state], ("%s: %s%s, %s, %s"):format(cert.subject, cert.key_type,
        cert.key_bits and " " .. cert.key_bits or "", cert.signature, words))
    end
    if chain.in_order == false then add("weak", "the chain is not in order") end
  end
  if found.trusted ~= nil then
    add(found.trusted and "good" or "bad", found.trusted and "trusted"
      or "not trusted: " .. tostring(found.trust_error))
  end
  add(found.staple and "good" or nil, found.staple and "an OCSP response is stapled"
    or "no OCSP response is stapled")
end

local function resumption(found, add)
  local how = found.resumption or {}
  for _, way in ipairs({ { "session_id", "by session identifier (TLS 1.2)" },
    { "ticket", "by ticket (TLS 1.2)" }, { "psk", "by pre-shared key (TLS 1.3)" } }) do
    local there = how[way[1]]
    if there ~= nil then add(nil, way[2] .. (there and "" or ": no")) end
  end
  if how.lifetime then
    add(how.lifetime > 7 * 86400 and "bad" or nil, "tickets last " .. times.span(how.lifetime))
  end
end

-- A habit: good or bad if it is there, and what to call it.
local HABITS = {
  { "secure_renegotiation", true, "secure renegotiation (RFC 5746)" },
  { "client_renegotiation", false, "renegotiation whenever a client wants" },
  { "extended_master_secret", true, "extended master secret (RFC 7627)" },
  { "encrypt_then_mac", true, "encrypt-then-MAC (RFC 7366)" },
  { "compression", false, "compression, which leaks what is sent (CRIME)" },
  { "heartbeat", false, "heartbeats, which nobody needs" },
}

-- What a lack of it is worth: only one of them is a fault by itself.
local LACKING = { secure_renegotiation = "bad" }

local function habits(found, add)
  for _, habit in ipairs(HABITS) do
    local field, wanted, text = table.unpack(habit)
    local there = found[field]
    if there ~= nil then
      local mark = there == wanted and "good" or wanted and (LACKING[field] or "weak") or "bad"
      add(mark, (there and "" or "no ") .. text)
    end
  end
  if found.alpn and #found.alpn > 0 then add(nil, "ALPN: " .. table.concat(found.alpn, ", ")) end
end

local RUBBISH = { http = "plain HTTP", noise = "noise", empty_record = "an empty record",
  huge_record = "a record that is too large", half_hello = "half a ClientHello",
  data_first = "data before the handshake" }

local TOLERANCE = { grease = "values that mean nothing (GREASE, RFC 8701)",
  long_hello = "a long ClientHello", future_version = "a version that does not exist yet" }

-- The pairs of a table, sorted by name.
local function sorted(t)
  local keys, i = {}, 0
  for key in pairs(t or {}) do keys[#keys + 1] = key end
  table.sort(keys)
  return function()
    i = i + 1
    return keys[i], t and t[keys[i]]
  end
end

local function manners(found, add)
  local downgrade = found.downgrade or {}
  if downgrade.sentinel ~= nil then
    add(downgrade.sentinel and "good" or "weak", (downgrade.sentinel and "marks" or "does not mark")
      .. " that it speaks a newer version (RFC 8446, 4.1.3)")
  end
  if downgrade.scsv ~= nil then
    add(downgrade.scsv and "good" or "weak", (downgrade.scsv and "refuses" or "accepts")
      .. " a fallback to an older version (RFC 7507)")
  end
  for name, answer in sorted(found.rubbish) do
    add(answer == "answer" and "bad" or "good", ("%s: %s"):format(RUBBISH[name] or name, answer))
  end
  for name, fine in sorted(found.tolerates) do
    add(fine and "good" or "weak", (fine and "takes " or "does not take ")
      .. (TOLERANCE[name] or name))
  end
end

local TOPICS = {
  { "Versions", versions }, { "Ciphers", ciphers }, { "Groups", lists("groups") },
  { "Signature algorithms", lists("signatures") }, { "Certificates", certificates },
  { "Resumption", resumption }, { "Habits", habits }, { "Manners", manners },
}

--- The findings in a result of `ssl.scan.server`: an array of {topic =, mark =, text =}.
function M.of(found)
  local list = json.array()
  if not found.speaks_tls then
    list[1] = { topic = "Versions", mark = "bad", text = "no version of TLS" }
    return list
  end
  for _, topic in ipairs(TOPICS) do
    topic[2](found, function(mark, text)
      list[#list + 1] = { topic = topic[1], mark = mark, text = text }
    end)
  end
  return list
end

return M
