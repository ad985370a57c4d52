-- ssl/command/describe.lua - certificates, keys and their like in lines for people.
-- SPDX-License-Identifier: MIT

local keys = require "ssl.command.keys"
local times = require "ssl.command.times"

local M = {}

local COLOURS = { good = "green", soon = "yellow", early = "red", late = "red" }

-- "DNS a, DNS b, IP c"
local function name_list(list)
  local out = {}
  for i, name in ipairs(list) do out[i] = name[1] .. " " .. name[2] end
  return table.concat(out, ", ")
end

local function row(screen, label, text)
  if text and text ~= "" then
    screen:line("  %-11s %s", label, text)
  end
end

local function rows(screen, label, list)
  for i, text in ipairs(list or {}) do row(screen, i == 1 and label or "", text) end
end

local function validity(screen, from, to)
  local state, words = times.validity(from, to)
  row(screen, "valid", ("%s to %s"):format(times.written(from), times.written(to)))
  row(screen, "", screen:paint(COLOURS[state], words))
end

local function fingerprint(hex)
  return hex and hex:upper():gsub("%x%x", "%0:"):sub(1, -2)
end

local function joined(list) return list and table.concat(list, ", ") end

-- What certificates, requests and lists have in their extensions.
local function extensions(screen, object)
  row(screen, "names", object.names and name_list(object.names))
  row(screen, "authority", object.authority and (object.path_length
    and ("yes, with at most %d below it"):format(object.path_length) or "yes") or nil)
  row(screen, "usages", joined(object.usages))
  row(screen, "purposes", joined(object.purposes))
  row(screen, "staple", object.must_staple and "required" or nil)
  rows(screen, "OCSP", object.ocsp)
  rows(screen, "issuer at", object.ca_issuers)
  rows(screen, "list at", object.crls)
  row(screen, "others", joined(object.others))
end

local function certificate(screen, object)
  row(screen, "subject", object.subject)
  row(screen, "issuer", object.self_issued and object.issuer .. " (itself)" or object.issuer)
  row(screen, "serial", object.serial)
  validity(screen, object.not_before, object.not_after)
  row(screen, "key", keys.line(object.key))
  row(screen, "signature", object.signature)
  extensions(screen, object)
  row(screen, "SHA-256", fingerprint(object.sha256))
  row(screen, "problem", object.refused and screen:paint("red", "OpenSSL refuses it: "
    .. object.refused))
end

local function request(screen, object)
  row(screen, "subject", object.subject)
  row(screen, "key", keys.line(object.key))
  row(screen, "signature", object.signature .. " (not checked)")
  extensions(screen, object)
end

local function list(screen, object)
  row(screen, "issuer", object.issuer)
  row(screen, "number", object.number)
  validity(screen, object.this_update, object.next_update)
  row(screen, "signature", object.signature .. " (not checked)")
  extensions(screen, object)
  row(screen, "revoked", tostring(object.count))
  for i, entry in ipairs(object.revoked) do
    if i > 20 then
      row(screen, "", "... --json lists more")
      break
    end
    row(screen, "", ("%s on %s%s"):format(entry.serial, times.day(entry.time),
      entry.reason and ", " .. entry.reason or ""))
  end
end

local function key(screen, object)
  row(screen, "key", keys.line(object.key))
end

local function session(screen, object)
  row(screen, "version", object.version)
  row(screen, "cipher", object.cipher)
  row(screen, "id", object.id)
  row(screen, "made", times.written(object.time))
  row(screen, "lasts", times.span(object.timeout) .. (object.time + object.timeout < os.time()
    and ", which are over" or ""))
  row(screen, "ticket", object.has_ticket and "yes" or "no")
end

local kinds = {
  certificate = certificate, ["certificate request"] = request, ["revocation list"] = list,
  ["private key"] = key, ["public key"] = key, session = session,
}

--- Prints what `ssl.command.objects` gives.
function M.print(screen, object, title)
  screen:line("%s", screen:paint("bold", title))
  if object.problem then
    row(screen, "problem", screen:paint("red", object.problem))
  elseif object.contents then
    for _, inner in ipairs(object.contents) do M.print(screen, inner, "- " .. inner.type) end
  elseif kinds[object.type] then
    kinds[object.type](screen, object)
  else
    row(screen, "encrypted", object.encryption)
    row(screen, "note", object.note)
  end
end

return M
