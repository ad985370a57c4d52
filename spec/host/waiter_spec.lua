-- The host's event loop under straight-line scripts.

local embedder = require "embedder"
local border = require "support.border"

local result = border.result

-- Calls f(host, client's descriptor): a server's socket `conn` in the state, whose context
-- waits by the host.
local function with_server(f, timeout)
  border.contexts(function(server)
    local host <close> = border.state()
    local mine, theirs = embedder.socketpair()
    host:pushcontext(server, "ctx")
    assert.is_true(host:setwaiter("ctx", true))
    host:pushsocket("ctx", mine, "conn", 0, timeout)
    f(host, theirs, mine)
  end)
end

describe("lssl_setwaiter", function()
  it("is asked with descriptor, event and time left, and lets the coroutine yield", function()
    with_server(function(host, theirs, mine)
      assert.same({ true, "yielded" }, { host:spawn("conn:do_handshake()") })
      local fd, event, timeout = host:waiting()
      assert.same({ mine, "read" }, { fd, event })
      assert.is_true(timeout > 4 and timeout <= 5)
      assert.is_nil(host:step())
      embedder.closefd(theirs)
    end, 5)
  end)

  it("runs a script from handshake to end", function()
    with_server(function(host, theirs, mine)
      host:spawn([[
        conn:do_handshake()
        repeat
          local data = conn:recv(100)
          if data then conn:sendall(data:rep(1000)) end
        until not data
        conn:unwrap()]])
      local conn <close> = border.connect(host, theirs)
      for _, text in ipairs({ "one", "two" }) do
        conn:sendall(text)
        local got = ""
        while #got < #text * 1000 do got = got .. conn:recv(4096) end
        assert.equal(text:rep(1000), got)
      end
      assert.equal(theirs, conn:unwrap())
      embedder.closefd(theirs)
      embedder.closefd(mine)  -- what unwrap gave the script
    end)
  end)

  it("serves many connections by turns", function()
    border.contexts(function(server)
      local host <close> = border.state()
      host:pushcontext(server, "ctx")
      host:setwaiter("ctx", true)
      local conns = {}
      for i = 1, 4 do
        local mine, theirs = embedder.socketpair()
        host:pushsocket("ctx", mine, "conn" .. i)
        host:spawn(("local conn = conn%d conn:do_handshake() conn:sendall(conn:recv(9))"):format(i))
        conns[i] = theirs
      end
      for i = 4, 1, -1 do conns[i] = border.connect(host, conns[i]) end
      for i, conn in ipairs(conns) do
        conn:sendall("n" .. i)
        assert.equal("n" .. i, conn:recv(10))
        conn:close()
      end
    end)
  end)

  it("raises TimeoutError when the host says that the time is up", function()
    with_server(function(host, theirs)
      host:spawn([[
        local ok, err = pcall(conn.do_handshake, conn)
        return ssl.isinstance(err, ssl.TimeoutError) and err.message]])
      assert.same({ true, "The handshake operation timed out" }, { host:step(true) })
      embedder.closefd(theirs)
    end, 60)
  end)

  it("may wait itself where nothing can yield", function()
    with_server(function(host, theirs)
      assert.equal("true", result(host, [[
        local ok, err = pcall(conn.do_handshake, conn)
        return not ok and ssl.isinstance(err, ssl.TimeoutError)]]))
      embedder.closefd(theirs)
    end, 0.01)
  end)

  it("wakes up a call whose connection the host closes meanwhile", function()
    with_server(function(host, theirs)
      host:spawn("local ok, err = pcall(conn.do_handshake, conn) return err.errno")
      host:end_("conn")
      assert.same({ true, "9" }, { host:step() })
      embedder.closefd(theirs)
    end)
  end)

  it("is taken away by NULL", function()
    with_server(function(host, theirs)
      assert.equal("function", result(host, "return type(ctx.waiter)"))
      host:setwaiter("ctx", false)
      assert.equal("nil", result(host, "return ctx.waiter"))
      embedder.closefd(theirs)
    end)
  end)

  it("is harmless in a script's hands", function()
    with_server(function(host, theirs)
      for _, arguments in ipairs({ "", "1", "ctx, 'read'", "conn", "conn, {}", "nil, 'read'" }) do
        local ok, text = host:run("return ctx.waiter(" .. arguments .. ")")
        assert.is_false(ok)
        assert.matches("^script:1: the host's waiter is for connections alone", text)
      end
      embedder.closefd(theirs)
    end)
  end)

  it("leaves nothing behind of a coroutine that is never resumed", function()
    with_server(function(host, theirs, mine)
      host:spawn("conn:do_handshake()")
      host:close()
      assert.is_false(embedder.isopen(mine))
      embedder.closefd(theirs)
    end)
  end)
end)
