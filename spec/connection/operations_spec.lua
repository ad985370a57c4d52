local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local system = require "support.system"

local raises = errors.raises

local client_context, server_context = contexts.ticketless()

local EBUSY = 16

-- A connection on which a write of `size` bytes, made by `method`, has timed out:
-- the connection, its peer, the data, and how many bytes were written before.
local function stalled(net, size, method, wrap)
  local conn, peer = net:tls(client_context, server_context)
  conn:settimeout(0.02)
  conn:setsockopt(ssl.SOL_SOCKET, ssl.SO_SNDBUF, 1 << 16)  -- full soon
  peer:setsockopt(ssl.SOL_SOCKET, ssl.SO_RCVBUF, 1 << 16)
  local before = 0
  for i = 1, math.huge do
    local data = string.char(i % 256):rep(size - 1) .. "."
    local ok, err = pcall(conn[method], conn, wrap and wrap(data) or data)
    if not ok then
      assert.is_true(ssl.isinstance(err, ssl.TimeoutError), tostring(err))
      return conn, peer, data, before
    end
    before = before + size
  end
end

-- The next `count` bytes that come; with `rest`, no more may come after them.
local function receive(conn, count, rest)
  local parts, got = {}, 0
  conn:settimeout(10)
  while got < count do
    local data = assert(conn:recv(math.min(count - got, 16384)))
    parts[#parts + 1], got = data, got + #data
  end
  if rest then
    conn:settimeout(0.01)
    raises(ssl.TimeoutError, conn.recv, conn)
  end
  return table.concat(parts)
end

-- Calls conn[method](conn, data) until it is done; returns the `count` bytes that the
-- peer gets meanwhile.
local function finish(conn, peer, method, data, count)
  local parts, got, ok = {}, 0, nil
  repeat
    peer:settimeout(0)
    local came, piece = pcall(peer.recv, peer, 16384)
    if came then
      parts[#parts + 1], got = piece, got + #piece
    else
      local err
      ok, err = pcall(conn[method], conn, data)
      assert(ok or ssl.isinstance(err, ssl.TimeoutError), err)
    end
  until ok
  parts[#parts + 1] = receive(peer, count - got, true)
  return table.concat(parts)
end

-- What is raised for data that are not those of the write that waits.
local function refused(conn, method, data)
  local err = raises(ssl.SSLError, conn[method], conn, data)
  assert.matches(("^%%[SSL: %s%%] %d of the %%d+ bytes of an earlier write were sent")
    :format(err.reason, err.sent), err.message)
  return err.reason, err.sent
end

describe("A write that timed out", function()
  for _, size in ipairs({ 100, 16384, 20000, 70000, 1000000 }) do
    it(("refuses all data but its own %d bytes, and says how many were sent"):format(size),
      function()
        local net <close> = loopback.new()
        local conn, peer, data, before = stalled(net, size, "sendall")
        local sent
        for _, method in ipairs({ "send", "sendall", "write" }) do
          local reason
          reason, sent = refused(conn, method, ("z"):rep(size))
          assert.equal("BAD_WRITE_RETRY", reason)
          assert.equal("BAD_WRITE_RETRY", (refused(conn, method, ("z"):rep(size + 1))))
          assert.equal("BAD_LENGTH", (refused(conn, method, "z")))
          assert.equal("BAD_LENGTH", (refused(conn, method, data:sub(1, -2))))
        end
        local got = receive(peer, before + sent, true)
        got = got .. finish(conn, peer, "sendall", data, size - sent)
        assert.is_true(got:sub(-size) == data)
        conn:sendall("and on")
        assert.equal("and on", receive(peer, 6))
      end)
  end

  it("goes on with a copy, a bytearray, a longer string", function()
    for tail, same in pairs({
      [""] = function(data) return data:sub(1, -2) .. data:sub(-1) end,
      ["!"] = function(data) return ssl.bytearray(data .. "!") end,
      ["and more"] = function(data) return data .. "and more" end,
    }) do
      local net <close> = loopback.new()
      local conn, peer, data, before = stalled(net, 70000, "send")
      local got = finish(conn, peer, "sendall", same(data), before + #data + #tail)
      assert.is_true(got:sub(before + 1) == data .. tail)
    end
  end)

  it("knows its own bytes whatever becomes of the bytearray that had them", function()
    local net <close> = loopback.new()
    local buffer
    local conn, peer, data, before = stalled(net, 70000, "sendall", function(data)
      buffer = ssl.bytearray(data)
      return buffer
    end)
    buffer[30000] = 255 - buffer[30000]
    assert.equal("BAD_WRITE_RETRY", (refused(conn, "sendall", buffer)))
    buffer[30000] = 255 - buffer[30000]
    local got = finish(conn, peer, "sendall", buffer, before + #data)
    assert.is_true(got:sub(before + 1) == data)
  end)

  it("lets nothing be taken for the end: no unwrap, no file", function()
    local net <close> = loopback.new()
    local conn, peer, data, before = stalled(net, 70000, "sendall")
    assert.equal("BAD_WRITE_RETRY", (refused(conn, "unwrap")))
    local file = conn:makefile("w", 0)
    local ok, _, code = file:write("x")
    assert.is_nil(ok)
    assert.equal(EBUSY, code)
    file:close()
    assert.equal(0, conn:send(""))
    local got = finish(conn, peer, "sendall", data, before + #data)
    assert.is_true(got:sub(before + 1) == data)
  end)

  it("cannot be gone on with where a file made it, whose data are gone", function()
    if system.windows then return pending("files that are made in Lua can go on") end
    local net <close> = loopback.new()
    local conn = net:tls(client_context, server_context)
    conn:settimeout(0.02)
    local file = conn:makefile("w", 0)
    local data = ("x"):rep(100000)
    repeat until not file:write(data)
    file:close()
    assert.equal("BAD_WRITE_RETRY", (refused(conn, "sendall", data)))
  end)

  it("is over with the connection", function()
    local net <close> = loopback.new()
    local conn, _, data = stalled(net, 70000, "sendall")
    conn:close()
    assert.equal(9, raises(ssl.OSError, conn.send, conn, data).errno)
  end)
end)

describe("A write that has to wait and whose callback raises", function()
  it("is still to be finished, with its bytes kept", function()
    local net <close> = loopback.new()
    local client, server = contexts.ticketless()
    local raising = false
    client._msg_callback = function() if raising then error("the callback's", 0) end end
    local conn, peer = net:tls(client, server)
    conn:settimeout(0.02)
    conn:setsockopt(ssl.SOL_SOCKET, ssl.SO_SNDBUF, 1 << 16)  -- full soon
    peer:setsockopt(ssl.SOL_SOCKET, ssl.SO_RCVBUF, 1 << 16)
    local data = ("some bytes"):rep(400000)
    raising = true
    assert.same({ false, "the callback's" }, { pcall(conn.sendall, conn, ssl.bytearray(data)) })
    raising = false
    collectgarbage()
    collectgarbage()
    assert.equal("BAD_WRITE_RETRY", (refused(conn, "write", ("y"):rep(#data))))
    assert.equal(data, finish(conn, peer, "sendall", data, #data))
  end)
end)

describe("A write whose coroutine is closed", function()
  it("is still to be finished", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    local data = ("0123456789"):rep(1000000)
    client_context.waiter = coroutine.yield
    local writer = coroutine.create(function() conn:sendall(data) end)
    assert.is_true(coroutine.resume(writer))
    assert.equal("the connection is in use: a write is waiting",
      raises(ssl.ValueError, conn.send, conn, "x").message)
    assert.is_true(coroutine.close(writer))
    client_context.waiter = nil
    assert.equal("BAD_LENGTH", (refused(conn, "send", "x")))
    conn:settimeout(0.02)
    assert.is_true(finish(conn, peer, "sendall", data, #data) == data)
  end)
end)
