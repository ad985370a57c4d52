-- A connection that has waited some times for what it reads: it waits in the system
-- call then, where the system can be told to. What it does is the same.

local socket = require "socket"
local ssl = require "ssl"
local testing_c = require "_ssl_testing"
local contexts = require "support.contexts"
local raises = require "support.errors".raises
local loopback = require "support.loopback"
local steps = require "support.steps"

local client_context, server_context = contexts.ticketless()

local SO_RCVTIMEO <const>, NOLIMIT <const> = 20, ("\0"):rep(16)  -- Linux's

-- The time limit of a connection's socket, a struct timeval.
local function limit(conn)
  return conn:getsockopt(ssl.SOL_SOCKET, SO_RCVTIMEO, #NOLIMIT)
end

-- Every answer has to be waited for.
local function talk(conn, peer, times)
  for i = 1, times or 9 do
    conn:sendall("ping " .. i)
    peer:sendall(peer:recv(100))
    assert.equal("ping " .. i, conn:recv(100))
  end
end

-- A connection that has waited often, with this timeout, and its peer.
local function patient(net, timeout, options)
  local client_ctx = options and options.context or client_context
  local conn, peer = net:tls(client_ctx, server_context)
  conn:settimeout(timeout)
  talk(conn, peer)
  return conn, peer
end

local function took(f, ...)
  local start = socket.gettime()
  f(...)
  return socket.gettime() - start
end

describe("A connection that has waited often", function()
  local blocks = loopback.blocks
  local it = blocks(0) ~= nil and it or pending  -- something has to tell whether one blocks

  it("has a blocking descriptor, and goes on", function()
    for _, timeout in ipairs({ false, 10 }) do
      local net <close> = loopback.new()
      local conn, peer = net:tls(client_context, server_context)
      conn:settimeout(timeout or nil)
      talk(conn, peer, 2)
      assert.is_false(blocks(conn:fileno()))
      talk(conn, peer)
      assert.is_true(blocks(conn:fileno()))
      assert.equal(timeout or nil, conn:gettimeout())
      peer:sendall(("x"):rep(100000))
      local n = 0
      repeat n = n + #conn:recv(100000) until n == 100000
      talk(conn, peer)
      peer:close()
      assert.is_nil(conn:recv(1))
    end
  end)

  it("has not while its timeouts are short, nor when it never waited", function()
    local net <close> = loopback.new()
    local conn, peer = patient(net, 0.09)
    assert.is_false(blocks(conn:fileno()))
    peer:settimeout(nil)
    for _ = 1, 20 do
      conn:sendall("x")
      socket.select({ peer }, nil, 10)
      assert.equal("x", peer:recv(1))
    end
    assert.is_false(blocks(peer:fileno()))
  end)

  it("has not if it is a listening one, whose accept cannot say not to wait", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local server = net:add(server_context:wrap_socket(listener,
      { server_side = true, do_handshake_on_connect = false }))
    local child = testing_c.fork(function()
      for _ = 1, 9 do
        socket.sleep(0.02)
        assert(socket.connect("127.0.0.1", port))
      end
    end, 0)
    for _ = 1, 9 do net:add((server:accept())) end
    child:close()
    assert.is_false(blocks(server:fileno()))
  end)

  it("still has one deadline, at which nothing, or not all of a record, has come", function()
    local net <close> = loopback.new()
    local conn, peer = patient(net, 0.6)
    for _ = 1, 2 do
      local time = took(raises, ssl.TimeoutError, conn.recv, conn)
      assert.is_true(time >= 0.6 and time < 1, time)  -- one after the other: 1.125
    end
    conn:settimeout(0.2)
    talk(conn, peer)
    local far = peer:detach()
    far:send("\23\3\3\64\0zzz")
    local time = took(raises, ssl.TimeoutError, conn.recv, conn)
    assert.is_true(time >= 0.2 and time < 10, time)
    -- another process drips the bytes of that record
    local child = testing_c.fork(function()
      while far:send("z") do socket.sleep(0.02) end
    end, far:getfd())
    time = took(raises, ssl.TimeoutError, conn.recv, conn)
    child:close()
    assert.is_true(time >= 0.2 and time < 10, time)
  end)

  it("may wait for as long as a number says", function()
    for _, timeout in ipairs({ 1e5, 2 ^ 53, 1e300, math.huge }) do
      local net <close> = loopback.new()
      local conn, peer = patient(net, timeout)
      assert.is_true(blocks(conn:fileno()))
      talk(conn, peer)
    end
  end)

  it("still has a blocking descriptor when it is told the timeout that it has", function()
    local net <close> = loopback.new()
    local conn, peer = patient(net, 10)
    conn:settimeout(10)
    assert.is_true(blocks(conn:fileno()))
    conn:setblocking(true)
    assert.is_false(blocks(conn:fileno()))
    talk(conn, peer)
    conn:setblocking(true)
    assert.is_true(blocks(conn:fileno()))
  end)

  it("does not wait once it is told not to", function()
    local net <close> = loopback.new()
    local conn, peer = patient(net, 10)
    conn:setblocking(false)
    assert.is_false(blocks(conn:fileno()))
    raises(ssl.SSLWantReadError, conn.recv, conn)
    conn:settimeout(0.01)
    raises(ssl.TimeoutError, conn.recv, conn)
    conn:settimeout(10)
    assert.is_false(blocks(conn:fileno()))
    talk(conn, peer)
    assert.is_true(blocks(conn:fileno()))
  end)

  it("may be told how to wait when it is closed", function()
    local net <close> = loopback.new()
    local conn = patient(net, 10)
    conn:close()
    conn:settimeout(1)
    assert.equal(1, conn:gettimeout())
  end)

  it("asks a waiter that its context gets", function()
    local net <close> = loopback.new()
    local context = contexts.new()
    local conn, peer = patient(net, nil, { context = context })
    assert.is_true(blocks(conn:fileno()))
    local events = {}
    context.waiter = function(_, event)
      events[#events + 1] = event
      peer:sendall("now")
      socket.select({ conn }, nil, 10)
    end
    assert.equal("now", conn:recv(100))
    context.waiter = nil
    assert.same({ "read" }, events)
  end)

  it("does not wait for what a waiter waits for, whatever a file did meanwhile", function()
    local net <close> = loopback.new()
    local context = contexts.new()
    local conn, peer = patient(net, 3, { context = context })
    local file <close> = conn:makefile("w")
    context.waiter = function()
      assert(file:write("from the file"):flush())
      return false  -- has given up
    end
    local time = took(raises, ssl.TimeoutError, conn.recv, conn)
    context.waiter = nil
    assert.is_true(time < 2, time)
    assert.equal("from the file", peer:recv(100))
    talk(conn, peer)
  end)

  it("has one deadline for writing and then reading", function()
    local net <close> = loopback.new()
    local conn, peer = patient(net, 1)
    assert(os.execute(([[python3 -c '
import socket
plain = socket.socket(fileno=%d)
try:
    while True: plain.send(bytes(100000), socket.MSG_DONTWAIT)
except BlockingIOError: pass
plain.detach()']]):format(conn:fileno())))
    assert.is_true(blocks(conn:fileno()))
    local child = testing_c.fork(function()
      socket.sleep(0.7)
      local plain = peer:detach()
      repeat until not plain:receive(1000)
    end, peer:fileno())
    local time = took(raises, ssl.TimeoutError, conn.unwrap, conn)
    child:close()
    assert.is_true(time >= 1 and time < 1.5, time)
  end)

  it("gives its descriptor back as it was given, without a time limit", function()
    local net <close> = loopback.new()
    local conn = patient(net, 0.2)
    local plain = conn:detach()
    assert.is_false(blocks(plain:getfd()))
    plain:settimeout(0.01)
    assert.equal("timeout", select(2, plain:receive(1)))

    local one, other = net:pair()
    conn = net:client(client_context, loopback.release(one), { timeout = 0 })
    local peer = net:server(server_context, other)
    steps.handshake(conn, peer)
    conn:settimeout(10)
    peer:settimeout(10)
    talk(conn, peer)
    assert.not_equal(NOLIMIT, limit(conn))
    conn:setsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, 1)
    assert.equal(NOLIMIT, limit(conn))
    talk(conn, peer)
    local fd = conn:detach()
    net:adopt(fd)
    assert.is_false(blocks(fd))  -- LuaSocket's never do
  end)

  it("leaves the end of its time to poll: the system may keep a limit an eighth late", function()
    for _, timeout in ipairs({ 0.1, 2.05, 60, 4000, 4200 }) do
      local net <close> = loopback.new()
      local conn = patient(net, timeout)
      local seconds, microseconds = ("jj"):unpack(limit(conn))
      seconds = seconds + microseconds / 1e6
      assert.is_true(seconds > timeout / 2 and seconds * 71 / 63 < timeout, seconds)
    end
  end)

  it("has a limit without a timeout too: a signal may not end a read that has none", function()
    local net <close> = loopback.new()
    local conn = patient(net, nil)
    assert.is_true(blocks(conn:fileno()))
    assert.is_true(("jj"):unpack(limit(conn)) > 0)
  end)

  it("leaves a time limit that somebody else has set", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    conn:setsockopt(ssl.SOL_SOCKET, SO_RCVTIMEO, ("jj"):pack(0, 500000))
    local kept = limit(conn)  -- as the system has it
    assert.not_equal(NOLIMIT, kept)
    talk(conn, peer)
    assert.equal(kept, limit(conn))
    assert.is_false(blocks(conn:fileno()))
    conn:settimeout(nil)
    assert.equal(kept, limit(conn))
  end)

  it("lends a descriptor to LuaSocket as LuaSocket knows it", function()
    local net <close> = loopback.new()
    local conn, peer = patient(net, 10)
    conn:setsockopt("keepalive", true)
    assert.is_true(conn:getsockopt("keepalive"))
    assert.is_false(blocks(conn:fileno()))
    talk(conn, peer)
  end)

  it("polls where somebody else made its descriptor non-blocking", function()
    local net <close> = loopback.new()
    local conn, peer = patient(net, 0.2)
    assert(os.execute(("python3 -c 'import os; os.set_blocking(%d, False)'"):format(conn:fileno())))
    assert.is_false(blocks(conn:fileno()))
    local cpu = os.clock()
    local time = took(raises, ssl.TimeoutError, conn.recv, conn)
    assert.is_true(time >= 0.2 and time < 10, time)
    assert.is_true(os.clock() - cpu < 0.15)
    talk(conn, peer)
  end)

  it("leaves the descriptor of somebody else as it is", function()
    local net <close> = loopback.new()
    local one, other = net:pair()
    local object = { getfd = function() return one:getfd() end }
    local conn = net:client(client_context, object, { timeout = 0 })
    local peer = net:server(server_context, other)
    steps.handshake(conn, peer)
    conn:settimeout(10)
    peer:settimeout(10)
    talk(conn, peer)
    assert.is_false(blocks(conn:fileno()))
  end)

  it("reads the lines of a file that way", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    conn:settimeout(0.2)
    local file <close> = conn:makefile("rw")
    for i = 1, 9 do
      assert(file:write(("line %d\n"):format(i)):flush())
      peer:sendall(peer:recv(100))
      assert.equal("line " .. i, file:read("l"))
    end
    assert.is_true(blocks(conn:fileno()))
    local line, problem
    local time = took(function() line, problem = file:read("l") end)
    assert.is_nil(line)
    assert.matches("timed out", problem)
    assert.is_true(time >= 0.2 and time < 10, time)
  end)
end)

-- In a call that waits for ever.
describe("A callback while a connection waits", function()
  local CERTIFICATE_REQUEST <const> = 13

  local function asked(net, callback)
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    client_ctx.post_handshake_auth = true
    server_ctx.post_handshake_auth = true
    server_ctx.verify_mode = ssl.CERT_REQUIRED
    server_ctx.num_tickets = 0
    client_ctx._msg_callback = function(conn, _, _, _, message)
      if message == CERTIFICATE_REQUEST then callback(conn) end
    end
    local conn, peer = net:tls(client_ctx, server_ctx)
    conn:settimeout(nil)
    talk(conn, peer)
    peer:verify_client_post_handshake()
    peer:do_handshake()
    return conn
  end

  it("ends the call by closing the connection", function()
    local net <close> = loopback.new()
    local conn = asked(net, function(conn) conn:close() end)
    local EBADF <const> = 9
    assert.equal(EBADF, raises(ssl.OSError, conn.recv, conn).errno)
  end)

  it("ends the call by an error", function()
    local net <close> = loopback.new()
    local conn = asked(net, function() error("mine", 0) end)
    assert.same({ false, "mine" }, { pcall(conn.recv, conn) })
  end)
end)
