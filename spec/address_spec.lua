local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local loopback = require "support.loopback"

local ca = testing.CA()
local client_context = ssl.create_default_context({ cadata = ca.cert.pem })
local server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ca:issue("localhost"):configure_cert(server_context)

describe("SSLSocket.accept", function()
  it("wraps what comes, and goes on after a failed handshake", function()
    local net <close> = loopback.new()
    local listening = net:add(server_context:wrap_socket(socket.tcp4(), { server_side = true }))
    listening:bind("127.0.0.1", 0)
    listening:listen(5)
    local _, port = listening:getsockname()
    listening:settimeout(5)
    local plain = net:add(assert(socket.connect("127.0.0.1", port)))
    plain:send("GET / HTTP/1.0\r\n\r\n")
    local ok, err = pcall(listening.accept, listening)
    assert.is_false(ok)
    assert.equal("HTTP_REQUEST", err.reason)
    listening.do_handshake_on_connect = false
    local client = net:add(client_context:wrap_socket(socket.tcp4(),
      { server_hostname = "localhost", do_handshake_on_connect = false }))
    client:connect("127.0.0.1", port)
    local conn, from = listening:accept()
    net:add(conn)
    assert.same({ client:getsockname() }, from)
    assert.is_nil(conn:gettimeout())
    client:settimeout(0)
    conn:settimeout(0)
    assert.is_nil(loopback.both(client, conn, "do_handshake"))
    listening:settimeout(0.01)
    ok, err = pcall(listening.accept, listening)
    assert.is_true(not ok and ssl.isinstance(err, ssl.TimeoutError))
  end)
end)

-- A descriptor of a new socket that nobody else has.
local function descriptor(make) return loopback.release((make or socket.tcp4)()) end

