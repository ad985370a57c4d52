-- Usage: lua5.4 luasec_https_client.lua URL CAFILE
-- The module ssl.https of LuaSec, which verifies nothing unless it is told to.

local https = require "ssl.https"

https.TIMEOUT = 8
local body, status = https.request({
  url = arg[1], method = "GET", cafile = arg[2], verify = "peer", protocol = "any",
  sink = require("ltn12").sink.file(io.stdout),
})
assert(body, status)
