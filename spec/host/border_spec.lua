-- Who owns what crosses the border between C and Lua: each SSL_CTX, SSL and descriptor
-- is counted from its making to its end.

local embedder = require "embedder"
local border = require "support.border"

local result = border.result

-- The SSL_CTXs and SSLs that end while f runs, and what f returns.
local function ends(f, ...)
  local contexts, ssls = embedder.freed()
  local value = f(...)
  local c, s = embedder.freed()
  return c - contexts, s - ssls, value
end

describe("lssl_pushcontext", function()
  it("takes a reference of its own", function()
    border.contexts(function(server)
      local host <close> = border.state()
      assert.is_true(host:pushcontext(server, "ctx"))
      assert.is_true(host:iscontext("ctx", server))
      assert.equal(0, ends(server.free, server))
      assert.equal("true", result(host, "return ctx.protocol == ssl.PROTOCOL_TLS_SERVER"))
      assert.equal(1, ends(host.close, host))
    end)
  end)

  it("leaves the host its own", function()
    border.contexts(function(server)
      local host <close> = border.state()
      host:pushcontext(server, "ctx")
      assert.equal(0, ends(host.close, host))
      assert.equal(1, ends(server.free, server))
    end)
  end)

  it("gives one object for one SSL_CTX, as long as Lua knows it", function()
    border.contexts(function(server, client)
      local host <close> = border.state()
      host:pushcontext(server, "a")
      host:pushcontext(server, "b")
      host:pushcontext(client, "c")
      assert.equal("true false", result(host, "return tostring(a == b) .. ' ' .. tostring(a == c)"))
      result(host, "a, b = nil; collectgarbage(); collectgarbage()")
      assert.equal(1, ends(server.free, server))
    end)
  end)

  it("has a client that verifies check host names, and a server not", function()
    border.contexts(function(server, client)
      local host <close> = border.state()
      host:pushcontext(server, "server")
      host:pushcontext(client, "client")
      assert.equal("false true 1", result(host, [[
        return server.check_hostname, client.check_hostname, client.verify_mode]])
        and result(host, [[return tostring(server.check_hostname) .. " " ..
          tostring(client.check_hostname) .. " " .. client.verify_mode]]))
    end)
  end)

  it("tells the SSL_CTX of a context that a script has made", function()
    border.contexts(function(server)
      local host <close> = border.state()
      result(host, "own, other = ssl.create_default_context(), {}")
      assert.is_false(host:iscontext("own", server))
      assert.is_false(host:iscontext("other", server))
    end)
  end)
end)

describe("lssl_replacecontext", function()
  it("drops the reference to the old SSL_CTX, and takes one to the new", function()
    border.contexts(function(old)
      border.contexts(function(new)
        local host <close> = border.state()
        host:pushcontext(old, "ctx")
        old:free()
        local dropped, _, ok = ends(host.replacecontext, host, "ctx", new)
        assert.is_true(ok)
        assert.equal(1, dropped)
        assert.is_true(host:iscontext("ctx", new))
        new:free()
        assert.equal(1, ends(host.close, host))
      end)
    end)
  end)

  it("keeps the object that lssl_pushcontext gives", function()
    border.contexts(function(old)
      border.contexts(function(new)
        local host <close> = border.state()
        host:pushcontext(old, "ctx")
        host:replacecontext("ctx", new)
        host:pushcontext(new, "again")
        host:pushcontext(old, "first")
        assert.equal("true false", result(host,
          "return tostring(ctx == again) .. ' ' .. tostring(ctx == first)"))
      end)
    end)
  end)

  it("refuses a context for the other side, and leaves all as it was", function()
    border.contexts(function(server, client)
      local host <close> = border.state()
      host:pushcontext(server, "ctx")
      local ok, text = host:replacecontext("ctx", client)
      assert.is_false(ok)
      assert.matches("another side", text, 1, true)
      assert.is_true(host:iscontext("ctx", server))
      client:free()
      host:pushcontext(server, "again")
      assert.equal("true", result(host, "return ctx == again"))
    end)
  end)

  it("is for new connections: those that exist keep the old certificate", function()
    local other = border.identity(border.authority():issue("localhost", "new.example"))
    local new <close> = embedder.context("server", other)
    os.remove(other)
    border.contexts(function(old)
      local host <close> = border.state()
      host:pushcontext(old, "ctx")
      host:setwaiter("ctx", true)
      local function serve(name)
        local mine, theirs = embedder.socketpair()
        assert.is_true(host:pushsocket("ctx", mine, name))
        host:spawn(("%s:do_handshake(); %s:sendall(%s:recv(10))"):format(name, name, name))
        return border.connect(host, theirs)
      end
      local function names(conn)
        return #conn:getpeercert().subjectAltName
      end
      local first <close> = serve("first")
      host:replacecontext("ctx", new)
      local second <close> = serve("second")
      assert.same({ 1, 2 }, { names(first), names(second) })
      old:free()
      first:sendall("still")
      assert.equal("still", first:recv(10))
      second:sendall("there")
      assert.equal("there", second:recv(10))
    end)
  end)
end)