local function raises(class, f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert(ssl.isinstance(err, class), "another error: " .. tostring(err))
  return err
end

-- A listening SSLSocket on a bare descriptor, and its port.
local function listening_descriptor(net, host)
  local conn = net:add(server_context:wrap_socket(descriptor(), { server_side = true,
    do_handshake_on_connect = false }))
  conn:bind(host, 0)
  conn:listen()
  return conn, select(2, conn:getsockname())
end

local function client_of(fd, more)
  local options = { server_hostname = "localhost", do_handshake_on_connect = false }
  for key, value in pairs(more or {}) do options[key] = value end
  return client_context:wrap_socket(fd, options)
end

describe("A bare descriptor", function()
  it("binds, listens, accepts and connects without LuaSocket", function()
    local net <close> = loopback.new()
    for _, host in ipairs({ "127.0.0.1", "" }) do
      local listening, port = listening_descriptor(net, host)
      for _, how in ipairs({ "connect", "connect_ex" }) do
        for _, timeout in ipairs({ 5, -1 }) do
          local client = net:add(client_of(descriptor()))
          if timeout > 0 then client:settimeout(timeout) end
          assert.is_true((client[how](client, { "127.0.0.1", port }) or 0) == 0)
          local conn = net:add((listening:accept()))
          client:settimeout(0)
          conn:settimeout(0)
          assert.is_nil(loopback.both(client, conn, "do_handshake"))
          assert.is_true(client:getsockopt("tcp-nodelay") == false)
          client:setsockopt("tcp-nodelay", true)
          assert.is_true(client:getsockopt("tcp-nodelay"))
          assert.equal("connected", select(2, pcall(client._state, client)))
          raises(ssl.ValueError, client.connect, client, "127.0.0.1", port)
          raises(ssl.ValueError, conn.connect, conn, "127.0.0.1", port)
        end
      end
    end
  end)

  it("connects without waiting: EINPROGRESS, and then the handshake", function()
    local net <close> = loopback.new()
    local _, port = listening_descriptor(net, "127.0.0.1")
    local client = net:add(client_of(descriptor(), { timeout = 0 }))
    local code = client:connect_ex({ "127.0.0.1", port })
    assert.is_true(code == 0 or code == 115 or code == 36, code)
    assert.is_true(loopback.iswant(raises(ssl.SSLError, client.do_handshake, client)))
  end)

  it("tells a refused connection, an address in use, and a name that is none", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local bound = net:add(server_context:wrap_socket(descriptor(), { server_side = true }))
    assert.equal("Address already in use",
      raises(ssl.OSError, bound.bind, bound, "127.0.0.1", port).strerror)
    listener:close()
    local client = net:add(client_of(descriptor()))
    client:settimeout(5)
    assert.is_truthy(raises(ssl.OSError, client.connect, client, "127.0.0.1", port).errno)
    local other = net:add(client_of(descriptor()))
    assert.is_true(other:connect_ex("127.0.0.1", port) > 0)
    local err = raises(ssl.OSError, other.connect, other, "::1", port)
    assert.matches("cannot find the address of '::1'", err.message, 1, true)
  end)

  it("of a Unix socket has no host and port", function()
    local ok, unix = pcall(require, "socket.unix")
    if not ok then return pending("LuaSocket has no Unix sockets") end
    local net <close> = loopback.new()
    local path = os.tmpname()
    os.remove(path)
    local make = type(unix) == "table" and unix.stream or unix
    local listener, near = net:add(make()), net:add(make())
    assert(listener:bind(path))
    assert(listener:listen())
    assert(near:connect(path))
    local far = net:add(assert(listener:accept()))
    os.remove(path)
    local client = net:add(client_of(loopback.release(near), { timeout = 0 }))
    local server = net:add(server_context:wrap_socket(loopback.release(far),
      { server_side = true, do_handshake_on_connect = false, timeout = 0 }))
    assert.is_nil(loopback.both(client, server, "do_handshake"))
    assert.equal("", client:getpeername())
    assert.equal("", server:getsockname())
  end)
end)

describe("Addresses", function()
  it("are checked before anything is done", function()
    local net <close> = loopback.new()
    local client = net:add(client_of(descriptor()))
    for _, port in ipairs({ -1, 65536, 1 << 40 }) do
      assert.matches("port must be 0-65535",
        raises(ssl.ValueError, client.connect, client, "127.0.0.1", port).message, 1, true)
    end
    for _, bad in ipairs({ { 1, 2 }, { "localhost", "443" }, { "localhost", 1.5 },
      { "localhost" }, {} }) do
      local ok, err = pcall(client.connect, client, bad)
      assert.is_true(not ok and type(err) == "string", tostring(err))
    end
    raises(ssl.ValueError, client.connect, client, "a\0b", 1)
    raises(ssl.ValueError, client.connect, client, "\u{fc}..test", 1)
  end)
end)

describe("Options of the socket", function()
  it("are integers, bytes of a given size, or what the system refuses", function()
    local net <close> = loopback.new()
    local conn = net:tls(client_context, server_context)
    conn:setsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, true)
    assert.is_true(conn:getsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE) ~= 0)
    conn:setsockopt(ssl.SOL_SOCKET, ssl.SO_LINGER, ("i4i4"):pack(1, 3))
    assert.equal(3, (select(2, ("i4i4"):unpack(conn:getsockopt(ssl.SOL_SOCKET, ssl.SO_LINGER, 8)))))
    assert.equal(4, #conn:getsockopt(ssl.SOL_SOCKET, ssl.SO_LINGER, 4))
    raises(ssl.OSError, conn.getsockopt, conn, ssl.SOL_SOCKET, 99999)
    raises(ssl.OSError, conn.getsockopt, conn, ssl.SOL_SOCKET, 99999, 4)
    raises(ssl.OSError, conn.setsockopt, conn, ssl.SOL_SOCKET, 99999, 1)
    for _, size in ipairs({ -1, 1025, math.maxinteger }) do
      raises(ssl.OSError, conn.getsockopt, conn, ssl.SOL_SOCKET, ssl.SO_LINGER, size)
    end
    assert.is_false((pcall(conn.setsockopt, conn, "no such option", 1)))
    assert.is_false((pcall(conn.getsockopt, conn, "no such option")))
  end)
end)

describe("SSLSocket.shutdown", function()
  it("takes Python's numbers and LuaSocket's words, and nothing else", function()
    for _, how in ipairs({ "receive", "send", "both", 0, 1, 2 }) do
      local net <close> = loopback.new()
      local conn = net:tls(client_context, server_context)
      conn:shutdown(how)
      assert.equal(9, raises(ssl.OSError, conn.version, conn).errno)
    end
    local net <close> = loopback.new()
    local conn = net:tls(client_context, server_context)
    raises(ssl.ValueError, conn.shutdown, conn, "sideways")
    assert.is_false((pcall(conn.shutdown, conn, 3)))
    assert.is_false((pcall(conn.shutdown, conn)))
    assert.equal("TLSv1.3", conn:version())
  end)
end)
