local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local raises = require "support.errors".raises
local loopback = require "support.loopback"
local steps = require "support.steps"
local system = require "support.system"

local client_context, server_context = contexts.ticketless()

describe("A long write", function()
  it("against a stalled reader goes on where it was, in order", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    conn:settimeout(0)
    peer:settimeout(0)
    local parts = {}
    for i = 1, 200000 do parts[i] = ("%08d"):format(i):rep(8) end
    local data, sent, stalls, got, size = table.concat(parts), 0, 0, {}, 0
    while sent < #data or size < #data do
      while sent < #data do
        local how, n = steps.try(conn, "send", data:sub(sent + 1))
        if how == "want" then
          stalls = stalls + 1
          break
        end
        sent = sent + n
      end
      repeat
        local how, bytes = steps.try(peer, "recv", 65536)
        if how ~= "want" then
          got[#got + 1] = bytes
          size = size + #bytes
        end
      until how == "want"
    end
    assert.equal(data, table.concat(got))
    assert.is_true(stalls > 0)
  end)
end)

describe("A write of several records", function()
  it("fails as a whole when the peer is gone, and the connection with it", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    conn:sendall("never read")
    socket.select({ peer }, nil, 5)
    peer:close()  -- with bytes that it has not read: a reset
    socket.select({ conn }, nil, 5)
    local err = raises(ssl.OSError, conn.send, conn, ("x"):rep(40000))
    assert.is_true(err.errno == system.errno.ECONNRESET or err.errno == system.errno.EPIPE,
      tostring(err))
    raises(ssl.OSError, conn.send, conn, "x")
  end)
end)

-- Resumes coroutines as what they yield gets ready, {connection, event}, until all
-- are done; how often both directions of one connection were waited for.
local function schedule(tasks)
  local waits, both = {}, 0
  for _, task in ipairs(tasks) do waits[task] = {} end
  while next(waits) do
    local reads, writes, seen, timeout = {}, {}, {}, 5
    for _, wait in pairs(waits) do
      local conn, event = wait[1], wait[2]
      if conn then
        if seen[conn] and seen[conn] ~= event then both = both + 1 end
        seen[conn] = event
        table.insert(event == "read" and reads or writes, conn)
      else
        timeout = 0
      end
    end
    local readable, writable = socket.select(reads, writes, timeout)
    for task, wait in pairs(waits) do
      local conn, event = wait[1], wait[2]
      if not conn or (event == "read" and readable or writable)[conn] then
        local ok, now, what = coroutine.resume(task)
        assert(ok, now)
        waits[task] = coroutine.status(task) == "suspended" and { now, what } or nil
      end
    end
  end
  return both
end

describe("A reader and a writer on each of two connections", function()
  for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
    it("get all in order, whoever waits meanwhile, under " .. version, function()
      local net <close> = loopback.new()
      client_context.maximum_version = ssl.TLSVersion[version]
      local conn, peer = net:tls(client_context, server_context)
      client_context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
      local function yield(...) coroutine.yield(...) end
      client_context.waiter, server_context.waiter = yield, yield
      for _, side in ipairs({ conn, peer }) do
        side:settimeout(nil)
        side:setsockopt(ssl.SOL_SOCKET, ssl.SO_SNDBUF, 1 << 18)
      end
      local up, down = {}, {}
      for i = 1, 40000 do
        up[i], down[i] = ("u%09d"):format(i):rep(9), ("d%08d"):format(i):rep(10)
      end
      up, down = table.concat(up), table.concat(down)
      assert.equal(#up, #down)
      local got = { [conn] = {}, [peer] = {} }
      local function write(to, data)
        return coroutine.create(function()
          local at, size = 1, 1
          while at <= #data do  -- of every size, shorter and longer than a record
            to:sendall(data:sub(at, at + size - 1))
            at, size = at + size, size * 3 % 200003
          end
        end)
      end
      local function read(from, size)
        return coroutine.create(function()
          local left = #up
          coroutine.yield()  -- by then the other side's writer waits, and its reader
          while left > 0 do
            local piece = from:recv(size)
            table.insert(got[from], piece)
            left = left - #piece
          end
        end)
      end
      local both = schedule({ write(conn, up), read(conn, 5000), write(peer, down),
        read(peer, 70000) })
      client_context.waiter, server_context.waiter = nil, nil
      assert.is_true(table.concat(got[peer]) == up)
      assert.is_true(table.concat(got[conn]) == down)
      assert.is_true(both > 5, both)
    end)
  end
end)

describe("A handshake that a long write makes", function()
  it("tells its own failure, not that of its alert", function()
    local net <close> = loopback.new()
    local near, far = net:pair()
    local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    local server = server_context:wrap_bio(incoming, outgoing, { server_side = true })
    local client = net:add(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT):wrap_socket(near, {
      server_hostname = "localhost", do_handshake_on_connect = false, timeout = 0 }))
    local data = ("x"):rep(40000)
    assert.equal("want", steps.try(client, "send", data))
    far:settimeout(0)
    socket.select({ far }, nil, 5)
    local _, _, hello = far:receive(65536)
    incoming:write(hello)
    assert.equal("want", steps.try(server, "do_handshake"))
    assert(far:send(outgoing:read()))
    far:setoption("linger", { on = true, timeout = 0 })
    far:close()  -- a reset
    socket.select({ client }, nil, 5)
    local how, err = steps.try(client, "send", data)
    assert.is_false(how)
    assert.is_true(ssl.isinstance(err, ssl.SSLCertVerificationError), tostring(err))
  end)
end)

describe("The flight of a handshake", function()
  -- A server whose socket takes no more, a client's hello before it, the raw other
  -- end, how many bytes are in between, and the client.
  local function blocked(net)
    local near, far = net:pair()
    far:settimeout(0)
    local filler, size = ("x"):rep(1 << 23), 0
    local before
    repeat  -- acknowledgements, which come late, make a little room
      before = size
      socket.select(nil, { far }, 0.1)
      local _, _, part = far:send(filler)
      size = size + (part or #filler)
    until size == before
    local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    local client = client_context:wrap_bio(incoming, outgoing, { server_hostname = "localhost" })
    assert.equal("want", steps.try(client, "do_handshake"))
    assert(near:send(outgoing:read()))
    local server = net:add(server_context:wrap_socket(far, { server_side = true,
      do_handshake_on_connect = false, timeout = 0 }))
    socket.select({ server }, nil, 5)
    local _, err = pcall(server.do_handshake, server)
    assert.equal("write", steps.wants(err), tostring(err) .. " " .. size)
    return server, near, size, client, incoming, outgoing
  end

  -- Calls the server until the client has made its handshake.
  local function finish(method, server, near, size, client, incoming, outgoing)
    assert(near:receive(size))
    near:settimeout(0)
    for _ = 1, 100 do
      steps.try(server, method)
      socket.select({ near }, nil, 5)
      local data, _, part = near:receive(65536)
      incoming:write(data or part)
      if steps.try(client, "do_handshake") == true then break end
    end
    assert(near:send(outgoing:read()))
  end

  for _, method in ipairs({ "do_handshake", "recv" }) do
    it("waits until the socket takes it, and is sent by " .. method .. " then", function()
      local net <close> = loopback.new()
      local server, near, size, client, incoming, outgoing = blocked(net)
      assert.equal("want", steps.try(server, "do_handshake"))
      finish(method, server, near, size, client, incoming, outgoing)
      client:write("hello")
      assert(near:send(outgoing:read()))
      server:settimeout(5)
      assert.equal("hello", server:recv(5))
    end)
  end

  it("has the waiter wait until the socket takes it, then for the peer's", function()
    local net <close> = loopback.new()
    local server, near, size, client, incoming, outgoing = blocked(net)
    local events = {}
    server_context.waiter = function(_, event)
      if events[#events] ~= event then events[#events + 1] = event end
      if #events == 1 then
        assert(near:receive(size))
        size = 0
        return
      end
      near:settimeout(0)
      local data, _, part = near:receive(65536)
      incoming:write(data or part)
      if steps.try(client, "do_handshake") == true then near:send(outgoing:read()) end
    end
    server:settimeout(10)
    local ok, err = pcall(server.do_handshake, server)
    server_context.waiter = nil
    assert.is_true(ok, tostring(err))
    assert.same({ "write", "read" }, events)
    assert.equal("TLSv1.3", server:version())
  end)

  it("may lose its tickets with a client that has gone, whose last words are read", function()
    local net <close> = loopback.new()
    local near, far = net:pair()
    local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    local ticketing_client, ticketing_server = contexts.new(ssl.TLSVersion.TLSv1_3)
    local client = ticketing_client:wrap_bio(incoming, outgoing, { server_hostname = "localhost" })
    local server = net:add(ticketing_server:wrap_socket(far, { server_side = true,
      do_handshake_on_connect = false, timeout = 0 }))
    assert.equal("want", steps.try(client, "do_handshake"))
    repeat
      near:send(outgoing:read())
      socket.select({ server }, nil, 5)
      assert.equal("want", steps.try(server, "do_handshake"))
      near:settimeout(0)
      socket.select({ near }, nil, 5)
      local data, _, part = near:receive(65536)
      incoming:write(data or part)
    until steps.try(client, "do_handshake") == true
    client:write("goodbye")
    assert(near:send(outgoing:read()))
    near:setoption("linger", { on = true, timeout = 0 })
    near:close()  -- a reset
    socket.select({ server }, nil, 5)
    server:do_handshake()
    assert.equal("goodbye", server:recv(100))
    local how, err = steps.try(server, "send", "hello")
    assert.is_false(how)
    assert.is_true(ssl.isinstance(err, ssl.OSError), tostring(err))
  end)

  it("is lost with the peer, and says so", function()
    local net <close> = loopback.new()
    local server, near = blocked(net)
    near:close()  -- with bytes that it has not read: a reset
    local err
    repeat
      local how, why = steps.try(server, "do_handshake")
      err = why
    until how ~= "want"
    assert.is_true(ssl.isinstance(err, ssl.OSError), tostring(err))
  end)
end)
