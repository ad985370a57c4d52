-- ssl/socket/socket.lua - the methods of SSLSocket that are LuaSocket's work, or need
-- nothing of OpenSSL: connecting, binding, accepting, sending files.
-- SPDX-License-Identifier: MIT
--
-- C does the waiting and keeps the descriptor: _lend gives it to the LuaSocket
-- object for one call of LuaSocket's, _borrow takes it back. Methods are called as
-- SSLSocket has them: a derived class may have others of their names.

local _ssl = require "_ssl"
local files = require "ssl.socket.file"
local luasocket = require "ssl.socket.luasocket"
local prelude = require "ssl.base.prelude"

local methods = _ssl._methods("SSLSocket")

-- What one read of a file for sendfile brings.
local BLOCK = 64 * 1024

-- Whatever happens to what has borrowed a descriptor, it comes back by this.
local Loan = {}

function Loan:__close()
  methods._borrow(self.conn, self.object)
end

-- Calls object[name](object, ...) with the descriptor of `conn` in it. Returns
-- what the method returns.
local function through(conn, object, name, ...)
  local loan <close> = setmetatable({ conn = conn, object = object }, Loan)
  Loan.__close(loan)  -- has Lua make the frames that there may be no memory for later
  methods._lend(conn, object)
  if object[name] == nil then
    error(_ssl.NotImplementedError(("%s has no method '%s'"):format(object, name)))
  end
  return object[name](object, ...)
end

-- LuaSocket's error text as an errno; 0 for none.
local function errno(text)
  if text == nil or text == "already connected" then
    return 0
  elseif text == "timeout" or text == "Operation already in progress" then
    return _ssl._errornumber("Operation now in progress")
  elseif text == "closed" then
    return _ssl._errornumber("Software caused connection abort")
  end
  return _ssl._errornumber(text) or text
end

local function oserror(code)
  if type(code) == "string" then
    return _ssl.OSError(code)
  end
  return _ssl._oserror(code)
end

-- Host and port, from {host, port} or from two arguments.
local function address(name, ...)
  local host, port
  if type((...)) == "table" then
    local addr = prelude.arguments(name, "address*", ...)
    host, port = addr[1], addr[2]
  else
    host, port = prelude.arguments(name, "host port", ...)
  end
  prelude.checkstring(host, 1, name)
  if math.type(port) ~= "integer" then
    prelude.typeerror(2, name, "integer", port)
  elseif port < 0 or port > 65535 then
    prelude.valueerror("%s: port must be 0-65535.", name)
  end
  if host:find("[\x80-\xff]") then
    host = _ssl._idna_encode(host)
  end
  return host, port
end

-- The addresses of a host for LuaSocket; the host itself where it finds none, for
-- its connect to say why.
local function resolve(host)
  local addresses = {}
  for i, entry in ipairs(require("socket").dns.getaddrinfo(host) or {}) do
    addresses[i] = entry.addr
  end
  return addresses[1] and addresses or { host }
end

-- Waits for a connection that has begun; returns its errno, 0 for success.
local function finish(conn, deadline)
  local clock = require("socket").gettime
  methods._wait(conn, deadline and math.max(0, deadline - clock()))
  return methods.getsockopt(conn, _ssl.SOL_SOCKET, _ssl.SO_ERROR)
end

-- Tries one address: `start` begins and returns an errno.
local function attempt(conn, deadline, start, ...)
  local code = start(conn, ...)
  if code == errno("timeout") and methods.gettimeout(conn) ~= 0 then
    code = finish(conn, deadline)
  end
  return code
end

local function start_luasocket(conn, object, host, port)
  object:settimeout(0)
  local _, text = through(conn, object, "connect", host, port)
  return errno(text)
end

-- LuaSocket connects by itself where nobody else has to run meanwhile.
local function connect_alone(conn, object, host, port)
  object:settimeout(methods.gettimeout(conn))
  local ok, text = through(conn, object, "connect", host, port)
  if not ok and text == "timeout" then
    return _ssl._errornumber("Connection timed out")
  end
  return ok and 0 or errno(text)
end

