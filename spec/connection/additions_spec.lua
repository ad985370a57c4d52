local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local loopback = require "support.loopback"
local steps = require "support.steps"

local raised, raises = errors.raised, errors.raises
local TLSv1_2 = 0x303

local function connect(version) return joined.connect(contexts.new(version)) end

describe("peek", function()
  it("shows what the next read gives, any number of times", function()
    local client, server = connect()
    server:write("hello, world")
    assert.equal("hello", client:peek(5))
    assert.equal("hello, world", client:peek())
    assert.equal("hello, world", client:peek(100))
    assert.equal("hel", client:read(3))
    assert.equal("lo,", client:peek(3))
    assert.equal("lo, world", client:peek())
    assert.equal(9, client:pending())
    assert.equal("lo, world", client:read(100))
    assert.equal("want", (steps.try(client, "peek", 1)))
  end)

  it("shows no more than one record, and takes nothing for nothing", function()
    local client, server = connect()
    server:write("one")
    server:write("two")
    assert.equal("", client:peek(0))
    assert.equal("one", client:peek(1 << 40))
    assert.equal("one", client:read(3))
    assert.equal("two", client:peek(3))
  end)

  it("gives nil at the end, which stays the end", function()
    local client, server = connect()
    server:write("last")
    steps.try(server, "unwrap")
    assert.equal("last", client:peek())
    assert.equal("last", client:read(10))
    assert.is_nil(client:peek())
    assert.is_nil(client:read(1))
  end)

  it("refuses a negative size and another type, and an end without close_notify", function()
    local client, server, down = joined.objects(contexts.new())
    joined.handshake(client, server)
    raises(ssl.ValueError, client.peek, client, -1)
    assert.matches("bad argument #1 to 'peek'", raised(client.peek, client, "x"))
    down:write_eof()
    raises(ssl.SSLEOFError, client.peek, client, 1)
  end)

  it("waits on a socket, and until its timeout", function()
    local net <close> = loopback.new()
    local client, server = net:tls(contexts.new())
    server:sendall("data")
    assert.equal("da", client:peek(2))
    assert.equal("data", client:recv(10))
    client:settimeout(0.01)
    raises(ssl.TimeoutError, client.peek, client, 1)
    client:settimeout(0)
    raises(ssl.SSLWantReadError, client.peek, client, 1)
  end)

  it("raises of a socket that is not connected, and of one that has ended", function()
    local ctx = contexts.new()
    ctx.check_hostname = false
    local net <close> = loopback.new()
    local conn = net:client(ctx, socket.tcp())
    assert.equal(ssl.isinstance(raised(conn.peek, conn), ssl.OSError), true)
    conn:close()
    raises(ssl.OSError, conn.peek, conn)
  end)
end)

describe("key_update", function()
  -- The messages that the client of a pair reads and writes from now on.
  local function watched(version)
    local client_ctx, server_ctx = contexts.new(version)
    local seen = {}
    client_ctx._msg_callback = function(_, direction, _, content, message)
      if content == ssl._TLSContentType.HANDSHAKE then
        seen[#seen + 1] = direction .. " " .. message
      end
    end
    local client, server = joined.connect(client_ctx, server_ctx)
    for i in ipairs(seen) do seen[i] = nil end
    return client, server, seen
  end

  it("changes the key of one side", function()
    local client, server, seen = watched()
    client:key_update()
    joined.echo(client, server)
    assert.same({ "write 24" }, seen)
    server:key_update()
    joined.echo(client, server)
    assert.same({ "write 24", "read 24" }, seen)
  end)

  it("asks the peer for the same", function()
    local client, server, seen = watched()
    client:key_update(true)
    joined.echo(client, server)
    joined.echo(client, server)
    assert.same({ "write 24", "read 24" }, seen)
  end)

  it("does so any number of times, with data between and on the way", function()
    local client, server = connect()
    for i = 1, 50 do
      server:write("before")
      client:key_update(i % 2 == 0)
      client:write("after")
      assert.equal("before", client:read(10))
      assert.equal("after", server:read(10))
    end
    joined.echo(client, server)
  end)

  it("needs TLS 1.3 and a finished handshake, and loses nothing otherwise", function()
    local client, server = connect(TLSv1_2)
    assert.matches("TLSv1.2 has no key updates",
      raises(ssl.ValueError, client.key_update, client).message, 1, true)
    joined.echo(client, server)
    local waiting = joined.objects(contexts.new())
    raises(ssl.ValueError, waiting.key_update, waiting)
    steps.try(waiting, "do_handshake")
    raises(ssl.ValueError, waiting.key_update, waiting)
    assert.matches("key_update", raised(client.key_update, client, true, true))
  end)

  it("goes out at once on a socket", function()
    local net <close> = loopback.new()
    local client, server = net:tls(contexts.new())
    client:key_update(true)
    client:sendall("data")
    assert.equal("data", server:recv(10))
    server:sendall("more")
    assert.equal("more", client:recv(10))
  end)
end)

describe("send_close_notify", function()
  for _, version in ipairs { TLSv1_2, 0x304 } do
    it(("ends one direction alone, in version 0x%x"):format(version), function()
      local client, server = connect(version)
      client:write("a request")
      client:send_close_notify()
      assert.equal("a request", server:read(20))
      assert.is_nil(server:read(20))
      server:write("its answer")
      assert.equal("its answer", client:read(20))
      assert.equal("want", (steps.try(client, "read", 1)))
      server:unwrap()
      assert.is_nil(client:peek())
      assert.is_nil(client:read(20))
      client:unwrap()
    end)
  end

  it("refuses what is written after it, and no more", function()
    local client, server = connect()
    client:send_close_notify()
    client:send_close_notify()
    local err = raises(ssl.SSLError, client.write, client, "late")
    assert.equal("PROTOCOL_IS_SHUTDOWN", err.reason)
    server:write("still")
    assert.equal("still", client:read(10))
  end)

  it("leaves to unwrap the other half", function()
    local client, server = connect()
    client:send_close_notify()
    assert.equal("want", (steps.try(client, "unwrap")))
    server:unwrap()
    client:unwrap()
  end)

  it("needs a handshake, and does not end the connection for want of one", function()
    local client, server = joined.objects(contexts.new())
    raises(ssl.SSLError, client.send_close_notify, client)
    joined.handshake(client, server)
    joined.echo(client, server)
  end)

  it("waits for a write to be finished, as key_update does", function()
    local net <close> = loopback.new()
    local client, server = net:tls(contexts.new())
    client:settimeout(0)
    server:settimeout(0)
    local data <const> = ("x"):rep(1 << 24)
    assert.equal("want", (steps.try(client, "sendall", data)))
    for _, method in ipairs { "send_close_notify", "key_update" } do
      assert.equal("BAD_WRITE_RETRY", raises(ssl.SSLError, client[method], client).reason)
    end
    repeat
      while steps.try(server, "recv", 16384) == true do end
    until steps.try(client, "sendall", data) == true
    client:send_close_notify()
    local ok, part
    repeat ok, part = steps.try(server, "recv", 16384) until ok ~= "want" and not part
    assert.is_true(ok)
  end)

  it("lets a socket read to the end of the answer", function()
    local net <close> = loopback.new()
    local client, server = net:tls(contexts.new())
    client:sendall("request")
    client:send_close_notify()
    assert.equal("request", server:recv(100))
    assert.is_nil(server:recv(100))
    server:sendall(("x"):rep(40000))
    server:send_close_notify()
    local count = 0
    for part in function() return client:recv(16384) end do count = count + #part end
    assert.equal(40000, count)
    client:unwrap()
  end)
end)
