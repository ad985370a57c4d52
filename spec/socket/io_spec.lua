local socket = require "socket"
local _ssl = require "_ssl"
local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local process = require "support.process"
local steps = require "support.steps"
local system = require "support.system"

local badargument, raises, protocolerror = errors.badargument, errors.raises, errors.protocolerror

local client_context, server_context = contexts.ticketless()

local function connect(net, more)
  return net:tls(client_context, server_context, more)
end

-- Fills the way to a peer that does not read; what is to be sent again.
local function fill(conn, size)
  local data = ("x"):rep(size)
  conn:settimeout(0)
  repeat local how = steps.try(conn, "send", data) until how == "want"
  return data
end

describe("SSLSocket.recv", function()
  it("takes lengths as integers, however large", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    for _, size in ipairs({ (1 << 31) - 1, 1 << 31, math.maxinteger }) do
      peer:sendall("data")
      assert.equal("data", conn:recv(size))
    end
    assert.equal("", conn:recv(0))
    assert.equal("negative buffersize in recv", raises(ssl.ValueError, conn.recv, conn, -1).message)
    raises(ssl.ValueError, conn.recv, conn, math.mininteger)
    for _, size in ipairs({ 1.5, "10", true }) do
      badargument(conn.recv, conn, size)
    end
    local err = raises(ssl.ValueError, conn.recv, conn, 1, 2)
    assert.is_truthy(err.message:find("non-zero flags", 1, true))
  end)

  it("gives nil at the end, again and again, and 0 into a buffer", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    peer:settimeout(0)
    steps.try(peer, "unwrap")
    for _ = 1, 2 do
      assert.is_nil(conn:recv())
      assert.is_nil(conn:read())
      assert.equal(0, conn:recv_into(ssl.bytearray(3)))
    end
    assert.equal(0, conn:recv_into(ssl.bytearray(0)))
    raises(ssl.ValueError, conn.recv_into, conn, ssl.bytearray(3), 4)
    conn:sendall("half closed")
    peer:settimeout(5)
  end)

  it("tells a ragged end unless it is to be suppressed", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    peer:sendall("data")
    peer:close()
    assert.equal("data", conn:recv())
    assert.is_nil(conn:recv())
    conn.suppress_ragged_eofs = false
    for _ = 1, 2 do
      raises(ssl.SSLEOFError, conn.recv, conn)
      raises(ssl.SSLEOFError, conn.recv_into, conn, ssl.bytearray(3))
    end
  end)

  it("tells a suppressed ragged end again and again, and send of it", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    peer:close()
    for _ = 1, 3 do assert.is_nil(conn:recv()) end
    raises(ssl.SSLEOFError, conn.send, conn, "x")
  end)

  it("gives what came before a record that is broken, and then the error", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    peer:sendall("good")
    peer:detach():send("\23\3\3\0\32" .. ("z"):rep(32))
    assert.equal("good", conn:recv())
    local err = raises(ssl.SSLError, conn.recv, conn)
    assert.is_true(protocolerror(err))
    assert.equal(err, raises(ssl.SSLError, conn.recv, conn))
    assert.equal(err, raises(ssl.SSLError, conn.send, conn, "x"))
    assert.equal(err, raises(ssl.SSLError, conn.unwrap, conn))
  end)

  it("has one deadline for a record that drips in", function()
    local net <close> = loopback.new()
    local context = contexts.new()
    local conn, peer = net:tls(context, server_context)
    local plain = peer:detach()
    plain:send("\23\3\3\64\0")
    local turns = 0
    context.waiter = function(_, _, left)
      turns = turns + 1
      plain:send("z")
      socket.sleep(math.min(0.005, left))
    end
    conn:settimeout(0.2)
    local start = socket.gettime()
    raises(ssl.TimeoutError, conn.recv, conn)
    assert.is_true(socket.gettime() - start < 5 and turns > 2)
    context.waiter = nil
  end)
end)