-- A LuaSocket object keeps the family of its first address: for one of another
-- family another object takes its place, which is what unwrap will give back.
local function replace(conn, object)
  methods._lend(conn, object)
  object:close()
  local fresh = require("socket").tcp()
  methods._rewrap(conn, fresh)
  return fresh
end

-- Tries the host's addresses one after the other while the waiter waits.
local function connect_waiting(conn, object, host, port, deadline)
  local agnostic, code = methods.fileno(conn) < 0, nil
  for i, numeric in ipairs(resolve(host)) do
    if i > 1 and agnostic then
      object = replace(conn, object)
    end
    code = attempt(conn, deadline, start_luasocket, object, numeric, port)
    if code == 0 or code == errno("timeout") then
      break
    end
  end
  return code
end

-- Connects the socket below TLS; returns an errno (or LuaSocket's text for what
-- has none), 0 for success.
local function connect(conn, host, port)
  local object, timeout = luasocket.wrapped(conn), methods.gettimeout(conn)
  local deadline = timeout and timeout > 0 and require("socket").gettime() + timeout
  if not object then
    return attempt(conn, deadline, methods._startconnect, host, port)
  elseif conn.context.waiter or timeout == 0 then
    return connect_waiting(conn, object, host, port, deadline)
  end
  return connect_alone(conn, object, host, port)
end

local function check_connect(conn)
  if conn.server_side then
    prelude.valueerror("can't connect in server-side mode")
  elseif methods._state(conn) == "connected" then
    prelude.valueerror("attempt to connect already-connected SSLSocket!")
  end
end

--@ SSLSocket:connect(address)
-- Connects a client's socket to a server. If `do_handshake_on_connect` is set, it
-- then makes the handshake. The socket must have been wrapped before it was
-- connected.
--
-- LuaSocket looks up the host's name and tries all its addresses. If you wrapped
-- a bare descriptor, it has one family of addresses, and OpenSSL looks up the
-- first address of that family.
-- - `address` (array): `{host, port}`. You may also give the host (string) and
--   the port (integer) as two arguments.
-- Returns nothing. Raises `OSError` if it cannot connect (EINPROGRESS with a
-- timeout of 0), `TimeoutError`, and `ValueError` if the socket is a server's or
-- is connected already. The handshake can raise `SSLCertVerificationError` and
-- other `SSLError`s. Since: CPython 2.6.
--
-- Type: named fun(address*: Address)
-- Type: named fun(host: string, port: integer)
--
--     local socket = require "socket"
--     local c <close> = ctx:wrap_socket(socket.tcp(), { server_hostname = "localhost" })
--     c:connect({ host, port })
--     assert(c:version() == "TLSv1.3")
function methods.connect(conn, ...)
  local host, port = address("connect", ...)
  check_connect(conn)
  local code = connect(conn, host, port)
  if code ~= 0 then
    error(oserror(code))
  end
  methods._begin(conn, conn.do_handshake_on_connect)
end

--@ SSLSocket:connect_ex(address)
-- Connects as `connect` does, but returns the number of an error instead of
-- raising it. Errors of the handshake are still raised.
-- - `address` (array): see `connect`.
-- Returns 0 for success, or the errno (integer). Raises `ValueError` if the
-- socket is a server's or is connected already. The handshake can raise
-- `SSLCertVerificationError`, other `SSLError`s, and `TimeoutError`.
-- Since: CPython 2.6.
--
-- Type: named fun(address*: Address): integer
-- Type: named fun(host: string, port: integer): integer
--
--     local socket = require "socket"
--     local c <close> = ctx:wrap_socket(socket.tcp(), { server_hostname = "localhost" })
--     assert(c:connect_ex({ host, port }) == 0)
function methods.connect_ex(conn, ...)
  local host, port = address("connect_ex", ...)
  check_connect(conn)
  local code = connect(conn, host, port)
  if type(code) == "string" then
    error(oserror(code))
  elseif code == 0 then
    methods._begin(conn, conn.do_handshake_on_connect)
  elseif code == errno("timeout") then
    methods._begin(conn, false)  -- the handshake can follow when the connection stands
  end
  return code
end

