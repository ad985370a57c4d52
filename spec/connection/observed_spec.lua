local ssl = require "ssl"
local collector = require "support.collector"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local loopback = require "support.loopback"

local raises = errors.raises

-- An observer that keeps what it is told, as {kind = {data, ...}}.
local function keeper()
  local kept = { read = {}, write = {}, secret = {} }
  return function(kind, data)
    table.insert(kept[kind], data)
  end, kept
end

describe("_observe", function()
  local net

  before_each(function()
    net = loopback.new()
  end)

  after_each(function()
    net:close()
  end)

  -- the first of all: only the first observer of a process needs memory
  it("raises an error when a finalizer closes the connection meanwhile", function()
    local conn = net:tls(contexts.new())
    local ok, err = collector.during(function() conn:close() end, conn._observe, conn, print)
    assert.is_false(ok)
    assert.is_true(ssl.isinstance(err, ssl.OSError))
  end)

  it("tells what a socket sends and receives, and its secrets", function()
    local conn, peer = net:tls(contexts.new())
    local observer, kept = keeper()
    conn:_observe(observer)
    conn:sendall("hello")
    assert.equal("hello", peer:recv(5))
    peer:sendall("answer")
    assert.equal("answer", conn:recv(6))
    assert.matches("^\23\3\3\0\22.+$", table.concat(kept.write))
    assert.matches("\23\3\3\0\23", table.concat(kept.read), 1, true)
    conn:_observe(nil)
    local count = #kept.write
    conn:sendall("more")
    assert.equal(count, #kept.write)
  end)

  it("tells an object's secrets, on both sides the same, and no bytes", function()
    local client_ctx, server_ctx = contexts.new()
    local client, server = joined.objects(client_ctx, server_ctx)
    local observers = { {}, {} }
    for i, object in ipairs({ client, server }) do
      local observer
      observer, observers[i] = keeper()
      object:_observe(observer)
    end
    joined.handshake(client, server)
    for _, kept in ipairs(observers) do
      assert.same({}, kept.read)
      assert.same({}, kept.write)
      table.sort(kept.secret)
    end
    assert.is_true(#observers[1].secret >= 4)
    assert.same(observers[1].secret, observers[2].secret)
    assert.matches("^CLIENT_HANDSHAKE_TRAFFIC_SECRET %x+ %x+$", observers[1].secret[1])
  end)

  it("goes on when the server's context is switched", function()
    local client_ctx, server_ctx = contexts.new()
    local _, other = contexts.new()
    local observer, kept = keeper()
    server_ctx.sni_callback = function(conn) conn.context = other end
    local client, server = joined.objects(client_ctx, server_ctx)
    server:_observe(observer)
    pcall(joined.handshake, client, server)
    assert.is_true(#kept.secret > 0)
  end)

  it("has the call in progress raise what the observer raises", function()
    local conn = net:tls(contexts.new())
    conn:_observe(function() error("my own") end)
    local ok, err = pcall(conn.sendall, conn, "hello")
    assert.is_false(ok)
    assert.matches("my own", tostring(type(err) == "table" and err.cause or err))
  end)

  it("does not keep a connection alive whose observer refers to it", function()
    local weak = setmetatable({}, { __mode = "v" })
    do
      local client_ctx, server_ctx = contexts.new()
      local client = joined.objects(client_ctx, server_ctx)
      client:_observe(function() return client end)
      weak[1] = client
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(weak[1])
  end)

  it("refuses what is no function, and a socket that is not connected", function()
    local conn = net:tls(contexts.new())
    assert.error_matches(function() conn:_observe(5) end, "bad argument #1 to '_observe'")
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local unconnected <close> = ctx:wrap_socket(require("socket").tcp(),
      { server_hostname = "localhost" })
    raises(ssl.ValueError, unconnected._observe, unconnected, print)
  end)
end)
