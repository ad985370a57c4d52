-- Usage: lua5.4 luasec_client.lua HOST PORT CAFILE
-- LuaSec as its documentation shows it.

local socket = require "socket"
local ssl = require "ssl"

local host, port, cafile = table.unpack(arg)

local tcp = assert(socket.connect("127.0.0.1", tonumber(port)))
tcp:settimeout(8)
local conn = assert(ssl.wrap(tcp, {
  mode = "client", protocol = "any", verify = "peer", cafile = cafile, options = "all",
}))
conn:settimeout(8)
conn:sni(host)
assert(conn:dohandshake())
assert(conn:send("GET / HTTP/1.0\r\nHost: " .. host .. "\r\n\r\n"))
local text, err, part = conn:receive("*a")
assert(text or err == "closed", err)
dofile("tools/gauntlet/answer.lua")(text or part)