--@ SSLSocket:bind(address)
-- Gives the socket an address of this machine: `bind(2)`.
-- - `address` (array): `{host, port}`, or the two as arguments. The host `""`
--   stands for all addresses, and the port 0 for any free port.
-- Returns nothing. Raises `OSError`. Since: CPython 2.6.
--
-- Type: named fun(address*: Address)
-- Type: named fun(host: string, port: integer)
--
--     local socket = require "socket"
--     local s <close> = server_ctx:wrap_socket(socket.tcp(), { server_side = true })
--     s:bind({ "127.0.0.1", 0 })
--     s:listen()
--     assert(select(2, s:getsockname()) > 0)
function methods.bind(conn, ...)
  local host, port = address("bind", ...)
  local object = luasocket.wrapped(conn)
  if not object then
    methods._bind(conn, host ~= "" and host or nil, port)
    return
  end
  local ok, text = through(conn, object, "bind", host ~= "" and host or "*", port)
  if not ok then
    error(oserror(errno(text)))
  end
end

--@ SSLSocket:listen([backlog])
-- Lets a bound socket accept connections: `listen(2)`.
-- - `backlog` (integer): how many may wait to be accepted; 128 by default.
-- Returns nothing. Raises `OSError`. Since: CPython 2.6.
--
-- Type: named fun(backlog?: integer)
--
--     local socket = require "socket"
--     local s <close> = server_ctx:wrap_socket(socket.tcp4(), { server_side = true })
--     s:bind("127.0.0.1", 0)
--     s:listen(5)
function methods.listen(conn, ...)
  local backlog = prelude.arguments("listen", "backlog", ...) or 128
  local object = luasocket.wrapped(conn)
  if not object then
    methods._listen(conn, backlog)
    return
  end
  local ok, text = through(conn, object, "listen", backlog)
  if not ok then
    error(oserror(errno(text)))
  end
end

--@ SSLSocket:accept()
-- Waits for a client of a listening socket, and accepts its connection. If
-- `do_handshake_on_connect` is set, it then makes the handshake.
--
-- The timeout of the listening socket limits the waiting, and then once more the
-- handshake; in CPython, the handshake has no limit. Without a timeout, or with
-- a timeout of 0, a client that falls silent keeps the handshake waiting for ever.
--
-- With DTLS, a client first has to send back a cookie, which proves that it receives what
-- is sent to its address: see `SSLContext:wrap_datagram`.
-- Returns an `SSLSocket` that has no timeout, and the client's address as an array
-- `{host, port}`. If a LuaSocket object listens, `unwrap` of the connection
-- returns a LuaSocket object; otherwise it returns a descriptor.
--
-- Raises `OSError`, and `TimeoutError` if no client comes in time
-- (`SSLWantReadError` with a timeout of 0). The handshake can raise
-- `SSLCertVerificationError`, other `SSLError`s, `TimeoutError` and `OSError`. If
-- the handshake fails, the connection is closed, and the listening socket can
-- accept the next one. Since: CPython 2.6.
--
-- Type: fun(): SSLSocket, Address
--
--     -- `listener` was made by server_ctx:wrap_socket(tcp, { server_side = true })
--     local conn <close>, address = listener:accept()
--     conn:sendall("hello\n")
--     assert(conn:version() and address[1] == "127.0.0.1")
function methods.accept(conn)
  local accepted
  repeat
    accepted = methods._accept(conn)
  until accepted  -- a client of DTLS may call twice
  local ok, host, port = pcall(methods.getpeername, accepted)
  local memory = ok and port and luasocket.adopt(conn, host)
  if memory then
    methods._rewrap(accepted, memory)
  end
  local timeout = methods.gettimeout(conn) or 0
  if timeout > 0 and accepted.do_handshake_on_connect then
    methods.settimeout(accepted, timeout)
    methods._begin(accepted, true)
    methods.settimeout(accepted, nil)
  else
    methods._begin(accepted, accepted.do_handshake_on_connect)
  end
  return accepted, ok and { host, port } or {}
end