describe("lssl_pushsocket", function()
  -- Calls f(host, fd, other) for a socketpair, whose second is closed afterwards.
  local function with_socket(f)
    border.contexts(function(server, client)
      local host <close> = border.state()
      host:pushcontext(server, "server")
      host:pushcontext(client, "client")
      local mine, theirs = embedder.socketpair()
      f(host, mine, theirs)
      host:close()
      if embedder.isopen(mine) then embedder.closefd(mine) end
      embedder.closefd(theirs)
    end)
  end

  it("gives the socket the descriptor, to close it", function()
    with_socket(function(host, fd)
      assert.is_true(host:pushsocket("server", fd, "conn"))
      assert.same({ fd, true }, { host:look("conn") })
      result(host, "conn:close()")
      assert.is_false(embedder.isopen(fd))
      assert.same({ -1, false }, { host:look("conn") })
    end)
  end)

  it("keeps the secrets of the host's connections from a script", function()
    with_socket(function(host, fd)
      host:pushsocket("server", fd, "conn")
      assert.matches("the connection's context is the host's", result(host, [[
        local ok, err = pcall(conn._observe, conn, print)
        return not ok and err.message]]), 1, true)
    end)
  end)

  it("lets the collector and the end of the state close it", function()
    for _, script in ipairs({ "conn = nil; collectgarbage()", "" }) do
      with_socket(function(host, fd)
        host:pushsocket("server", fd, "conn")
        result(host, script)
        if script == "" then host:close() end
        assert.is_false(embedder.isopen(fd))
      end)
    end
  end)

  it("leaves it to the host with LSSL_KEEPFD", function()
    with_socket(function(host, fd)
      host:pushsocket("server", fd, "conn", embedder.KEEPFD)
      result(host, "conn:close(); conn = nil; collectgarbage()")
      assert.is_true(embedder.isopen(fd))
    end)
  end)

  it("leaves the descriptor to the caller when it raises", function()
    with_socket(function(host, fd)
      local cases = {
        { "client", fd, "conn", embedder.CLIENT, 0, nil, text = "requires server_hostname" },
        { "client", fd, "conn", embedder.CLIENT, 0, ".bad", text = "server_hostname" },
        { "server", fd, "conn", 0, 0, "localhost", text = "only be specified in client mode" },
        { "client", fd, "conn", 0, text = "PROTOCOL_TLS_CLIENT" },
        { "ssl", fd, "conn", text = "SSLContext expected" },
      }
      for _, case in ipairs(cases) do
        local ok, text = host:pushsocket(table.unpack(case, 1, 7))
        assert.is_false(ok)
        assert.matches(case.text, text, 1, true)
        assert.is_true(embedder.isopen(fd))
      end
      assert.is_true(host:pushsocket("server", fd, "conn"))
    end)
  end)

  it("takes timeouts, and raises for what is no socket", function()
    with_socket(function(host, fd)
      assert.is_true(host:pushsocket("server", fd, "conn", 0, 2.5))
      assert.equal("2.5", result(host, "return conn:gettimeout()"))
      local ok, text = host:pushsocket("server", 1000000, "other")
      assert.is_false(ok)
      assert.matches("Errno 9", text, 1, true)
    end)
  end)

  it("makes a client's, which verifies the name", function()
    with_socket(function(host, fd)
      host:pushsocket("client", fd, "conn", embedder.CLIENT, 0, "localhost")
      assert.equal("localhost", result(host, "return conn.server_hostname"))
    end)
  end)
end)

