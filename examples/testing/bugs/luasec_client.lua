-- A client by LuaSec's API, as LuaSec's own samples have it: it verifies the certificate,
-- but nothing compares its names with the host, because LuaSec does not by default.
-- Usage: lua luasec_client.lua [check] HOST PORT CAFILE. With `check` it compares.

local socket = require "socket"
local ssl = require "ssl"

local check = arg[1] == "check" and table.remove(arg, 1)
local host, port, cafile = table.unpack(arg)
local sock = assert(socket.connect("127.0.0.1", port))
local conn = assert(ssl.wrap(sock, {
  mode = "client", protocol = "any", verify = "peer", cafile = cafile, options = "all",
}))
conn:sni(host)
assert(conn:dohandshake())
if check then
  local names = conn:getpeercertificate():extensions()["2.5.29.17"].dNSName
  local found = false
  for _, name in ipairs(names) do
    found = found or name == host
  end
  assert(found, "the certificate is of another host")
end
conn:close()
