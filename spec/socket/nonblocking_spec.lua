local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local steps = require "support.steps"

local raised, raises = errors.raised, errors.raises

local client_ctx, server_ctx = contexts.new()

local wants = steps.wants

-- Calls a method again until it is done, as the reference has it: select in between.
local function complete(conn, method, ...)
  while true do
    local ok, result = pcall(conn[method], conn, ...)
    if ok then return result end
    local want = wants(result) or error(result)
    local set = { conn }
    socket.select(want == "read" and set or nil, want == "write" and set or nil, 10)
  end
end

-- Both handshakes, each going on as select says.
local function handshake(client, server)
  local open = { client, server }
  while #open > 0 do
    local read, write = {}, {}
    for i = #open, 1, -1 do
      local ok, err = pcall(open[i].do_handshake, open[i])
      if ok then
        table.remove(open, i)
      else
        table.insert(assert(wants(err), err) == "read" and read or write, open[i])
      end
    end
    if #open == 2 then socket.select(read, write, 10) end
  end
end

local function connected(net)
  local client, server = net:wrapped(client_ctx, server_ctx)
  handshake(client, server)
  pcall(client.recv, client)  -- the tickets
  return client, server
end

describe("SSLSocket.settimeout", function()
  it("takes what Python takes", function()
    local net <close> = loopback.new()
    local conn = net:tls(client_ctx, server_ctx)
    for _, seconds in ipairs({ 0, 0.5, 1, 1e300, math.huge, 2147483648 }) do
      conn:settimeout(seconds)
      assert.equal(seconds, conn:gettimeout())
      assert.equal(seconds ~= 0, conn:getblocking())
    end
    conn:settimeout(nil)
    assert.is_nil(conn:gettimeout())
    conn:setblocking(false)
    assert.equal(0, conn:gettimeout())
    conn:setblocking(true)
    assert.is_nil(conn:gettimeout())
    assert.equal("Timeout value out of range",
      raises(ssl.ValueError, conn.settimeout, conn, -1).message)
    raises(ssl.ValueError, conn.settimeout, conn, -math.huge)
    assert.equal("Invalid value NaN (not a number)",
      raises(ssl.ValueError, conn.settimeout, conn, 0 / 0).message)
    errors.badargument(conn.settimeout, conn, "1")
    errors.badargument(conn.settimeout, conn, true)
  end)
end)

describe("What event loops ask", function()
  it("is answered by the last want, and by what waits inside", function()
    local net <close> = loopback.new()
    local conn, peer = connected(net)
    conn:settimeout(5)
    assert.equal("r", conn:events())
    assert.equal(conn:fileno(), conn:pollfd())
    peer:sendall("many bytes")
    conn:recv(1)
    assert.is_true(conn:dirty())
    assert.equal(9, conn:pending())
    assert.equal(conn, socket.select({ conn }, nil, 5)[1])
    conn:recv()
    assert.is_false(conn:dirty())
    conn:settimeout(0)
    local data = ("x"):rep(100000)
    repeat local how = steps.try(conn, "send", data) until how == "want"
    assert.equal("w", conn:events())
    assert.is_nil(conn:timeout())
    conn:settimeout(2)
    assert.equal(2, conn:timeout())
  end)
end)

