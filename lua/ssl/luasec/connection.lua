-- ssl/luasec/connection.lua - `ssl.wrap`, and the methods of LuaSec's connections that
-- need no OpenSSL of their own.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local newcontext = require "ssl.luasec.newcontext"
local problem = require "ssl.luasec.problem"

local luasec = _ssl._luasec
local methods = _ssl._methods("luasec.connection")
local socket = _ssl._methods("SSLSocket")

local M = {}

-- Making one ------------------------------------------------------------------

-- A connection of a context, still without a socket; or nil and a text.
local function create(ctx)
  local ok, conn, text = pcall(luasec.create, ctx, newcontext.host(ctx))
  if ok then
    return conn, text
  elseif _ssl.isinstance(conn, _ssl.Error) then
    return nil, problem.reason(conn)
  end
  error(conn, 0)
end

--@ ssl.wrap(sock, params)
-- Makes a TLS connection of a LuaSocket object, as LuaSec does: `dohandshake` is still
-- to come. It takes the object's descriptor over.
-- - `sock`: a connected LuaSocket object.
-- - `params` (table or SSLContext): as for `newcontext`, which is called for a table;
--   with `session` (SSLSession, an addition) a client offers to resume that.
-- Returns a connection; or nil and a text. Raises a string error for anything that is
-- neither a table nor a context. OpenSSL: `SSL_new`. Since: LuaSec.
--
-- Type: fun(sock: Socket, params: LuaSecParams|SSLContext): connection?, string?
--
--     local tcp = assert(require "socket".connect(host, port))
--     local conn <close> = assert(ssl.wrap(tcp, { mode = "client", protocol = "any",
--       host = "localhost", cafile = cafile }))
--     assert(conn:dohandshake())
--     conn:send("hello")
--     assert(conn:receive(5) == "hello")
function M.wrap(sock, params)
  local ctx = params
  if type(params) == "table" then
    local made, text = newcontext.newcontext(params)
    if not made then return nil, text end
    ctx = made
  end
  local conn, text = create(ctx)
  if not conn then return nil, text end
  local ok, err = true, nil
  if type(params) == "table" and params.session then
    ok, err = pcall(conn.setsession, conn, params.session)
  end
  local fd = sock:getfd()
  if fd < 0 then
    return nil, "closed"
  elseif ok then
    ok, err = pcall(luasec.setfd, conn, fd)  -- the last that may fail: then it is the conn's
  end
  if not ok then
    return nil, problem.reason(err)
  end
  sock:setfd(-1)
  return conn
end

--@ ssl.python(object)
-- The other view of LuaSec's objects: what this module's own API has of the same
-- connection. Both may be used, by turns.
-- - `object`: a connection of `ssl.wrap`; or a context, which is one already.
-- Returns an `SSLSocket` or `SSLContext`. Raises a string error for anything else.
-- Since: an addition.
--
-- Type: fun(object: connection): SSLSocket
-- Type: fun(object: SSLContext): SSLContext
--
--     local tcp = assert(require "socket".connect(host, port))
--     local conn <close> = assert(ssl.wrap(tcp, { mode = "client", protocol = "any",
--       host = "localhost", cafile = cafile }))
--     assert(conn:dohandshake())
--     assert(ssl.python(conn):version() == "TLSv1.3")
function M.python(object)
  if _ssl.isinstance(object, _ssl.SSLContext) then
    return object
  end
  return luasec.engine(object)
    or error("bad argument #1 to 'python' (connection or context expected)", 2)
end

--@ ssl.luasec(conn)
-- LuaSec's view of a connection of this module's own API, for programs that expect
-- LuaSec's methods. Both may be used, by turns.
-- - `conn` (SSLSocket): a connected one.
-- Returns a connection as `ssl.wrap` does. Raises a string error for anything else.
-- Since: an addition.
--
-- Type: fun(conn: SSLSocket): connection
--
--     local tcp = assert(require "socket".connect(host, port))
--     local conn <close> = ctx:wrap_socket(tcp, { server_hostname = "localhost" })
--     assert(ssl.luasec(conn):send("hello") == 5)
--     assert(conn:recv(5) == "hello")
M.luasec = luasec.view

-- Names -----------------------------------------------------------------------

-- What servers' connections were told: names to contexts, by their SSLSockets.
local names = setmetatable({}, { __mode = "k" })

-- The sni_callback of contexts whose connections have such names.
local function choose(engine, name)
  local map = names[engine]
  if not map or not name then
    return nil
  end
  local ctx = map[name] or map[name:lower()]
  if ctx then
    engine.context = ctx
  elseif map[choose] then
    return _ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
  end
  return nil
