-- A listening socket of datagrams: whom it answers, whom it remembers, and what it gives
-- out.

local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local scheduler = require("ssl.waiter").scheduler
local steps = require "support.steps"

local raises = errors.raises

-- Has a datagram come for the descriptor?
local function arrives(fd)
  return #require("_ssl")._poll({ fd }, { "read" }, 5) == 1
end

-- The descriptor that the next socket gets: the lowest that is free.
local function next_descriptor()
  local udp = socket.udp4()
  local fd = udp:getfd()
  udp:close()
  return fd
end

-- A listening socket, and its port.
local function new_listener(net, context, options)
  local udp, port = net:udp()
  options = options or {}
  options.server_side = true
  if options.timeout == nil then options.timeout = 0 end
  if options.do_handshake_on_connect == nil then options.do_handshake_on_connect = false end
  return net:add(context:wrap_datagram(udp, options)), port
end

-- A client whose datagrams the spec carries, from a socket of its own.
local Caller = {}
Caller.__index = Caller

local function new_caller(net, context, port)
  local self = setmetatable({ udp = net:udp(), port = port, last = nil }, Caller)
  self.incoming, self.outgoing = ssl.MemoryBIO(true), ssl.MemoryBIO(true)
  self.object = context:wrap_bio(self.incoming, self.outgoing, { server_hostname = "localhost" })
  self.udp:settimeout(5)
  return self
end

-- Has the client go on, and keeps what it says as `last`; sends that unless told not to.
function Caller:say(silent)
  steps.try(self.object, "do_handshake")
  repeat  -- before it, perhaps, what was sent again
    self.last = self.outgoing:read()
  until self.outgoing.pending == 0
  if not silent then self:send(self.last) end
  return self.last
end

function Caller:send(bytes)
  assert(self.udp:sendto(bytes, "127.0.0.1", self.port))
end

-- Takes one answer; its bytes, or nil.
function Caller:hear(seconds)
  self.udp:settimeout(seconds or 5)
  local bytes = self.udp:receivefrom()
  if bytes then self.incoming:write(bytes) end
  return bytes
end

-- Makes the rest of the handshake with the connection that was accepted.
function Caller:finish(conn)
  conn:settimeout(0)
  for _ = 1, 100 do
    local server = steps.try(conn, "do_handshake")
    local client = steps.try(self.object, "do_handshake")
    while self.outgoing.pending > 0 do self:send(self.outgoing:read()) end
    if server == true and client == true then return end
    self:hear(0.01)
  end
  error("no end of the handshake")
end

-- accept, where nobody is expected.
local function nobody(listener)
  assert(arrives(listener:fileno()))
  raises(ssl.SSLWantReadError, listener.accept, listener)
end

-- The connection of a caller that sends its cookie back.
local function accepted(listener, caller)
  caller:say()
  nobody(listener)
  caller:hear()
  caller:say()
  assert(arrives(listener:fileno()))
  return listener:accept()
end

