-- Two SSLObjects, a client and a server, and the bytes in between, which reach the other
-- only when they are pumped. Where that does not matter, support.joined.

local ssl = require "ssl"
local merged = require "support.merged"
local steps = require "support.steps"

local M = {}

local Pair = {}
Pair.__index = Pair

--- A pair before its handshake; `options` are wrap_bio's for the client.
function M.new(client_context, server_context, options)
  local self = setmetatable({
    client_in = ssl.MemoryBIO(), client_out = ssl.MemoryBIO(),
    server_in = ssl.MemoryBIO(), server_out = ssl.MemoryBIO(),
  }, Pair)
  self.client = client_context:wrap_bio(self.client_in, self.client_out,
    merged({ server_hostname = "localhost" }, options))
  self.server = server_context:wrap_bio(self.server_in, self.server_out, { server_side = true })
  return self
end

--- Carries what waits from one to the other; tells whether there was any.
function Pair:pump()
  local up, down = self.client_out:read(), self.server_out:read()
  if #up > 0 then self.server_in:write(up) end
  if #down > 0 then self.client_in:write(down) end
  return #up + #down > 0
end

--- Steps both sides until both have done `method`, or one fails: its error, and
--- whether it was the client.
function Pair:both(method)
  local done = {}
  repeat
    for i, conn in ipairs({ self.client, self.server }) do
      if not done[i] then
        local ok, err = steps.try(conn, method)
        if ok == false then
          self:pump()
          return err, i == 1
        end
        done[i] = ok == true
      end
    end
    local moved = self:pump()
  until done[1] and done[2] or not moved
  assert(done[1] and done[2], "neither side gets any further")
end

--- The same of the handshake.
function Pair:handshake()
  return self:both("do_handshake")
end

--- A pair with its handshake made, and what comes after it (tickets) delivered.
function M.connected(...)
  local self = M.new(...)
  local err = self:handshake()
  if err then error(err) end
  self:pump()
  steps.try(self.client, "read", 1)
  return self
end

return M