end

local function checknames(map)
  local copy = {}
  for name, ctx in pairs(map) do
    if type(name) ~= "string" or not _ssl.isinstance(ctx, _ssl.SSLContext) then
      error("bad argument #1 to 'sni' (a table of contexts by names is required)", 3)
    end
    copy[name] = ctx
  end
  return copy
end

--@ connection:sni(name)
-- Names the host before the handshake.
--
-- A client calls `sni(name)` to tell the server which host it wants. If the context checks host
-- names, the certificate must then be for this name.
--
-- A server calls `sni(map [, strict])` to have a context for each host.
-- - `name` (string): the host. The client does not send an IP address, but checks it.
-- - `map` (table): contexts by the names of hosts.
-- - `strict` (boolean): whether to refuse a client that asks for a name which is not in `map`.
--   By default, the connection's own context serves such a client.
-- Returns nothing. Raises a string error for arguments of other types. OpenSSL:
-- `SSL_set_tlsext_host_name`, `SSL_CTX_set_tlsext_servername_callback`; RFC 6066, 3.
--
-- Type: fun(name: string)
-- Type: fun(map: table<string, SSLContext>, strict?: boolean)
--
--     conn:sni("localhost")
function methods.sni(conn, name, strict)
  local engine = luasec.engine(conn)
  if not engine.server_side then
    luasec.setname(conn, name)
  elseif type(name) ~= "table" then
    error(("bad argument #1 to 'sni' (table expected, got %s)"):format(type(name)), 2)
  else
    local map = checknames(name)
    map[choose] = strict or nil
    names[engine] = map
    if engine.context.sni_callback ~= choose then
      engine.context.sni_callback = choose
    end
  end
end

-- What was agreed on ------------------------------------------------------------

local function describe(conn)
  local text, bits, algbits, version = luasec.info(conn)
  if not text then return {} end
  local cipher, protocol, key, authentication, encryption, mac =
    text:match("^(%S+)%s+(%S+)%s+Kx=(%S+)%s+Au=(%S+)%s+Enc=(%S+)%s+Mac=(%S+)")
  return {
    cipher = cipher, protocol = version or protocol, key = key, mac = mac,
    authentication = authentication, encryption = encryption, bits = bits, algbits = algbits,
    export = text:find("%sexport%s*$") ~= nil,
  }
end

--@ connection:info([field])
-- Tells what both sides agreed on.
-- - `field` (string): the name of one field, if you want that field alone.
-- Returns a table with the fields `protocol`, `cipher`, `key`, `authentication`, `encryption`,
-- `mac` (strings), `bits`, `algbits` (integers), `export` (boolean) and `compression` (string or
-- nil). With `field`, it returns the value of that field. Returns nil and `"closed"` before the
-- handshake and after the connection's end. OpenSSL: `SSL_CIPHER_description`.
--
-- Type: fun(): { protocol: string, cipher: string, key: string, authentication: string,
--   encryption: string, mac: string, bits: integer, algbits: integer, export: boolean,
--   compression?: string }?, string?
-- Type: fun(field: string): any, string?
--
--     assert(conn:info("protocol") == "TLSv1.3")
function methods.info(conn, field)
  local compression, err = luasec.compression(conn)
  if err then
    return nil, err
  elseif field == "compression" then
    return compression
  end
  local info = describe(conn)
  info.compression = compression
  if field then
    return info[field]
  end
  return info
end

--@ connection:exportkeyingmaterial(label, length [, context])
-- Makes a key for another protocol out of the keys of the connection. Both sides get the same
-- key.
-- - `label` (string): what the key is for.
-- - `length` (integer): its size in bytes.
-- - `context` (string): more bytes that the key depends on.
-- Returns a string. Returns nil and `"closed"` before the handshake and after the connection's
-- end, and nil and a text if OpenSSL refuses. OpenSSL: `SSL_export_keying_material`; RFC 5705.
--
-- Type: fun(label: string, length: integer, context?: string): string?, string?
--
--     local key = conn:exportkeyingmaterial("EXPERIMENTAL mine", 16)
--     assert(key == peer:exportkeyingmaterial("EXPERIMENTAL mine", 16))
function methods.exportkeyingmaterial(conn, label, length, context)
  local _, closed = luasec.compression(conn)
  if closed then
    return nil, closed
  end
  local ok, key = pcall(socket.export_keying_material, luasec.engine(conn), label, length, context)
  if ok then
    return key
  elseif type(key) == "string" then
    error(key, 2)  -- a wrong argument
  end
  return nil, "error exporting keying material (" .. problem.reason(key) .. ")"
