-- file_spec.lua runs this for the files that are made in Lua, and says so.
local in_lua = ... == "in Lua" or package.config:sub(1, 1) == "\\"

local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local process = require "support.process"
local steps = require "support.steps"
local system = require "support.system"

local badargument, protocolerror = errors.badargument, errors.protocolerror
local raised, raises = errors.raised, errors.raises

local client_context, server_context = contexts.ticketless()

local errno = system.errno
local ETIMEDOUT, EAGAIN, EBADF = errno.ETIMEDOUT, errno.EAGAIN, errno.EBADF
local EBUSY, EIO, ENOMEM, EPROTO = errno.EBUSY, errno.EIO, errno.ENOMEM, errno.EPROTO

local function connect(net)
  return net:tls(client_context, server_context)
end

-- What a file says of a failure: its number.
local function failure(result, _, code)
  assert.is_nil(result)
  return code
end

-- Has the connection nothing to give yet?
local function waits(conn)
  conn:settimeout(0.01)
  local ok, err = pcall(conn.recv, conn)
  conn:settimeout(10)
  return not ok and ssl.isinstance(err, ssl.TimeoutError)
end

describe("SSLSocket.makefile", function()
  it("gives a real file of Lua's", function()
    local net <close> = loopback.new()
    local conn = connect(net)
    local file <close> = conn:makefile()
    assert.equal(not in_lua and "file" or nil, io.type(file))
    assert.is_truthy(tostring(file):find("^file %("))
    file:close()
    assert.equal("file (closed)", tostring(file))
    assert.has_error(function() file:read() end, "attempt to use a closed file")
  end)

  it("reads by lines, numbers, counts, and all until the end", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    peer:sendall("one\ntwo\n 12 0x10 -3.5e1 x\nlast\n\nrest")
    peer:close()
    local file <close> = conn:makefile("r")
    assert.equal("one", file:read("l"))
    assert.equal("two\n", file:read("L"))
    local a, b, c = file:read("n", "n", "n")
    assert.same({ 12, 16, -35.0 }, { a, b, c })
    assert.equal(" x", file:read("l"))
    assert.equal("la", file:read(2))
    local lines = {}
    for line in file:lines() do lines[#lines + 1] = line end
    assert.same({ "st", "", "rest" }, lines)
    assert.is_nil(file:read("l"))
    assert.equal("", file:read("a"))
    assert.is_nil(file:read(0))
  end)

  it("gathers a long read from many records", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    local parts = {}
    for i = 1, 200 do parts[i] = ("%03d"):format(i):rep(11) end
    for _, part in ipairs(parts) do peer:sendall(part) end
    peer:close()
    local file <close> = conn:makefile("rb")
    assert.equal(table.concat(parts), file:read("a"))
  end)

  it("writes, as late as its buffering says", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    local file <close> = conn:makefile("w")
    assert.equal(file, file:write("full", 1, 2.5))
    assert.is_true(waits(peer))
    file:flush()
    assert.equal("full12.5", peer:recv())
    file:setvbuf("no")
    file:write("now")
    assert.equal("now", peer:recv())
    file:setvbuf("full")
    local lines <close> = conn:makefile("w")
    lines:setvbuf("line")
    lines:write("line\n")
    assert.equal("line\n", peer:recv())
    lines:write("end")
    lines:close()
    assert.equal("end", peer:recv())
  end)

  it("takes the buffering of Python", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    local none <close> = conn:makefile("w", 0)
    none:write("a")
    assert.equal("a", peer:recv())
    local line <close> = conn:makefile("w", { buffering = 1 })
    line:write("b\n")
    assert.equal("b\n", peer:recv())
    local some <close> = conn:makefile("w", 400)
    some:write("c")
    assert.is_true(waits(peer))
    some:write(("d"):rep(400))
    assert.is_truthy(peer:recv():find("^c"))
    assert.equal(ENOMEM, raises(ssl.OSError, conn.makefile, conn, "w", math.maxinteger).errno)
    local default <close> = conn:makefile("w", -1)
    default:write("i")
    default:flush()
    local text = ""
    repeat text = text .. peer:recv() until text:find("i$")
  end)

  it("goes both ways by turns, whatever was read ahead or given back", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    local file <close> = conn:makefile("rw")
    peer:sendall("12 and\nmore\n34")
    assert.equal(12, file:read("n"))  -- which looks at the blank and gives it back
    file:write("first")
    assert.equal("first", peer:recv())
    assert.equal(" and", file:read("l"))
    file:write("second")
    assert.equal("second", peer:recv())
    assert.equal("more", file:read("l"))
    assert.equal("34", file:read(2))
    file:write("third")
    assert.equal("third", peer:recv())
    peer:sendall("!")
    assert.equal("!", file:read(1))
  end)

  it("cannot be sought in", function()
    local net <close> = loopback.new()
    local conn = connect(net)
    for _, mode in ipairs({ "r", "w", "rw" }) do
      local file <close> = conn:makefile(mode)
      assert.is_nil(file:seek("set", 0))
      assert.is_nil(file:seek("end"))
    end
  end)

  it("refuses to write where it reads, and to read where it writes", function()
    local net <close> = loopback.new()
    local conn = connect(net)
    local r <close> = conn:makefile("r")
    local w <close> = conn:makefile("w")
    assert.equal(EBADF, failure(r:write("x")))
    assert.equal(EBADF, failure(w:read(1)))
  end)

  it("refuses other modes as Python does, and other types as Lua does", function()
    local net <close> = loopback.new()
    local conn = connect(net)
    for _, mode in ipairs({ "a", "r+", "x", "rw\n", "U" }) do
      local err = raised(conn.makefile, conn, mode)
      assert.equal(("invalid mode '%s' (only r, w, b allowed)"):format(mode), err.message)
      assert.is_true(ssl.isinstance(err, ssl.ValueError))
    end
    badargument(conn.makefile, conn, 1)
    badargument(conn.makefile, conn, "r", "1")
    badargument(conn.makefile, conn, { modus = "r" })
    conn:makefile(""):close()
    conn:makefile("bwr"):close()
  end)
end)

describe("A file of a connection", function()
  it("goes nowhere, however far back", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    peer:sendall("hello")
    for _, mode in ipairs({ "r", "rw", "w" }) do
      local file <close> = conn:makefile(mode)
      for _, offset in ipairs({ math.mininteger, math.mininteger + 1, -2, 0, math.maxinteger }) do
        assert.equal(errno.ESPIPE, failure(file:seek("cur", offset)), mode)
      end
    end
    assert.equal("hello", conn:recv(5))
  end)

  it("keeps the connection open until the last one is closed", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    local r, w = conn:makefile("r"), conn:makefile("w")
    conn:close()
    assert.is_true(conn:fileno() >= 0)
    assert.equal(EBADF, raises(ssl.OSError, conn.makefile, conn).errno)
    w:write("still there")
    w:close()
    assert.equal("still there", peer:recv())
    peer:sendall("here too")
    assert.equal("here too", r:read(8))
    r:close()
    assert.equal(-1, conn:fileno())
    assert.is_nil(peer:recv())
    conn:close()
  end)

  it("may be closed before the connection", function()
    local net <close> = loopback.new()
    local conn = connect(net)
    conn:makefile("rw"):close()
    assert.is_true(conn:fileno() >= 0)
    conn:close()
    assert.equal(-1, conn:fileno())
  end)

  it("keeps a connection that nothing else holds", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    net.held[#net.held - 1] = peer  -- nor the net
    local file <close> = conn:makefile("r")
    peer:sendall("kept")
    conn:close()
    conn = nil  -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.equal("kept", file:read(4))
  end)

  it("is flushed by the collector, which closes what it kept open", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    do
      local file = conn:makefile("w")
      file:write("flushed")
      conn:close()
    end
    collectgarbage()
    collectgarbage()
    assert.equal(-1, conn:fileno())
    assert.equal("flushed", peer:recv())
    assert.is_nil(peer:recv())
  end)

  it("does not make the collector wait for a peer that does not read", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    conn:settimeout(0)
    while steps.try(conn, "send", ("x"):rep(100000)) ~= "want" do end  -- luacheck: ignore 542
    conn:settimeout(nil)
    do
      local file = conn:makefile("w")
      file:write("late")
    end
    local before = os.time()
    collectgarbage()
    collectgarbage()
    assert.is_true(os.time() - before < 10)
    assert(peer:recv())
  end)

  -- Files that are made in Lua lose nothing: file_spec.lua.
  local c_it = in_lua and pending or it

  -- What to read, and what comes before the timeout: some of it is lost in each.
  local halves = {
    { "l", "DELETE 1" }, { "L", "DELETE 1" }, { "n", "12" }, { "a", "some\n" }, { 10, "DELETE 1" },
    { 0, "", "whole\n" }, { "l", "", "whole\n" },
  }

  c_it("gives no more after a timeout that may have cost a part of what it gave", function()
    for _, mode in ipairs({ "r", "rw" }) do
      for _, half in ipairs(halves) do
        local net <close> = loopback.new()
        local conn, peer = connect(net)
        conn:settimeout(0.02)
        local file <close> = conn:makefile(mode)
        if half[3] then
          peer:sendall(half[3])
          assert.equal("whole", file:read("l"))
        end
        peer:sendall(half[2])
        assert.equal(ETIMEDOUT, failure(file:read(half[1])))
        peer:sendall("2345\n")
        conn:settimeout(10)
        for _ = 1, 3 do
          assert.equal(EIO, failure(file:read("l")))
          assert.equal(EIO, failure(file:read(half[1])))
        end
        assert.has_error(function() for _ in file:lines() do error("a line") end end,
          "Input/output error")
        if half[2] == "" then  -- another file may go on, if the program knows where
          local another <close> = conn:makefile("r")
          assert.equal("2345", another:read("l"))
        end
      end
    end
  end)

  c_it("gives no more after a timeout in the middle of lines", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    conn:settimeout(0.02)
    local file <close> = conn:makefile("r")
    peer:sendall("one\ntw")
    local got = {}
    local ok, message = pcall(function()
      for line in file:lines() do got[#got + 1] = line end
    end)
    assert.is_false(ok)
    assert.matches("timed out", message)
    assert.same({ "one" }, got)
    peer:sendall("o\nthree\n")
    ok, message = pcall(function()
      for line in file:lines() do got[#got + 1] = line end
    end)
    assert.is_false(ok)
    assert.matches("Input/output error", message)
    assert.same({ "one" }, got)
  end)

  it("tells a timeout before anything has come, and goes on reading afterwards", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    conn:settimeout(0.02)
    local file <close> = conn:makefile("r")
    assert.equal(ETIMEDOUT, failure(file:read("l")))
    conn:settimeout(0)
    assert.equal(EAGAIN, failure(file:read("l")))
    conn:settimeout(10)
    peer:sendall("late\n")
    assert.equal("late", file:read("l"))
  end)

  it("writes no more once a write has failed", function()
    local net <close> = loopback.new()
    local conn = connect(net)
    conn:settimeout(0.02)
    local file = conn:makefile("w", 0)
    local code
    repeat
      local ok, _, number = file:write(("x"):rep(100000))
      code = not ok and number
    until code
    assert.equal(ETIMEDOUT, code)
    assert.equal(ETIMEDOUT, failure(file:write("y")))
    file:close()
  end)

  it("reports that what it still had could not be written", function()
    local net <close> = loopback.new()
    local conn = connect(net)
    local file = conn:makefile("w")
    file:write("lost")
    conn:detach():close()
    assert.equal(EBADF, failure(file:close()))
  end)

  it("takes an end without close_notify as the connection is told to", function()
    for _, suppress in ipairs({ true, false }) do
      local net <close> = loopback.new()
      local conn, peer = net:tls(client_context, server_context,
        { suppress_ragged_eofs = suppress })
      peer:sendall("cut")
      peer:close()
      local file <close> = conn:makefile("r")
      assert.equal("cut", file:read(3))
      local text, _, code = file:read(1)
      assert.is_nil(text)
      assert.equal(not suppress and EPROTO or nil, code)
    end
  end)

  it("tells the end after close_notify", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    peer:settimeout(0)
    steps.try(peer, "unwrap")
    local file <close> = conn:makefile("rw")
    assert.is_nil((file:read(1)))
    assert.equal("", file:read("a"))
  end)

  it("fails with EPROTO where TLS does, and leaves the connection broken", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    local plain = peer:detach()
    plain:send("this is not TLS at all")
    local file <close> = conn:makefile("r")
    assert.equal(EPROTO, failure(file:read(1)))
    assert.equal(EPROTO, failure(file:read(1)))
    local err = raises(ssl.SSLError, conn.recv, conn)
    assert.is_true(protocolerror(err))
    local again = select(2, pcall(conn.send, conn, "x"))
    assert.equal(err, again)
  end)

  it("says ENOTCONN for a socket that is not connected", function()
    local net <close> = loopback.new()
    local conn = net:add(client_context:wrap_socket(require("socket").tcp4(),
      { server_hostname = "localhost" }))
    local file <close> = conn:makefile("r")
    assert.equal(errno.ENOTCONN, failure(file:read(1)))
  end)

  it("says EBUSY while a coroutine waits for what the file would read", function()
    local net <close> = loopback.new()
    local conn, peer = connect(net)
    local file <close> = conn:makefile("r")
    client_context.waiter = coroutine.yield
    finally(function() client_context.waiter = nil end)
    local reader = coroutine.create(function() return conn:recv(1) end)
    assert.same({ true, conn, "read" }, { table.unpack({ coroutine.resume(reader) }, 1, 3) })
    assert.equal(EBUSY, failure(file:read(1)))
    peer:sendall("x")
    assert.same({ true, "x" }, { coroutine.resume(reader) })
  end)

  it("cannot be made of one that is closed", function()
    local net <close> = loopback.new()
    local conn = connect(net)
    conn:close()
    local err = raised(conn.makefile, conn)
    assert.equal(EBADF, err.errno)
  end)

  it("is ended by the end of the program, with the connection or after it", function()
    local script = [[
      local ssl, socket = require "ssl", require "socket"
      local l = assert(socket.bind("127.0.0.1", 0))
      local a = assert(socket.connect("127.0.0.1", (select(2, l:getsockname()))))
      local b = assert(l:accept())
      local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      ctx.check_hostname = false
      ctx.verify_mode = ssl.CERT_NONE
      conn = ctx:wrap_socket(a, { do_handshake_on_connect = false, timeout = 0.1 })
      file = conn:makefile("rw")
      other = conn:makefile("w")
      other:write("never sent")
      %s
    ]]
    for _, last in ipairs({ "", "conn = nil", "file, other = nil", "conn:close()",
      "conn:detach()", "os.exit(true, true)" }) do
      local text, status = process.run_lua(script:format(last))
      assert.equal(0, status, text)
    end
  end)
end)
