-- ssl/luasec/proxy.lua - HTTP proxies, for ssl.https: which one to use, and a way through
-- it (CONNECT; RFC 9110, 9.3.6).
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"

local M = {}

-- A proxy that goes on and on is no proxy.
local MOST_HEADERS = 100

local function variable(name)
  local value = _ssl._getenv(name) or _ssl._getenv(name:upper())
  return value ~= "" and value or nil
end

-- Does an entry of no_proxy ("example.org", ".example.org", "host:8443", "*") mean the host?
local function matches(entry, host, port)
  local name, only_port = entry:match("^(.-):(%d+)$")
  if name and not name:find(":", 1, true) then
    if tonumber(only_port) ~= port then return false end
    entry = name
  end
  entry = entry:gsub("^%*?%.", ""):gsub("^%[(.*)%]$", "%1")
  return entry == "*" or entry == host or host:sub(-#entry - 1) == "." .. entry
end

-- The proxy for a host that the environment names; or nil.
local function from_environment(host, port)
  for entry in (variable("no_proxy") or ""):lower():gmatch("[^%s,]+") do
    if matches(entry, host:lower(), port) then return nil end
  end
  return variable("https_proxy")
end

--- The proxy to use for a host. `setting` is what the program says: a URL, `true` for the
--- environment's, or nil or false for none. Returns {host =, port =, user =, password =};
--- or nil, and a text if the setting is wrong.
function M.choose(setting, host, port)
  local url = require "socket.url"
  if setting == true then
    setting = from_environment(host, tonumber(port))
  end
  if not setting then
    return nil
  elseif type(setting) ~= "string" then
    return nil, "invalid proxy (a URL is required)"
  end
  local parts = url.parse(setting:find("://", 1, true) and setting or "http://" .. setting)
  if parts.scheme ~= "http" then
    return nil, ("invalid proxy (a URL with 'http' is required, not '%s')"):format(parts.scheme)
  elseif not parts.host or parts.host == "" then
    return nil, "invalid proxy (the URL has no host)"
  end
  return {
    host = parts.host, port = tonumber(parts.port) or 3128,
    user = parts.user and url.unescape(parts.user),
    password = parts.password and url.unescape(parts.password),
  }
end

local function request(proxy, target)
  local lines = { ("CONNECT %s HTTP/1.1"):format(target), "Host: " .. target }
  if proxy.user then
    local secret = proxy.user .. ":" .. (proxy.password or "")
    lines[#lines + 1] = "Proxy-Authorization: Basic " .. require("mime").b64(secret)
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- Reads the answer's headers, which nobody needs.
local function skip_headers(sock)
  for _ = 1, MOST_HEADERS do
    local line, text = sock:receive("*l")
    if not line then
      return nil, text
    elseif line == "" then
      return true
    end
  end
  return nil, "the proxy's answer has too many headers"
end

--- Has the proxy at the other end of a connected LuaSocket object open a way to the host.
--- Returns true; or nil and a text.
function M.open(sock, proxy, host, port)
  local target = (host:find(":", 1, true) and "[%s]:%s" or "%s:%s"):format(host, port)
  local sent, text = sock:send(request(proxy, target))
  if not sent then return nil, text end
  local status
  status, text = sock:receive("*l")
  if not status then return nil, text end
  local code, reason = status:match("^HTTP/1%.%d (%d%d%d)%s*(.*)$")
  if not code then
    return nil, "the proxy does not speak HTTP"
  elseif code:sub(1, 1) ~= "2" then
    return nil, ("the proxy refused the connection (%s %s)"):format(code, reason)
  end
  return skip_headers(sock)
end

return M
