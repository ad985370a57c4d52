-- Classes of bugs that bindings to OpenSSL have had, where no other spec shows
-- that they are not here; docs/bug-classes.md has all of them.

local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local joined = require "support.joined"
local connected = require "support.pair"
local process = require "support.process"
local states = require "support.states"

-- Another interpreter, whose allocators are spec/native/memfail.c's.
local function run(program)
  local text, status = process.run_lua('local memfail = require "memfail"\n' .. program)
  assert.equal(0, status, text)
  return text
end

-- A handshake of two new objects: did it end well, and if not, what was raised?
local function meet(client_context, server_context)
  local client, server = joined.objects(client_context, server_context)
  return states.shake(client, server)
end

describe("A class", function()
  it("has its name for a text", function()
    for _, name in ipairs({ "MemoryBIO", "SSLContext", "SSLSession", "SSLObject", "bytearray" }) do
      assert.equal("class: " .. name, tostring(ssl[name]))
    end
  end)

  it("reads attributes of its own objects only, even by debug's ways", function()
    local read = debug.getmetatable(ssl.MemoryBIO()).__index
    for _, foreign in ipairs({ {}, "x", io.stdout, ssl.bytearray(1) }) do
      assert.error_matches(function() read(foreign, "pending") end, "attribute of a foreign object")
    end
  end)

  it("is not taken for another by a metatable that debug.setmetatable gives", function()
    local meta = debug.getmetatable(ssl.MemoryBIO())
    local disguised, ctx = ssl.bytearray(64), ssl.SSLContext()
    local own = debug.getmetatable(disguised)
    debug.setmetatable(disguised, meta)
    assert.error_matches(function() disguised:read() end, "bad self .ssl.MemoryBIO expected")
    assert.error_matches(function() return disguised.pending end, "foreign object")
    assert.error_matches(function() ctx:wrap_bio(disguised, disguised) end, "MemoryBIO expected")
    debug.setmetatable(disguised, own)
    assert.equal(64, #disguised)
  end)

  it("is not taken for what lies in the memory of a userdata that nobody has filled", function()
    run [[
      local ssl = require "ssl"
      local classes, blanks = {}, {}
      for i = 1, 2000 do classes[i] = ssl.SSLSocket:extend() end
      classes = nil
      collectgarbage()
      collectgarbage()
      for i = 1, 20000 do
        blanks[i] = memfail.blank(8 * (i % 8 + 1))
        assert(not pcall(ssl.SSLSocket.fileno, blanks[i]))
      end
    ]]
  end)

  it("has the collector hear of the weight of objects that it alone ends", function()
    run [[
      local ssl = require "ssl"
      local made
      local function waiting()
        local n = 0
        for _ in pairs(made) do n = n + 1 end
        return n
      end
      local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
      local makers = {
        function() return ctx:wrap_bio(incoming, outgoing, {server_hostname = "localhost"}) end,
        function() return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) end,
      }
      for _, mode in ipairs({ "incremental", "generational" }) do
        collectgarbage(mode)
        for _, make in ipairs(makers) do
          made = setmetatable({}, { __mode = "v" })
          for i = 1, 1000 do
            made[i] = make()
            assert(waiting() < 150, mode)
          end
        end
      end
      -- a collector that the program has stopped stays so
      collectgarbage("stop")
      for _, make in ipairs(makers) do
        made = setmetatable({}, { __mode = "v" })
        for i = 1, 300 do made[i] = make() end
        assert(waiting() == 300 and not collectgarbage("isrunning"))
      end
    ]]
  end)
end)

describe("B3: Callbacks", function()
  it("run in the coroutine that makes the handshake, not the one that set them", function()
    local client_context, server_context, seen = nil, nil, nil
    local maker = coroutine.create(function()
      client_context, server_context = contexts.new()
      server_context.sni_callback = function() seen = coroutine.running() end
      error("dead")
    end)
    assert(not coroutine.resume(maker))
    maker = nil  -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    local runner = coroutine.create(function()
      assert(meet(client_context, server_context))
    end)
    assert(coroutine.resume(runner))
    assert.equal(runner, seen)
  end)
end)

describe("B7: References", function()
  it("to a session are given up as often as they are taken", function()
    local client = states.states["SSLObject, established client"]()
    local session = client.session  -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    local alive = require("_ssl")._alive()
    for _ = 1, 20000 do session = client.session end
    session = nil  -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.is_true(require("_ssl")._alive() <= alive)
    assert.is_true(client.session ~= nil)
  end)

  it("to a MemoryBIO may come from several objects at once", function()
    local client_context, server_context = contexts.new()
    local one = ssl.MemoryBIO()
    local objects = {}
    for i = 1, 4 do
      objects[i] = client_context:wrap_bio(one, one, false, "localhost")
      objects[i + 4] = server_context:wrap_bio(one, one, true)
    end
    for _, object in ipairs(objects) do pcall(object.do_handshake, object) end
    objects = nil  -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    one:read()
    assert.equal(3, one:write("abc"))
    assert.equal("abc", one:read())
  end)
end)

