-- Fetches a page: build/host/run examples/host/fetch.lua URL [FILE OF AUTHORITIES]
-- `connect` is what run.c gives the script.

local ssl = require "ssl"

local url, cafile = ...
local host, port, path = (url or ""):match("^https://([^/:]+):?(%d*)(.*)$")
if not host then error("usage: fetch.lua https://HOST[:PORT]/PATH [FILE OF AUTHORITIES]", 0) end
if port == "" then port = "443" end
if path == "" then path = "/" end

local ctx = ssl.create_default_context({ cafile = cafile })
local conn <close> = connect(ctx, host, port)  -- luacheck: ignore 113
conn:sendall(("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n"):format(path, host))
repeat
  local part = conn:recv(16384)
  io.write(part or "")
until not part