describe("A listening socket of datagrams", function()
  it("gives out a connection for each client on its one port", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    client_ctx.waiter, server_ctx.waiter = scheduler.wait, scheduler.wait
    local listener, port = new_listener(net, server_ctx, { timeout = 30 })
    local count <const> = 30
    local ports, answers = {}, 0
    scheduler.spawn(function()
      for _ = 1, count do
        local conn, address = listener:accept()
        ports[address[2]] = conn
        net:add(conn)
        scheduler.spawn(function()
          conn:settimeout(10)
          conn:do_handshake()
          for _ = 1, 3 do conn:send(address[2] .. " " .. conn:recv()) end
        end)
      end
    end)
    for i = 1, count do
      scheduler.spawn(function()
        local udp = net:add(socket.udp4())
        assert(udp:setpeername("127.0.0.1", port))
        local _, own = udp:getsockname()
        local conn = net:add(client_ctx:wrap_datagram(udp,
          { server_hostname = "localhost", timeout = 10 }))
        for n = 1, 3 do
          conn:send(i .. "." .. n)
          assert(("%d %d.%d"):format(own, i, n) == conn:recv())
        end
        answers = answers + 1
      end)
    end
    scheduler.run()
    assert.equal(count, answers)
    for own, conn in pairs(ports) do
      local host, peer = conn:getpeername()
      assert.equal("127.0.0.1", host)
      assert.equal(own, peer)
      assert.equal(port, select(2, conn:getsockname()))
    end
  end)

  it("remembers nobody who has not sent the cookie back, and sends no more than it got", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    local listener, port = new_listener(net, server_ctx)
    local callers = {}
    for i = 1, 50 do callers[i] = new_caller(net, client_ctx, port) end
    local before, free = ssl.counters(), nil
    for round = 1, 3 do
      for _, caller in ipairs(callers) do
        caller:send(round == 1 and caller:say(true) or caller.last)
      end
      nobody(listener)
      for _, caller in ipairs(callers) do
        assert.is_true(#assert(caller:hear()) <= #caller.last)
        assert.is_nil(caller:hear(0))
      end
      free = free or next_descriptor()  -- the cookies' random bytes may have cost one
    end
    local after = ssl.counters()
    assert.equal(before.connections, after.connections)
    assert.equal(before.connections_made, after.connections_made)
    assert.equal(before.handshakes_failed, after.handshakes_failed)
    assert.equal(free, next_descriptor())
  end)

  it("takes a cookie from its own address alone", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    local listener, port = new_listener(net, server_ctx)
    local owner, thief = new_caller(net, client_ctx, port), new_caller(net, client_ctx, port)
    owner:say()
    nobody(listener)
    owner:hear()
    local proof = owner:say(true)
    thief:send(proof)
    nobody(listener)
    assert.is_true(#thief:hear() < 100)  -- a cookie of his own
    thief:send(proof:sub(1, -2))
    thief:send(proof .. "x")
    nobody(listener)
    owner:send(proof)
    assert(arrives(listener:fileno()))
    local conn, address = listener:accept()
    net:add(conn)
    assert.same({ owner.udp:getsockname() }, { address[1], tostring(address[2]), "inet" })
  end)

  it("takes no notice of what is no ClientHello", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    local listener, port = new_listener(net, server_ctx)
    local caller = new_caller(net, client_ctx, port)
    local hello = caller:say(true)
    for _, bytes in ipairs({ "x", "", ("\22"):rep(1000), hello:sub(1, 25), hello:sub(1, 60),
        "\23" .. hello:sub(2), hello:sub(1, 3) .. "\0\1" .. hello:sub(6),
        hello:sub(1, 13) .. "\2" .. hello:sub(15), ("\0"):rep(60000) }) do
      caller:send(bytes)
      nobody(listener)
      assert.is_nil(caller:hear(0))
    end
    caller:send(hello)
    nobody(listener)
    assert.is_string(caller:hear())
  end)

  it("gives a client that calls twice one connection", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    local listener, port = new_listener(net, server_ctx)
    local caller = new_caller(net, client_ctx, port)
    caller:say()
    nobody(listener)
    caller:hear()
    local proof = caller:say()
    for _ = 1, 3 do caller:send(proof) end
    assert(arrives(listener:fileno()))
    local conn = net:add(listener:accept())
    raises(ssl.SSLWantReadError, listener.accept, listener)
    caller:finish(conn)
    assert.equal("DTLSv1.2", conn:version())
  end)

  it("takes a client again whose connection has ended", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    local listener, port = new_listener(net, server_ctx)
    local first = new_caller(net, client_ctx, port)
    local conn = accepted(listener, first)
    conn:close()
    local again = new_caller(net, client_ctx, port)
    again.udp = first.udp
    net:add(accepted(listener, again))
  end)

  it("makes the handshake by itself if it may, as the listener's timeout allows", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    local listener, port = new_listener(net, server_ctx,
      { timeout = 10, do_handshake_on_connect = true, mtu = 500 })
    local udp = net:add(socket.udp4())
    udp:setpeername("127.0.0.1", port)
    local client = net:add(client_ctx:wrap_datagram(udp,
      { server_hostname = "localhost", do_handshake_on_connect = false, timeout = 0 }))
    server_ctx.waiter = function() steps.try(client, "do_handshake") end
    local conn, address = listener:accept()
    net:add(conn)
    assert.equal("DTLSv1.2", conn:version())
    assert.equal("127.0.0.1", address[1])
    assert.equal(500, conn.mtu)
    assert.is_nil(conn:gettimeout())
    assert.is_true(conn.server_side)
    conn:send("hello")
    client:settimeout(10)
    assert.equal("hello", client:recv())
    net:adopt(conn:unwrap())
  end)

  it("waits as long as it may", function()
    local net <close> = loopback.new()
    local _, server_ctx = contexts.dtls()
    local listener = new_listener(net, server_ctx)
    raises(ssl.SSLWantReadError, listener.accept, listener)
    listener:settimeout(0.05)
    raises(ssl.TimeoutError, listener.accept, listener)
    assert.is_nil(listener.max_datagram)
    raises(ssl.OSError, listener.recv, listener)
    raises(ssl.OSError, listener.handle_timeout, listener)
    raises(ssl.NotImplementedError, listener.listen, listener)
  end)

  it("accepts with the context that it has by then", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    local _, other = contexts.dtls()
    local listener, port = new_listener(net, server_ctx)
    listener.context = other
    raises(ssl.ValueError, errors.set, listener, "context", (select(2, contexts.new())))
    local conn = net:add(accepted(listener, new_caller(net, client_ctx, port)))
    assert.equal(other, conn.context)
  end)

  it("is one for IPv6, too", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    local udp = net:add(socket.udp6())
    if not udp:setsockname("::1", 0) then return pending("there is no IPv6 here") end
    local _, port = udp:getsockname()
    local listener = net:add(server_ctx:wrap_datagram(udp,
      { server_side = true, do_handshake_on_connect = false, timeout = 10 }))
    client_ctx.waiter, server_ctx.waiter = scheduler.wait, scheduler.wait
    local got
    scheduler.spawn(function()
      local conn, address = listener:accept()
      net:add(conn):settimeout(10)
      assert(address[1] == "::1")
      conn:send("hello")
    end)
    scheduler.spawn(function()
      local peer = net:add(socket.udp6())
      peer:setpeername("::1", port)
      local conn = net:add(client_ctx:wrap_datagram(peer,
        { server_hostname = "localhost", timeout = 10 }))
      got = conn:recv()
    end)
    scheduler.run()
    assert.equal("hello", got)
  end)

  -- Has both go on with what has come; tells whether both are done.
  local function go_on(caller, listener, state, lose)
    local client = steps.try(caller.object, "do_handshake")
    while caller.outgoing.pending > 0 do
      local sent = lose({ from = "client", bytes = caller.outgoing:read() })
      if sent[1] then caller:send(sent[1]) end
    end
    if not state.conn then
      local ok, conn = steps.try(listener, "accept")
      if ok == true then
        state.conn = conn
        conn:settimeout(0)
      end
    end
    local server = state.conn and steps.try(state.conn, "do_handshake")
    assert(client and server ~= false, "a side has given up")
    if server == true then steps.try(state.conn, "recv") end  -- the client may ask again
    return client == true and server == true
  end

  it("has a client get on that loses a third of its datagrams", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.dtls()
    client_ctx.max_retransmission_timeout, server_ctx.max_retransmission_timeout = 1, 1
    for seed = 1, 3 do
      local listener, port = new_listener(net, server_ctx)
      local caller, state = new_caller(net, client_ctx, port), {}
      local lose = testing.tap.unreliable({ loss = 1 / 3, seed = seed })
      caller.udp:settimeout(0.01)
      while not go_on(caller, listener, state, lose) do
        local bytes = caller.udp:receivefrom()
        while bytes do
          if lose({ from = "server", bytes = bytes })[1] then caller.incoming:write(bytes) end
          caller.udp:settimeout(0)
          bytes = caller.udp:receivefrom()
        end
        caller.udp:settimeout(0.01)
      end
      net:add(state.conn)
    end
  end)
end)
