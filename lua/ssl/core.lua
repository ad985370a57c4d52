-- ssl/core.lua - LuaSec's module of that name: connections before they are wrapped. Like
-- the others, it does without our `ssl`: LuaSec's own may be first in the path, and then
-- runs on these.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
require "ssl.luasec.connection"  -- for its methods

local luasec = _ssl._luasec
local methods = _ssl._methods("luasec.connection")

--@ core.create(ctx)
-- Makes a connection that has no socket yet. `ssl.wrap` begins with it.
-- - `ctx` (SSLContext): the context of the connection.
-- Returns a connection; or nil and a text.
--
-- Type: fun(ctx: SSLContext): connection?, string?
--
--     local conn <close> = assert(core.create(ctx))
--@ core.setfd(conn, fd)
-- Gives a connection the descriptor of its socket. From then on the connection owns the
-- descriptor.
-- - `fd` (number): the descriptor.
-- Returns nothing. Raises a string error if the connection has a descriptor already.
--
-- Type: fun(conn: connection, fd: integer)
--
--     local conn <close> = assert(core.create(ctx))
--     local tcp = assert(require "socket".connect(host, port))
--     core.setfd(conn, tcp:getfd())
--     tcp:setfd(core.SOCKET_INVALID)
--@ core.info(conn)
-- Tells which cipher both sides agreed on.
-- Returns OpenSSL's description of the cipher (string), two numbers of bits, and the version.
-- Before the handshake, it returns nothing.
--
-- Type: fun(conn: connection): string?, integer?, integer?, string?
--
--     local conn <close> = assert(core.create(ctx))
--     assert(core.info(conn) == nil)
--@ core.compression(conn)
-- Tells which compression both sides agreed on.
-- Returns its name, or nil for none; nil and `"closed"` before the handshake.
--
-- Type: fun(conn: connection): string?, string?
--
--     local conn <close> = assert(core.create(ctx))
--     assert(select(2, core.compression(conn)) == "closed")
--@ core.setmethod(name, f)
-- Adds a method to all connections.
-- - `name` (string): the name of the method.
-- - `f` (function): the method.
-- Returns nothing.
--
-- Type: fun(name: string, f: function)
--
--     core.setmethod("hello", function(conn) return "hello" end)
--@ core.copyright()
-- Returns the copyright notice of the module.
-- Returns a string.
--
-- Type: fun(): string
--
--     assert(core.copyright())
--@ core.SOCKET_INVALID (integer)
-- The number that stands for "no descriptor".
--
--     assert(core.SOCKET_INVALID == -1)
return {
  create = luasec.create,
  setfd = luasec.setfd,
  info = luasec.info,
  compression = luasec.compression,
  setmethod = function(name, f) methods[name] = f end,
  copyright = function() return "lua-ssl, with the API of LuaSec 1.3.2" end,
  SOCKET_INVALID = -1,
}
