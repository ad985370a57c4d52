-- Sends the lines of its input as datagrams to a server that sends them back, by DTLS, and
-- prints what comes back. What gets lost on the way is sent once more:
--   lua5.4 examples/dtls_client.lua HOST PORT [CAFILE]

local socket = require "socket"
local ssl = require "ssl"

local host, port, cafile = ...
if not tonumber(port) then
  io.stderr:write("usage: dtls_client.lua HOST PORT [CAFILE]\n")
  os.exit(1, true)
end

local ctx = ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT)
if cafile then
  ctx:load_verify_locations(cafile)
else
  ctx:load_default_certs()
end

local udp = assert(socket.udp4())
assert(udp:setpeername(socket.dns.toip(host) or host, tonumber(port)))
local conn <close> = ctx:wrap_datagram(udp, { server_hostname = host, timeout = 10 })

-- DTLS repeats its own messages only: a program repeats its own, if it has to.
local function ask(question)
  conn:settimeout(1)
  for _ = 1, 5 do
    conn:send(question)
    local ok, answer = pcall(conn.recv, conn)
    if ok then
      return (assert(answer, "the server said goodbye"))
    elseif not ssl.isinstance(answer, ssl.TimeoutError) then
      error(answer, 0)
    end
  end
  error("no answer", 0)
end

for line in io.lines() do
  if line ~= "" then print(ask(line)) end
end
conn:unwrap()
