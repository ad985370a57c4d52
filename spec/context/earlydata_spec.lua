local ssl = require "ssl"
local contexts = require "support.contexts"
local early = require "support.early"
local errors = require "support.errors"
local joined = require "support.joined"

local kept, raises, raised, set = errors.kept, errors.raises, errors.raised, errors.set

-- What the server's side reads, and the error of the call, if there is one.
local function sent_early(client_ctx, server_ctx)
  local session = joined.connect(client_ctx, server_ctx).session
  local client, server = joined.objects(client_ctx, server_ctx, session)
  client:write_early_data("early")
  local ok, data = pcall(server.read_early_data, server)
  return ok and data or nil, not ok and data or nil, server
end

describe("SSLContext.max_early_data", function()
  it("is 0 until it is set, on every context", function()
    for _, protocol in ipairs({ ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER }) do
      assert.equal(0, ssl.SSLContext(protocol).max_early_data)
    end
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    assert.equal(0, joined.connect(client_ctx, server_ctx).session.max_early_data)
  end)

  it("is a number of bytes that fits", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for _, size in ipairs({ 1, 16384, 2^32 - 1 | 0, 0 }) do
      ctx.max_early_data = size
      assert.equal(size, ctx.max_early_data)
    end
    for _, size in ipairs({ -1, 2^32 | 0, math.mininteger, math.maxinteger }) do
      assert.is_true(ssl.isinstance(kept(ctx, "max_early_data", size), ssl.ValueError))
    end
    for _, value in ipairs({ "1", 1.5, {}, true }) do
      assert.matches("bad value for 'max_early_data'", kept(ctx, "max_early_data", value))
    end
  end)

  it("is a server's", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for name, value in pairs({ max_early_data = 1, early_data_callback = print }) do
      local err = raised(set, ctx, name, value)
      assert.matches(name .. " cannot be set on TLS_CLIENT context", err.message)
    end
  end)

  it("is told to clients by their sessions, which bytes keep", function()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    server_ctx.max_early_data = 1234
    local session = joined.connect(client_ctx, server_ctx).session
    assert.equal(1234, session.max_early_data)
    assert.equal(1234, ssl.SSLSession.from_bytes(session:to_bytes()).max_early_data)
  end)

  it("holds for a client that sends more than it may", function()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    server_ctx.max_early_data = 100
    local session = joined.connect(client_ctx, server_ctx).session
    -- what the client believes is in the bytes of its session: 100 as 200
    local bytes = session:to_bytes():gsub("\x02\x01\x64", "\x02\x01\x7f")
    local client, server = joined.objects(client_ctx, server_ctx,
      ssl.SSLSession.from_bytes(bytes))
    assert.equal(127, client.session.max_early_data)
    client:write_early_data(("x"):rep(100))
    assert.equal(100, #server:read_early_data())
    client:write_early_data("x")
    raises(ssl.SSLError, server.read_early_data, server)
  end)
end)

describe("SSLContext.early_data_callback", function()
  local client_ctx, server_ctx

  before_each(function()
    client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    server_ctx.max_early_data = 1000
  end)
  after_each(function() client_ctx, server_ctx = nil, nil end)

  it("decides, where OpenSSL would take the data", function()
    local asked = 0
    for _, answer in ipairs({ true, false }) do
      server_ctx.early_data_callback = function(conn, random)
        assert.is_true(conn.server_side)
        assert.equal(32, #random)
        asked = asked + 1
        return answer
      end
      local data, err, server = sent_early(client_ctx, server_ctx)
      assert.is_nil(err)
      assert.equal(answer and "early" or nil, data)
      assert.equal(answer and "accepted" or "rejected", server.early_data_status)
    end
    assert.equal(2, asked)
    joined.connect(client_ctx, server_ctx)
    assert.equal(2, asked)
  end)

  it("refuses by an error, which read_early_data raises, and goes on", function()
    local mine = {}
    for i, callback in ipairs({ function() error(mine) end, function() end,
        function() return 1 end, coroutine.yield }) do
      server_ctx.early_data_callback = callback
      local data, err, server
      coroutine.wrap(function() data, err, server = sent_early(client_ctx, server_ctx) end)()
      assert.is_nil(data)
      if i == 1 then
        assert.equal(mine, err)
      else
        assert.matches(i == 4 and "'early_data_callback' may not yield: client_hello_callback"
          or "bad return value from 'early_data_callback' (a boolean is required)", err, 1, true)
      end
      assert.equal("rejected", server.early_data_status)
      assert.is_nil(server:read_early_data())
    end
  end)

  it("is the new context's after a change", function()
    local _, other = contexts.new(ssl.TLSVersion.TLSv1_3)
    local session = joined.connect(client_ctx, server_ctx).session
    other.early_data_callback = function() return false end
    server_ctx.early_data_callback = function() error("the old one") end
    server_ctx.sni_callback = nil
    local client, server = joined.objects(client_ctx, server_ctx, session)
    server.context = other
    client:write_early_data("early")
    assert.is_nil(server:read_early_data())
  end)

  it("goes by nil, and is a function", function()
    server_ctx.early_data_callback = print
    assert.equal(print, server_ctx.early_data_callback)
    server_ctx.early_data_callback = nil
    assert.is_nil(server_ctx.early_data_callback)
    assert.equal("early", (sent_early(client_ctx, server_ctx)))
    assert.matches("not a callable object", raised(set, server_ctx, "early_data_callback", 1))
  end)

  it("is demanded where nothing else tells a replay", function()
    local function wrap() return server_ctx:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), true) end
    server_ctx.options = server_ctx.options | ssl.OP_NO_ANTI_REPLAY
    assert.matches("needs an early_data_callback", raises(ssl.ValueError, wrap).message)
    server_ctx.early_data_callback = function() return false end
    wrap()
    server_ctx.options = server_ctx.options & ~ssl.OP_NO_ANTI_REPLAY
    server_ctx:set_ticket_keys({ ssl.RAND_bytes(80) })
    assert.matches("set_ticket_keys and session_store have no effect",
      raises(ssl.ValueError, wrap).message)
    server_ctx.options = server_ctx.options | ssl.OP_NO_ANTI_REPLAY
    wrap()
    server_ctx.early_data_callback = nil
    raises(ssl.ValueError, wrap)
    server_ctx.max_early_data = 0
    wrap()
    server_ctx.options = server_ctx.options & ~ssl.OP_NO_ANTI_REPLAY
    server_ctx.max_early_data = 1
    server_ctx:set_ticket_keys({})
    wrap()
    local function nothing() end
    server_ctx.session_store = { get = nothing, put = nothing, remove = nothing }
    assert.matches("session_store have no effect", raises(ssl.ValueError, wrap).message)
    server_ctx.session_store = nil
    wrap()
  end)
end)

