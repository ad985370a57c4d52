-- The wire of a connection that the kit has not made.

local recording = require "ssl.testing.view.recording"

--@ ssl.testing.watch(conn)
-- Keeps what a connection of yours says from now on: to see how your program talks to
-- any server.
-- - `conn` (`SSLSocket`): wrap it with `do_handshake_on_connect = false` to see its
--   handshake too.
-- Returns a `ssl.testing.Wire`. Raises `ValueError` if the socket is not connected.
-- Since: an addition.
--
-- Type: fun(conn: SSLSocket): ssl.testing.Wire
--
--     local socket = require "socket"
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     local sock = assert(socket.connect("127.0.0.1", server.port))
--     local mine <close> = server.client_context:wrap_socket(sock, {
--       server_hostname = "localhost", do_handshake_on_connect = false,
--     })
--     local wire = testing.watch(mine)
--     mine:do_handshake()
--     assert(wire:draw():find("EncryptedExtensions"))
local function watch(conn)
  local wire = recording.new()
  wire:observe(conn.server_side and "server" or "client", conn)
  return wire
end

return watch
