local lfs = require "lfs"
local ssl = require "ssl"
local contexts = require "support.contexts"
local raises = require "support.errors".raises
local loopback = require "support.loopback"

local client_ctx, server_ctx = contexts.new()

-- A connected client without a timeout, and a server that does not wait; the waiter is
-- the client's from then on.
local function connected(net, waiter)
  local client, server = net:tls(client_ctx, server_ctx)
  client:settimeout(nil)
  server:settimeout(0)
  client_ctx.waiter = waiter
  return client, server
end

after_each(function() client_ctx.waiter = nil end)

describe("SSLContext.waiter", function()
  it("is given the connection, the event and the seconds that are left", function()
    local got
    local net <close> = loopback.new()
    local client = connected(net, function(...) got = table.pack(...) return false end)
    raises(ssl.TimeoutError, client.recv, client)
    assert.are.same({ client, "read", n = 3 }, got)
    client:settimeout(5)
    raises(ssl.TimeoutError, client.recv, client)
    assert.is_true(got[3] > 4 and got[3] <= 5)
    raises(ssl.TimeoutError, client.sendall, client, ("x"):rep(2 ^ 24))
    assert.are.equal("write", got[2])
  end)

  it("gives up with false, and the connection goes on", function()
    local net <close> = loopback.new()
    local client, server = connected(net, function() return false end)
    raises(ssl.TimeoutError, client.recv, client)
    server:send("later")
    client_ctx.waiter = nil
    assert.are.equal("later", client:recv())
  end)

  it("is asked again when it returns nil too early, until the deadline", function()
    local calls = 0
    local net <close> = loopback.new()
    local client = connected(net, function() calls = calls + 1 end)
    client:settimeout(0.02)
    raises(ssl.TimeoutError, client.recv, client)
    assert.is_true(calls > 1)
  end)

  it("may raise, which comes out of the call and harms nothing", function()
    local problem = {}
    local net <close> = loopback.new()
    local client, server = connected(net, function() error(problem) end)
    assert.are.equal(problem, select(2, pcall(client.recv, client)))
    server:send("later")
    client_ctx.waiter = nil
    assert.are.equal("later", client:recv())
  end)

  it("may close the connection", function()
    local net <close> = loopback.new()
    local client = connected(net, function(conn) conn:close() return true end)
    assert.are.equal(9, raises(ssl.OSError, client.recv, client).errno)
    assert.are.equal(-1, client:fileno())
  end)

  it("may be taken away while it waits", function()
    local net <close> = loopback.new()
    local client, server = connected(net)
    client_ctx.waiter = function()
      client_ctx.waiter = nil
      server:send("blocking again")
    end
    assert.are.equal("blocking again", client:recv())
  end)

  it("keeps a connection from a second reader, not from a writer", function()
    local net <close> = loopback.new()
    local client, server = connected(net, coroutine.yield)
    local got
    local reader = coroutine.create(function() got = client:recv() end)
    assert(coroutine.resume(reader))
    assert.are.equal("the connection is in use: a read is waiting",
      raises(ssl.ValueError, client.recv, client).message)
    client:sendall("question")
    assert.are.equal("question", server:recv(100))
    server:send("answer")
    while not got do  -- the tickets come first
      assert(coroutine.resume(reader, true))
    end
    assert.are.equal("answer", got)
  end)

  it("lets go of a connection whose coroutine is closed or collected while it waits", function()
    local net <close> = loopback.new()
    local client, server = connected(net, coroutine.yield)
    local reader = coroutine.create(function() client:recv() end)
    assert(coroutine.resume(reader))
    assert(coroutine.close(reader))
    reader = coroutine.create(function() client:recv() end)
    assert(coroutine.resume(reader))
    reader = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    server:send("still here")
    client_ctx.waiter = nil
    assert.are.equal("still here", client:recv())
  end)

  it("keeps the descriptor of a closed connection until nobody waits for it", function()
    local net <close> = loopback.new()
    local client = connected(net, coroutine.yield)
    local fd = client:fileno()
    local err
    local reader = coroutine.create(function() err = select(2, pcall(client.recv, client)) end)
    assert(coroutine.resume(reader))
    local name = "/proc/self/fd/" .. fd
    local known = lfs.symlinkattributes(name, "mode")  -- only Linux tells
    client:close()
    assert.are.equal(known, lfs.symlinkattributes(name, "mode"))
    assert(coroutine.resume(reader, true))
    assert.are.equal(9, err.errno)
    assert.is_nil(lfs.symlinkattributes(name, "mode"))
  end)
end)
