local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local loopback = require "support.loopback"
local system = require "support.system"
local scheduler = require "ssl.waiter".scheduler

local kept, raised, raises = errors.kept, errors.raised, errors.raises

local SECRET = "a secret of more than 32 bytes, for specs"

-- A store in a table; `log` has what was called.
local function memory(sessions, ring)
  local log = {}
  return {
    ring = ring, log = log,
    get = function(id)
      log[#log + 1] = "get"
      return sessions[id]
    end,
    put = function(id, bytes, seconds)
      log[#log + 1] = "put"
      assert(math.type(seconds) == "integer" and seconds > 0)
      sessions[id] = bytes
    end,
    remove = function(id)
      log[#log + 1] = "remove"
      sessions[id] = nil
    end,
  }
end

-- A server with the store, as another process would have it; without tickets.
local function server_with(version, store)
  local client_ctx, server_ctx = contexts.new(version)
  server_ctx.options = server_ctx.options | ssl.OP_NO_TICKET
  server_ctx.session_store = store
  return server_ctx, client_ctx
end

-- What the counters of stores have gained by f(): {hits, misses, failures, rejections}.
local function counted(f)
  local before = ssl.counters()
  f()
  local after, gains = ssl.counters(), {}
  for i, name in ipairs({ "hits", "misses", "failures", "rejections" }) do
    gains[i] = after["store_" .. name] - before["store_" .. name]
  end
  return gains
end

local function anyof(sessions)
  local id, bytes = next(sessions)
  return bytes, id
end

for name, version in pairs(contexts.versions) do
  describe("A session store, with " .. name .. ",", function()
    local sessions, first, second, client_ctx, session

    -- A session of the first server's, which the store has.
    before_each(function()
      sessions = {}
      first, client_ctx = server_with(version, memory(sessions))
      second = server_with(version, memory(sessions))
      session = joined.connect(client_ctx, first).session
    end)

    after_each(function()
      sessions, first, second, client_ctx, session = nil, nil, nil, nil, nil
    end)

    local function reused(server_ctx, offered)
      return joined.connect(client_ctx, server_ctx or second, offered or session).session_reused
    end

    it("lets another server resume a session", function()
      assert.same({ 1, 0, 0, 0 }, counted(function() assert.is_true(reused()) end))
      second.session_store = nil
      assert.is_false(reused())
    end)

    it("is asked for nothing by a client that has no session", function()
      local store = memory(sessions)
      second.session_store = store
      assert.same({ 0, 0, 0, 0 }, counted(function() joined.connect(client_ctx, second) end))
      assert.same("put", table.concat(store.log, " "):match("^put"))
    end)

    it("that has lost the session makes the handshake full", function()
      for id in pairs(sessions) do sessions[id] = nil end
      assert.same({ 0, 1, 0, 0 }, counted(function() assert.is_false(reused()) end))
    end)

    it("that raises makes the handshake full", function()
      local function fail() error("down") end
      second.session_store = { get = fail, put = fail, remove = fail }
      local gains = counted(function() assert.is_false(reused()) end)
      assert.same({ 0, 0, 0 }, { gains[1], gains[2], gains[4] })
      assert.is_true(gains[3] >= 2)
    end)

    it("that gives rubbish makes the handshake full", function()
      local whole = anyof(sessions)
      for _, rubbish in ipairs({ "rubbish", ("x"):rep(5000), ssl.RAND_bytes(200), whole .. "x",
          whole:sub(1, -2), 42, {}, function() end, ("x"):rep(2 << 20) }) do
        for id in pairs(sessions) do sessions[id] = rubbish end
        assert.same({ 0, 0, 0, 1 }, counted(function() assert.is_false(reused()) end))
      end
    end)

    it("that gives another session makes the handshake full", function()
      local others = {}
      local other = server_with(version, memory(others))
      joined.connect(client_ctx, other)
      for id in pairs(sessions) do sessions[id] = anyof(others) end
      assert.same({ 0, 0, 0, 1 }, counted(function() assert.is_false(reused()) end))
    end)

    it("may give a bytearray", function()
      for id, bytes in pairs(sessions) do sessions[id] = ssl.bytearray(bytes) end
      assert.is_true(reused())
    end)

    it("that yields has no say in the handshake but that it goes on", function()
      second.session_store = {
        get = function(id)
          coroutine.yield("waiting")
          return sessions[id]
        end, put = function() coroutine.yield() end, remove = function() end,
      }
      local client, server = joined.objects(client_ctx, second, session)
      raises(ssl.SSLWantReadError, client.do_handshake, client)
      local co = coroutine.create(function() pcall(server.do_handshake, server) end)
      assert.same({ true, "waiting" }, { coroutine.resume(co) })
      assert(coroutine.resume(co))
      assert.same({ false, false }, { joined.handshake(client, server) })
      assert.is_true(client.session_reused)
    end)

    it("is asked after the program's own callback, which may refuse", function()
      local order = {}
      local store = memory(sessions)
      second.session_store = {
        get = function(id, ...)
          order[#order + 1] = "store"
          return store.get(id, ...)
        end, put = store.put, remove = store.remove,
      }
      second.client_hello_callback = function(conn, hello)
        order[#order + 1] = hello.name
        assert.is_true(conn.server_side)
      end
      assert.is_true(reused())
      assert.same({ "localhost", "store" }, order)
      second.client_hello_callback = function() return ssl.ALERT_DESCRIPTION_ACCESS_DENIED end
      local at_client = joined.handshake(joined.objects(client_ctx, second, session))
      assert.equal("TLSV1_ALERT_ACCESS_DENIED", at_client.reason)
      assert.equal(2, #order)
      second.client_hello_callback = nil
      session = joined.connect(client_ctx, first).session  -- the alert was the other's end
      assert.is_true(reused())
      assert.equal(3, #order)
    end)

    it("leaves the program's callback to raise and to answer nonsense", function()
      for _, answer in ipairs({ function() error("mine", 0) end, function() return "yes" end }) do
        second.client_hello_callback = answer
        local _, at_server = joined.handshake(joined.objects(client_ctx, second, session))
        assert.matches("mine", tostring(at_server.cause) .. "mine", 1, true)
        assert.is_true(ssl.isinstance(at_server, ssl.SSLError))
      end
    end)

    it("resumes for no other name and no other verification", function()
      local function names(server_ctx)
        local down, up = ssl.MemoryBIO(), ssl.MemoryBIO()
        local client = client_ctx:wrap_bio(down, up, { server_hostname = "127.0.0.1",
          session = session })
        local server = server_ctx:wrap_bio(up, down, true)
        assert.same({ false, false }, { joined.handshake(client, server) })
        return client.session_reused
      end
      assert.is_false(names(second))  -- an address is no name: another name than localhost
      local _, authority = contexts.identity()
      authority:configure_trust(second)
      second.verify_mode = ssl.CERT_OPTIONAL
      assert.is_false(reused())
    end)

    it("keeps working for a connection whose context changes", function()
      local other = server_with(version, memory({}))
      second.client_hello_callback = function(conn) conn.context = other end
      assert.is_true(reused())
      local before = next(sessions)
      joined.connect(client_ctx, second)
      assert.is_not_nil(before)
      local count = 0
      for _ in pairs(sessions) do count = count + 1 end
      assert.is_true(count >= 2)
    end)

    it("forgets a session whose connection fails", function()
      local store = memory(sessions)
      second.session_store = store
      local client, server, _, incoming = joined.objects(client_ctx, second)
      assert.same({ false, false }, { joined.handshake(client, server) })
      assert.is_nil(table.concat(store.log, " "):find("remove"))
      incoming:write("\x17\x03\x03\0\x20" .. ("x"):rep(32))  -- which no key has made
      raises(ssl.SSLError, server.read, server, 10)
      assert.matches("remove$", table.concat(store.log, " "))
    end)

    it("keeps a session whose connection ends, with or without a word", function()
      local store = memory(sessions)
      second.session_store = store
      local _, server, _, incoming = joined.objects(client_ctx, second)
      raises(ssl.SSLWantReadError, server.do_handshake, server)
      incoming:write_eof()
      raises(ssl.SSLError, server.do_handshake, server)
      local client2, server2, _, incoming2 = joined.objects(client_ctx, second)
      assert.same({ false, false }, { joined.handshake(client2, server2) })
      incoming2:write_eof()
      raises(ssl.SSLEOFError, server2.read, server2, 10)
      assert.is_nil(table.concat(store.log, " "):find("remove"))
    end)

    describe("with a ring", function()
      local ring

      before_each(function()
        ring = ssl.ticket_ring({ secret = SECRET })
        for id in pairs(sessions) do sessions[id] = nil end
        first.session_store = memory(sessions, ring)
        second.session_store = memory(sessions, ssl.ticket_ring({ secret = SECRET }))
        session = joined.connect(client_ctx, first).session
      end)

      after_each(function() ring = nil end)

      it("shows the store nothing of the session", function()
        assert.is_true(reused())
        local bytes = anyof(sessions)
        raises(ssl.SSLError, ssl.SSLSession.from_bytes, bytes)
        second.session_store = memory(sessions)
        assert.is_false(reused())
      end)

      it("takes no byte that the store has changed, and no other session", function()
        local id = session.id
        local bytes = sessions[id]
        if not bytes then bytes, id = anyof(sessions) end
        for _, at in ipairs({ 1, 16, 17, 28, 29, #bytes - 16, #bytes }) do
          for each in pairs(sessions) do
            sessions[each] = bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 1)
              .. bytes:sub(at + 1)
          end
          assert.same({ 0, 0, 0, 1 }, counted(function() assert.is_false(reused()) end))
        end
        local others = {}
        joined.connect(client_ctx, (server_with(version, memory(others, ring))))
        for each in pairs(sessions) do sessions[each] = anyof(others) end
        assert.same({ 0, 0, 0, 1 }, counted(function() assert.is_false(reused()) end))
        for _, short in ipairs({ "", bytes:sub(1, 44), bytes:sub(1, 10) }) do
          for each in pairs(sessions) do sessions[each] = short end
          assert.is_false(reused())
        end
        assert.is_string(id)
      end)

      it("takes nothing that another secret has sealed, but what was rotated", function()
        local other = ssl.ticket_ring({ secret = SECRET .. "!" })
        second.session_store = memory(sessions, other)
        assert.is_false(reused())
        ring:rotate(SECRET .. "!")
        first.session_store = memory(sessions, ring)
        session = joined.connect(client_ctx, first).session
        assert.is_true(reused())
      end)
    end)
  end)
end

describe("A session store", function()
  local version = ssl.TLSVersion.TLSv1_2

  it("is not used for tickets", function()
    for _, each in ipairs({ version, ssl.TLSVersion.TLSv1_3 }) do
      local client_ctx, server_ctx = contexts.new(each)
      local store = memory({})
      server_ctx.session_store = store
      local session = joined.connect(client_ctx, server_ctx).session
      assert.is_true(joined.connect(client_ctx, server_ctx, session).session_reused)
      assert.same({}, store.log)
    end
  end)

  it("is used for a client of TLS 1.2 that takes no tickets", function()
    local client_ctx, server_ctx = contexts.new(version)
    client_ctx.options = client_ctx.options | ssl.OP_NO_TICKET
    local store = memory({})
    server_ctx.session_store = store
    local session = joined.connect(client_ctx, server_ctx).session
    assert.is_true(joined.connect(client_ctx, server_ctx, session).session_reused)
    assert.same({ "put", "get" }, store.log)
  end)

  it("is asked once, although a HelloRetryRequest makes two ClientHellos", function()
    local sessions = {}
    local server_ctx, client_ctx = server_with(ssl.TLSVersion.TLSv1_3, memory(sessions))
    client_ctx:set_groups("X25519:P-256")
    server_ctx:set_groups("P-256")
    local store = memory(sessions)
    server_ctx.session_store = store
    local session = joined.connect(client_ctx, server_ctx).session
    assert.is_true(joined.connect(client_ctx, server_ctx, session).session_reused)
    local _, gets = table.concat(store.log, " "):gsub("get", "")
    assert.equal(1, gets)
  end)

  it("serves a handshake that a file of makefile makes, by a full one", function()
    if system.windows then return pending("files are Lua's own there, and can wait") end
    local net <close> = loopback.new()
    local sessions = {}
    local server_ctx, client_ctx = server_with(version, memory(sessions))
    local session = joined.connect(client_ctx, server_ctx).session
    local store = memory(sessions)
    server_ctx.session_store = store
    local one, other = net:pair()
    local client = net:add(client_ctx:wrap_socket(one, { server_hostname = "localhost",
      session = session, do_handshake_on_connect = false, timeout = 0 }))
    local server = net:add(server_ctx:wrap_socket(other, { server_side = true,
      do_handshake_on_connect = false, timeout = 0 }))
    local file = server:makefile("r")
    for _ = 1, 1000 do
      pcall(client.do_handshake, client)
      pcall(file.read, file, 0)
      pcall(file.read, file, 1)
    end
    client:settimeout(5)
    client:do_handshake()
    assert.is_false(client.session_reused)
    assert.same({}, store.log)
  end)

  it("waits by the context's waiter, and holds up nobody", function()
    local net <close> = loopback.new()
    local sessions, order = {}, {}
    local server_ctx, client_ctx = server_with(version, memory(sessions))
    local session = joined.connect(client_ctx, server_ctx).session
    local store = memory(sessions)
    server_ctx.waiter = scheduler.wait
    client_ctx.waiter = scheduler.wait
    server_ctx.session_store = {
      get = function(id, wait)
        assert(wait == scheduler.wait)
        order[#order + 1] = "asked"
        while not order.other do scheduler.sleep(0) end
        order[#order + 1] = "answered"
        return store.get(id)
      end, put = store.put, remove = store.remove,
    }
    local function connect(offered, after)
      local one, other = net:pair()
      scheduler.spawn(function()
        local client = net:add(client_ctx:wrap_socket(one, { server_hostname = "localhost",
          session = offered }))
        after(client)
      end)
      scheduler.spawn(function()
        net:add(server_ctx:wrap_socket(other, { server_side = true }))
      end)
    end
    local reused
    connect(session, function(client) reused = client.session_reused end)
    connect(nil, function() order.other = true end)
    scheduler.run()
    assert.is_true(reused)
    assert.same({ "asked", "answered", other = true }, order)
  end)

  it("that closes the connection does no harm", function()
    local server_ctx, client_ctx, server
    local sessions = {}
    server_ctx, client_ctx = server_with(version, memory(sessions))
    local session = joined.connect(client_ctx, server_ctx).session
    local net <close> = loopback.new()
    server_ctx.session_store = {
      get = function() server:close() end, put = print, remove = print,
    }
    local one, other = net:pair()
    local client = net:add(client_ctx:wrap_socket(one, { server_hostname = "localhost",
      session = session, do_handshake_on_connect = false, timeout = 0 }))
    server = net:add(server_ctx:wrap_socket(other, { server_side = true,
      do_handshake_on_connect = false, timeout = 5 }))
    pcall(client.do_handshake, client)
    raises(ssl.OSError, server.do_handshake, server)
  end)

  it("belongs to connections that were made while it was there", function()
    local sessions = {}
    local server_ctx, client_ctx = server_with(version, memory(sessions))
    local client, server = joined.objects(client_ctx, server_ctx)
    server_ctx.session_store = nil
    assert.same({ false, false }, { joined.handshake(client, server) })
    assert.is_nil(next(sessions))
    client, server = joined.objects(client_ctx, server_ctx)
    server_ctx.session_store = memory(sessions)
    assert.same({ false, false }, { joined.handshake(client, server) })
    assert.is_nil(next(sessions))
  end)

  it("is what was set, and a table with three functions", function()
    local client_ctx, server_ctx = contexts.new()
    assert.is_nil(server_ctx.session_store)
    local store = memory({})
    server_ctx.session_store = store
    assert.equal(store, server_ctx.session_store)
    for _, bad in ipairs({ 1, "x", {}, { get = print, put = print },
        { get = print, put = print, remove = 1 },
        { get = print, put = print, remove = print, ring = {} } }) do
      assert.equal("string", type(kept(server_ctx, "session_store", bad)))
    end
    raises(ssl.ValueError, function() client_ctx.session_store = store end)
    local mine = { "mine" }
    local odd = setmetatable({}, { __index = function() error(mine) end })
    assert.equal(mine, raised(function() server_ctx.session_store = odd end))
    server_ctx.session_store = nil
    assert.is_nil(server_ctx.session_store)
  end)
end)
