-- Classes of bugs that bindings to OpenSSL have had, where no other spec shows
-- that they are not here; docs/bug-classes.md has all of them.

local ssl = require "ssl"
local states = require "support.states"

-- A handshake of two new objects: did it end well, and if not, what was raised?
local function meet(client_context, server_context)
  local client, server = states.objects(client_context, server_context)
  return states.shake(client, server)
end

describe("B3: Callbacks", function()
  it("run in the coroutine that makes the handshake, not the one that set them", function()
    local client_context, server_context, seen = nil, nil, nil
    local maker = coroutine.create(function()
      client_context, server_context = states.contexts()
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
    local client_context, server_context = states.contexts()
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

describe("B23: What a callback knows", function()
  it("is its own connection's, among fifty handshakes at once, half of which fail", function()
    local client_context, server_context = states.contexts()
    local whose, wrong = {}, 0
    server_context.sni_callback = function(conn)
      if whose[conn] == nil then wrong = wrong + 1 end
      if whose[conn] then error({ number = whose[conn] }) end
    end
    local pairs_of = {}
    for i = 1, 50 do
      local client, server = states.objects(client_context, server_context)
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

describe("B33: The log of secrets", function()
  it("refuses a file that cannot be opened, and keeps what was set", function()
    local context = states.contexts()
    context.keylog_filename = "/dev/null"
    local ok, err = pcall(function() context.keylog_filename = "/no/such/folder/file" end)
    assert.is_false(ok)
    assert.is_true(ssl.isinstance(err, ssl.OSError))
    assert.equal(2, err.errno)
    assert.equal("/dev/null", context.keylog_filename)
  end)

  it("raises where the disk is full", function()
    local client_context, server_context = states.contexts()
    client_context.keylog_filename = "/dev/full"
    local ok, err = meet(client_context, server_context)
    assert.is_false(ok)
    local cause = err.cause or err
    assert.is_true(ssl.isinstance(cause, ssl.OSError))
    assert.equal(28, cause.errno)
  end)

  it("may be taken away in the middle of a handshake", function()
    local client_context, server_context = states.contexts()
    client_context.keylog_filename = "/dev/null"
    client_context._msg_callback = function() client_context.keylog_filename = nil end
    assert.is_true((meet(client_context, server_context)))
    assert.is_nil(client_context.keylog_filename)
  end)
end)

describe("docs/bug-classes.md", function()
  it("names every class once, and specs that there are", function()
    local file <close> = assert(io.open("docs/bug-classes.md"))
    local count = 0
    for line in file:lines() do
      local number, rest = line:match("^| B(%d+) |(.*)$")
      if number then
        count = count + 1
        assert.equal(count, tonumber(number))
        local named = 0
        for path, title in rest:gmatch("`(spec/[%w_/]+%.lua)`: \"([^\"]+)\"") do
          local spec <close> = assert(io.open(path), path)
          assert.is_truthy(spec:read("a"):find(title, 1, true), path .. ": " .. title)
          named = named + 1
        end
        assert.is_true(named > 0, "B" .. number)
      end
    end
    assert.equal(34, count)
  end)
end)