describe("B8: A context switched by the server's name", function()
  for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
    -- What of the second context a connection has, and what of the first. Nothing
    -- else holds the second.
    local function switch(change)
      local client_context, first = contexts.new()
      local _, second = contexts.new()
      client_context.maximum_version = ssl.TLSVersion[version]
      change(first, second, client_context)
      first.sni_callback = function(conn)
        conn.context = second
        second = nil
        collectgarbage()
        collectgarbage()
      end
      local p = connected.new(client_context, first)
      local err = p:handshake()
      first.sni_callback = nil
      return err, p
    end

    it("gives its certificate, protocols and callbacks, under " .. version, function()
      local other = testing.CA()
      local identity = other:issue("localhost")
      for who = 1, 2 do  -- which of the two wants to be told of messages
        local told = 0
        local err, p = switch(function(first, second, client)
          other:configure_trust(client)
          identity:configure_cert(second)
          client:set_alpn_protocols({ "one", "two" })
          first:set_alpn_protocols({ "one" })
          second:set_alpn_protocols({ "two" })
          second.sni_callback = function() error("asked again") end
          local wants = who == 1 and first or second
          wants._msg_callback = function() told = told + 1 end
        end)
        assert.is_nil(err)
        assert.equal(identity.cert.der, p.client:getpeercert(true))
        assert.equal("two", p.client:selected_alpn_protocol())
        assert.equal("two", p.server:selected_alpn_protocol())
        local before = told
        p.server:write("data")
        p:pump()
        assert.equal("data", p.client:read(4))
        assert.is_true(told > before == (who == 2))
      end
    end)

    it("logs secrets to its file, and no more to the first's, under " .. version, function()
      local names = { os.tmpname(), os.tmpname() }
      local err = switch(function(first, second)
        first.keylog_filename, second.keylog_filename = names[1], names[2]
      end)
      local lines = {}
      for i, name in ipairs(names) do
        local file <close> = assert(io.open(name))
        lines[i] = select(2, file:read("a"):gsub("\n[A-Z]", ""))
        os.remove(name)
      end
      assert.is_nil(err)
      assert.same({ 0, version == "TLSv1_2" and 1 or 5 }, lines)
    end)

    it("leaves whom it verifies, its versions and options, under " .. version, function()
      -- the second would refuse a client without a certificate, and this version
      local err, p = switch(function(first, second)
        second.verify_mode = ssl.CERT_REQUIRED
        second.options = second.options | ssl.OP_NO_TICKET | ssl["OP_NO_" .. version]
        second.num_tickets = 0
        first.num_tickets = 1
      end)
      assert.is_nil(err)
      assert.equal(ssl.CERT_REQUIRED, p.server.context.verify_mode)
      assert.equal((version:gsub("_", ".")), p.server:version())
      p.server:write("data")
      p:pump()
      assert.equal("data", p.client:read(4))
      assert.is_true(p.client.session.has_ticket)
      -- and the first, which requires one, is not made laxer by the second
      err = switch(function(first) first.verify_mode = ssl.CERT_REQUIRED end)
      assert.equal("PEER_DID_NOT_RETURN_A_CERTIFICATE", err and err.reason)
    end)
  end

  it("may be switched many times, and back", function()
    local client_context, first = contexts.new()
    local _, second = contexts.new()
    local seen
    first.sni_callback = function(conn)
      for i = 1, 99 do conn.context = i % 2 == 1 and second or first end
      conn.context = first
      first.sni_callback = nil
      seen = conn.context
    end
    assert.is_true((meet(client_context, first)))
    assert.equal(first, seen)
  end)
end)

