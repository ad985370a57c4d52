local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local merged = require "support.merged"
local process = require "support.process"
local steps = require "support.steps"
local system = require "support.system"

local raised, raises = errors.raised, errors.raises

local client_context, server_context = contexts.ticketless()

local EBADF, ENOTCONN = system.errno.EBADF, system.errno.ENOTCONN
local ECONNRESET = system.errno.ECONNRESET

local function wrap(sock, more)
  return client_context:wrap_socket(sock,
    merged({ server_hostname = "localhost", timeout = 5 }, more))
end

-- A pair of sockets that have made their handshake.
local function connect(net, more)
  return net:tls(client_context, server_context, more)
end

describe("SSLContext.wrap_socket", function()
  it("refuses a handshake without waiting, and closes the descriptor", function()
    local net <close> = loopback.new()
    local one = net:pair()
    local fd = one:getfd()
    local err = raises(ssl.ValueError, wrap, one, { timeout = 0 })
    assert.equal("do_handshake_on_connect should not be specified for non-blocking sockets",
      err.message)
    assert.is_false(loopback.isopen(fd))
  end)

  it("never gives out bytes that came before the handshake (CVE-2023-40217)", function()
    for _, side in ipairs({ "client", "server" }) do
      for _, size in ipairs({ 1, 5, 1000 }) do
        local net <close> = loopback.new()
        local one, other = net:pair()
        other:send(("x"):rep(size))
        other:setoption("linger", { on = true, timeout = 0 })
        other:close()
        socket.select({ one }, nil, 5)
        raises(ssl.OSError, function()
          if side == "client" then return wrap(one) end
          return server_context:wrap_socket(one, { server_side = true, timeout = 5 })
        end)
      end
    end
  end)

  it("lets no plain byte through when the peer sends some and closes", function()
    for _, data in ipairs({ "", "h", "HTTP/1.0 400 Bad Request\r\n\r\n", ("\22"):rep(1000) }) do
      local net <close> = loopback.new()
      local one, other = net:pair()
      other:send(data)
      other:close()
      local err = raises(ssl.OSError, wrap, one)
      assert.is_true(ssl.isinstance(err, data == "" and ssl.SSLEOFError or ssl.SSLError))
    end
  end)

  it("refuses a peer that speaks plain HTTP", function()
    local net <close> = loopback.new()
    local one, other = net:pair()
    other:send("HTTP/1.0 400 Bad Request\r\n\r\n")
    assert.is_true(errors.protocolerror(raises(ssl.SSLError, wrap, one)))
    one, other = net:pair()
    other:send("GET / HTTP/1.0\r\n\r\n")
    local err = raises(ssl.SSLError, server_context.wrap_socket, server_context, one,
      { server_side = true })
    assert.is_true(errors.protocolerror(err))
  end)

  it("tells a reset by its number", function()
    local net <close> = loopback.new()
    local one, other = net:pair()
    other:setoption("linger", { on = true, timeout = 0 })
    local conn = net:add(wrap(one, { do_handshake_on_connect = false }))
    other:close()
    local err = raises(ssl.OSError, conn.do_handshake, conn)
    assert.equal(ECONNRESET, err.errno)
  end)

  it("gives up after its timeout where the peer stalls", function()
    local net <close> = loopback.new()
    local one = net:pair()
    local fd = one:getfd()
    local err = raises(ssl.TimeoutError, wrap, one, { timeout = 0.02 })
    assert.is_truthy(err.message:find("handshake operation timed out", 1, true))
    assert.is_false(loopback.isopen(fd))
  end)

  it("has one deadline for a handshake that drips in", function()
    local net <close> = loopback.new()
    local one, other = net:pair()
    other:settimeout(0)
    local fd = one:getfd()
    client_context.waiter = function(_, _, left)
      other:send("\22")
      socket.sleep(math.min(0.01, left))
    end
    other:send("\22\3\3\63\255\2\0\63\251")  -- the begin of a long ServerHello
    local start = socket.gettime()
    local ok, err = pcall(wrap, one, { timeout = 0.1 })
    client_context.waiter = nil
    assert.is_false(ok)
    assert.is_true(ssl.isinstance(err, ssl.TimeoutError))
    assert.is_true(socket.gettime() - start < 5)
    assert.is_false(loopback.isopen(fd))
  end)
end)

