local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local raises = require "support.errors".raises
local loopback = require "support.loopback"
local steps = require "support.steps"

local client_context, server_context = contexts.new()

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
    assert.is_nil(steps.both(client, conn, "do_handshake"))
    listening:settimeout(0.01)
    ok, err = pcall(listening.accept, listening)
    assert.is_true(not ok and ssl.isinstance(err, ssl.TimeoutError))
  end)
end)

-- A descriptor of a new socket that nobody else has.
local function descriptor(make) return loopback.release((make or socket.tcp4)()) end

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
          assert.is_nil(steps.both(client, conn, "do_handshake"))
          assert.is_true(client:getsockopt("tcp-nodelay") == false)
          client:setsockopt("tcp-nodelay", true)
          assert.is_true(client:getsockopt("tcp-nodelay"))
          assert.equal("connected", select(2, pcall(client._state, client)))
          raises(ssl.ValueError, client.connect, client, "127.0.0.1", port)
          raises(ssl.ValueError, conn.connect, conn, "127.0.0.1", port)
          assert.equal("Invalid argument", raises(ssl.OSError, conn.accept, conn).strerror)
          assert.equal("Invalid argument", raises(ssl.OSError, conn.listen, conn).strerror)
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
    assert.equal("read", steps.wants(raises(ssl.SSLError, client.do_handshake, client)))
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

  it("of a Unix socket has a path for an address, as in CPython", function()
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
    assert.is_nil(steps.both(client, server, "do_handshake"))
    assert.same({ path }, { client:getpeername() })
    assert.same({ path }, { server:getsockname() })
    assert.same({ "" }, { client:getsockname() })
    assert.same({ "" }, { server:getpeername() })
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

-- What wrap_socket is to be given: each kind of unconnected socket.
local kinds = { ["LuaSocket's"] = socket.tcp4, ["a bare"] = descriptor }

local function client(net, new, options)
  local all = { server_hostname = "localhost", do_handshake_on_connect = false, timeout = 5 }
  for key, value in pairs(options or {}) do all[key] = value end
  return net:add(client_context:wrap_socket(new(), all))
end

-- A listening socket and its port.
local function listening(net, new)
  local server = net:add(server_context:wrap_socket((new or socket.tcp4)(),
    { server_side = true, do_handshake_on_connect = false, timeout = 5 }))
  server:bind("127.0.0.1", 0)
  server:listen(5)
  return server, select(2, server:getsockname())
end

-- A port of the loopback interface where nobody listens.
local function unused(net)
  local object = net:add(assert(socket.bind("127.0.0.1", 0)))
  local _, port = object:getsockname()
  object:close()
  return math.tointeger(tonumber(port))
end

for kind, new in pairs(kinds) do
  describe("With " .. kind .. " socket", function()
    it("connect and accept make a connection, whose addresses fit", function()
      local net <close> = loopback.new()
      local server, port = listening(net, new)
      local one = client(net, new)
      one:connect({ "127.0.0.1", port })
      local other, from = server:accept()
      net:add(other)
      assert.same({ one:getsockname() }, from)
      assert.same({ one:getsockname() }, { other:getpeername() })
      assert.same({ one:getpeername() }, { other:getsockname() })
      assert.equal("integer", math.type(from[2]))
      raises(ssl.ValueError, one.connect, one, "127.0.0.1", port)
      raises(ssl.ValueError, server.connect, server, "127.0.0.1", port)
    end)

    it("connect_ex gives 0, or what connect would raise", function()
      local net <close> = loopback.new()
      local _, port = listening(net)
      assert.equal(0, client(net, new):connect_ex("127.0.0.1", port))
      local refusing = unused(net)
      local code = client(net, new):connect_ex({ "127.0.0.1", refusing })
      assert.equal("Connection refused", raises(ssl.OSError, function()
        client(net, new):connect("127.0.0.1", refusing)
      end).strerror)
      assert.equal("integer", math.type(code))
      assert.equal(raises(ssl.OSError, function()
        client(net, new):connect("127.0.0.1", refusing)
      end).errno, code)
    end)

    it("connect_ex does not wait with a timeout of 0", function()
      local net <close> = loopback.new()
      local server, port = listening(net)
      local one = client(net, new, { timeout = 0 })
      local code = one:connect_ex("127.0.0.1", port)
      local err = not pcall(one.getpeername, one)
      assert.is_true(code == 0 or code == 115 or err)
      net:add((server:accept()))
    end)

    it("getsockopt and setsockopt take integers, and LuaSocket's names", function()
      local net <close> = loopback.new()
      local _, port = listening(net)
      local one = client(net, new)
      one:connect("127.0.0.1", port)
      for value = 1, 0, -1 do
        one:setsockopt(ssl.IPPROTO_TCP, ssl.TCP_NODELAY, value)
        assert.equal(value, one:getsockopt(ssl.IPPROTO_TCP, ssl.TCP_NODELAY) ~= 0 and 1 or 0)
        assert.equal(value == 1, one:getsockopt("tcp-nodelay"))
      end
      one:setsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, true)
      assert.equal(1, one:getsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE))
      one:setsockopt("keepalive", false)
      assert.equal(0, one:getsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE))
      one:setsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, string.pack("i", 1))
      assert.equal(1, string.unpack("i", one:getsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, 4)))
      assert.equal(math.tointeger(one:fileno()), one:fileno())
      raises(ssl.OSError, one.getsockopt, one, ssl.SOL_SOCKET, 9999)
      raises(ssl.OSError, one.setsockopt, one, 9999, 1, 1)
      raises(ssl.OSError, one.getsockopt, one, ssl.SOL_SOCKET, ssl.SO_ERROR, -1)
      raises(ssl.OSError, one.getsockopt, one, ssl.SOL_SOCKET, ssl.SO_ERROR, 1025)
      raises(ssl.ValueError, one.setsockopt, one, ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, 1 << 31)
      assert.has_error(function() one:getsockopt("no such option") end)
      assert.has_error(function() one:setsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, {}) end)
      assert.is_true(one:fileno() >= 0)
    end)
  end)