describe("B10: A field that nobody has set", function()
  -- Everything that an object tells in each state, before and after a failure.
  local program = [[
    memfail.fill(%d)
    local ssl = require "ssl"
    local loopback = require "support.loopback"
    local states = require "support.states"
    local asked = { "cipher", "version", "pending", "compression", "group", "shared_ciphers",
      "selected_alpn_protocol", "selected_npn_protocol", "gettimeout", "getblocking", "dirty",
      "events", "timeout", "get_channel_binding", "server_sigalg", "client_sigalg",
      "get_verified_chain", "getpeercert", "fileno", "session_stats", "cert_store_stats" }
    local function show(what, ok, value)
      if not ok then value = ssl.isinstance(value, ssl.Error) and value.message or value end
      local simple = type(value) == "number" or type(value) == "boolean" or not ok
      print(what, simple and tostring(value) or type(value) == "table" and #value or type(value))
    end
    local names = {}
    for name in pairs(states.states) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do
      local net <close> = loopback.new()
      local object = states.states[name](net)
      for turn = 1, 2 do
        local _, getters, _, meta = states.members(object)
        for _, getter in ipairs(getters) do
          if getter ~= "id" and not getter:find("time") then
            show(name .. "." .. getter, pcall(function() return object[getter] end))
          end
        end
        for _, method in ipairs(asked) do
          local f = meta.methods[method]
          local ok, value = pcall(f or type, object)
          local varies = method == "timeout" and type(value) == "number"  -- time passes
          if f then show(name .. ":" .. method, ok, varies and "number" or value) end
        end
        pcall(function() object:settimeout(0) end)
        for _, method in ipairs({ "do_handshake", "read", "unwrap" }) do
          pcall(function() object[method](object) end)
        end
      end
    end
  ]]

  it("is what it is, whatever the memory held before", function()
    local empty, full = run(program:format(0)), run(program:format(0xAA))
    assert.is_true(select(2, empty:gsub("\n", "")) > 500)
    assert.equal(empty, full)
  end)
end)

describe("B20: A length that is asked for", function()
  it("is not allocated: 2^31 bytes, 2^40, and all that there are", function()
    local text = run([[
      local ssl = require "ssl"
      local loopback = require "support.loopback"
      local states = require "support.states"
      local net <close> = loopback.new()
      local conn, peer = states.states["SSLSocket, established client"](net)
      local object, other = states.states["SSLObject, established client"]()
      local bio = ssl.MemoryBIO()
      local function give()
        peer:sendall("data")
        other:write("data")
        bio:write("data")
      end
      conn:settimeout(5)
      local label = "EXPERIMENTAL"
      for _, size in ipairs({ 1 << 31, 1 << 40, math.maxinteger }) do
        give()
        memfail.largest()
        assert(conn:recv(size) == "data" and object:read(size) == "data")
        assert(bio:read(size) == "data")
        give()
        assert(conn:read(size) == "data")
        assert(not pcall(conn.recv_into, conn, ssl.bytearray(1), size))
        assert(not pcall(ssl.RAND_bytes, size))
        assert(not pcall(conn.export_keying_material, conn, label, size))
        assert(not pcall(conn.makefile, conn, "r", size))
        print(memfail.largest())
        memfail.largest()
        object:read()
        bio:read()
      end
    ]])
    local count = 0
    for line in text:gmatch("[^\n]+") do
      count = count + 1
      assert.is_true(tonumber(line) < 70000, line)
    end
    assert.equal(3, count)
  end)
end)

describe("B23: What a callback knows", function()
  it("is its own connection's, among fifty handshakes at once, half of which fail", function()
    local client_context, server_context = contexts.new()
    local whose, wrong = {}, 0
    server_context.sni_callback = function(conn)
      if whose[conn] == nil then wrong = wrong + 1 end
      if whose[conn] then error({ number = whose[conn] }) end
    end
    local pairs_of = {}
    for i = 1, 50 do
      local client, server = joined.objects(client_context, server_context)
      whose[server] = i % 2 == 0 and i
      pairs_of[i] = { client = client, server = server, number = i }
    end
    for _ = 1, 6 do
      for _, pair in ipairs(pairs_of) do
        for _, side in ipairs({ "client", "server" }) do
          local ok, err = pcall(pair[side].do_handshake, pair[side])
          pair[side .. "_done"] = ok
          if not ok and side == "server" and err.cause then pair.cause = err.cause end
        end
      end
    end
    assert.equal(0, wrong)
    for _, pair in ipairs(pairs_of) do
      if pair.number % 2 == 0 then
        assert.equal(pair.number, pair.cause.number)
        assert.is_false(pair.server_done)
      else
        assert.is_nil(pair.cause)
        assert.is_true(pair.client_done and pair.server_done)
      end
    end
  end)
end)

describe("B27: Lua states in one process", function()
  it("have no data of ours in common but what is constant once it is made", function()
    local module = package.searchpath("_ssl", package.cpath)
    if module:find("coverage", 1, true) then return pending("the counters are data in common") end
    local pipe <close> = assert(io.popen("objdump -t " .. process.quoted(module) .. " 2>&1"))
    local once = { once = true, callerindex = true, keysindex = true, storeindex = true,
      method = true }
    local found = 0
    for line in pipe:lines() do
      -- not .data.rel.ro, which is read only once the module is loaded
      local section, name = line:match("%sO%s+(%.%l+)%s+%x+%s+([%w_]+)")
      if (section == ".data" or section == ".bss") and not name:find("^__")
          and name ~= "completed" then
        assert.is_true(once[name], name .. " can be written")
        found = found + 1
      end
    end
    if found == 0 then return pending("no objdump") end
    assert.is_true(found >= 6)
  end)

  it("do not notice each other's coming and going in the middle of a handshake", function()
    local text = run([[
      local ssl = require "ssl"
      local joined = require "support.joined"
      local states = require "support.states"
      local client_context, server_context = require "support.contexts".new()
      local names = {}
      server_context.sni_callback = function(_, name) names[#names + 1] = name end
      local client, server = joined.objects(client_context, server_context)
      states.shake(client, server, 1)
      for _ = 1, 2 do  -- each makes connections, and has them alive in the end
        local _, loaded, problem = memfail.state(math.maxinteger >> 1, false,
          "spec.native.thread", package.path, package.cpath)
        assert(loaded and not problem, problem)
      end
      assert(states.shake(client, server))
      assert(client:write("data") == 4 and server:read() == "data")
      local ok, err = pcall(ssl.RAND_bytes, -1)
      assert(not ok and ssl.isinstance(err, ssl.ValueError))
      print(#names, names[1])
    ]])
    assert.equal("1\tlocalhost\n", text)
  end)
end)
