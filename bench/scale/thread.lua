-- bench/scale/thread.lua - what each of scale.c's Lua states does: handshakes in memory.

local ssl = require "ssl"
local client, server, count = ...

local function pair()
  local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
  local one = client:wrap_bio(down, up, { server_hostname = "localhost" })
  local other = server:wrap_bio(up, down, true)
  pcall(one.do_handshake, one)
  pcall(other.do_handshake, other)
  one:do_handshake()
  other:do_handshake()
end

for _ = 1, count do
  pair()
end
