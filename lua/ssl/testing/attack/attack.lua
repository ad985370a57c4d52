-- Attacks on clients and servers of any program: a TLS endpoint that says what the test
-- wants.

local _ssl = require "_ssl"
local socket = require "socket"
local peers = require "ssl.testing.attack.peer"
local read_options = require "ssl.testing.options"
local transport = require "ssl.testing.attack.transport"
local wire = require "ssl.testing.wire"
require "ssl.testing.attack.flows"

local attack = {}

local OPTIONS = {
  version = "string", server_name = "string", ciphers = "table", groups = "table",
  protocols = "table", alter = "function table", script = "function", talk = "function",
  timeout = "number",
}
attack.OPTIONS = OPTIONS

function attack.check_version(options)
  local version = options.version
  if version and version ~= "TLSv1.2" and version ~= "TLSv1.3" then
    error("bad value for 'version' (\"TLSv1.2\" or \"TLSv1.3\" expected)", 3)
  end
end

-- What the other side says until it ends the connection, in whichever way.
local function listen(peer)
  repeat
    local message = peer:receive()
    if message and message.alert == "close_notify" then
      peer.ended = "end"
    end
  until not message or peer.ended
end

-- Plays the attack. Returns its outcome; raises what the test's own functions raise.
function attack.play(peer)
  local options, outcome = peer.options, {}
  local ok, err = pcall(function()
    if options.script then
      outcome.value = options.script(peer)
    else
      peer:handshake()
    end
    if options.talk then
      outcome.value = options.talk(peer)
    end
  end)
  if not ok and not peers.is_unexpected(err) then
    error(err, 0)
  end
  if not peer.ended then
    peer:send_alert("close_notify")
    listen(peer)
  end
  outcome.ok, outcome.alert, outcome.ended = ok and peer.ok or false, peer.alert, peer.ended
  outcome.error = not ok and tostring(err) or nil
  outcome.messages, outcome.wire = peer.received, peer.wire
  return outcome
end

-- The error for a server that cannot be reached.
local function refusal(host, port, err)
  local number = _ssl._errornumber(err == "connection refused" and "Connection refused"
    or "Connection timed out")
  return _ssl.OSError(number, ("cannot reach %s:%s: %s"):format(host, port, err))
end

--@ ssl.testing.attack(host, port [, options])
-- Plays a client of TLS 1.3 or 1.2 that says what you want, against a server of any
-- program. Without options it makes an honest handshake and closes the connection in
-- good order. It trusts every certificate, and looks at none.
-- - `host` (string), `port` (integer): the server.
-- - `options` (table): `version` (`"TLSv1.3"`, the default, or `"TLSv1.2"`),
--   `server_name` (string; none by default), `ciphers` (array of names or integers),
--   `groups` and `protocols` (arrays of names): what the client offers;
--   `alter` (function, or table from the name of a message to a function): called with
--   each message before it is sent, and the `ssl.testing.Peer`; what it returns is what
--   `ssl.testing.tap.message` says; `script` (function: called with the peer in place of
--   the handshake), `talk` (function: called with the peer after the handshake),
--   `timeout` (number: seconds to wait for the server each time; 5 by default).
--
-- Returns a table: `ok` (boolean: whether the handshake went to its end), `alert`
-- (string: the name of the alert that the server sent), `ended` (`"end"`, `"reset"`,
-- `"timeout"` if the server said nothing and did not end the connection, or `"flood"` if
-- it did not stop to say something), `error` (string:
-- what the attack expected in vain), `value` (what `script` or `talk` returned),
-- `messages` (array: all that the server sent) and `wire` (`ssl.testing.Wire`). Raises
-- `OSError` if there is no server, `ValueError` if you or the server choose a cipher or
-- group that the kit does not have, and what your functions raise.
--
-- The kit encrypts by AES-GCM and ChaCha20-Poly1305, and agrees on keys by x25519, x448
-- and the NIST curves; it has no pre-shared keys, no client certificate, no DTLS.
-- Since: an addition.
--
-- Type: fun(host: string, port: integer, options?: ssl.testing.AttackOptions):
--   ssl.testing.AttackOutcome
-- Type: ssl.testing.AttackOptions = { version?: "TLSv1.3"|"TLSv1.2", server_name?: string,
--   ciphers?: (string|integer)[], groups?: string[], protocols?: string[],
--   alter?: table|(fun(message: ssl.testing.Message, peer: ssl.testing.Peer): any),
--   script?: (fun(peer: ssl.testing.Peer): any), talk?: (fun(peer: ssl.testing.Peer): any),
--   timeout?: number }
-- Type: ssl.testing.AttackOutcome = { ok: boolean, alert?: string|integer, ended?: string,
--   error?: string, value?: any, messages: table[], wire: ssl.testing.Wire }
--
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local outcome = testing.attack("127.0.0.1", server.port, { alter = {
--       ClientHello = function(hello)
--         hello:drop("supported_groups")
--       end,
--     } })
--     assert(outcome.alert == "missing_extension")
function attack.attack(host, port, options)
  if type(host) ~= "string" or math.type(port) ~= "integer" then
    error("bad arguments #1 and #2 to 'attack' (the name of a host and a port expected)", 2)
  end
  options = read_options("attack", options, OPTIONS)
  attack.check_version(options)
  local timeout = options.timeout or 5
  local guard <close> = wire.guard(assert(socket.tcp()))
  guard.socket:settimeout(timeout)
  local ok, err = guard.socket:connect(host, port)
  if not ok then
    error(refusal(host, port, err), 0)
  end
  return attack.play(peers.new("client", transport.blocking(guard.socket, timeout), options))
end

-- What a server of the kit runs for each connection: plays the server's part.
function attack.serve(sock, identity, options, record)
  local peer = peers.new("server", transport.of_task(sock, options.timeout or 5), options, record)
  peer.identity = identity
  return attack.play(peer)
end

return attack
