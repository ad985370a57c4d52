local loops = require "support.loops"
local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local waiter = require "ssl.waiter"

local ca = testing.CA()
local identity = ca:issue("localhost", "127.0.0.1")

-- Contexts of both sides, which wait by `wait`.
local function contexts(wait)
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  ca:configure_trust(client)
  identity:configure_cert(server)
  client.waiter, server.waiter = wait, wait
  return client, server
end

local function listen(server_ctx, options)
  local tcp = assert(socket.bind("127.0.0.1", 0, 256))
  options = options or {}
  options.server_side = true
  local listener = server_ctx:wrap_socket(tcp, options)
  return listener, select(2, listener:getsockname())
end

local function connect(ctx, port)
  local conn = ctx:wrap_socket(socket.tcp4(), { server_hostname = "localhost" })
  conn:connect("127.0.0.1", port)
  return conn
end

-- Both ends of a TLS connection; the sides are given to f and g, each a coroutine.
local function pair(loop, f, g)
  local client_ctx, server_ctx = contexts(loop.wait)
  local listener, port = listen(server_ctx)
  loop.spawn(function()
    local _ <close> = listener
    local conn <close> = listener:accept()
    g(conn)
  end)
  loop.spawn(function()
    local conn <close> = connect(client_ctx, port)
    f(conn)
  end)
  loop.run()
end

-- Ends TLS in good order, and the socket below.
local function finish(conn)
  local below = conn:unwrap()
  if math.type(below) == "integer" then
    local tcp = socket.tcp()
    tcp:setfd(below)
    below = tcp
  end
  below:close()
end

local function class_of(err)
  for _, name in ipairs({ "SSLWantReadError", "SSLWantWriteError", "SSLEOFError", "SSLError",
                          "TimeoutError", "OSError", "ValueError" }) do
    if ssl.isinstance(err, ssl[name]) then return name end
  end
  return tostring(err)
end