end

describe("SSLSocket.sendfile", function()
  local text = ("0123456789"):rep(20000)

  -- A file with that text, open for reading.
  local function open(content)
    local file = assert(io.tmpfile())
    file:write(content)
    file:seek("set")
    return file
  end

  local function receive(conn, n)
    local parts, got = {}, 0
    while got < n do
      parts[#parts + 1] = assert(conn:recv(n - got))
      got = got + #parts[#parts]
    end
    return table.concat(parts)
  end

  it("sends all, or what offset and count say, and leaves the position after it", function()
    local net <close> = loopback.new()
    local one, other = net:tls(client_context, server_context)
    local file <close> = open(text)
    for _, case in ipairs({ { nil, nil, 0, #text }, { 5, 10, 5, 10 }, { 0, 1, 0, 1 },
      { 199990, 100, 199990, 10 }, { 65535, 65537, 65535, 65537 } }) do
      assert.equal(case[4], one:sendfile(file, case[1], case[2]))
      assert.equal(text:sub(case[3] + 1, case[3] + case[4]), receive(other, case[4]))
      assert.equal(case[3] + case[4], file:seek())
    end
    assert.equal(0, one:sendfile(file, #text))
    assert.equal(0, one:sendfile(file, #text + 100))
    local empty <close> = open("")
    assert.equal(0, one:sendfile(empty))
    one:sendall("end")
    assert.equal("end", other:recv(10))
  end)

  it("refuses what is no open file, odd numbers, and not waiting", function()
    local net <close> = loopback.new()
    local one = net:tls(client_context, server_context)
    local file = open(text)
    for _, wrong in ipairs({ 1, "name", {}, socket }) do
      assert.has_error(function() one:sendfile(wrong) end)
    end
    for _, wrong in ipairs({ 0, -1 }) do
      local err = raises(ssl.ValueError, one.sendfile, one, file, 0, wrong)
      assert.matches("count must be a positive integer", err.message, 1, true)
    end
    for _, wrong in ipairs({ 1.5, "1" }) do
      assert.has_error(function() one:sendfile(file, wrong) end)
      assert.has_error(function() one:sendfile(file, 0, wrong) end)
    end
    assert.has_error(function() one:sendfile(file, -1) end)
    one:settimeout(0)
    raises(ssl.ValueError, one.sendfile, one, file)
    file:close()
    assert.has_error(function() one:sendfile(file) end)
  end)
end)
