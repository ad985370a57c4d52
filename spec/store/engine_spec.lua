-- The stores over a network: Redis and memcached by servers of the spec's, and by the real
-- ones where they are installed.

local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local fakestore = require "support.fakestore"
local joined = require "support.joined"
local loopback = require "support.loopback"
local process = require "support.process"
local stores = require "ssl.store"
local scheduler = require "ssl.waiter".scheduler

local raised, raises = errors.raised, errors.raises

local ID, OTHER = ("\0\1\255"):rep(10), "another id"

-- Calls get until it has what a put, which nobody waited for, brought.
local function arrives(store, id, wait)
  for _ = 1, 200 do
    local bytes = store.get(id, wait)
    if bytes then return bytes end
  end
end

local get_command = { redis = "GET", memcached = "get" }

for name, command in pairs(get_command) do
  describe("ssl.store." .. name, function()
    -- Runs f(store, fake, open), open(options) makes another store for the same server.
    local function with_fake(f, options, ctx)
      fakestore.run(function()
        local fake = fakestore.new(name, ctx)
        local function open(more)
          local all = { port = fake.port, unsealed = true, timeout = 5 }
          for key, value in pairs(more or {}) do all[key] = value end
          return stores[name](all)
        end
        local store <close> = open(options)
        local ok, err = xpcall(f, debug.traceback, store, fake, open)
        fake:close()
        if not ok then error(err, 0) end
      end)
    end

    local wait = scheduler.wait

    -- From now on the server answers after this many seconds.
    local function slow_down(fake, seconds)
      fake.answer = function(_, answer)
        scheduler.sleep(seconds)
        return answer
      end
    end

    -- Calls until the store is left alone, as it is after it has missed its time.
    local function until_left_alone(store)
      repeat
        local _, problem = pcall(store.get, ID, wait)
      until problem ~= "timeout"
    end

    -- Calls until a call succeeds.
    local function until_back(store)
      repeat
        scheduler.sleep(0.02)
        local ok = pcall(store.get, ID, wait)
      until ok
    end

    it("keeps bytes, and forgets them", function()
      with_fake(function(store, fake)
        assert.is_nil(store.get(ID, wait))
        store.put(ID, "some\r\n\0bytes", 100)
        assert.equal("some\r\n\0bytes", store.get(ID, wait))
        assert.is_nil(store.get(OTHER, wait))
        store.remove(ID)
        assert.is_nil(store.get(ID, wait))
        assert.equal(0, store.failures())
        assert.equal(1, fake.connections)
        store.put(ID, "x", 0)
        store.put(ID, ("x"):rep(100000), 1 << 40)
        assert.equal(100000, #store.get(ID, wait))
      end)
    end)

    it("has keys with its prefix, so that services do not mix", function()
      with_fake(function(store, fake, open)
        local mine <close> = open({ prefix = "mine:" })
        mine.put("\1\xab", "mine", 100)
        assert.equal("mine", mine.get("\1\xab", wait))
        assert.is_nil(store.get("\1\xab", wait))
        assert.equal("mine", fake.values["mine:01ab"])
      end)
    end)

    it("lets many wait at once, up to its number of connections", function()
      with_fake(function(_, fake, open)
        local store <close> = open({ connections = 3 })
        local results, over = {}, 0
        for i = 1, 4 do
          scheduler.spawn(function()
            results[i] = { pcall(store.get, ID, wait) }
            over = over + 1
          end)
        end
        while over < 4 do scheduler.sleep(0) end
        local good = 0
        for _, result in ipairs(results) do
          if result[1] then good = good + 1 else assert.matches("in use", result[2], 1, true) end
        end
        assert.same({ 3, 3, 1 }, { good, fake.connections, store.failures() })
        assert.is_nil(store.get(ID, wait))
        assert.equal(3, fake.connections)
      end)
    end)

    it("tries anew where the store has closed an idle connection", function()
      with_fake(function(store, fake)
        assert.is_nil(store.get(ID, wait))
        fake.answer = function() return nil end
        pcall(store.get, ID, wait)
        fake.answer = nil
        until_back(store)
        -- Hangs up after the answer.
        fake.answer = function(_, answer)
          fake.answer = function() return nil end
          return answer
        end
        assert.is_nil(store.get(ID, wait))
        local before = fake.connections
        fake.answer = function(_, answer)
          if fake.connections == before then return nil end
          return answer
        end
        assert.is_nil(store.get(ID, wait))
        assert.equal(before + 1, fake.connections)
      end)
    end)

    it("raises for a server that is not there, and leaves it alone for a while", function()
      local net <close> = loopback.new()
      local store <close> = stores[name]({ port = net:refusing(), unsealed = true })
      local first = raised(store.get, ID)
      assert.is_nil(first:find("left alone", 1, true))
      assert.matches("left alone", raised(store.get, ID), 1, true)
      assert.matches("left alone", raised(store.put, ID, "x", 1), 1, true)
      assert.equal(3, store.failures())
    end)

    it("waits no longer than its timeout, and asks again after a pause", function()
      with_fake(function(_, fake, open)
        local store <close> = open({ timeout = 0.05 })
        slow_down(fake, 0.5)
        local start = socket.gettime()
        assert.equal("timeout", raised(store.get, ID, wait))
        assert.is_true(socket.gettime() - start < 0.4)
        until_left_alone(store)
        assert.matches("left alone", raised(store.get, ID, wait), 1, true)
        fake.answer = nil
        local before = #fake.log
        until_back(store)
        assert.is_true(#fake.log > before)
      end)
    end)

    it("finds out soon that a store has frozen which used to be fast", function()
      with_fake(function(_, fake, open)
        local store <close> = open({ timeout = 2 })
        for _ = 1, 20 do assert.is_nil(store.get(ID, wait)) end
        slow_down(fake, 5)
        local start = socket.gettime()
        assert.equal("timeout", raised(store.get, ID, wait))
        local took = socket.gettime() - start
        assert.is_true(took >= 0.4 and took < 1.9, took)
        fake.answer = nil  -- one late answer proves nothing
        assert.is_nil(store.get(ID, wait))
      end)
    end)

    it("lets no call wait for a store that has failed, and uses it once it answers", function()
      with_fake(function(_, fake, open)
        local store <close> = open({ timeout = 0.05 })
        local frozen = true
        fake.answer = function(_, answer)
          while frozen do scheduler.sleep(0.01) end
          return answer
        end
        until_left_alone(store)
        local start = socket.gettime()
        repeat
          local before = socket.gettime()
          assert.matches("left alone", raised(store.get, ID, wait), 1, true)
          assert.is_true(socket.gettime() - before < 0.04)
          scheduler.sleep(0.02)
        until socket.gettime() > start + 0.4
        frozen = false
        until_back(store)
        assert.is_true(fake.connections <= 3)
      end)
    end)

    it("raises for rubbish, and believes none of it", function()
      for _, rubbish in ipairs({ "rubbish\r\n", "\r\n", "$5\r\nabcdefgh\r\n", "$x\r\n", "$-2\r\n",
          "$99999999\r\n", "-ERR no\r\n", "VALUE other 0 1\r\nx\r\nEND\r\n", "VALUE\r\n",
          "SERVER_ERROR\r\n", ("x"):rep(70000), "+OK\r\n", "STORED\r\n" }) do
        with_fake(function(_, fake, open)
          local store <close> = open({ timeout = 1 })
          fake.answer = function() return rubbish end
          assert.is_false((pcall(store.get, ID, wait)))
          assert.is_true(store.failures() > 0)
        end)
      end
    end)

    it("counts commands that fail although nobody waits for them", function()
      with_fake(function(store, fake)
        fake.answer = function(what, answer)
          if what == command then return answer end
          return "-ERR out of memory\r\n"
        end
        store.put(ID, "x", 1)
        store.remove(ID)
        store.get(ID, wait)
        assert.equal(2, store.failures())
      end)
    end)

    it("does not lose its place when a call is abandoned", function()
      with_fake(function(_, fake, open)
        local store <close> = open({ connections = 1 })
        slow_down(fake, 0)
        for _ = 1, 3 do
          local task = scheduler.spawn(store.get, ID, wait)
          scheduler.sleep(0)
          coroutine.close(task)
        end
        local fail = function() error("mine", 0) end
        assert.equal("mine", raised(store.get, ID, fail))
        assert.is_nil(store.get(ID, wait))
      end)
    end)

    it("speaks TLS, whose names it checks", function()
      local client_ctx, server_ctx = contexts.new()
      server_ctx.waiter = wait
      with_fake(function(store, _, open)
        assert.is_nil(store.get(ID, wait))  -- a put would block, and the server with it
        store.put(ID, "secret", 100)
        assert.equal("secret", store.get(ID, wait))
        local wrong <close> = open({ tls = client_ctx, server_hostname = "other.test" })
        assert.matches("mismatch", raised(wrong.get, ID, wait), 1, true)
      end, { tls = client_ctx, server_hostname = "localhost" }, server_ctx)
    end)

    it("serves a server of TLS, sealed", function()
      with_fake(function(_, fake, open)
        local ring = ssl.ticket_ring({ secret = ("a secret"):rep(5) })
        local store <close> = open({ ring = ring, unsealed = false })
        local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_2)
        server_ctx.options = server_ctx.options | ssl.OP_NO_TICKET
        server_ctx.waiter = wait
        server_ctx.session_store = store
        local session = joined.connect(client_ctx, server_ctx).session
        assert.is_true(joined.connect(client_ctx, server_ctx, session).session_reused)
        for _, value in pairs(fake.values) do
          assert.is_false((pcall(ssl.SSLSession.from_bytes, value)))
        end
        fake.answer = function() return "rubbish\r\n" end
        assert.is_false(joined.connect(client_ctx, server_ctx, session).session_reused)
      end)
    end)

    it("refuses arguments that do not fit", function()
      local function refused(options) return raised(stores[name], options) end
      assert.matches("ring", refused({}).message, 1, true)
      for _, bad in ipairs({ { timeout = 0 }, { timeout = "1" }, { connections = 0 },
          { connections = 1.5 }, { path = "/x", tls = contexts.new() } }) do
        bad.unsealed = true
        assert.is_true(ssl.isinstance(refused(bad), ssl.ValueError))
      end
      for _, bad in ipairs({ { host = 1 }, { ring = {} }, { tls = {} }, { prefix = 1 },
          { colour = 1 } }) do
        bad.unsealed = bad.ring == nil
        assert.equal("string", type(refused(bad)))
      end
    end)
  end)
end

describe("ssl.store.redis", function()
  it("says who it is, and chooses the database", function()
    fakestore.run(function()
      local fake = fakestore.new("redis")
      local store <close> = stores.redis({ port = fake.port, unsealed = true, user = "me",
        password = "secret", database = 3, timeout = 5 })
      assert.is_nil(store.get(ID, scheduler.wait))
      assert.same({ "AUTH", "SELECT", "GET" }, fake.log)
      fake.answer = function() return "-WRONGPASS\r\n" end
      local other <close> = stores.redis({ port = fake.port, unsealed = true, password = "x",
        timeout = 5 })
      assert.equal("-WRONGPASS", raised(other.get, ID, scheduler.wait))
      fake:close()
    end)
  end)

  it("takes no user that is no string", function()
    assert.equal("string", type(raised(stores.redis, { unsealed = true, user = 1 })))
    assert.equal("string", type(raised(stores.redis, { unsealed = true, database = "1" })))
  end)
end)

describe("ssl.store.memcached", function()
  it("takes no prefix that a key cannot have", function()
    for _, prefix in ipairs({ "a b", "a\n", ("x"):rep(181) }) do
      raises(ssl.ValueError, stores.memcached, { unsealed = true, prefix = prefix })
    end
  end)
end)

describe("ssl.store", function()
  it("knows its stores alone", function()
    assert.matches("no store 'x'", raised(stores.load, "x"), 1, true)
    assert.matches("no store 'x'", raised(function() return stores.x end), 1, true)
    assert.equal(stores.load("redis"), stores.redis)
  end)
end)

-- The real servers, on a Unix-domain socket of the spec's.
local real = {
  redis = { "redis-server", "--port", "0", "--save", "", "--appendonly", "no", "--unixsocket" },
  memcached = { "memcached", "-u", "nobody", "-m", "16", "-s" },
}

for name, words in pairs(real) do
  describe("The real " .. name, function()
    it("keeps sessions, and is missed by no handshake when it stops", function()
      if not process.shell("command -v %s", words[1]):find("/") then
        return pending(words[1] .. " is not installed")
      end
      local path = os.tmpname()
      os.remove(path)
      local command = table.move(words, 1, #words, 1, {})
      command[#command + 1] = path
      local server <close> = process.start(command)
      local store <close> = stores[name]({ path = path, timeout = 5,
        ring = ssl.ticket_ring({ secret = ("a secret"):rep(5) }) })
      repeat
        local up = pcall(store.get, ID)
      until up or socket.sleep(0.02)
      store.put(ID, "some\r\n\0bytes", 100)
      assert.equal("some\r\n\0bytes", arrives(store, ID))
      store.remove(ID)
      assert.is_nil(store.get(ID))
      local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
      server_ctx.options = server_ctx.options | ssl.OP_NO_TICKET
      server_ctx.session_store = store
      local session = joined.connect(client_ctx, server_ctx).session
      assert.is_true(joined.connect(client_ctx, server_ctx, session).session_reused)
      server:stop()
      assert.is_false(joined.connect(client_ctx, server_ctx, session).session_reused)
      os.remove(path)
    end)
  end)
end