loops.each({ describe = describe, pending = pending }, function(name, new)
  -- select's sets end at 1024 descriptors; two hundred connections have two each.
  it("serves 200 connections, half of them slow, a tenth hanging up in the middle", function()
    local loop = new()
    local client_ctx, server_ctx = contexts(loop.wait)
    local listener, port = listen(server_ctx, { do_handshake_on_connect = false })
    local served, ragged, right, gone, most, now = 0, 0, 0, 0, 0, 0
    local function serve(conn)
      local _ <close> = conn
      conn:do_handshake()
      now = now + 1
      most = math.max(most, now)
      local ok, err = pcall(function()
        local want = string.unpack(">I4", conn:recv(4))
        local got = 0
        while got < want do
          local data = conn:recv(16384) or error("hung up", 0)
          got = got + #data
          conn:sendall(data)
        end
        finish(conn)
      end)
      now = now - 1
      if ok then served = served + 1 else ragged = ragged + 1 end
      return err
    end
    loop.spawn(function()
      local _ <close> = listener
      for _ = 1, 200 do
        local conn = listener:accept()
        loop.spawn(function() serve(conn) end)
      end
    end)
    for i = 1, 200 do
      loop.spawn(function()
        local conn <close> = connect(client_ctx, port)
        local slow, text = i % 2 == 0, ("%d,"):format(i):rep(200 + i * 10)
        local half, got = #text // 2, {}
        conn:sendall(string.pack(">I4", #text))
        conn:sendall(text:sub(1, half))
        if slow then loop.sleep(0.05) end
        if i % 10 == 5 then
          gone = gone + 1
          return
        end
        if slow then
          for at = half + 1, #text, 1000 do
            conn:sendall(text:sub(at, math.min(at + 999, #text)))
            loop.sleep(0.005)
          end
        else
          conn:sendall(text:sub(half + 1))
        end
        repeat
          got[#got + 1] = conn:recv(slow and 100 or 16384)
        until #got > 0 and #table.concat(got) >= #text
        if table.concat(got) == text then right = right + 1 end
        finish(conn)
      end)
    end
    loop.run()
    assert.are.equal(20, gone)
    assert.are.equal(180, right)
    assert.are.equal(180, served)
    assert.are.equal(20, ragged)
    assert.is_true(most > 50, name .. " had only " .. most .. " at once")
  end)

  it("holds the deadline of a call, and lets others run until then", function()
    local loop = new()
    local turns, err = 0, nil
    pair(loop, function(conn)
      conn:settimeout(0.1)
      local start = socket.gettime()
      err = select(2, pcall(conn.recv, conn))
      assert.is_true(socket.gettime() - start < 5)
      conn:settimeout(nil)
      conn:sendall("late")
      assert.is_nil(conn:recv())
    end, function(conn)
      for _ = 1, 3 do
        loop.sleep(0.01)
        turns = turns + 1
      end
      assert.are.equal("late", conn:recv())
    end)
    assert.are.equal("TimeoutError", class_of(err))
    assert.are.equal(3, turns)
  end)

  it("ends a recv whose connection another coroutine closes", function()
    local loop = new()
    local err
    pair(loop, function(conn)
      loop.spawn(function()
        loop.sleep(0.01)
        conn:close()
        assert.are.equal(-1, conn:fileno())
      end)
      err = select(2, pcall(conn.recv, conn))
    end, function(conn) pcall(conn.recv, conn) end)
    assert.are.equal("OSError", class_of(err))
    assert.are.equal(9, err.errno)
  end)

  it("ends a sendall whose connection another coroutine closes", function()
    local loop = new()
    local err
    pair(loop, function(conn)
      loop.spawn(function()
        loop.sleep(0.05)
        conn:close()
      end)
      err = select(2, pcall(conn.sendall, conn, ("x"):rep(2 ^ 24)))
    end, function() loop.sleep(0.1) end)
    assert.are.equal(9, err.errno)
  end)

  it("ends an accept whose socket another coroutine closes", function()
    local loop = new()
    local _, server_ctx = contexts(loop.wait)
    local listener = listen(server_ctx)
    local err
    loop.spawn(function() err = select(2, pcall(listener.accept, listener)) end)
    loop.spawn(function()
      loop.sleep(0.01)
      listener:close()
    end)
    loop.run()
    assert.are.equal(9, err.errno)
  end)

  it("reads and writes at the same time", function()
    local loop = new()
    local size, got = 2 ^ 22, { 0, 0 }
    local function both(i, conn)
      local writing = true
      loop.spawn(function()
        conn:sendall(("x"):rep(size))
        writing = false
      end)
      while got[i] < size do
        got[i] = got[i] + #conn:recv(16384)
      end
      while writing do loop.sleep(0.01) end
    end
    pair(loop, function(conn) both(1, conn) end, function(conn) both(2, conn) end)
    assert.are.same({ size, size }, got)
  end)

  it("refuses a second reader, an unwrap and a detach while one reads", function()
    local loop = new()
    local refused, got = {}, nil
    pair(loop, function(conn)
      loop.spawn(function()
        loop.sleep(0.01)
        for _, method in ipairs({ "recv", "unwrap", "detach", "do_handshake" }) do
          refused[#refused + 1] = select(2, pcall(conn[method], conn))
        end
        conn:sendall("go on")
      end)
      got = conn:recv()
    end, function(conn) conn:sendall(conn:recv()) end)
    assert.are.equal("go on", got)
    assert.are.equal(4, #refused)
    for _, err in ipairs(refused) do
      assert.are.equal("the connection is in use: a read is waiting", err.message)
      assert.are.equal("ValueError", class_of(err))
    end
  end)

  it("waits in a pcall, in an iterator and in to-be-closed variables", function()
    local loop = new()
    local lines, order = {}, {}
    local function closing(text, conn)
      return setmetatable({}, { __close = function()
        conn:sendall(text)  -- waits for the handshake's sake, if not for its own
        order[#order + 1] = text
      end })
    end
    pair(loop, function(conn)
      local function each() return (conn:recv(1)) end
      assert(pcall(function()
        local _ <close> = closing("two", conn)
        local _ <close> = closing("one", conn)
        for char in each do
          lines[#lines + 1] = char
          if #lines == 4 then break end
        end
      end))
    end, function(conn)
      for _ = 1, 4 do
        conn:sendall("x")
        loop.sleep(0.01)
      end
      local text = ""
      while #text < 6 do text = text .. conn:recv() end
      assert.are.equal("onetwo", text)
    end)
    assert.are.equal("xxxx", table.concat(lines))
    assert.are.same({ "one", "two" }, order)
  end)

  it("waits outside of its loop too", function()
    local loop = new()
    local a = assert(socket.bind("127.0.0.1", 0))
    local start = socket.gettime()
    assert.is_false(loop.wait(a, "read", 0.02))
    assert.is_true(socket.gettime() - start >= 0.019)
    local b = assert(socket.connect("127.0.0.1", (select(2, a:getsockname()))))
    assert.is_true(loop.wait(a, "read", 10))
    assert.is_true(loop.wait(b, "write"))
    a:close()
    b:close()
  end)

  it("reuses descriptors without confusing who waits for them", function()
    local loop = new()
    local client_ctx, server_ctx = contexts(loop.wait)
    local listener, port = listen(server_ctx)
    local right = 0
    loop.spawn(function()
      local _ <close> = listener
      for _ = 1, 20 do
        local conn <close> = listener:accept()
        conn:sendall(conn:recv())
      end
    end)
    loop.spawn(function()
      for i = 1, 20 do
        local conn <close> = connect(client_ctx, port)
        conn:sendall("number " .. i)
        if conn:recv() == "number " .. i then right = right + 1 end
      end
    end)
    loop.run()
    assert.are.equal(20, right)
  end)
end)

describe("ssl.waiter", function()
  it("knows no other names, so that a misspelt one does not silently block", function()
    local err = select(2, pcall(function() return waiter.coaps end))
    assert.truthy(err:find("no waiter 'coaps'", 1, true))
    assert.truthy(select(2, pcall(waiter.load, nil)):find("no waiter 'nil'", 1, true))
  end)
end)

describe("ssl.waiter.plain", function()
  local scheduler = waiter.scheduler

  it("connects, accepts, sends and receives by the waiter, lines too", function()
    local listener = waiter.plain(assert(socket.bind("127.0.0.1", 0)), scheduler.wait)
    local _, port = listener:getsockname()
    local size = 2 ^ 22
    local got
    scheduler.spawn(function()
      local conn <close> = listener:accept()
      listener:close()
      assert.are.equal("hello", conn:receive("*l"))
      assert(conn:send(("x"):rep(size) .. "\n"))
    end)
    scheduler.spawn(function()
      local conn <close> = waiter.plain(socket.tcp4(), scheduler.wait)
      assert(conn:connect("127.0.0.1", port))
      scheduler.sleep(0.01)
      assert(conn:send("hello\n"))
      assert.are.equal("xx", conn:receive(2))
      got = conn:receive("*l", "-")
    end)
    scheduler.run()
    assert.are.equal(size - 2 + 1, #got)
  end)

  it("holds its timeout, and tells LuaSocket's errors", function()
    local listener = waiter.plain(assert(socket.bind("127.0.0.1", 0)), scheduler.wait)
    listener:settimeout(0.02)
    local sock, err = listener:accept()
    assert.is_nil(sock)
    assert.are.equal("timeout", err)
    local _, port = listener:getsockname()
    listener:close()
    local conn = waiter.plain(socket.tcp4(), scheduler.wait)
    assert.are.same({ nil, "connection refused" }, { conn:connect("127.0.0.1", port) })
    conn:close()
  end)

  it("is LuaSocket's own object when there is no waiter", function()
    local tcp = socket.tcp()
    assert.are.equal(tcp, waiter.plain(tcp))
    tcp:close()
  end)
end)

describe("ssl.waiter.scheduler", function()
  local scheduler = waiter.scheduler

  it("raises from run what a task raises, and goes on with the others", function()
    local done, closed = false, false
    scheduler.spawn(function()
      scheduler.sleep(0.01)
      done = true
    end)
    scheduler.spawn(function()
      local _ <close> = setmetatable({}, { __close = function() closed = true end })
      error("mine", 0)
    end)
    local ok, err = pcall(scheduler.run)
    assert.is_false(ok)
    assert.truthy(err:find("^mine"))
    assert.is_true(closed)
    scheduler.run()
    assert.is_true(done)
  end)

  it("lets a task be closed while it waits", function()
    local tcp = assert(socket.bind("127.0.0.1", 0))
    local closed = false
    local co = scheduler.spawn(function()
      local _ <close> = setmetatable({}, { __close = function() closed = true end })
      scheduler.wait(tcp, "read")
    end)
    scheduler.spawn(function()
      scheduler.sleep(0.01)
      coroutine.close(co)
    end)
    coroutine.close(scheduler.spawn(error))  -- one that has not begun
    scheduler.run()
    assert.is_true(closed)
    tcp:close()
  end)

  it("stops when told to", function()
    local turns = 0
    local co = scheduler.spawn(function() while true do scheduler.sleep(0) end end)
    scheduler.run(function()
      turns = turns + 1
      return turns > 5
    end)
    assert.are.equal(6, turns)
    coroutine.close(co)
    scheduler.run()
  end)

  it("refuses to wait in a coroutine that it does not know", function()
    local tcp = socket.tcp4()
    local ok, err = coroutine.resume(coroutine.create(function() scheduler.wait(tcp, "read") end))
    assert.is_false(ok)
    assert.truthy(err:find("no task"))
    tcp:close()
  end)
end)
