-- How connections get on while allocations fail: for the scenarios.

local memfail = require "memfail"
local socket = require "socket"
local ssl = require "ssl"

local M = {}

--- Is it done? What it still needs of the peer is no error.
function M.awaits(f, object)
  local ok, err = pcall(f, object)
  if not ok and not ssl.isinstance(err, ssl.SSLWantReadError) then error(err) end
  return ok
end

--- Waits until something has come for one of these sockets.
function M.arrives(...)
  memfail.suspend(socket.select, { ... }, nil, 5)
end

--- One side after the other, until both are done.
function M.shake(client, server)
  local done = {}
  for round = 1, 20 do
    if round > 1 and client.fileno then M.arrives(client, server) end
    for _, object in ipairs({ client, server }) do
      done[object] = done[object] or M.awaits(object.do_handshake, object)
    end
    if done[client] and done[server] then return end
  end
  error("no end of the handshake")
end

return M
