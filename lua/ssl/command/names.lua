-- ssl/command/names.lua - names in certificates: of people and hosts, and of algorithms.
-- SPDX-License-Identifier: MIT

local socket_url = require "socket.url"
local ssl = require "ssl"

local M = {}

local known = {}

--- What OpenSSL calls an object identifier; the identifier itself if it knows none.
function M.oid(node)
  local oid = node:oid()
  if known[oid] == nil then
    local ok, object = pcall(ssl._ASN1Object, oid)
    known[oid] = ok and object.shortname or oid
  end
  return known[oid]
end

--- A Name (RFC 5280, 4.1.2.4) as an array of {attribute, value}.
function M.name(node)
  local parts = {}
  for _, set in ipairs(node:expect(0x30):children()) do
    for _, pair in ipairs(set:expect(0x31):children()) do
      local attribute, value = table.unpack(pair:expect(0x30):children())
      parts[#parts + 1] = { M.oid(attribute), value:text() }
    end
  end
  return parts
end

--- A Name as one line (RFC 4514, but in the certificate's own order).
function M.line(parts)
  local out = {}
  for i, part in ipairs(parts) do
    out[i] = part[1] .. "=" .. part[2]:gsub('[,+"\\<>;]', "\\%0")
  end
  return #out > 0 and table.concat(out, ", ") or "(empty)"
end

--- What people call the holder: the common name, or else the last part.
function M.short(parts)
  local best = parts[#parts]
  for _, part in ipairs(parts) do
    if part[1] == "CN" then best = part end
  end
  return best and best[2] or nil
end

local function ip(bytes)
  if #bytes == 4 then
    return table.concat({ bytes:byte(1, 4) }, ".")
  elseif #bytes ~= 16 then
    return nil
  end
  local out = {}
  for i = 1, 8 do out[i] = ("%x"):format((string.unpack(">I2", bytes, 2 * i - 1))) end
  local text = ":" .. table.concat(out, ":") .. ":"
  local zeros = ""
  for run in text:gmatch("%f[:]:[0:]+") do  -- the longest row of zeros, once
    if #run > #zeros and run:find("0:0", 1, true) then zeros = run end
  end
  if zeros ~= "" then text = text:gsub(zeros, "::", 1) end
  return (text:gsub("^:%f[^:]", ""):gsub("%f[:]:$", ""))
end

local KINDS = { [0x81] = "email", [0x82] = "DNS", [0x86] = "URI", [0x87] = "IP" }

--- A GeneralName as {kind, value}.
function M.general(node)
  local kind, value = KINDS[node.tag], node:content()
  if kind == "IP" then
    value = ip(value) or value
  elseif node.tag == 0xA4 then
    kind, value = "directory", M.line(M.name(node:inner()))
  end
  return { kind or "other", value }
end

--- The URIs among GeneralNames.
function M.uris(node)
  local out = {}
  for _, name in ipairs(node:children()) do
    if name.tag == 0x86 then out[#out + 1] = name:content() end
  end
  return out
end

-- The host and the port as they are written; "" for no port.
local function split(text)
  if text:find("://", 1, true) then
    local parts = socket_url.parse(text) or {}
    return parts.host, parts.port or ""
  end
  local host, given = text:match("^%[([%x:.]+)%]:?(%d*)$")
  if not host then
    host, given = text:match("^([^:]+):?(%d*)$")
  end
  if not host and text:find("^[%x:.]+$") and text:find(":.*:") then
    host, given = text, ""
  end
  return host, given
end

--- Host and port of "host", "host:port", "[::1]:port" or "https://host/"; or nil.
function M.address(text, port)
  local host, given = split(text)
  local number = given == "" and port or math.tointeger(tonumber(given))
  if host and not host:find("[%s%c'\"<>&]") and number and number >= 1 and number <= 65535 then
    return host, number
  end
end

return M
