local socket = require "socket"
local ssl = require "ssl"
local testing_c = require "_ssl_testing"
local contexts = require "support.contexts"
local raises = require "support.errors".raises
local loopback = require "support.loopback"
local process = require "support.process"
local steps = require "support.steps"
local system = require "support.system"

local client_context, server_context = contexts.ticketless()

describe("A timeout", function()
  it("is any number but NaN and those below 0", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    for _, good in ipairs({ 0, 1e-9, 0.5, 1e9, 2 ^ 31, 1e300, math.huge }) do
      conn:settimeout(good)
      assert.equal(good, conn:gettimeout())
      if good > 0.1 then
        peer:sendall("x")
        assert.equal("x", conn:recv(1))
      end
    end
    for _, bad in ipairs({ 0 / 0, -1, -1e-9, -math.huge, math.mininteger }) do
      raises(ssl.ValueError, conn.settimeout, conn, bad)
    end
    for _, bad in ipairs({ "1", true, {} }) do
      assert.equal("string", type(select(2, pcall(conn.settimeout, conn, bad))))
    end
    assert.equal(math.huge, conn:gettimeout())
  end)

  it("has one deadline, whatever drips in: reading, and in the handshake", function()
    if system.windows then return pending("there is no fork") end
    for _, what in ipairs({ "recv", "do_handshake" }) do
      local net <close> = loopback.new()
      local conn, far
      if what == "recv" then
        local peer
        conn, peer = net:tls(client_context, server_context)
        far = peer:detach()
      else
        local near
        near, far = net:pair()
        conn = net:add(client_context:wrap_socket(near, { server_hostname = "localhost",
          do_handshake_on_connect = false }))
      end
      -- another process drips the bytes of a record
      local child = testing_c.fork(function()
        far:send((what == "recv" and "\23" or "\22") .. "\3\3\64\0")
        while far:send("z") do socket.sleep(0.02) end
      end, far:getfd())
      conn:settimeout(0.2)
      local start = socket.gettime()
      raises(ssl.TimeoutError, conn[what], conn)
      local took = socket.gettime() - start
      child:close()
      assert.is_true(took >= 0.2 and took < 10, took)
    end
  end)
end)