describe("Early data that are replayed", function()
  -- The server's side of a first flight, which the client has recorded.
  local function replay(server_ctx, flight)
    local received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    local server = server_ctx:wrap_bio(received, sent, true)
    received:write(flight)
    return early.read(server), server.early_data_status
  end

  local function flight_of(client_ctx, session)
    local down, up = ssl.MemoryBIO(), ssl.MemoryBIO()
    local client = client_ctx:wrap_bio(down, up, { server_hostname = "localhost",
      session = session })
    client:write_early_data("pay")
    return up:read()
  end

  it("are taken once by one process, whatever it is told", function()
    local client_ctx, server_ctx = early.takers()
    local flight = flight_of(client_ctx, early.session_of(client_ctx, server_ctx))
    assert.same({ "pay", "accepted" }, { replay(server_ctx, flight) })
    server_ctx.early_data_callback = function() return true end
    for _ = 1, 3 do
      local data, status = replay(server_ctx, flight)
      assert.equal("", data)
      assert.is_not.equal("accepted", status)
    end
  end)

  it("are taken once by processes that share keys and a list", function()
    local client_ctx, one = early.takers()
    local _, two = early.takers()
    local key, seen, asked = ssl.RAND_bytes(80), {}, {}
    for _, ctx in ipairs({ one, two }) do
      ctx:set_ticket_keys({ key })
      ctx.options = ctx.options | ssl.OP_NO_ANTI_REPLAY
      ctx.early_data_callback = function(conn, random)
        assert.is_true(conn.server_side and #random == 32)
        asked[#asked + 1] = random
        local new = not seen[random]
        seen[random] = true
        return new
      end
    end
    local session = early.session_of(client_ctx, one)
    local flight = flight_of(client_ctx, session)
    assert.same({ "pay", "accepted" }, { replay(two, flight) })
    for _, ctx in ipairs({ one, two }) do
      assert.same({ "", "rejected" }, { replay(ctx, flight) })
    end
    assert.is_true(asked[1] == asked[2] and asked[2] == asked[3])
    local another = flight_of(client_ctx, session)
    assert.same({ "pay", "accepted" }, { replay(one, another) })
    assert.is_not.equal(asked[1], asked[4])
  end)

  it("are taken once by processes that share a store of sessions and a list", function()
    local client_ctx, one = early.takers()
    local _, two = early.takers()
    local sessions, seen = {}, {}
    for _, ctx in ipairs({ one, two }) do
      ctx.options = ctx.options | ssl.OP_NO_ANTI_REPLAY | ssl.OP_NO_TICKET
      ctx.session_store = {
        get = function(id) return sessions[id] end,
        put = function(id, bytes) sessions[id] = bytes end,
        remove = function(id) sessions[id] = nil end,
      }
      ctx.early_data_callback = function(_, random)
        local new = not seen[random]
        seen[random] = true
        return new
      end
    end
    local flight = flight_of(client_ctx, early.session_of(client_ctx, one))
    assert.same({ "pay", "accepted" }, { replay(two, flight) })
    for _, ctx in ipairs({ one, two }) do
      assert.is_not.equal("accepted", select(2, replay(ctx, flight)))
    end
  end)

  it("are refused in time by client_hello_callback, which may ask a database", function()
    local client_ctx, server_ctx = early.takers()
    local database, fresh = {}, setmetatable({}, { __mode = "k" })
    server_ctx.client_hello_callback = function(conn, hello)
      if not hello:extension(42) then return end
      coroutine.yield()
      fresh[conn] = not database[hello.random]
      database[hello.random] = true
    end
    server_ctx.early_data_callback = function(conn, random)
      assert.is_true(database[random])
      return fresh[conn] == true
    end
    server_ctx.options = server_ctx.options | ssl.OP_NO_ANTI_REPLAY
    local flight = flight_of(client_ctx, early.session_of(client_ctx, server_ctx))
    local results = {}
    for i = 1, 2 do
      local co = coroutine.create(replay)
      local ok, data
      repeat ok, data = coroutine.resume(co, server_ctx, flight)
      until coroutine.status(co) == "dead"
      assert(ok, data)
      results[i] = data
    end
    assert.same({ "pay", "" }, results)
  end)
end)