describe("SSLSocket that is not connected", function()
  local function unconnected(net)
    return net:add(wrap(socket.tcp4()))
  end

  it("says what CPython's says", function()
    local net <close> = loopback.new()
    local conn = unconnected(net)
    local buffer = ssl.bytearray(3)
    for _, call in ipairs({ { "read" }, { "read", 0 }, { "write", "x" }, { "write", "" } }) do
      local err = raises(ssl.ValueError, conn[call[1]], conn, table.unpack(call, 2))
      assert.is_truthy(err.message:find("on closed or unwrapped SSL socket.", 1, true))
    end
    for _, call in ipairs({ { "recv", 1 }, { "recv_into", buffer }, { "send", "x" },
      { "sendall", "x" }, { "do_handshake" }, { "getpeercert" }, { "getpeername" } }) do
      assert.equal(ENOTCONN,
        raises(ssl.OSError, conn[call[1]], conn, table.unpack(call, 2)).errno)
    end
    for _, name in ipairs({ "cipher", "version", "shared_ciphers", "compression",
      "selected_alpn_protocol", "selected_npn_protocol", "get_channel_binding", "group" }) do
      assert.is_nil((conn[name](conn)))
    end
    assert.equal(0, conn:pending())
    assert.is_nil(conn.session)
    assert.is_nil(conn.session_reused)
    assert.is_false(conn:dirty())
    raises(ssl.ValueError, conn.unwrap, conn)
    raises(ssl.ValueError, conn.verify_client_post_handshake, conn)
    assert.same({}, conn:get_verified_chain())
    assert.same({}, conn:get_unverified_chain())
  end)
end)

describe("SSLSocket that has ended", function()
  local ways = {
    closed = function(conn) conn:close() end,
    detached = function(conn) conn:detach():close() end,
    ["shut down"] = function(conn) conn:shutdown(ssl.SHUT_RDWR) end,
    unwrapped = function(conn, peer)
      conn:settimeout(0)
      peer:settimeout(0)
      assert.is_nil(steps.both(peer, conn, "unwrap"))
    end,
  }
  for how, finish in pairs(ways) do
    it("by being " .. how .. " never sends or gives plain bytes", function()
      local net <close> = loopback.new()
      local conn, peer = connect(net)
      finish(conn, peer)
      for _ = 1, 2 do
        raises(ssl.ValueError, conn.read, conn)
        raises(ssl.ValueError, conn.read, conn, 0)
        raises(ssl.ValueError, conn.write, conn, "x")
        raises(ssl.ValueError, conn.unwrap, conn)
        for _, call in ipairs({ { "recv" }, { "recv", 0 }, { "recv_into", ssl.bytearray(3) },
          { "send", "x" }, { "send", "" }, { "sendall", "x" }, { "do_handshake" },
          { "getpeercert" }, { "cipher" }, { "version" }, { "pending" }, { "getpeername" },
          { "getsockname" }, { "shutdown", 2 }, { "detach" }, { "compression" },
          { "shared_ciphers" }, { "selected_alpn_protocol" }, { "get_channel_binding" },
          { "get_verified_chain" }, { "makefile" }, { "group" }, { "getsockopt", 1, 4 },
          { "connect", "localhost", 1 }, { "accept" }, { "listen" },
          { "bind", "localhost", 0 } }) do
          local err = raises(ssl.OSError, conn[call[1]], conn, table.unpack(call, 2))
          assert.equal(EBADF, err.errno, call[1])
        end
        assert.equal(how == "shut down" and conn:fileno() or -1, conn:fileno())
        assert.is_false(conn:dirty())
        assert.is_nil(conn.session)
        assert.is_nil(conn.session_reused)
        assert.equal(client_context, conn.context)
        assert.is_truthy(tostring(conn):find("SSLSocket"))
        conn:close()
      end
    end)
  end

  it("is closed by a to-be-closed variable", function()
    local net <close> = loopback.new()
    local conn = connect(net)
    do local _ <close> = conn end
    assert.equal(-1, conn:fileno())
  end)

  it("is warned of and closed when it is collected unclosed", function()
    local output = process.run_lua([[
      local loopback = require "support.loopback"
      local net <close> = loopback.new()
      local context = require "ssl".create_default_context()
      local conn = context:wrap_socket((net:pair()),
        { server_hostname = "localhost", do_handshake_on_connect = false })
      local fd = conn:fileno()
      warn("@on")
      conn = nil
      collectgarbage()
      collectgarbage()
      warn("@off")
      print(loopback.isopen(fd))
    ]])
    assert.matches("^Lua warning: .*unclosed.*\nfalse\n$", output)
  end)
end)

