-- Usage: lua5.4 spec/support/luasec_client.lua CAFILE < "NAME HOST PORT" lines
-- What LuaSec says to servers: with its defaults, and with verify = "peer". Two
-- columns after each name; run with a LUA_PATH that has LuaSec's `ssl`.

local socket = require "socket"
local luasec = require "ssl"

assert(luasec.wrap, "this is not LuaSec")

local function attempt(host, port, options)
  local params = { mode = "client", protocol = "any" }
  for key, value in pairs(options) do
    params[key] = value
  end
  local conn = assert(socket.connect("127.0.0.1", port))
  conn:settimeout(10)
  local secured = assert(luasec.wrap(conn, params))
  secured:sni(host)
  local ok, err = secured:dohandshake()
  secured:close()
  return ok and "accepted" or "refused (" .. tostring(err) .. ")"
end

for line in io.lines() do
  local name, host, port = line:match("^(%S+) (%S+) (%d+)$")
  io.write(("%s\t%s\t%s\n"):format(name, attempt(host, port, {}),
    attempt(host, port, { verify = "peer", cafile = arg[1] })))
  io.flush()
end