-- Waits for what does not come until SIGINT does, for which lua has a handler that
-- sets a hook that raises; then goes on with the same connection.
local interrupted = [[
  local ssl = require "ssl"
  local loopback = require "support.loopback"
  local steps = require "support.steps"
  local client_context, server_context = require "support.contexts".ticketless()
  local net <close> = loopback.new()
  local conn, peer = net:wrapped(client_context, server_context)
  local function wait(method, ...)
    if conn:gettimeout() ~= 20 then conn:settimeout(20) end
    local start = os.time()
    print("waiting")
    local ok, err = pcall(conn[method], conn, ...)
    assert(not ok and os.time() - start < 15)
    print((tostring(err):gsub("^.*: ", "")))
    conn:settimeout(5)
    peer:settimeout(5)
  end
  local function connect() assert(not steps.both(conn, peer, "do_handshake")) end
  local function receive()
    local pieces = { peer:recv() }
    peer:settimeout(0)
    repeat
      local ok, piece = steps.try(peer, "recv", 100000)
      assert(ok, piece)
      if ok == true then pieces[#pieces + 1] = piece end
    until ok == "want"
    return table.concat(pieces)
  end
]]

local phases = {
  do_handshake = [[
    wait("do_handshake")
    conn:settimeout(0)
    peer:settimeout(0)
    connect()
    peer:settimeout(5)
    conn:send("data")
    print(peer:recv())
  ]],
  recv = [[
    connect()
    wait("recv", 100)
    peer:send("data")
    print(conn:recv())
  ]],
  ["recv after many others"] = [[
    connect()
    conn:settimeout(20)
    peer:settimeout(5)
    for _ = 1, 9 do
      conn:send("x")
      peer:send(peer:recv(1))
      assert(conn:recv(1) == "x")
    end
    wait("recv", 100)
    peer:send("data")
    print(conn:recv())
  ]],
  unwrap = [[
    connect()
    wait("unwrap")
    assert(peer:recv() == nil)
    peer:unwrap()
    conn:unwrap()
    print("data")
  ]],
  -- what was not sent has to be, before anything else
  sendall = [[
    connect()
    local data = ("0123456789"):rep(1000000)
    wait("sendall", data)
    local ok, err = steps.try(conn, "send", "x")
    assert(ok == false and require "support.errors".protocolerror(err), err)
    local got = receive()
    assert(#got > 0 and #got < #data and data:sub(1, #got) == got)
    peer:send("data")
    print(conn:recv())
  ]],
}

-- Is a process asleep, with all that it printed read?
local function sleeps(pid)
  local file <close> = assert(io.open(("/proc/%d/stat"):format(pid)))
  return file:read("a"):match("%) (%a)") == "S"
end

describe("A signal", function()
  for method, phase in pairs(phases) do
    it(("whose hook raises ends %s at once, and the connection goes on"):format(method), function()
      local stat = io.open("/proc/self/stat")
      if not stat then return pending("no /proc") end
      stat:close()
      local child <close> = process.start({ "env",
        "LUA_PATH=./spec/?.lua;" .. package.path, "LUA_CPATH=" .. package.cpath,
        "timeout", "--foreground", "30", process.lua, "-e",
        'print(io.open("/proc/self/stat"):read("n"))' .. interrupted .. phase })
      local pid = tonumber(child:expect("^(%d+)$"))
      child:expect("^waiting$")
      repeat until sleeps(pid)
      os.execute("kill -INT " .. pid)
      assert.equal("interrupted!", child:expect("^(inter.*)$"))
      assert.equal("data", child:expect("^(data)$"))
    end)
  end
end)

describe("A waiter", function()
  it("is not asked again once a callback has raised", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    local NEWSESSION_TICKET, armed, waits = 4, false, 0
    client_ctx._msg_callback = function(_, _, _, _, message)
      if armed and message == NEWSESSION_TICKET then error("mine", 0) end
    end
    local client, server = net:wrapped(client_ctx, server_ctx)
    steps.try(client, "do_handshake")
    steps.try(server, "do_handshake")
    assert.is_true(steps.try(client, "do_handshake"))
    armed = true
    client_ctx.waiter = function()
      waits = waits + 1
      server:do_handshake()  -- its end sends the tickets
      return waits < 10
    end
    client:settimeout(10)
    local ok, err = pcall(client.recv, client, 1)
    assert.is_false(ok)
    assert.equal("mine", err)
    assert.equal(1, waits)
  end)

  it("taken away while it waits is replaced by poll", function()
    local net <close> = loopback.new()
    local context = contexts.new()
    local conn, peer = net:tls(context, server_context)
    local calls = 0
    context.waiter = function()
      calls = calls + 1
      context.waiter = nil
    end
    conn:settimeout(0.05)
    raises(ssl.TimeoutError, conn.recv, conn)
    context.waiter = function()
      calls = calls + 1
      context.waiter = nil
      peer:sendall("late")
    end
    conn:settimeout(5)
    assert.equal("late", conn:recv())
    assert.equal(2, calls)
  end)

  it("taken away late leaves poll the rest of the time", function()
    local net <close> = loopback.new()
    local context = contexts.new()
    local conn = net:tls(context, server_context)
    context.waiter = function()
      socket.sleep(0.7)
      context.waiter = nil
    end
    conn:settimeout(1)
    local start = socket.gettime()
    raises(ssl.TimeoutError, conn.recv, conn)
    local time = socket.gettime() - start
    assert.is_true(time >= 1 and time < 1.5, time)
  end)

  it("that closes the connection it waits for ends the call with EBADF", function()
    local net <close> = loopback.new()
    local context = contexts.new()
    local conn = net:tls(context, server_context)
    context.waiter = function(c) c:close() end
    assert.equal(9, raises(ssl.OSError, conn.recv, conn).errno)
    context.waiter = nil
  end)
end)