describe("SSLSocket.unwrap", function()
  it("gives back the very object, blocking or not as it was, for plain traffic", function()
    local net <close> = loopback.new()
    local one, other = net:pair()
    local client = net:add(wrap(one, { do_handshake_on_connect = false, timeout = 0 }))
    local server = net:add(server_context:wrap_socket(loopback.release(other),
      { server_side = true, do_handshake_on_connect = false, timeout = 0 }))
    assert.is_nil(steps.both(client, server, "do_handshake"))
    assert.equal("want", steps.try(client, "unwrap"))
    local fd = server:unwrap()
    assert.equal("integer", math.type(fd))
    other:setfd(fd)
    local back
    repeat
      local ok, result = steps.try(client, "unwrap")
      back = ok == true and result
    until back
    assert.equal(one, back)
    one:send("plain\n")
    assert.equal("plain", other:receive("*l"))
  end)

  it("is refused before the handshake, and does no harm", function()
    local net <close> = loopback.new()
    local client, server = net:wrapped(client_context, server_context)
    local err = raises(ssl.SSLError, client.unwrap, client)
    assert.is_true(errors.protocolerror(err))
    assert.is_nil(steps.both(client, server, "do_handshake"))
  end)

  it("has one deadline for a peer that does not answer", function()
    local net <close> = loopback.new()
    local client = connect(net)
    client:settimeout(0.02)
    raises(ssl.TimeoutError, client.unwrap, client)
  end)
end)

describe("A callback", function()
  it("may close the connection whose handshake it is part of", function()
    local _, context = contexts.new()
    context.sni_callback = function(conn) conn:close() end
    local net <close> = loopback.new()
    local client, server = net:wrapped(client_context, context)
    assert.equal("want", steps.try(client, "do_handshake"))
    server:settimeout(5)
    local err = raised(server.do_handshake, server)
    assert.equal(EBADF, err.errno)
    assert.equal(-1, server:fileno())
    context.sni_callback = nil
  end)

  it("may close the connection at the peer's close_notify", function()
    for _, method in ipairs({ "recv", "unwrap" }) do
      local net <close> = loopback.new()
      local context = contexts.new()
      local armed
      context._msg_callback = function(conn, direction, _, content)
        if armed and direction == "read" and content == ssl._TLSContentType.ALERT then
          conn:close()
        end
      end
      local client, server = net:tls(context, server_context)
      server:settimeout(0)
      steps.try(server, "unwrap")
      armed = true
      local err = raised(client[method], client)
      assert.equal(EBADF, err.errno)
      assert.equal(-1, client:fileno())
      context._msg_callback = nil
    end
  end)

  it("cannot use the connection it is part of", function()
    local net <close> = loopback.new()
    local _, context = contexts.new()
    local seen = {}
    context.sni_callback = function(conn)
      for _, name in ipairs({ "recv", "do_handshake", "unwrap", "detach" }) do
        local ok, err = pcall(conn[name], conn)
        seen[name] = not ok and ssl.isinstance(err, ssl.ValueError)
      end
    end
    local client, server = net:wrapped(client_context, context)
    assert.is_nil(steps.both(client, server, "do_handshake"))
    assert.same({ recv = true, do_handshake = true, unwrap = true, detach = true }, seen)
    context.sni_callback = nil
  end)
end)