describe("SSLSocket.recv_into", function()
  it("fills as much of the buffer as it is told to, by position or by name", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    peer:sendall("abcdefghijklmnop")
    local buffer = ssl.bytearray("........")
    assert.equal(2, conn:recv_into(buffer, 2))
    assert.equal("ab......", buffer:tostring())
    assert.equal(3, conn:recv_into(buffer:slice(3), 3, 0))
    assert.equal("abcde...", buffer:tostring())
    assert.equal(1, conn:recv_into({ buffer = buffer:slice(6), nbytes = 1 }))
    assert.equal(2, conn:recv_into(buffer:slice(7), 0))
    assert.equal("abcdefgh", buffer:tostring())
    assert.equal(8, conn:recv_into(buffer, nil, nil))
    assert.equal("ijklmnop", buffer:tostring())
    raises(ssl.ValueError, conn.recv_into, conn, buffer, -1)
    raises(ssl.ValueError, conn.recv_into, conn, buffer, 1, 2)
  end)
end)

describe("SSLSocket.send", function()
  it("takes nothing, and whatever is bytes", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    assert.equal(0, conn:send(""))
    assert.equal(0, conn:write(ssl.bytearray(0)))
    conn:sendall("")
    assert.equal(3, conn:send(ssl.bytearray("a\0b")))
    assert.equal("a\0b", peer:recv())
    for _, bad in ipairs({ 1, true, {}, false }) do
      badargument(conn.send, conn, bad)
    end
    badargument(conn.send, conn)
  end)

  it("refuses to go on with fewer bytes than it began with", function()
    for _, size in ipairs({ 10000, 300000 }) do
      local net <close> = loopback.new()
      local conn, peer = connect(net)
      local data = fill(conn, size)
      for _, method in ipairs({ "send", "sendall" }) do
        local ok, err = steps.try(conn, method, "x")
        assert(ok == "want" or not ok and protocolerror(err), tostring(err))
      end
      peer:settimeout(0)
      local sent
      repeat
        steps.try(peer, "recv", 16384)
        sent = select(2, steps.try(conn, "send", data))
      until sent
      assert.equal(size, sent)
    end
  end)

  it("delivers every byte once, whatever the retries", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    conn:settimeout(0)
    peer:settimeout(0)
    local parts, got = {}, {}
    for i = 1, 40 do
      local data = (tostring(i) .. ","):rep(i * 3000)
      parts[i] = data
      local ok
      repeat
        ok = steps.try(conn, "send", data)
        assert(ok)
        if ok == "want" then
          collectgarbage("step")
          local read, piece = steps.try(peer, "recv", 100000)
          if read == true then got[#got + 1] = piece end
        end
      until ok == true
    end
    conn:close()
    peer:settimeout(5)
    repeat
      local piece = peer:recv(100000)
      got[#got + 1] = piece
    until not piece
    assert.is_true(table.concat(parts) == table.concat(got))
  end)

  it("has one deadline for all its bytes", function()
    local net <close> = loopback.new()
    local context = contexts.new()
    local conn, peer = net:tls(context, server_context)
    peer:settimeout(0)
    local turns = 0
    context.waiter = function(_, _, left)  -- the peer makes some room each time
      turns = turns + 1
      steps.try(peer, "recv", 16384)
      socket.sleep(math.min(0.005, left))
    end
    conn:settimeout(0.2)
    local start = socket.gettime()
    raises(ssl.TimeoutError, conn.sendall, conn, ("x"):rep(50000000))
    assert.is_true(socket.gettime() - start < 5 and turns > 2)
    context.waiter = nil
  end)

  it("never raises SIGPIPE", function()
    -- In a child without LuaSocket, which ignores the signal; who ignores it has
    -- children that do, but for perl's.
    local script = [[
      local ssl = require "ssl"
      local context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      context.check_hostname = false
      context.verify_mode = ssl.CERT_NONE
      -- what a call ends with, sooner or later
      local function fails(f, ...)
        local ok, err
        repeat ok, err = pcall(f, ...) until not ok
        assert(ssl.isinstance(err, ssl.OSError), err)
        if ssl.isinstance(err, ssl.SSLZeroReturnError) then return "closed" end
        return ssl.isinstance(err, ssl.SSLEOFError) and "EOF" or err.errno
      end
      local function named(code) return (code == 32 or code == 104) and "broken" or code end
      for fd = 3, 7 do
        local conn = context:wrap_socket(fd, { timeout = 10 })
        local ok = fd > 5 or pcall(conn.recv, conn)  -- until the end or the reset
        if fd == 7 then
          local file = conn:makefile("w", 0)
          local code
          repeat code = select(3, file:write("data")) until code
          file:close()
          print(fd, ok, named(code))
        else
          local method = fd == 6 and "sendall" or "send"
          print(fd, ok, named(fails(conn[method], conn, "data")))
        end
        pcall(conn.unwrap, conn)
        conn:close()
      end
      -- now one that is raised: the signal was not ignored
      assert(package.loaded.socket == nil)
      print("alive")
      local pipe = io.popen("exec 0<&-; echo closed >&2", "w")
      repeat pipe:write("x"):flush() until false
    ]]
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local words = {}
    for i, word in ipairs({ "perl", "-e", '$SIG{PIPE} = "DEFAULT"; exec @ARGV or die',
      "bash", "-c", 'for f in 3 4 5 6 7; do eval "exec $f<>/dev/tcp/127.0.0.1/$0"; done; exec "$@"',
      port, process.lua, "-e", script }) do
      words[i] = process.quoted(word)
    end
    local pipe = assert(io.popen(table.concat(words, " ") .. " 2>&1"))
    local plain = {}
    for fd = 3, 7 do plain[fd] = net:add(assert(listener:accept())) end
    for fd = 3, 7 do
      if fd == 3 then plain[fd]:setoption("linger", { on = true, timeout = 0 }) end
      local ok, conn = pcall(server_context.wrap_socket, server_context, plain[fd],
        { server_side = true, timeout = 10 })
      assert(ok, ok or pipe:read("a"))
      conn:settimeout(0)
      if fd == 5 then steps.try(conn, "unwrap") end
      conn:close()
    end
    local text = pipe:read("a")
    local _, how, code = pipe:close()
    -- Before 3.2 OpenSSL takes any failure after the peer's close_notify for that end.
    local last = ssl.OPENSSL_VERSION_NUMBER >= 0x30200000 and "broken" or "closed"
    assert.equal("3\tfalse\tbroken\n4\ttrue\tEOF\n5\ttrue\t" .. last .. "\n6\ttrue\tbroken\n"
      .. "7\ttrue\tbroken\nalive\nclosed\n", text)
    assert.is_true(how == "signal" and code == 13 or code == 128 + 13, ("%s %s"):format(how, code))
  end)
end)

describe("A stale entry in OpenSSL's error queue", function()
  it("changes nothing", function()
    local net <close> = loopback.new()
    local client, server = net:wrapped(client_context, server_context)
    local function stale(conn, method, ...)
      _ssl._pusherror()
      local results = table.pack(steps.try(conn, method, ...))
      assert.equal(0, _ssl._counterrors(), method)
      return table.unpack(results, 1, results.n)
    end
    local one, other
    repeat
      one = one == true or stale(client, "do_handshake")
      other = other == true or stale(server, "do_handshake")
      assert(one and other)
    until one == true and other == true
    assert.equal("want", stale(client, "recv"))
    assert.is_true(stale(client, "send", "data"))
    server:settimeout(5)
    assert.same({ true, "data" }, { stale(server, "recv") })
    assert.equal("want", stale(client, "unwrap"))
    assert.is_nil(server:recv())
    assert.is_true(stale(server, "unwrap"))
  end)
end)

describe("Methods that TLS has no use for", function()
  it("are refused as CPython refuses them", function()
    local net <close> = loopback.new()
    local conn = connect(net)
    for _, name in ipairs({ "dup", "sendmsg", "recvmsg", "recvmsg_into" }) do
      raises(ssl.NotImplementedError, conn[name], conn)
    end
    for _, name in ipairs({ "sendto", "recvfrom", "recvfrom_into" }) do
      raises(ssl.ValueError, conn[name], conn)
    end
  end)

  it("fail as those of any socket while there is no connection", function()
    local net <close> = loopback.new()
    local conn = net:add(client_context:wrap_socket(socket.tcp4(), { server_hostname = "x" }))
    local calls = { sendto = { "x", { "127.0.0.1", 1 } }, recvfrom = { 1 },
      recvfrom_into = { ssl.bytearray(1) } }
    for name, arguments in pairs(calls) do
      assert.equal(system.errno.ENOTCONN,
        raises(ssl.OSError, conn[name], conn, table.unpack(arguments)).errno)
    end
    conn:close()
    for name, arguments in pairs(calls) do
      assert.equal(9, raises(ssl.OSError, conn[name], conn, table.unpack(arguments)).errno)
    end
  end)
end)
