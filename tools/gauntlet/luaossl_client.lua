-- Usage: lua5.4 luaossl_client.lua HOST PORT CAFILE
-- luaossl, driven over LuaSocket by its own means: it needs a descriptor and patience,
-- which cqueues has.

local cqueues = require "cqueues"
local context = require "openssl.ssl.context"
local socket = require "cqueues.socket"
local store = require "openssl.x509.store"

local host, port, cafile = table.unpack(arg)

local ctx = context.new("TLS", false)
local trusted = store.new()
trusted:add(cafile)
ctx:setStore(trusted)
ctx:setVerify(context.VERIFY_PEER)

local loop = cqueues.new()
loop:wrap(function()
  local conn = socket.connect("127.0.0.1", tonumber(port))
  conn:setmode("b", "b")
  conn:settimeout(8)
  conn:onerror(function(_, _, why) return why end)
  local ok, why = conn:starttls(ctx)
  assert(ok, why)
  conn:write("GET / HTTP/1.0\r\nHost: ", host, "\r\n\r\n")
  conn:flush()
  local text, err = conn:read("*a")
  assert(text, err)
  dofile("tools/gauntlet/answer.lua")(text)
end)
assert(loop:loop())