end

-- Sessions ----------------------------------------------------------------------

-- The contexts that sessions were made by.
local makers = setmetatable({}, { __mode = "k" })

--@ connection:getsession()
-- Returns the session of the connection. A later connection to the same server can resume it,
-- which saves the exchange of certificates: pass it as `session` in the table for
-- `ssl.newcontext`, or call `setsession`. With TLS 1.3, get the session after you have received
-- data.
-- Returns an `SSLSession`, or nil if there is none. LuaSec has no such method. OpenSSL:
-- `SSL_get1_session`.
--
-- Type: fun(): SSLSession?
--
--     assert(ssl.isinstance(conn:getsession(), ssl.SSLSession))
function methods.getsession(conn)
  local engine = luasec.engine(conn)
  local session = engine.session
  if session then
    makers[session] = engine.context
  end
  return session
end

--@ connection:setsession(session)
-- Makes a client offer to resume a session. Call it before the handshake.
-- - `session` (SSLSession): a session of a connection whose context was made from the same
--   table, or that trusts the same authorities. The server of a resumed session shows no
--   certificate again.
-- Returns nothing. Raises `ValueError` for a session of another context, and after the
-- handshake. LuaSec has no such method. OpenSSL: `SSL_set_session`.
--
-- Type: fun(session: SSLSession)
--
--     local socket = require "socket"
--     local ctx = assert(ssl.newcontext({ mode = "client", protocol = "any",
--       host = "localhost", cafile = cafile }))
--     local first <close> = assert(ssl.wrap(assert(socket.connect(host, port)), ctx))
--     assert(first:dohandshake() and first:send("hello") and first:receive(5))
--     local second <close> = assert(ssl.wrap(assert(socket.connect(host, port)), ctx))
--     second:setsession(first:getsession())
--     assert(second:dohandshake() and ssl.python(second).session_reused)
function methods.setsession(conn, session)
  local engine = luasec.engine(conn)
  local maker = makers[session]
  if maker and newcontext.trusts_alike(maker, engine.context) then
    luasec.offersession(conn, session)
  else
    engine.session = session
  end
end

-- The socket --------------------------------------------------------------------

-- Calls a method of a LuaSocket object that has the descriptor for as long.
local function through(conn, name, ...)
  local fd = conn:getfd()
  if fd < 0 then
    return nil, "closed"
  end
  local object = require("socket").tcp()
  object:close()
  object:setfd(fd)
  local results = table.pack(pcall(object[name], object, ...))
  object:setfd(-1)
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

local function family(host, port)
  if not host then
    return nil, port
  end
  return host, port, host:find(":", 1, true) and "inet6" or "inet"
end

--@ connection:getpeername()
-- Returns the address of the peer.
-- Returns the host (string), the port, and `"inet"` or `"inet6"`; or nil and a text. LuaSec has
-- no such method; LuaSocket has it.
--
-- Type: fun(): string?, integer|string, string?
--
--     assert(conn:getpeername() == "127.0.0.1")
function methods.getpeername(conn) return family(through(conn, "getpeername")) end

--@ connection:getsockname()
-- Returns the address of this side.
-- Returns the same as `getpeername`. LuaSec has no such method; LuaSocket has it.
--
-- Type: fun(): string?, integer|string, string?
--
--     assert(select("#", conn:getsockname()) == 3)
function methods.getsockname(conn) return family(through(conn, "getsockname")) end

--@ connection:getoption(name)
-- Reads an option of the socket.
-- - `name` (string): LuaSocket's name of the option, such as `"tcp-nodelay"`.
-- Returns the value; or nil and a text. LuaSec has no such method; LuaSocket has it.
--
-- Type: fun(name: string): any, string?
--
--     assert(conn:getoption("keepalive") == false)
function methods.getoption(conn, name) return through(conn, "getoption", name) end

--@ connection:setoption(name [, value])
-- Sets an option of the socket.
-- - `name` (string): LuaSocket's name of the option, such as `"tcp-nodelay"`.
-- - `value`: the value, as LuaSocket takes it.
-- Returns 1; or nil and a text. LuaSec has no such method; LuaSocket has it.
--
-- Type: fun(name: string, value?: any): integer?, string?
--
--     assert(conn:setoption("tcp-nodelay", true))
function methods.setoption(conn, name, value) return through(conn, "setoption", name, value) end

return M
