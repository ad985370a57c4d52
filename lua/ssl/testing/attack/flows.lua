-- The honest handshake that an attack begins with: of TLS 1.3 or 1.2, as a client or as a
-- server.

local handshake = require "ssl.testing.messages.handshake"
local client = require "ssl.testing.attack.client"
local Peer = require("ssl.testing.attack.peer").Peer
local schedule = require "ssl.testing.attack.schedule"
local server = require "ssl.testing.attack.server"

-- Sends a message of the honest handshake, after the test has had its way with it.
function Peer:emit(message)
  local alter = self.options.alter
  if type(alter) == "table" then
    alter = alter[message.name]
  end
  local result = message
  if alter then
    local changed = alter(message, self)
    if changed == false then
      return
    elseif changed ~= nil then
      result = changed
    end
  end
  if type(result) == "table" and not result.name then
    self:send(table.unpack(result))
  else
    self:send(result)
  end
end

--@ peer:finished()
-- Makes the Finished of this side, for all that was sent and received so far. As long as
-- this side has no keys, it is of zeros.
-- Returns a `ssl.testing.Message`. Since: an addition.
--
-- Type: fun(): ssl.testing.Message
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local outcome = testing.attack("127.0.0.1", server.port, { script = function(peer)
--       peer:send(peer:client_hello())
--       peer:expect("Finished")
--       local finished = peer:finished()
--       finished.verify_data = ("x"):rep(#finished.verify_data)
--       peer:send(finished)
--     end })
--     assert(outcome.alert == "decrypt_error")
function Peer:finished()
  return handshake.new("Finished", { verify_data = schedule.finished(self, self.role) })
end

--@ peer:handshake()
-- Makes the whole handshake of an honest end, as the attack's options say, with
-- `alter` applied to each message. It is what happens if there is no `script`.
-- Returns nothing. Ends the attack if the other side does not go along. Since: an
-- addition.
--
-- Type: fun()
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local outcome = testing.attack("127.0.0.1", server.port, { script = function(peer)
--       peer:handshake()
--       peer:send({ name = "KeyUpdate", request = 7 })
--     end })
--     assert(outcome.alert == "illegal_parameter")
function Peer:handshake()
  local play = self.role == "client" and client or server
  play(self)
  self.ok = true
end
