-- Connections with LuaSec's methods, both ends in one process.

local ssl = require "ssl"
local contexts = require "support.contexts"
local merged = require "support.merged"

local M = {}

local leaf, authority = contexts.identity()

--- The tables for a client that checks the server's name, and for its server.
function M.client(settings)
  return merged({ mode = "client", protocol = "any", host = "localhost",
    cafile = authority.cert.pem }, settings)
end

function M.server(settings)
  return merged({ mode = "server", protocol = "any", certificate = leaf.chain.pem,
    key = leaf.key.pem }, settings)
end

--- Makes the handshake of two connections, which then have a timeout of ten seconds.
--- Returns true, or false and the first text of a failure.
function M.handshake(client, server)
  local done = {}
  client:settimeout(0)
  server:settimeout(0)
  for _ = 1, 1000 do
    for _, conn in ipairs({ client, server }) do
      local ok, text
      if not done[conn] then
        ok, text = conn:dohandshake()
        done[conn] = ok or nil
      end
      if not done[conn] and text ~= "wantread" and text ~= "wantwrite" then
        return false, text
      end
    end
    if done[client] and done[server] then
      client:settimeout(10)
      server:settimeout(10)
      return true
    end
  end
  error("neither side gets any further")
end

--- Two connections over a new pair of sockets of a net; no handshake yet.
function M.wrapped(net, client, server)
  local one, other = net:pair()
  one:setoption("tcp-nodelay", true)
  other:setoption("tcp-nodelay", true)  -- tickets keep no data waiting
  return net:add(assert(ssl.wrap(one, client or M.client()))),
    net:add(assert(ssl.wrap(other, server or M.server())))
end

--- The same after the handshake.
function M.pair(net, client, server)
  local one, other = M.wrapped(net, client, server)
  assert(M.handshake(one, other))
  return one, other
end

return M
