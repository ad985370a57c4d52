-- What LuaSec's connections do where LuaSec itself does worse, or nothing.

local ssl = require "ssl"
local collector = require "support.collector"
local loopback = require "support.loopback"
local luasec = require "support.luasec"
local socket = require "socket"

-- Without the seconds at the end.
local function first(a, b, c) return { a, b, c } end

describe("A LuaSec connection", function()
  local net

  before_each(function() net = loopback.new() end)
  after_each(function() net:close() end)

  it("answers every method after close", function()
    local conn = luasec.pair(net)
    conn:close()
    for name, arguments in pairs({
      dohandshake = {}, getsniname = {}, getalpn = {}, sni = { "localhost" },
      setdane = { "localhost" }, settlsa = { 3, 1, 1, ("x"):rep(32) }, receive = { "*a" },
      send = { "x" }, info = {}, getpeercertificate = {}, getlocalcertificate = {},
      getpeerchain = {}, getlocalchain = {}, getpeerverification = {}, getfinished = {},
      getpeerfinished = {}, exportkeyingmaterial = { "label", 16 }, getsession = {},
      getpeername = {}, getsockname = {}, getoption = { "keepalive" },
      setoption = { "keepalive", true }, shutdown = {}, settimeout = { 1 }, gettimeout = {},
      dirty = {}, want = {}, getfd = {}, getstats = {}, setstats = {}, close = {},
    }) do
      local results = table.pack(pcall(conn[name], conn, table.unpack(arguments)))
      assert.is_true(results[1], name .. ": " .. tostring(results[2]))
    end
    assert.same({ false, "closed" }, { conn:dohandshake() })
    assert.same({ nil, "closed" }, { conn:getpeername() })
    for name in pairs(getmetatable(conn).__index) do
      assert.is_function(conn[name], name)
    end
  end)

  it("takes the end of the stream without close_notify for an end, with what came", function()
    for _, pattern in ipairs({ "*a", "*l", 100 }) do
      local conn, peer = luasec.pair(net)
      peer:send("the whole page")
      net:adopt(ssl.python(peer):detach()):close()  -- the descriptor alone: no close_notify
      assert.same({ nil, "closed", "the whole page" }, first(conn:receive(pattern)))
      assert.same({ nil, "closed", "" }, first(conn:receive()))
    end
  end)

  it("says \"closed\" of a handshake whose peer just goes", function()
    local one, other = net:pair()
    local conn = net:add(assert(ssl.wrap(one, luasec.client())))
    other:close()
    assert.same({ false, "closed" }, { conn:dohandshake() })
    assert.same({ false, "closed" }, { conn:dohandshake() })
  end)

  it("never becomes a connection when the handshake has failed", function()
    local conn, peer = luasec.wrapped(net, luasec.client({ host = "elsewhere.test" }))
    local ok, text = luasec.handshake(conn, peer)
    assert.same({ false, "certificate verify failed" }, { ok, text })
    for _ = 1, 3 do
      local again, reason, detail = conn:dohandshake()
      assert.is_false(again)
      assert.equal("certificate verify failed", reason)
      assert.matches("mismatch", detail:lower())
    end
    assert.same({ nil, "closed" }, { conn:info() })
    assert.is_nil(conn:send("x"))
    local verified, why = conn:getpeerverification()
    assert.is_false(verified)
    assert.matches("mismatch", why:lower())
  end)

  it("raises what a callback raises, and is no connection after that", function()
    local thrown = { "by a callback" }
    local function throw() error(thrown) end
    local function expect(client, server, prepare)
      local conn, peer = luasec.wrapped(net, luasec.client(client), luasec.server(server))
      if prepare then prepare(conn, peer) end
      local ok, err = pcall(luasec.handshake, conn, peer)
      assert.is_false(ok)
      assert.equal(thrown, err)
      assert.is_false((peer:dohandshake()))
      assert.is_nil(conn:send("x"))
      assert.is_nil(peer:send("x"))
    end
    expect({ alpn = "h2" }, { alpn = throw })
    local psk = { protocol = "tlsv1_2", ciphers = "PSK+AES128", host = false }
    if ssl.HAS_PSK then
      local conn, peer = luasec.wrapped(net,
        { mode = "client", protocol = psk.protocol, ciphers = psk.ciphers, verify = "none",
          psk = function() return "me", "secret" end },
        luasec.server({ protocol = psk.protocol, ciphers = psk.ciphers, psk = throw }))
      local ok, err = pcall(luasec.handshake, conn, peer)
      assert.same({ false, thrown }, { ok, err })
    end
    expect({}, {}, function(_, peer)
      ssl.python(peer).context.sni_callback = throw
    end)
  end)

  it("closes without waiting for anybody", function()
    local conn, peer = luasec.pair(net)
    conn:settimeout(0)
    repeat until not conn:send(("x"):rep(1000000))  -- nobody reads: the system's buffers are full
    local before = socket.gettime()
    conn:close()
    assert.is_true(socket.gettime() - before < 0.5)
    peer:settimeout(5)
    repeat local data = peer:receive(65536) until not data
  end)

  it("tells the peer of its end", function()
    local conn, peer = luasec.pair(net)
    conn:close()
    assert.equal("closed", select(2, peer:receive()))
    assert.is_nil(ssl.python(peer):recv(10))  -- an end in good order
  end)

  it("leaves the descriptor of a socket that cannot be wrapped alone", function()
    local tcp = net:pair()
    local fd = tcp:getfd()
    local conn, text = ssl.wrap(tcp, luasec.client({ cafile = "/no/such/file" }))
    assert.is_nil(conn)
    assert.matches("/no/such/file: ", text, 1, true)
    assert.equal(fd, tcp:getfd())
    tcp:close()
    assert.same({ nil, "closed" }, { ssl.wrap(tcp, luasec.client()) })
  end)

  it("is not made where its context cannot have it", function()
    local ctx = assert(ssl.newcontext({ mode = "client", protocol = "any", verify = "peer" }))
    ssl.python(ctx).dane = { { 3, 0, 1, ("x"):rep(32) } }
    local tcp = net:pair()
    local conn, text = ssl.wrap(tcp, ctx)
    assert.is_nil(conn)
    assert.matches("requires server_hostname", text, 1, true)
    assert.is_true(tcp:getfd() >= 0)
  end)

  it("is as LuaSocket's objects where LuaSec's is not", function()
    local conn, peer = luasec.pair(net)
    local host, port, family = conn:getpeername()
    assert.same({ "127.0.0.1", "inet" }, { host, family })
    assert.equal(port, tonumber((select(2, peer:getsockname()))))
    assert.equal(1, (conn:setoption("keepalive", true)))
    assert.is_true(conn:getoption("keepalive"))
    conn:settimeout(3)
    conn:settimeout(4, "t")
    assert.same({ 3, 4 }, { conn:gettimeout() })
    assert.equal(1, conn:shutdown("send"))
    assert.equal("closed", select(2, peer:receive()))
    peer:send("still heard\n")
    assert.equal("still heard", conn:receive())
    assert.has_error(function() conn:shutdown("sometimes") end)
  end)

  it("waits no longer than the shorter of its timeouts", function()
    local conn = luasec.pair(net)
    for _, times in ipairs({ { 0.1, 30 }, { 30, 0.1 }, { -1, 0.1 }, { 0.1, -1 } }) do
      conn:settimeout(times[1], "b")
      conn:settimeout(times[2], "t")
      local before = socket.gettime()
      assert.same({ nil, "wantread", "" }, first(conn:receive()))
      local spent = socket.gettime() - before
      assert.is_true(spent >= 0.09 and spent < 5, spent)
    end
  end)

  it("does not let a peer that drips bytes keep a call longer than its timeout", function()
    local conn, peer = luasec.pair(net)
    conn:settimeout(0.3)
    local before = socket.gettime()
    local dripping = coroutine.wrap(function()
      while true do
        peer:send("x")
        coroutine.yield()
      end
    end)
    ssl.python(conn).context.waiter = function(_, _, left)
      dripping()
      socket.select({ conn }, nil, math.min(left, 0.05))
    end
    local _, text, got = conn:receive("*l")
    assert.equal("wantread", text)
    assert.is_true(#got > 0)
    assert.is_true(socket.gettime() - before < 5)
  end)

  it("waits by the context's waiter, which may yield", function()
    local conn, peer = luasec.pair(net)
    ssl.python(conn).context.waiter = function() coroutine.yield("waits") end
    local reader = coroutine.create(function() return conn:receive("*l") end)
    assert.same({ true, "waits" }, { coroutine.resume(reader) })
    peer:send("half of ")
    assert.same({ true, "waits" }, { coroutine.resume(reader) })
    assert.has_error(function() conn:receive() end)  -- one at a time
    peer:send("a line\n")
    assert.same({ true, "half of a line" }, first(coroutine.resume(reader)))
  end)

  it("forgets what a call that never came to its end had gathered", function()
    local conn, peer = luasec.pair(net)
    ssl.python(conn).context.waiter = function() coroutine.yield() end
    local reader = coroutine.create(function() return conn:receive(10) end)
    coroutine.resume(reader)
    peer:send("lost")
    coroutine.resume(reader)
    coroutine.close(reader)
    ssl.python(conn).context.waiter = nil
    peer:send("found\n")
    assert.equal("found", conn:receive())
  end)

  it("has Python's view, and the other way round", function()
    local conn, peer = luasec.pair(net)
    local view = ssl.python(conn)
    assert.is_true(ssl.isinstance(view, ssl.SSLSocket))
    assert.equal(view, ssl.python(conn))
    view:sendall("one\ntwo\n")
    assert.equal("one", peer:receive())
    assert.equal("two\n", ssl.python(peer):recv(10))
    assert.equal("localhost", view.server_hostname)
    assert.equal(view.context, ssl.python(view.context))
    local again = ssl.luasec(view)
    again:send("three\n")
    assert.equal("three", peer:receive())
    view:close()
    assert.equal("closed", select(2, conn:receive()))
    assert.matches("%(closed%)$", tostring(again))
    for _, wrong in ipairs({ 5, "text", {}, io.stdout }) do
      assert.has_error(function() ssl.python(wrong) end)
      assert.has_error(function() ssl.luasec(wrong) end)
    end
  end)

  it("is closed by the collector, without a word to anybody", function()
    local conn, peer = luasec.pair(loopback.new())
    local fd = conn:getfd()
    conn = nil  -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.is_false(loopback.isopen(fd))
    assert.equal("closed", select(2, peer:receive()))
    peer:close()
  end)

  it("is no other module's userdata, nor takes another for its own", function()
    local conn = luasec.pair(net)
    for name in pairs(debug.getregistry()) do
      assert(type(name) ~= "string" or not name:find("^SSL[:_*]"), name)
    end
    for _, wrong in ipairs({ io.stdout, ssl.newcontext(luasec.client()), ssl.python(conn) }) do
      assert.has_error(function() conn.receive(wrong) end)
      assert.has_error(function() conn.close(wrong) end)
    end
    assert.has_error(function() conn.receive(nil) end)
  end)
end)

describe("A LuaSec connection that a finalizer closes", function()
  local net

  before_each(function() net = loopback.new() end)
  after_each(function() net:close() end)

  local arguments = { setdane = { "localhost" }, settlsa = { 3, 1, 1, 1234567 },
    receive = { 5 }, send = { "x" }, getoption = { "keepalive" }, sni = { "localhost" },
    setoption = { "keepalive", true }, exportkeyingmaterial = { "label", 16 } }

  it("gives a result or an error in the middle of any method", function()
    local names = {}
    for name in pairs(getmetatable((luasec.wrapped(net))).__index) do names[#names + 1] = name end
    for _, name in ipairs(names) do
      for _, make in ipairs({ luasec.wrapped, luasec.pair }) do
        local conn = make(net)
        conn:settimeout(0)
        collector.during(function() conn:close() end, conn[name], conn,
          table.unpack(arguments[name] or {}))
        assert.equal(-1, conn:getfd(), name)
      end
    end
  end)

  it("gives programs no finalizer to call", function()
    local conn = luasec.wrapped(net)
    assert.is_nil(getmetatable(conn).__gc)
    assert.is_function(getmetatable(conn).__close)
    assert.equal(conn.receive, getmetatable(conn).__index.receive)
  end)

  it("lets the call go on that waits in a coroutine", function()
    local conn, peer = luasec.pair(net)
    ssl.python(conn).context.waiter = function() coroutine.yield() end
    peer:send(("x"):rep(20000))
    local receive = coroutine.wrap(function() return conn:receive(60000) end)
    receive()
    debug.getmetatable(conn).__gc(conn)
    peer:send(("y"):rep(60000))
    local data
    repeat data = receive() until data
    assert.matches("^x*y+$", data)
  end)
end)

describe("The name of a LuaSec connection", function()
  it("is not taken for checked where it is refused", function()
    local net <close> = loopback.new()
    local settings = luasec.client({ verify = "peer" })
    settings.host = nil
    local conn, peer = luasec.wrapped(net, settings)
    ssl.python(conn).context.check_hostname = true
    assert.has_error(function() conn:sni("elsewhere.test\0x") end)
    assert.is_false((luasec.handshake(conn, peer)))
    conn:sni("localhost")
    assert.is_true((luasec.handshake(conn, peer)))
  end)
end)

describe("What LuaSec's connections send", function()
  it("goes on after a wait where it was, byte by byte", function()
    local net <close> = loopback.new()
    local conn, peer = luasec.pair(net)
    local data = {}
    for i = 1, 1000000 do data[i] = ("%07d\n"):format(i) end
    data = table.concat(data)
    conn:settimeout(0)
    peer:settimeout(0)
    local sent, got, waits = 0, {}, 0
    local size = 0
    while size < #data do
      if sent < #data then
        local last, text, partial = conn:send(data, sent + 1)
        if not last then
          assert.equal("wantwrite", text)
          assert.equal("write", conn:want())
          waits = waits + 1
        end
        sent = last or partial
      end
      local part, _, rest = peer:receive(100000)
      got[#got + 1] = part or rest
      size = size + #got[#got]
    end
    assert.is_true(waits > 0)
    assert.equal(data, table.concat(got))
    assert.equal(0, (conn:getstats()))
    assert.equal(#data, select(2, conn:getstats()))
    assert.equal(#data, (peer:getstats()))
  end)
end)