describe("lssl_pushconnection", function()
  it("takes the reference and, if its BIO closes it, the descriptor", function()
    for _, closes in ipairs({ true, false }) do
      border.contexts(function(server)
        local host <close> = border.state()
        local mine, theirs = embedder.socketpair()
        assert.is_true(host:pushconnection(server, mine, "conn", closes))
        assert.same({ mine, true }, { host:look("conn") })
        assert.equal("true", result(host, "return ssl.isinstance(conn, ssl.SSLSocket)"))
        local _, ssls = ends(host.run, host, "conn:close()")
        assert.equal(1, ssls)
        assert.equal(not closes, embedder.isopen(mine))
        if not closes then embedder.closefd(mine) end
        embedder.closefd(theirs)
      end)
    end
  end)

  it("makes an SSLObject of one without a descriptor", function()
    border.contexts(function(server)
      local host <close> = border.state()
      assert.is_true(host:pushconnection(server, nil, "conn"))
      assert.equal("true", result(host, "return ssl.isinstance(conn, ssl.SSLObject)"))
      assert.same({ -1, true }, { host:look("conn") })
      local _, ssls = ends(host.close, host)
      assert.equal(1, ssls)
    end)
  end)

  it("changes nothing when it raises", function()
    border.contexts(function(server)
      local host <close> = border.state()
      host:setlimits({ connections = 1 })
      local mine, theirs = embedder.socketpair()
      local other, theirother = embedder.socketpair()
      assert.is_true(host:pushconnection(server, mine, "conn", true))
      local contexts, ssls, ok = ends(host.pushconnection, host, server, other, "more", true)
      assert.is_false(ok)
      assert.same({ 0, 1 }, { contexts, ssls })  -- the host has freed what was its own
      assert.is_false(embedder.isopen(other))
      embedder.closefd(theirs)
      embedder.closefd(theirother)
    end)
  end)

  it("speaks TLS over what the host has made", function()
    border.contexts(function(server)
      local host <close> = border.state()
      local mine, theirs = embedder.socketpair()
      host:pushconnection(server, mine, "conn", true)
      result(host, "ctx = conn.context")
      host:setwaiter("ctx", true)
      host:spawn("conn:do_handshake(); conn:sendall(conn:recv(10):upper())")
      local conn <close> = border.connect(host, theirs)
      conn:sendall("hello")
      assert.equal("HELLO", conn:recv(10))
    end)
  end)

  it("tells what is left of a write that the host's own BIO has cut", function()
    border.contexts(function(server)
      local host <close> = border.state()
      local ok, peer = host:pushnarrow(server, "conn")
      assert.is_true(ok)
      assert.equal("SSLWantWriteError", result(host, [[
        local _, err = pcall(conn.write, conn, ("x"):rep(50000))
        return ssl.isinstance(err, ssl.SSLWantWriteError) and "SSLWantWriteError" or err]]))
      assert.equal("16384", result(host, [[
        local _, err = pcall(conn.write, conn, "something else")
        return err.sent]]))
      embedder.drop(peer)
    end)
  end)

  it("lets the host look at the SSL after the object's end", function()
    border.contexts(function(server)
      local host <close> = border.state()
      local mine, theirs = embedder.socketpair()
      host:pushconnection(server, mine, "conn", true)
      local kept = host:keep("conn")
      local _, ssls = ends(host.close, host)
      assert.equal(0, ssls)
      _, ssls = ends(embedder.drop, kept)
      assert.equal(1, ssls)
      embedder.closefd(theirs)
    end)
  end)

  it("leaves no callback behind that an SSL without an object could fall into", function()
    for _, callback in ipairs({ "sni_callback", "client_hello_callback",
        "certificate_callback" }) do
      border.contexts(function(server)
        local host <close> = border.state()
        local mine, theirs = embedder.socketpair()
        host:pushconnection(server, mine, "conn", false)
        result(host, ("conn.context.%s = function() end"):format(callback))
        local kept = host:keep("conn")
        result(host, "conn:close()")
        local conn <close> = border.client():wrap_socket(theirs, { timeout = 0,
          server_hostname = "localhost", do_handshake_on_connect = false })
        assert.is_false((pcall(conn.do_handshake, conn)))
        assert.equal(-1, embedder.drop(kept), callback)
        embedder.closefd(mine)
      end)
    end
  end)
end)

describe("lssl_close", function()
  it("ends a connection, any number of times, and no other value", function()
    border.contexts(function(server)
      local host <close> = border.state()
      local mine, theirs = embedder.socketpair()
      host:pushcontext(server, "ctx")
      host:pushsocket("ctx", mine, "conn")
      host:end_("conn")
      assert.is_false(embedder.isopen(mine))
      host:end_("conn")
      host:end_("ctx")
      host:end_("no_such_global")
      embedder.closefd(theirs)
    end)
  end)
end)

describe("lssl_iserror", function()
  it("tells classes and those above them", function()
    local host <close> = border.state()
    result(host, "timeout = ssl.TimeoutError('x'); verify = ssl.SSLCertVerificationError('x')")
    result(host, "want = select(2, pcall(error, ssl.SSLWantReadError)) text = 'x'")
    for name, classes in pairs({
      timeout = { TimeoutError = true, OSError = true, Error = true, SSLError = false },
      verify = { SSLError = true, ValueError = true, OSError = true, TimeoutError = false },
      text = { Error = false }, no_such_global = { Error = false },
    }) do
      for class, is in pairs(classes) do
        assert.equal(is, host:iserror(name, class), name .. " " .. class)
      end
    end
  end)
end)
