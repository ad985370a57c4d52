-- DTLS over sockets: what wrap_datagram takes, and how its connections wait.

local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local loops = require "support.loops"
local steps = require "support.steps"

local raises = errors.raises

local options = { server_hostname = "localhost", timeout = 10 }

describe("SSLContext.wrap_datagram", function()
  it("makes a connection whose calls send and receive datagrams", function()
    local net <close> = loopback.new()
    local client, server = net:dtls(contexts.dtls())
    assert.is_true(ssl.isinstance(client, ssl.SSLSocket))
    assert.equal("DTLSv1.2", client:version())
    assert.equal(5, client:send("hello"))
    client:sendall("world")
    assert.equal("hello", server:recv())
    assert.same({ "wo", 5 }, { server:recv(2) })
    local buffer = ssl.bytearray("...")
    server:send("answer")
    assert.same({ 3, 6 }, { client:recv_into(buffer) })
    assert.equal("ans", buffer:tostring())
    server:send("")
    server:send(("x"):rep(server.max_datagram))
    assert.equal(server.max_datagram, #client:recv())
    raises(ssl.ValueError, client.send, client, ("x"):rep(client.max_datagram + 1))
    raises(ssl.ValueError, client.recv, client, -1)
  end)

  it("takes a descriptor, and gives back what it took", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    local one, other = net:datagrams()
    local fd = loopback.release(other)
    local client = net:add(client_ctx:wrap_datagram(one,
      { server_hostname = "localhost", do_handshake_on_connect = false, timeout = 0 }))
    local server = net:add(server_ctx:wrap_datagram(fd,
      { server_side = true, do_handshake_on_connect = false, timeout = 0, mtu = 600 }))
    assert.equal(600, server.mtu)
    assert.equal(-1, one:getfd())
    steps.handshake(client, server)
    assert.equal(one, client:unwrap())
    assert.is_true(one:getfd() >= 0)
    server:settimeout(10)
    assert.is_nil(server:recv())
    assert.equal(fd, server:unwrap())
    net:adopt(fd)
    assert.is_true(one:send("plain") > 0)
  end)

  it("refuses what it cannot use, and leaves it alone", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    local tcp = net:pair()
    local unconnected = net:udp()
    local udp = net:datagrams()
    raises(ssl.ValueError, client_ctx.wrap_datagram, client_ctx, tcp, options)
    raises(ssl.ValueError, client_ctx.wrap_datagram, client_ctx, unconnected, options)
    raises(ssl.ValueError, client_ctx.wrap_datagram, client_ctx, socket.udp(), options)
    raises(ssl.ValueError, client_ctx.wrap_datagram, client_ctx, udp)
    for _, mtu in ipairs({ 255, 65508 }) do
      raises(ssl.ValueError, client_ctx.wrap_datagram, client_ctx, udp,
        { server_hostname = "localhost", mtu = mtu })
    end
    raises(ssl.OSError, client_ctx.wrap_datagram, client_ctx, -1, options)
    local wrapped = net:dtls(contexts.dtls())
    raises(ssl.ValueError, client_ctx.wrap_datagram, client_ctx, wrapped, options)
    errors.badargument(client_ctx.wrap_datagram, client_ctx, "udp", options)
    raises(ssl.SSLError, server_ctx.wrap_datagram, server_ctx, udp,
      { do_handshake_on_connect = false })
    assert.is_true(tcp:getfd() >= 0 and unconnected:getfd() >= 0)
  end)

  it("tells where nobody listens, and where nobody answers", function()
    local net <close> = loopback.new()
    local client_ctx = contexts.dtls()
    local _, port = net:udp()
    local udp = net:add(socket.udp4())
    udp:setpeername("127.0.0.1", port)
    raises(ssl.TimeoutError, client_ctx.wrap_datagram, client_ctx, udp,
      { server_hostname = "localhost", timeout = 0.1 })
    local gone, free = net:udp()
    gone:close()
    udp = net:add(socket.udp4())
    udp:setpeername("127.0.0.1", free)
    local err = raises(ssl.OSError, client_ctx.wrap_datagram, client_ctx, udp, options)
    assert.equal("Connection refused", err.strerror)
    assert.equal(-1, udp:getfd())
  end)

  it("makes connections that LuaSec's API does not know", function()
    local net <close> = loopback.new()
    local client = net:dtls(contexts.dtls())
    local text = errors.raised(ssl.luasec, client)
    assert.matches("a connection over a stream expected", text, 1, true)
    assert.same({ nil, "invalid mode" }, { ssl.wrap(net:pair(), (contexts.dtls())) })
  end)

  it("makes connections that have no files", function()
    local net <close> = loopback.new()
    local client = net:dtls(contexts.dtls())
    raises(ssl.NotImplementedError, client.makefile, client)
    local file <close> = assert(io.open("spec/socket/datagrams_spec.lua", "rb"))
    raises(ssl.NotImplementedError, client.sendfile, client, file)
  end)
end)

describe("An SSLSocket of datagrams", function()
  it("outlives a peer's host that says nobody is there", function()
    local net <close> = loopback.new()
    local client, server = net:dtls(contexts.dtls())
    local _, port = server:getsockname()
    local udp = server:detach()
    udp:close()
    client:send("to nobody")
    local err = raises(ssl.OSError, client.recv, client)
    assert.equal("Connection refused", err.strerror)
    local again = net:add(socket.udp4())
    assert(again:setsockname("127.0.0.1", port))
    assert.equal(7, client:send("anybody"))
    again:settimeout(10)
    assert.is_truthy(again:receive())
  end)

  it("waits for data until its timeout", function()
    local net <close> = loopback.new()
    local client = net:dtls(contexts.dtls())
    client:settimeout(0.05)
    raises(ssl.TimeoutError, client.recv, client)
    client:settimeout(0)
    raises(ssl.SSLWantReadError, client.recv, client)
    assert.is_nil(client:timeout())
    assert.equal("r", client:events())
    assert.is_false(client:dirty())
  end)

  it("never makes its descriptor one that waits", function()
    local net <close> = loopback.new()
    local client, server = net:dtls(contexts.dtls())
    client.context.waiter = nil
    for _ = 1, 12 do
      client:settimeout(0.15)
      raises(ssl.TimeoutError, client.recv, client)
      server:send("x")
      assert.equal("x", client:recv())
    end
    assert.is_not_true(loopback.blocks(client:fileno()))
  end)

  it("tells an event loop when it has to send again", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    client_ctx.retransmission_timeout, client_ctx.max_retransmission_timeout = 30, 60
    local client = net:unmadedtls(client_ctx, server_ctx)
    assert.is_nil(client:timeout())
    raises(ssl.SSLWantReadError, client.do_handshake, client)
    assert.near(30, client:timeout(), 5)
    assert.is_false(client:handle_timeout())
    client:settimeout(2)
    assert.equal(2, client:timeout())
    client:settimeout(1000)
    assert.near(30, client:timeout(), 5)
  end)

  -- A server that takes no notice of the first three datagrams: a function that has it go
  -- on, and one that tells how many it has passed over.
  local function deaf_server(net, udp, context)
    local count, server = 0, nil
    udp:settimeout(0)
    local function serve()
      if count < 3 then
        if udp:receive() then count = count + 1 end
      elseif not server then
        server = net:add(context:wrap_datagram(udp,
          { server_side = true, do_handshake_on_connect = false, timeout = 0 }))
      end
      if server then steps.try(server, "do_handshake") end
    end
    return serve, function() return count end
  end

  it("sends again while it waits by poll", function()
    local net <close> = loopback.new()
    local client_ctx = contexts.dtls()
    local one, other = net:datagrams()
    other:settimeout(0)
    raises(ssl.TimeoutError, client_ctx.wrap_datagram, client_ctx, one,
      { server_hostname = "localhost", timeout = 0.2 })
    local count = 0
    while other:receive() do count = count + 1 end
    assert.is_true(count >= 3 and count <= 13, count)
  end)

  it("sends again while a waiter waits, which need not know why", function()
    for _, tells in ipairs({ true, false }) do
      local net <close> = loopback.new()
      local client_ctx, server_ctx = contexts.dtls()
      local one, other = net:datagrams()
      local serve, count = deaf_server(net, other, server_ctx)
      local longest = 0
      client_ctx.waiter = function(conn, event, timeout)
        longest = math.max(longest, timeout)
        assert(event == "read")
        serve()
        local ready = socket.select({ conn }, nil, timeout)
        if tells then return #ready > 0 end
      end
      local client = net:add(client_ctx:wrap_datagram(one, options))
      assert.equal("DTLSv1.2", client:version())
      assert.equal(3, count())
      assert.is_true(longest <= 0.03, longest)
    end
  end)

  it("believes a waiter that gives up before the time to send again", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    client_ctx.retransmission_timeout, client_ctx.max_retransmission_timeout = 30, 60
    client_ctx.waiter = function() return false end
    local client = net:unmadedtls(client_ctx, server_ctx)
    client:settimeout(20)
    raises(ssl.TimeoutError, client.do_handshake, client)
  end)
end)

loops.each({ describe = describe, pending = pending }, function(_, new)
  it("waits for datagrams, and sends again what is lost", function()
    local net <close> = loopback.new()
    local loop = new()
    local client_ctx, server_ctx = contexts.dtls()
    client_ctx.waiter, server_ctx.waiter = loop.wait, loop.wait
    local one, other = net:datagrams()
    other:settimeout(0)
    local got
    loop.spawn(function()
      local client = net:add(client_ctx:wrap_datagram(one, options))
      client:send("hello")
      got = client:recv()
    end)
    loop.spawn(function()
      repeat loop.sleep(0.001) until other:receive()  -- is lost
      local server = net:add(server_ctx:wrap_datagram(other, { server_side = true, timeout = 10 }))
      server:send(server:recv():upper())
    end)
    loop.run()
    assert.equal("HELLO", got)
  end)
end)
