-- ssl/command/http.lua - as much of HTTP/1.1 as serving files takes: one request, one answer.
-- SPDX-License-Identifier: MIT

local socket = require "socket"

local M = {}

local MOST_HEAD, MOST_SECONDS = 16384, 30

local REASONS = { [200] = "OK", [400] = "Bad Request", [404] = "Not Found",
  [405] = "Method Not Allowed", [408] = "Request Timeout",
  [431] = "Request Header Fields Too Large" }

local TYPES = {
  css = "text/css; charset=utf-8", gif = "image/gif", htm = "text/html; charset=utf-8",
  html = "text/html; charset=utf-8", ico = "image/x-icon", jpeg = "image/jpeg",
  jpg = "image/jpeg", js = "text/javascript; charset=utf-8", json = "application/json",
  lua = "text/plain; charset=utf-8", md = "text/plain; charset=utf-8", mp4 = "video/mp4",
  pdf = "application/pdf", png = "image/png", svg = "image/svg+xml",
  txt = "text/plain; charset=utf-8", wasm = "application/wasm", webp = "image/webp",
  woff2 = "font/woff2", xml = "application/xml",
}

-- Reads as far as the end of the head: it, or nil and a status.
local function read_head(conn)
  local text, deadline = "", socket.gettime() + MOST_SECONDS
  repeat
    local left = deadline - socket.gettime()
    if left <= 0 then return nil, 408 end
    conn:settimeout(left)
    local data = conn:recv(4096)
    if not data then return nil end
    text = text .. data
    if #text > MOST_HEAD then return nil, 431 end
  until text:find("\r?\n\r?\n")
  return text
end

--- Reads a request: its method and target; or nil and the status to answer with (nil if the
--- client has gone).
function M.read_request(conn)
  local head, status = read_head(conn)
  if not head then return nil, status end
  local method, target = head:match("^(%u+) (%S+) HTTP/1%.%d\r?\n")
  if not method then
    return nil, 400
  elseif method ~= "GET" and method ~= "HEAD" then
    return nil, 405
  end
  return method, target
end

--- The path inside of the folder that a target means: "a/b.html"; nil for one that leads
--- out of it, to a hidden file, or that is malformed.
function M.path(target)
  local path = target:match("^/([^?#]*)")
  if not path or path:gsub("%%%x%x", ""):find("%%") then return nil end
  path = path:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  if path:find("[%c\\:]") then return nil end
  if path == "" or path:sub(-1) == "/" then path = path .. "index.html" end
  for part in (path .. "/"):gmatch("([^/]*)/") do
    if part == "" or part:sub(1, 1) == "." then return nil end
  end
  return path
end

--- The type of a file by its name.
function M.type_of(path)
  return TYPES[(path:match("%.(%w+)$") or ""):lower()] or "application/octet-stream"
end

--- The head of an answer.
function M.head(status, size, kind)
  return ("HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%sConnection: close\r\n"
    .. "X-Content-Type-Options: nosniff\r\n\r\n"):format(status, REASONS[status], kind, size,
    status == 405 and "Allow: GET, HEAD\r\n" or "")
end

--- A whole answer that tells a status alone.
function M.answer(status)
  local body = ("%d %s\n"):format(status, REASONS[status])
  return M.head(status, #body, "text/plain; charset=utf-8") .. body
end

return M