-- The error of a file that cannot be read, or sought in.
local function fileerror(code, sent)
  local err = _ssl._oserror(code)
  err.message = ("%s, after %d bytes were sent"):format(err.message, sent)
  err.sent = sent
  return err
end

-- Goes to `offset`. Returns whether the file can be sought: a pipe cannot, and
-- begins where it is.
local function begin(file, offset)
  local at, _, code = file:seek("set", offset)
  if not at and (offset > 0 or code ~= _ssl._errornumber("Illegal seek")) then
    error(fileerror(code, 0))
  end
  return at ~= nil
end

-- Leaves the file's position after what was sent, however sendfile ends.
local Sending = {}

function Sending:__close()
  if self.seekable and io.type(self.file) == "file" then
    self.file:seek("set", self.offset + self.sent)
  end
end

-- At most `count` bytes of the file; nil at its end.
local function block(sending, count)
  local data, _, code = sending.file:read(math.min(BLOCK, count - sending.sent))
  if code then
    error(fileerror(code, sending.sent))
  end
  return data
end

--@ SSLSocket:sendfile(file [, offset [, count]])
-- Sends the contents of a file.
-- - `file` (Lua file): a file that is open for reading, in binary mode if the
--   system knows the difference. A pipe is sent until its writer ends.
-- - `offset` (integer): where to begin, in bytes from the start of the file; 0 by
--   default. A pipe begins where it is.
-- - `count` (integer): how many bytes to send at most; all by default.
-- Returns the number of bytes sent (integer). Afterwards, and also after an error,
-- the position of the file is behind the last byte sent; a pipe has no position.
--
-- Raises `OSError` if the file cannot be read; its field `sent` (integer) is the
-- number of bytes sent so far. Raises `ValueError` for a negative `offset`, and
-- with a timeout of 0. Sending can raise `SSLError`, `TimeoutError` and `OSError`,
-- as `sendall` does. Since: CPython 3.5; `sent` is an addition.
--
-- Type: named fun(file: file*, offset?: integer, count?: integer): integer
--
--     local file <close> = assert(io.open(certfile, "rb"))
--     assert(conn:sendfile(file, 0, 10) == 10)
function methods.sendfile(conn, ...)
  local file, offset, count = prelude.arguments("sendfile", "file offset count", ...)
  if conn.mtu then
    error(_ssl.NotImplementedError("DTLS sends datagrams, and a file is a stream of bytes"))
  elseif files.type(file) ~= "file" then
    prelude.typeerror(1, "sendfile", "open file", file)
  elseif offset ~= nil and math.type(offset) ~= "integer" then
    prelude.typeerror(2, "sendfile", "integer", offset)
  elseif count ~= nil and math.type(count) ~= "integer" then
    prelude.typeerror(3, "sendfile", "integer", count)
  elseif offset and offset < 0 then
    prelude.valueerror("negative seek position %d", offset)
  elseif count and count <= 0 then
    prelude.valueerror("count must be a positive integer (got %d)", count)
  elseif methods.gettimeout(conn) == 0 then
    prelude.valueerror("non-blocking sockets are not supported")
  end
  offset, count = offset or 0, count or math.maxinteger
  local sending <close> = setmetatable({
    file = file, offset = offset, sent = 0, seekable = begin(file, offset),
  }, Sending)
  while sending.sent < count do
    local data = block(sending, count)
    if not data then
      break
    end
    methods.sendall(conn, data)
    sending.sent = sending.sent + #data
  end
  return sending.sent
end

-- LuaSocket's options by name; integers are C's.
local getsockopt, setsockopt = methods.getsockopt, methods.setsockopt

local function option(conn, method, ...)
  local object = luasocket.wrapped(conn) or require("socket").tcp()
  local result, text = through(conn, object, method, ...)
  if result == nil and text then
    error(oserror(errno(text)))
  end
  return result
end

function methods.getsockopt(conn, level, ...)
  if type(level) == "string" then
    return option(conn, "getoption", level)
  end
  return getsockopt(conn, level, ...)
end

function methods.setsockopt(conn, level, ...)
  if type(level) == "string" then
    option(conn, "setoption", level, ...)
  else
    setsockopt(conn, level, ...)
  end
end

return {}
