local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local merged = require "support.merged"
local system = require "support.system"

local raises = errors.raises
local client_context, server_context = contexts.ticketless()

local EBADF, ENOTSOCK = system.errno.EBADF, system.errno.ENOTSOCK
local ECONNRESET = system.errno.ECONNRESET

local function raises_type(text, f, ...)
  local err = errors.raised(f, ...)
  assert.equal("string", type(err))
  assert.matches(text, err, 1, true)
end

local function wrap(sock, more)
  return client_context:wrap_socket(sock,
    merged({ server_hostname = "localhost", timeout = 5 }, more))
end

-- An object in Lua that passes every call on to a socket, and shows itself as it.
local function proxy(sock)
  local function index(_, name)
    return sock[name] and function(_, ...) return sock[name](sock, ...) end
  end
  return setmetatable({}, { __index = index, __tostring = function() return tostring(sock) end })
end

describe("The descriptor that wrap_socket is given", function()
  it("takes the descriptor of a LuaSocket object, and its timeout", function()
    local net <close> = loopback.new()
    local one, other = net:pair()
    local fd = one:getfd()
    local conn = net:add(wrap(one, { do_handshake_on_connect = false }))
    assert.equal(fd, conn:fileno())
    assert.equal(-1, one:getfd())
    assert.equal(5, conn:gettimeout())  -- the option's
    conn = net:add(client_context:wrap_socket(other,
      { server_hostname = "localhost", do_handshake_on_connect = false }))
    assert.equal(10, conn:gettimeout())
  end)

  it("takes a bare descriptor, which has no timeout", function()
    local net <close> = loopback.new()
    local fd = loopback.release((net:pair()))
    local conn = net:add(client_context:wrap_socket(fd,
      { server_hostname = "localhost", do_handshake_on_connect = false }))
    assert.equal(fd, conn:fileno())
    assert.is_nil(conn:gettimeout())
    assert.equal(fd, conn:detach())
    net:adopt(fd)
  end)

  it("takes any object with getfd, and gets its descriptor by setfd or detach", function()
    for _, way in ipairs({ "setfd", "detach" }) do
      local net <close> = loopback.new()
      local fd, given = loopback.release((net:pair())), nil
      local object = { getfd = function() return fd end }
      object[way] = function(_, value) given = value or "detached" end
      local conn = wrap(object, { do_handshake_on_connect = false })
      assert.equal(way == "setfd" and -1 or "detached", given)
      local back = conn:detach()
      assert.equal(way == "setfd" and object or fd, back)
      assert.equal(way == "setfd" and fd or "detached", given)
      net:adopt(fd)
    end
  end)

  it("may come later, by the connect of an object around one of LuaSocket's too", function()
    local net <close> = loopback.new()
    local listener = net:add(assert(socket.bind("127.0.0.1", 0)))
    local host, port = listener:getsockname()
    for _, around in ipairs({ function(sock) return sock end, proxy }) do
      local sock = net:add(assert(socket.tcp()))
      local conn = net:add(wrap(around(sock), { do_handshake_on_connect = false }))
      conn:connect({ host, math.tointeger(port) })
      assert.equal(math.tointeger(port), select(2, conn:getpeername()))
    end
  end)

  it("closes an object that cannot give its descriptor up by its own close", function()
    local net <close> = loopback.new()
    local one = net:pair()
    local closed = 0
    local object = {
      getfd = function() return one:getfd() end,
      close = function() closed = closed + 1; one:close() end,
    }
    local conn = wrap(object, { do_handshake_on_connect = false })
    conn:close()
    conn:close()
    assert.equal(1, closed)
    local again = net:pair()
    local kept = { getfd = function() return again:getfd() end }
    conn = wrap(kept, { do_handshake_on_connect = false })
    assert.equal(kept, conn:detach())
    assert.is_true(loopback.isopen(again:getfd()))
    conn = wrap(kept, { do_handshake_on_connect = false })
    conn:close()  -- nobody says how to close it
    assert.is_true(loopback.isopen(again:getfd()))
  end)

  it("does not block from then on, and does again when it is given back", function()
    local found, uv = pcall(require, "luv")
    if not found or loopback.blocks(0) == nil then return pending("no luv, or no /proc") end
    local net <close> = loopback.new()
    local fd, peer = table.unpack(uv.socketpair("stream", nil, {}, {}))
    net:adopt(peer)
    assert.is_true(loopback.blocks(fd))
    local conn = wrap(fd, { do_handshake_on_connect = false })
    assert.is_false(loopback.blocks(fd))
    assert.equal(fd, conn:detach())
    assert.is_true(loopback.blocks(fd))
    net:adopt(fd)
  end)

  it("is refused with the error of a peer that is gone already", function()
    if system.windows then return pending("wine resets no connection by SO_LINGER") end
    local net <close> = loopback.new()
    local one, other = net:pair()
    local fd = one:getfd()
    other:setoption("linger", { on = true, timeout = 0 })
    other:close()  -- by a reset
    assert.equal(one, socket.select({ one }, nil, 10)[1])
    assert.equal(ECONNRESET, raises(ssl.OSError, wrap, one).errno)
    assert.is_false(loopback.isopen(fd))
  end)

  it("refuses what is no descriptor, and leaves it as it is", function()
    local net <close> = loopback.new()
    for _, fd in ipairs({ -1, -2, math.mininteger }) do
      assert.equal(EBADF, raises(ssl.OSError, wrap, fd).errno)
    end
    for _, fd in ipairs({ 1 << 31, 1 << 40, 987654 }) do  -- which may be handles
      assert.equal(system.windows and ENOTSOCK or EBADF, raises(ssl.OSError, wrap, fd).errno)
    end
    if system.windows then return end  -- what follows are Unix's other descriptors
    local file <close> = assert(io.open("/dev/null"))
    local pipe <close> = assert(io.popen("exec cat >/dev/null", "w"))
    local lfs = require "lfs"
    local found = 0
    for name in lfs.dir("/proc/self/fd") do
      local target = lfs.symlinkattributes("/proc/self/fd/" .. name, "target")
      if target and (target:find("^pipe:") or target == "/dev/null") then
        found = found + 1
        assert.equal(ENOTSOCK, raises(ssl.OSError, wrap, tonumber(name)).errno)
      end
    end
    assert.is_true(found >= 1)
    assert.is_truthy(file:read("a") and pipe:write("still open"))
    local bare = ssl.bytearray(1)
    local meta = debug.getmetatable(bare)
    debug.setmetatable(bare, {})
    for _, bad in ipairs({ "3", 1.5, true, {}, print, io.stdout, net, bare }) do
      raises_type("bad argument #1 to 'wrap_socket'", wrap, bad)
    end
    debug.setmetatable(bare, meta)
    raises_type("bad argument #1 to 'wrap_socket'", client_context.wrap_socket, client_context)
  end)

  it("refuses datagrams", function()
    local net <close> = loopback.new()
    for _, make in ipairs({ "udp", "udp4", "udp6" }) do
      local udp = net:add(assert(socket[make]()))
      local err = raises(ssl.NotImplementedError, wrap, udp)
      assert.equal("only stream sockets are supported", err.message)
    end
    local udp = net:add(socket.udp4())
    udp:setsockname("127.0.0.1", 0)
    raises(ssl.NotImplementedError, wrap, udp)
    assert.is_true(loopback.isopen(udp:getfd()))
    for _, options in ipairs({ {}, { server_hostname = ".x" },
      { server_side = true, server_hostname = "x" } }) do  -- whatever else is wrong
      raises(ssl.NotImplementedError, client_context.wrap_socket, client_context, udp, options)
    end
    raises(ssl.NotImplementedError, wrap, udp:getfd())
    raises(ssl.NotImplementedError, wrap, proxy(udp))
    udp:close()
    raises(ssl.NotImplementedError, wrap, udp)
    raises(ssl.NotImplementedError, wrap, proxy(udp))
  end)

  it("refuses a closed socket", function()
    local net <close> = loopback.new()
    local one = net:pair()
    one:close()
    assert.equal(EBADF, raises(ssl.OSError, wrap, one).errno)
    local conn = net:tls(client_context, server_context)
    conn:close()
    assert.equal(EBADF, raises(ssl.OSError, wrap, conn).errno)
  end)

  it("checks its arguments before it touches the descriptor", function()
    local net <close> = loopback.new()
    local one = net:pair()
    local fd = one:getfd()
    local function untouched(class, sock_options)
      local err = raises(class, client_context.wrap_socket, client_context, one, sock_options)
      assert.equal(fd, one:getfd())
      assert.is_true(loopback.isopen(fd))
      return err.message
    end
    assert.equal("check_hostname requires server_hostname", untouched(ssl.ValueError, {}))
    assert.equal("server_hostname can only be specified in client mode",
      untouched(ssl.ValueError, { server_side = true, server_hostname = "x" }))
    assert.equal("server_hostname cannot be an empty string or start with a leading dot.",
      untouched(ssl.ValueError, { server_hostname = ".x" }))
    assert.equal("session can only be specified in client mode", untouched(ssl.ValueError,
      { server_side = true, session = net:tls(client_context, server_context).session }))
    untouched(ssl.ValueError, { server_hostname = "x", timeout = -1 })
    untouched(ssl.ValueError, { server_hostname = "x", timeout = 0 / 0 })
    raises_type("unexpected keyword argument 'server_hostnam'", client_context.wrap_socket,
      client_context, one, { server_hostnam = "x" })
    raises_type("(", client_context.wrap_socket, client_context, one, { server_hostname = 5 })
    assert.equal(fd, one:getfd())
  end)

  it("closes the descriptor when the context is for the other side", function()
    local net <close> = loopback.new()
    local one = net:pair()
    local fd = one:getfd()
    local err = raises(ssl.SSLError, server_context.wrap_socket, server_context, one)
    assert.equal("Cannot create a client socket with a PROTOCOL_TLS_SERVER context", err.message)
    assert.is_false(loopback.isopen(fd))
  end)

  it("refuses a socket that has read bytes into its own buffer", function()
    local net <close> = loopback.new()
    local one, other = net:pair()
    other:send("plain and more")
    assert.equal("plain", one:receive(5))
    assert.is_true(one:dirty())
    raises(ssl.ValueError, wrap, one)
    assert.equal(" and more", one:receive(9))
  end)

  it("is not taken from a TLS connection, which points to wrap_bio and goes on", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    for _, class in ipairs({ "own", "derived" }) do
      local err = raises(ssl.ValueError, wrap, conn)
      assert.matches("sock is an SSLSocket already: .* use wrap_bio", err.message, nil, class)
      conn:sendall("still TLS")  -- nothing else has come before it
      assert.equal("still TLS", peer:recv(100))
      client_context.sslsocket_class = ssl.SSLSocket:extend({})
      conn, peer = net:tls(client_context, server_context)
    end
    client_context.sslsocket_class = nil
    local listener = net:add(server_context:wrap_socket(socket.tcp4(), { server_side = true }))
    raises(ssl.ValueError, wrap, listener)
    conn:close()
    assert.equal(EBADF, raises(ssl.OSError, wrap, conn).errno)
  end)

  it("is still to be closed when what was wrapped cannot even be asked to take it back", function()
    local net <close> = loopback.new()
    local fd, armed = loopback.release((net:pair())), false
    local object = setmetatable({}, { __index = function(_, name)
      if name == "getfd" then return function() return fd end end
      if name == "setfd" then
        assert(not armed, "not now")
        return function() end
      end
    end })
    local conn = net:add(wrap(object, { do_handshake_on_connect = false }))
    armed = true
    assert.matches("not now", errors.raised(conn.detach, conn), 1, true)
    assert.is_true(loopback.isopen(fd))
    conn:close()
    assert.is_false(loopback.isopen(fd))
  end)
end)
