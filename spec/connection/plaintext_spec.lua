local ssl = require "ssl"
local collector = require "support.collector"
local contexts = require "support.contexts"
local raised = require "support.errors".raised
local loopback = require "support.loopback"
local pair = require "support.pair"

local client_context, server_context = contexts.new()

-- Bytes that tell where they are: 16384 of them fill a record.
local parts = {}
for i = 1, 4096 do parts[i] = string.pack(">I4", i) end
local record = table.concat(parts)

-- A connected pair of objects, of whose client's text a record waits.
local function connected()
  local p = pair.connected(client_context, server_context)
  p.server:write(record)
  p:pump()
  return p
end

describe("The rest of a record", function()
  it("is read in order in pieces of any size, as strings and into a bytearray", function()
    local sizes, buffer = { 1, 64, 512, 513, 7, 4096, 300, 2, 16384 }, ssl.bytearray(16384)
    local p = connected()
    local got, total, i = {}, 0, 0
    while total < #record do
      i = i + 1
      local size = sizes[i % #sizes + 1]
      local piece
      if i % 2 == 0 then
        piece = p.client:read(size)
      else
        piece = buffer:tostring(1, p.client:read(size, buffer))
      end
      assert.is_true(#piece > 0 and #piece <= size)
      total = total + #piece
      got[i] = piece
    end
    assert.equal(record, table.concat(got))
    local ok, err = pcall(p.client.read, p.client, 1)
    assert.is_true(not ok and ssl.isinstance(err, ssl.SSLWantReadError))
  end)

  it("is given once where a finalizer reads in the middle of a read", function()
    local p = connected()
    local got, other = { p.client:read(64) }, nil
    local ok, piece = collector.during(function() other = p.client:read(100) end, p.client.read,
      p.client, 8000)
    assert.is_true(ok)
    assert.equal(record:sub(65, 8064), piece)
    assert.equal(record:sub(8065, 8164), other)
    assert.equal(#record - 8164, p.client:pending())
    got[2], got[3], got[4] = piece, other, p.client:read(16384)
    assert.equal(record, table.concat(got))
  end)

  it("is counted by pending, and ends before the next record begins", function()
    local p = connected()
    p.server:write("next")
    p:pump()
    assert.equal(0, p.client:pending())
    assert.equal(64, #p.client:read(64))
    assert.equal(16384 - 64, p.client:pending())
    assert.equal(16384 - 64, #p.client:read(20000))
    assert.equal(0, p.client:pending())
    assert.equal("next", p.client:read(20000))
  end)

  it("makes a connection dirty until it is read", function()
    local net <close> = loopback.new()
    local client, server = net:tls(client_context, server_context)
    server:sendall(record)
    assert.equal(64, #client:recv(64))
    assert.is_true(client:dirty())
    while client:pending() > 0 do client:recv(16384) end
    client:settimeout(0)
    assert.is_true(ssl.isinstance(select(2, pcall(client.recv, client, 1)), ssl.SSLWantReadError))
    assert.is_false(client:dirty())
  end)

  it("is found by a file of makefile", function()
    local net <close> = loopback.new()
    local client, server = net:tls(client_context, server_context)
    server:sendall(record)
    assert.equal(record:sub(1, 10), client:recv(10))
    local file <close> = client:makefile("rb")
    assert.equal(record:sub(11), file:read(#record - 10))
  end)

  it("that is not read makes unwrap fail, as it does inside OpenSSL", function()
    local reasons = {}
    for _, size in ipairs({ 64, 1024 }) do  -- kept here, kept by OpenSSL
      local p = connected()
      p.client:read(size)
      local err = raised(p.client.unwrap, p.client)
      reasons[#reasons + 1] = err.reason
    end
    assert.is_string(reasons[1])
    assert.equal(reasons[1], reasons[2])
  end)

  it("is gone with a closed connection", function()
    local net <close> = loopback.new()
    local client, server = net:tls(client_context, server_context)
    server:sendall(record)
    client:recv(1)
    client:close()
    local err = raised(client.recv, client, 1)
    assert.equal(9, err.errno)
  end)

  it("is not read from within a callback of the same connection", function()
    local ready, seen = false, nil
    local context = contexts.new()
    context._msg_callback = function(conn)
      if ready and seen == nil then seen = select(2, pcall(conn.read, conn, 1)) end
    end
    local p = pair.connected(context, server_context)
    p.server:write(record)
    p:pump()
    p.client:read(1)
    ready = true
    p.client:write("x")
    assert.is_true(ssl.isinstance(seen, ssl.ValueError))
    assert.equal(record:sub(2, 3), p.client:read(2))
  end)
end)
