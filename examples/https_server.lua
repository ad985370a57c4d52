-- Serves the files of a folder over HTTPS:
--   lua5.4 examples/https_server.lua [FOLDER [PORT [CERTFILE KEYFILE]]]
-- Without certificate it makes one on the spot for localhost, and prints where
-- the authority that signed it can be found.

local socket = require "socket"
local ssl = require "ssl"

local folder, port, certfile, keyfile = ...
if port and not tonumber(port) then
  io.stderr:write("usage: https_server.lua [FOLDER [PORT [CERTFILE KEYFILE]]]\n")
  os.exit(1, true)
end
folder = folder or "."

local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
if certfile then
  ctx:load_cert_chain(certfile, keyfile)
else
  local ca = require("ssl.testing").CA()
  ca:issue("localhost", "127.0.0.1", "::1"):configure_cert(ctx)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(ca.cert.pem)
  file:close()
  print("authority: " .. name)
end

-- The file that a request means; nil for what leads out of the folder.
local function locate(request)
  local path = request:match("^GET (/[^%s?#]*)")
  if not path then return nil end
  path = path:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  if path:find("%.%.") or path:find("[%z\\]") then return nil end
  return folder .. (path:gsub("/$", "/index.html"))
end

local function read_request(conn)
  local text = ""
  repeat
    local part = conn:recv(4096)
    text = text .. (part or "")
  until not part or text:find("\r?\n\r?\n") or #text > 65536
  return text
end

local function respond(conn)
  local name = locate(read_request(conn))
  local file = name and io.open(name, "rb")
  local body = file and file:read("a")  -- nil for a folder
  if file then file:close() end
  conn:sendall(("HTTP/1.0 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"):format(
    body and "200 OK" or "404 Not Found", #(body or ""), body or ""))
end

local listener = assert(socket.bind("127.0.0.1", tonumber(port) or 0))
print("serving " .. folder .. " at https://localhost:" .. select(2, listener:getsockname()) .. "/")
io.stdout:flush()

while true do
  local tcp = assert(listener:accept())
  tcp:settimeout(10)  -- nobody may keep the others waiting
  local ok, err = pcall(function()
    local conn <close> = ctx:wrap_socket(tcp, { server_side = true })
    respond(conn)
    pcall(conn.unwrap, conn)  -- many clients hang up without a word
  end)
  if not ok then io.stderr:write(tostring(err), "\n") end
end
