local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local system = require "support.system"

local badargument, raises = errors.badargument, errors.raises

local client_context, server_context = contexts.new()

-- What wrap_socket is to be given: each kind of unconnected socket.
local kinds = {
  ["LuaSocket's"] = socket.tcp4,
  ["a bare"] = function() return loopback.release(socket.tcp4()) end,
}

-- A struct linger: two ints, or on Windows two unsigned shorts.
local LINGER = system.windows and "I2I2" or "i4i4"

describe("Options of the socket", function()
  it("are integers, bytes of a given size, or what the system refuses", function()
    local net <close> = loopback.new()
    local conn = net:tls(client_context, server_context)
    conn:setsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, true)
    assert.is_true(conn:getsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE) ~= 0)
    conn:setsockopt(ssl.SOL_SOCKET, ssl.SO_LINGER, LINGER:pack(1, 3))
    assert.equal(3, (select(2, LINGER:unpack(conn:getsockopt(ssl.SOL_SOCKET, ssl.SO_LINGER, 8)))))
    raises(ssl.OSError, conn.getsockopt, conn, ssl.SOL_SOCKET, 99999)
    raises(ssl.OSError, conn.getsockopt, conn, ssl.SOL_SOCKET, 99999, 4)
    raises(ssl.OSError, conn.setsockopt, conn, ssl.SOL_SOCKET, 99999, 1)
    for _, size in ipairs({ -1, 1025, math.maxinteger }) do
      raises(ssl.OSError, conn.getsockopt, conn, ssl.SOL_SOCKET, ssl.SO_LINGER, size)
    end
    badargument(conn.setsockopt, conn, "no such option", 1)
    badargument(conn.getsockopt, conn, "no such option")
  end)

  for kind, new in pairs(kinds) do
    it("are integers, and LuaSocket's names, of " .. kind .. " socket", function()
      local net <close> = loopback.new()
      local _, port = net:listener()
      local one = net:add(client_context:wrap_socket(new(),
        { server_hostname = "localhost", do_handshake_on_connect = false }))
      one:connect("127.0.0.1", port)
      for value = 1, 0, -1 do
        one:setsockopt(ssl.IPPROTO_TCP, ssl.TCP_NODELAY, value)
        assert.equal(value, one:getsockopt(ssl.IPPROTO_TCP, ssl.TCP_NODELAY) ~= 0 and 1 or 0)
        assert.equal(value == 1, one:getsockopt("tcp-nodelay"))
      end
      one:setsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, true)
      assert.equal(1, one:getsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE))
      one:setsockopt("keepalive", false)
      assert.equal(0, one:getsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE))
      one:setsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, string.pack("i", 1))
      assert.equal(1, (one:getsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, 4):byte()))
      assert.equal(math.tointeger(one:fileno()), one:fileno())
      raises(ssl.OSError, one.getsockopt, one, ssl.SOL_SOCKET, 9999)
      raises(ssl.OSError, one.setsockopt, one, 9999, 1, 1)
      raises(ssl.OSError, one.getsockopt, one, ssl.SOL_SOCKET, ssl.SO_ERROR, -1)
      raises(ssl.OSError, one.getsockopt, one, ssl.SOL_SOCKET, ssl.SO_ERROR, 1025)
      raises(ssl.ValueError, one.setsockopt, one, ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, 1 << 31)
      assert.has_error(function() one:getsockopt("no such option") end)
      assert.has_error(function() one:setsockopt(ssl.SOL_SOCKET, ssl.SO_KEEPALIVE, {}) end)
      assert.is_true(one:fileno() >= 0)
    end)
  end

  it("have LuaSocket's names for an object that cannot be lent the descriptor", function()
    local net <close> = loopback.new()
    local one = net:pair()
    local conn = net:client(client_context, {
      getfd = function() return one:getfd() end,
      close = function() one:close() end,
    })
    for _, value in ipairs({ true, false }) do
      conn:setsockopt("keepalive", value)
      assert.equal(value, conn:getsockopt("keepalive"))
    end
    assert.equal(one:getfd(), conn:fileno())
  end)

  it("leave the descriptor where it is if the object does not take it", function()
    local net <close> = loopback.new()
    local fd, refuses = loopback.release((net:pair())), false
    local conn = net:client(client_context, {
      getfd = function() return fd end,
      setfd = function() if refuses then error("not now", 0) end end,
    })
    refuses = true
    assert.has_error(function() conn:getsockopt("keepalive") end, "not now")
    assert.equal(fd, conn:fileno())
  end)
end)
