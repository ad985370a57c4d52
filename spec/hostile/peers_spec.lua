-- Peers on a real socket that stall, drip, never read, reset, or speak before
-- TLS does: bounded in time and memory, and the right error.

local loop = require "ssl.testing.loop"
local ssl = require "ssl"
local socket = require "socket"
local testing = require "ssl.testing"
local loopback = require "support.loopback"
local raises = require "support.errors".raises
local system = require "support.system"

local function elapsed(f, ...)
  local begun = socket.gettime()
  local ok, err = pcall(f, ...)
  return socket.gettime() - begun, ok, err
end

local function connect(server, timeout)
  return server.client_context:wrap_socket(loopback.reach(server.port),
    { server_hostname = "localhost", timeout = timeout, do_handshake_on_connect = false })
end

local function assert_times_out(limit, f, ...)
  local seconds, ok, err = elapsed(f, ...)
  assert.is_false(ok)
  assert.is_true(ssl.isinstance(err, ssl.TimeoutError), tostring(err))
  assert.is_true(seconds >= limit * 0.9 and seconds < limit + 5, ("%.2f s"):format(seconds))
end

-- A handler that does nothing until the test is over.
local function sleep()
  loop.wait(nil, nil, 60)
end

describe("A peer that stalls", function()
  for _, where in ipairs({ "connect", "handshake" }) do
    it("at its " .. where .. " costs the handshake its timeout and no more", function()
      local server <close> = testing.server({ stall = where })
      local conn <close> = connect(server, 0.2)
      assert_times_out(0.2, conn.do_handshake, conn)
    end)
  end

  it("after the handshake costs recv and unwrap their timeout and no more", function()
    local server <close> = testing.server({ handler = sleep })
    local conn <close> = connect(server, 5)
    conn:do_handshake()
    conn:settimeout(0.2)
    assert_times_out(0.2, conn.recv, conn, 1)
    assert_times_out(0.2, conn.unwrap, conn)
  end)
end)

describe("A peer that drips", function()
  it("does not stretch a timeout by its progress", function()
    local server <close> = testing.server({ drip = 0.02 })
    local conn <close> = connect(server, 0.3)
    assert_times_out(0.3, conn.do_handshake, conn)
  end)
end)

describe("A peer that never reads", function()
  local block = ("x"):rep(16 * 1024 * 1024)

  it("costs a client's sendall its timeout, and no copy of the data", function()
    local server <close> = testing.server({ handler = sleep })
    local conn <close> = connect(server, 5)
    conn:do_handshake()
    conn:settimeout(0.3)
    collectgarbage()
    local before = collectgarbage("count")
    assert_times_out(0.3, conn.sendall, conn, block)
    assert.is_true(collectgarbage("count") - before < 256)
  end)

  it("costs a server's sendall its timeout", function()
    local server <close> = testing.server({ handler = function(conn)
      conn:settimeout(0.3)
      local seconds, ok, err = elapsed(conn.sendall, conn, block)
      return ("%s %s %s"):format(ok, ssl.isinstance(err, ssl.TimeoutError), seconds < 6)
    end })
    local conn <close> = connect(server, 5)
    conn:do_handshake()
    assert.equal("false true true", server:wait().value)
  end)

  it("is not waited for when the connection is closed or collected", function()
    local server <close> = testing.server({ handler = sleep })
    for _, how in ipairs({ "close", "collect" }) do
      local conn = connect(server, 5)
      conn:do_handshake()
      conn:settimeout(0)
      repeat until not pcall(conn.send, conn, block)
      local seconds = elapsed(function()
        if how == "close" then conn:close() end
        conn = nil  -- luacheck: ignore
        collectgarbage()
        collectgarbage()
      end)
      assert.is_true(seconds < 2, how)
    end
  end)
end)

describe("A peer that resets the connection", function()
  for _, where in ipairs({ "connect", "handshake", "data" }) do
    it("at its " .. where .. " is an OSError, never an end", function()
      if system.windows and where == "data" then
        return pending("wine resets no connection by SO_LINGER")
      end
      local server <close> = testing.server({ reset = where })
      local err = raises(ssl.OSError, function()
        local conn <close> = connect(server, 5)
        conn:do_handshake()
        conn:sendall("x")
        return assert(conn:recv(1) or "end")
      end)
      assert.is_false(ssl.isinstance(err, ssl.TimeoutError))
    end)
  end
end)

describe("A peer that sends what is no TLS", function()
  for _, where in ipairs({ "connect", "handshake", "data" }) do
    it("at its " .. where .. " is an SSLError, and its bytes no data", function()
      local server <close> = testing.server({ garbage = where })
      raises(ssl.SSLError, function()
        local conn <close> = connect(server, 5)
        conn:do_handshake()
        conn:sendall("x")
        return conn:recv(100)
      end)
    end)
  end
end)

describe("Bytes that came in plain before TLS", function()
  -- A listener in this process, whose client has sent `bytes` and maybe closed.
  local function accept(bytes, ends, context, options)
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local outside = assert(socket.connect("127.0.0.1", port))
    local inside = assert(listener:accept())
    listener:close()
    assert(outside:send(bytes))
    if ends then outside:close() end
    assert(socket.select({ inside }, nil, 5)[1])
    local ok, conn = pcall(context.wrap_socket, context, inside, options)
    if not ends then outside:close() end
    return ok, conn
  end

  it("are never data of the connection, whoever sends them", function()
    local identity = testing.CA():issue("localhost")
    local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity:configure_cert(server)
    local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for _, ends in ipairs({ true, false }) do
      for _, side in ipairs({
        { server, { server_side = true, timeout = 5 } },
        { client, { server_hostname = "localhost", timeout = 5 } },
        { server, { server_side = true, do_handshake_on_connect = false } },
        { client, { server_hostname = "localhost", do_handshake_on_connect = false } },
      }) do
        local ok, conn = accept("GET / HTTP/1.0\r\n\r\n", ends, table.unpack(side))
        if ok then
          local got, data = pcall(conn.recv, conn, 100)
          conn:close()
          assert.is_false(got, tostring(data))
        else
          assert.is_true(ssl.isinstance(conn, ssl.OSError), tostring(conn))
        end
      end
    end
  end)
end)