describe("A connection that does not wait", function()
  it("makes the handshake as select says", function()
    local net <close> = loopback.new()
    local client, server = connected(net)
    assert.are.equal("TLSv1.3", client:version())
    assert.are.equal("TLSv1.3", server:version())
  end)

  it("wants to read in each operation before the handshake", function()
    local net <close> = loopback.new()
    local _, server = net:wrapped(client_ctx, server_ctx)
    local buffer = ssl.bytearray(10)
    for _, call in ipairs({
      { "do_handshake" }, { "recv", 10 }, { "recv_into", buffer }, { "read", 10 },
      { "read", 10, buffer }, { "send", "x" }, { "sendall", "x" }, { "write", "x" },
    }) do
      local err = raised(server[call[1]], server, table.unpack(call, 2))
      assert.is_true(ssl.isinstance(err, ssl.SSLWantReadError), call[1])
      assert.is_true(ssl.isinstance(err, ssl.SSLError) and ssl.isinstance(err, ssl.OSError))
      assert.are.equal(ssl.SSL_ERROR_WANT_READ, err.errno)
    end
  end)

  it("wants to read where nothing has come, and says so of an unwrap", function()
    local net <close> = loopback.new()
    local client, server = connected(net)
    for _, method in ipairs({ "recv", "read", "unwrap" }) do
      assert.are.equal("read", wants(raised(client[method], client)))
    end
    assert.is_nil(complete(server, "recv"))
    complete(server, "unwrap"):close()
    complete(client, "unwrap"):close()
  end)

  it("refuses what it cannot do: a handshake on wrapping, a file", function()
    local net <close> = loopback.new()
    local err = raised(client_ctx.wrap_socket, client_ctx, (net:pair()),
      { timeout = 0, server_hostname = "localhost" })
    assert.are.equal(
      "do_handshake_on_connect should not be specified for non-blocking sockets", err.message)
    local client = connected(net)
    local file <close> = assert(io.open("README.md", "rb"))
    raises(ssl.ValueError, client.sendfile, client, file)
  end)

  it("tells by dirty() of bytes that select does not see", function()
    local net <close> = loopback.new()
    local client, server = connected(net)
    server:send(("x"):rep(1000))
    assert.are.equal(client, socket.select({ client }, nil, 10)[1])
    assert.are.equal(10, #client:recv(10))
    local plain = { getfd = function() return client:getfd() end }
    assert.are.equal(0, #socket.select({ plain }, nil, 0))
    assert.are.equal(990, client:pending())
    assert.is_true(client:dirty())
    assert.are.equal(client, socket.select({ client }, nil, 0)[1])
    assert.are.equal(990, #client:recv(1000))
    assert.is_false(client:dirty())
    assert.are.equal(0, #socket.select({ client }, nil, 0))
  end)

  it("blocks in a handshake that is told to", function()
    local net <close> = loopback.new()
    local client, server = net:wrapped(client_ctx, server_ctx)
    client_ctx.waiter = function(conn)  -- the peer's turn
      assert.are.equal(client, conn)
      pcall(server.do_handshake, server)
    end
    client:do_handshake(true)
    client_ctx.waiter = nil
    assert.are.equal("TLSv1.3", client:version())
    assert.are.equal(0, client:gettimeout())
  end)
end)

describe("A write that found no room", function()
  -- Fills what the peer does not read; returns the string whose write waits.
  local function stall(client)
    local data = ("0123456789abcdef"):rep(2 ^ 16)
    local sent = 0
    while true do
      local ok, n = pcall(client.send, client, data)
      if not ok then
        assert.are.equal("write", wants(n))
        return data, sent
      end
      sent = sent + n
    end
  end

  -- Reads all that comes until `size` bytes have; they must repeat the digits.
  local function drain(server, size, client, retry)
    local parts, got = {}, 0
    while got < size do
      local ok, data = pcall(server.recv, server, 16384)
      if ok then
        parts[#parts + 1] = data
        got = got + #data
      else
        assert.are.equal("read", wants(data))
        if retry then retry = not pcall(retry, client) and retry or nil end
      end
    end
    return table.concat(parts)
  end

  it("is done by an equal string, not only by the same", function()
    local net <close> = loopback.new()
    local client, server = connected(net)
    local data, sent = stall(client)
    local n
    local text = drain(server, sent + #data, client, function()
      collectgarbage()
      n = client:send(("0123456789abcdef"):rep(2 ^ 15) .. ("0123456789abcdef"):rep(2 ^ 15))
    end)
    assert.are.equal(#data, n)
    assert.are.equal(sent + #data, #text)
    assert.is_true(text == ("0123456789abcdef"):rep(#text // 16))
  end)

  it("is done by a longer string that begins with it, whose rest is still to send", function()
    local net <close> = loopback.new()
    local client, server = connected(net)
    local data, sent = stall(client)
    local longer, n = data .. "and more", nil
    local text = drain(server, sent + #data, client, function() n = client:send(longer) end)
    assert.is_true(n == #data or n == #longer)
    if n == #data then complete(client, "sendall", longer:sub(n + 1)) end
    text = text .. (#text < sent + #longer and drain(server, sent + #longer - #text) or "")
    assert.are.equal("and more", text:sub(-8))
    assert.are.equal(sent + #longer, #text)
  end)

  it("never sends anything twice or out of order after a shorter string", function()
    local net <close> = loopback.new()
    local client, server = connected(net)
    local data, sent = stall(client)
    local err = raised(client.send, client, "short")
    assert.is_true(wants(err) == "write" or errors.protocolerror(err), tostring(err))
    local n
    local text = drain(server, sent + #data, client, function() n = client:send(data) end)
    assert.are.equal(#data, n)
    assert.is_true(text == ("0123456789abcdef"):rep((sent + #data) // 16))
  end)

  it("leaves what can be read readable", function()
    local net <close> = loopback.new()
    local client, server = connected(net)
    stall(client)
    server:send("from the other side")
    socket.select({ client }, nil, 10)
    assert.are.equal("from the other side", client:recv(100))
  end)
end)

describe("A want-error", function()
  local function kibibytes_of(count, f)
    local hook, mask = debug.gethook()  -- one that counts lines allocates
    debug.sethook()
    f()
    collectgarbage()
    collectgarbage("stop")
    local before = collectgarbage("count")
    for _ = 1, count do f() end
    local after = collectgarbage("count")
    debug.sethook(hook, mask)
    collectgarbage("restart")
    return after - before
  end

  it("allocates nothing when a socket raises it", function()
    local net <close> = loopback.new()
    local client = connected(net)
    local recv = client.recv
    assert.are.equal("read", wants(select(2, pcall(recv, client, 10))))
    assert.are.equal(0, kibibytes_of(10000, function() pcall(recv, client, 10) end))
  end)

  it("allocates nothing when an SSLObject raises it", function()
    local object = client_ctx:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(),
      { server_hostname = "localhost" })
    local shake = object.do_handshake
    assert.are.equal("read", wants(select(2, pcall(shake, object))))
    assert.are.equal(0, kibibytes_of(10000, function() pcall(shake, object) end))
  end)

  it("allocates nothing when a write raises it", function()
    local net <close> = loopback.new()
    local client = connected(net)
    local data = ("x"):rep(2 ^ 20)
    local send = client.send
    repeat until not pcall(send, client, data)
    assert.are.equal("write", wants(select(2, pcall(send, client, data))))
    assert.are.equal(0, kibibytes_of(10000, function() pcall(send, client, data) end))
  end)
end)
