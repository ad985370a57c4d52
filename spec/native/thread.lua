-- What each thread of threads.c runs: contexts, a handshake with callbacks, data,
-- errors; and it leaves connections alive for lua_close.

local ssl = require "ssl"
local testing = require "ssl.testing"

local ca = testing.CA()
local client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
  ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ca:configure_trust(client)
ca:issue("localhost"):configure_cert(server)
client:load_default_certs()
local names = 0
server.sni_callback = function() names = names + 1 end
client._msg_callback = function() end
client.keylog_filename = "/dev/null"

local kept = {}
for i = 1, 3 do
  local pair = testing.pair({ client = client, server = server, server_hostname = "localhost" })
  assert(pair:handshake().ok)
  assert(pair:transfer("hello") == "hello")
  pair.client:getpeercert()
  kept[i] = pair
end
assert(names == 3)

local stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
local refused = testing.pair({
  client = stranger, server = server, server_hostname = "localhost",
}):handshake()
assert(not refused.ok)
assert(not pcall(ssl.SSLContext, 99))
client:get_ca_certs()
ssl.RAND_bytes(16)
_G.kept = kept
