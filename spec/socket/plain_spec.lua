local socket = require "socket"
local ssl = require "ssl"
local scheduler = require("ssl.waiter").scheduler
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local merged = require "support.merged"
local steps = require "support.steps"
local system = require "support.system"

local badargument, raises = errors.badargument, errors.raises

local client_context, server_context = contexts.new()

local EINPROGRESS = system.errno.EINPROGRESS

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
    assert.is_true(errors.protocolerror(raises(ssl.SSLError, listening.accept, listening)))
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
    raises(ssl.TimeoutError, listening.accept, listening)
  end)

  it("gives up on a client that falls silent in the handshake", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local listening = net:add(server_context:wrap_socket(listener,
      { server_side = true, timeout = 0.05 }))
    local silent = net:add(assert(socket.connect("127.0.0.1", port)))
    silent:settimeout(10)
    raises(ssl.TimeoutError, listening.accept, listening)
    assert.equal("closed", select(2, silent:receive(1)))
  end)

  it("leaves its own timeout to no connection that it gives", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local client, server = contexts.new()
    client.waiter, server.waiter = scheduler.wait, scheduler.wait
    local listening = net:add(server:wrap_socket(listener, { server_side = true, timeout = 5 }))
    scheduler.spawn(function()
      local conn = net:add((listening:accept()))
      assert.same({ "TLSv1.3", nil }, { conn:version(), conn:gettimeout() })
    end)
    scheduler.spawn(function()
      local conn = net:add(client:wrap_socket(socket.tcp4(), { server_hostname = "localhost" }))
      conn:connect("127.0.0.1", port)
    end)
    scheduler.run()
  end)
end)

-- A listening SSLSocket on a bare descriptor, and its port.
local function listening_descriptor(net, host)
  local conn = net:add(server_context:wrap_socket(loopback.descriptor(), { server_side = true,
    do_handshake_on_connect = false }))
  conn:bind(host, 0)
  conn:listen()
  return conn, select(2, conn:getsockname())
end

describe("A bare descriptor", function()
  it("binds, listens, accepts and connects without LuaSocket", function()
    local net <close> = loopback.new()
    for _, host in ipairs({ "127.0.0.1", "" }) do
      local listening, port = listening_descriptor(net, host)
      for _, how in ipairs({ "connect", "connect_ex" }) do
        for _, timeout in ipairs({ 5, -1 }) do
          local client = net:client(client_context, loopback.descriptor())
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
    local client = net:client(client_context, loopback.descriptor(), { timeout = 0 })
    local code = client:connect_ex({ "127.0.0.1", port })
    assert.is_true(code == 0 or code == EINPROGRESS, code)
    assert.equal("read", steps.wants(raises(ssl.SSLError, client.do_handshake, client)))
  end)

  it("tells a refused connection, an address in use, and a name that is none", function()
    local net <close> = loopback.new()
    local port = net:refusing()
    local bound = net:add(server_context:wrap_socket(loopback.descriptor(), { server_side = true }))
    assert.equal("Address already in use",
      raises(ssl.OSError, bound.bind, bound, "127.0.0.1", port).strerror)
    local client = net:client(client_context, loopback.descriptor())
    client:settimeout(5)
    assert.is_truthy(raises(ssl.OSError, client.connect, client, "127.0.0.1", port).errno)
    local other = net:client(client_context, loopback.descriptor())
    assert.is_true(other:connect_ex("127.0.0.1", port) > 0)
    local err = raises(ssl.OSError, other.connect, other, "::1", port)
    assert.matches("cannot find the address of '::1'", err.message, 1, true)
  end)
end)

describe("An object that will not have the descriptor back for its own connect", function()
  it("leaves it to the connection, which goes on", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local tcp, refuses = net:add(socket.tcp4()), false
    local object = setmetatable({}, { __index = function(_, name)
      return function(_, ...)
        if refuses and name == "setfd" and ... >= 0 then error("mine", 0) end
        return tcp[name](tcp, ...)
      end
    end })
    local conn = net:client(client_context, object, { timeout = 5 })
    local fd = conn:fileno()
    refuses = true
    assert.equal("mine", errors.raised(conn.connect, conn, "127.0.0.1", port))
    assert.equal(fd, conn:fileno())
    refuses = false
    conn:connect("127.0.0.1", port)
    assert.equal(fd, conn:fileno())
    net:add(assert(listener:accept()))
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
    raises(ssl.ValueError, conn.shutdown, conn, 3)
    badargument(conn.shutdown, conn)
    assert.equal("TLSv1.3", conn:version())
  end)

  it("is refused to a callback of the same connection", function()
    local net <close> = loopback.new()
    local context, refused = contexts.new(), nil
    context._msg_callback = function(conn)
      refused = refused or raises(ssl.ValueError, conn.shutdown, conn, "both").message
    end
    assert.equal("TLSv1.3", net:tls(context, server_context):version())
    assert.equal("the connection is in use by the call whose callback this is", refused)
  end)
end)

-- What wrap_socket is to be given: each kind of unconnected socket.
local kinds = { ["LuaSocket's"] = socket.tcp4, ["a bare"] = loopback.descriptor }

local function client(net, new, options)
  return net:client(client_context, new(), merged({ timeout = 5 }, options))
end

-- A listening socket and its port.
local function listening(net, new)
  local server = net:add(server_context:wrap_socket((new or socket.tcp4)(),
    { server_side = true, do_handshake_on_connect = false, timeout = 5 }))
  server:bind("127.0.0.1", 0)
  server:listen(5)
  return server, select(2, server:getsockname())
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
      local refusing = net:refusing()
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
      assert.is_true(code == 0 or code == EINPROGRESS, code)
      net:add((server:accept()))
    end)
  end)
end
