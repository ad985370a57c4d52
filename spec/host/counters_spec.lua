-- What a host and its scripts can count.

local embedder = require "embedder"
local border = require "support.border"
local ssl = require "ssl"
local joined = require "support.joined"
local contexts = require "support.contexts"

-- How much the spec's own state counts while f runs.
local function difference(f)
  local before = ssl.counters()
  f()
  local after = ssl.counters()
  for name, n in pairs(after) do after[name] = n - before[name] end
  return after
end

describe("ssl.counters", function()
  it("counts handshakes, connections and bytes", function()
    local counted = difference(function()
      local client, server = joined.connect(contexts.new())
      client:write("hello")
      assert.equal("hello", server:read(10))
    end)
    assert.equal(2, counted.contexts_made)
    assert.equal(2, counted.connections_made)
    assert.equal(2, counted.handshakes)
    assert.equal(0, counted.handshakes_failed)
    local echoed = #"ping" + #"pong"
    assert.equal(echoed + 5, counted.bytes_written)
    assert.equal(echoed + 5, counted.bytes_read)
  end)

  it("counts each byte once, however it is read and written", function()
    local client, server = joined.connect(contexts.new())
    local counted = difference(function()
      client:write(("x"):rep(1000))
      for _ = 1, 10 do server:read(100) end
    end)
    assert.equal(1000, counted.bytes_written)
    assert.equal(1000, counted.bytes_read)
  end)

  it("counts handshakes that failed, and those that failed for the certificate", function()
    local _, server_context = contexts.new()
    local counted = difference(function()
      joined.handshake(joined.objects(ssl.create_default_context(), server_context))
    end)
    assert.equal(2, counted.handshakes_failed)
    assert.equal(1, counted.handshakes_rejected)
    assert.equal(0, counted.handshakes)
  end)

  it("counts a connection that ends before its handshake as failed", function()
    local counted = difference(function()
      do joined.objects(contexts.new()) end
      collectgarbage()
      collectgarbage()
    end)
    assert.equal(2, counted.connections_made)
    assert.equal(2, counted.handshakes_failed)
  end)

  it("counts resumptions", function()
    local client_context, server_context = contexts.new()
    local client = joined.connect(client_context, server_context)
    local counted = difference(function()
      local again = joined.connect(client_context, server_context, client.session)
      assert.is_true(again.session_reused)
    end)
    assert.equal(2, counted.handshakes)
    assert.equal(2, counted.resumptions)
  end)

  it("forgets contexts and connections that are no more", function()
    collectgarbage()
    collectgarbage()
    local counted = difference(function()
      do joined.connect(contexts.new()) end
      collectgarbage()
      collectgarbage()
    end)
    assert.equal(0, counted.contexts)
    assert.equal(0, counted.connections)
  end)
end)

describe("lssl_getcounters", function()
  it("gives the host what ssl.counters gives its scripts", function()
    border.contexts(function(server)
      local host <close> = border.state()
      host:pushcontext(server, "ctx")
      host:setwaiter("ctx", true)
      local mine, theirs = embedder.socketpair()
      host:pushsocket("ctx", mine, "conn")
      host:spawn("conn:do_handshake(); conn:sendall(conn:recv(10))")
      local conn <close> = border.connect(host, theirs)
      conn:sendall("hello")
      conn:recv(10)
      local counters = host:counters()
      assert.equal(1, counters.handshakes)
      assert.same({ 5, 5 }, { counters.bytes_read, counters.bytes_written })
      for name, n in pairs(counters) do
        assert.equal(tostring(n), border.result(host, "return ssl.counters()[...]", name), name)
      end
    end)
  end)

  it("works before the module is loaded", function()
    local host <close> = embedder.new("few")
    assert.equal(0, host:counters().handshakes)
  end)
end)
