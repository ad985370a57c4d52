local socket = require "socket"
local loopback = require "support.loopback"
local waiter = require "ssl.waiter"

local scheduler = waiter.scheduler

describe("ssl.waiter.plain", function()
  it("connects, accepts, sends and receives by the waiter, lines too", function()
    local listener = waiter.plain(assert(socket.bind("127.0.0.1", 0)), scheduler.wait)
    local _, port = listener:getsockname()
    local size = 2 ^ 22
    local got
    scheduler.spawn(function()
      local conn <close> = listener:accept()
      listener:close()
      assert.equal("hello", conn:receive("*l"))
      assert(conn:send(("x"):rep(size) .. "\n"))
    end)
    scheduler.spawn(function()
      local conn <close> = waiter.plain(socket.tcp4(), scheduler.wait)
      assert(conn:connect("127.0.0.1", port))
      scheduler.sleep(0.01)
      assert(conn:send("hello\n"))
      assert.equal("xx", conn:receive(2))
      got = conn:receive("*l", "-")
    end)
    scheduler.run()
    assert.equal(size - 2 + 1, #got)
  end)

  it("holds its timeout, and tells LuaSocket's errors", function()
    local listener = waiter.plain(assert(socket.bind("127.0.0.1", 0)), scheduler.wait)
    listener:settimeout(0.02)
    local sock, err = listener:accept()
    assert.is_nil(sock)
    assert.equal("timeout", err)
    listener:close()
    local net <close> = loopback.new()
    local conn = waiter.plain(socket.tcp4(), scheduler.wait)
    assert.same({ nil, "connection refused" }, { conn:connect("127.0.0.1", net:refusing()) })
    conn:close()
  end)

  it("is LuaSocket's own object when there is no waiter", function()
    local tcp = socket.tcp()
    assert.equal(tcp, waiter.plain(tcp))
    tcp:close()
  end)
end)
