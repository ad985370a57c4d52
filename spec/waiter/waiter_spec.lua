local socket = require "socket"
local waiter = require "ssl.waiter"
local classname = require "support.errors".classname
local loops = require "support.loops"
local process = require "support.process"

-- Both ends of a TLS connection; the sides are given to f and g, each a coroutine.
-- Without tickets: closing before they are read resets, of which luv writes to stderr.
local function pair(loop, f, g)
  local client_ctx, server_ctx = loop.contexts()
  server_ctx.num_tickets = 0
  local listener, port = loops.listen(server_ctx)
  loop.spawn(function()
    local _ <close> = listener
    local conn <close> = listener:accept()
    g(conn)
  end)
  loop.spawn(function()
    local conn <close> = loops.connect(client_ctx, port)
    f(conn)
  end)
  loop.run()
end

loops.each({ describe = describe, pending = pending }, function(name, new)
  it("holds the deadline of a call, and lets others run until then", function()
    local loop = new()
    local turns, err = 0, nil
    pair(loop, function(conn)
      conn:settimeout(0.1)
      local start = socket.gettime()
      err = select(2, pcall(conn.recv, conn))
      assert.is_true(socket.gettime() - start < 5)
      conn:settimeout(nil)
      conn:sendall("late")
      assert.is_nil(conn:recv())
    end, function(conn)
      for _ = 1, 3 do
        loop.sleep(0.01)
        turns = turns + 1
      end
      assert.equal("late", conn:recv())
    end)
    assert.equal("TimeoutError", classname(err))
    assert.equal(3, turns)
  end)

  it("ends a recv whose connection another coroutine closes", function()
    local loop = new()
    local err
    pair(loop, function(conn)
      loop.spawn(function()
        loop.sleep(0.01)
        conn:close()
        assert.equal(-1, conn:fileno())
      end)
      err = select(2, pcall(conn.recv, conn))
    end, function(conn) pcall(conn.recv, conn) end)
    assert.equal("OSError", classname(err))
    assert.equal(9, err.errno)
  end)

  it("ends a sendall whose connection another coroutine closes", function()
    local loop = new()
    local err
    pair(loop, function(conn)
      loop.spawn(function()
        loop.sleep(0.05)
        conn:close()
      end)
      err = select(2, pcall(conn.sendall, conn, ("x"):rep(2 ^ 24)))
    end, function() loop.sleep(0.1) end)
    assert.equal(9, err.errno)
  end)

  it("ends an accept whose socket another coroutine closes", function()
    local loop = new()
    local _, server_ctx = loop.contexts()
    local listener = loops.listen(server_ctx)
    local err
    loop.spawn(function() err = select(2, pcall(listener.accept, listener)) end)
    loop.spawn(function()
      loop.sleep(0.01)
      listener:close()
    end)
    loop.run()
    assert.equal(9, err.errno)
  end)

  it("reads and writes at the same time", function()
    local loop = new()
    local size, got = 2 ^ 22, { 0, 0 }
    local function both(i, conn)
      local writing = true
      loop.spawn(function()
        conn:sendall(("x"):rep(size))
        writing = false
      end)
      while got[i] < size do
        got[i] = got[i] + #conn:recv(16384)
      end
      while writing do loop.sleep(0.01) end
    end
    pair(loop, function(conn) both(1, conn) end, function(conn) both(2, conn) end)
    assert.same({ size, size }, got)
  end)

  it("refuses a second reader, an unwrap and a detach while one reads", function()
    local loop = new()
    local refused, got = {}, nil
    pair(loop, function(conn)
      loop.spawn(function()
        loop.sleep(0.01)
        for _, method in ipairs({ "recv", "unwrap", "detach", "do_handshake" }) do
          refused[#refused + 1] = select(2, pcall(conn[method], conn))
        end
        conn:sendall("go on")
      end)
      got = conn:recv()
    end, function(conn) conn:sendall(conn:recv()) end)
    assert.equal("go on", got)
    assert.equal(4, #refused)
    for _, err in ipairs(refused) do
      assert.equal("the connection is in use: a read is waiting", err.message)
      assert.equal("ValueError", classname(err))
    end
  end)

  it("waits in a pcall, in an iterator and in to-be-closed variables", function()
    local loop = new()
    local lines, order = {}, {}
    local function closing(text, conn)
      return setmetatable({}, { __close = function()
        conn:sendall(text)  -- waits for the handshake's sake, if not for its own
        order[#order + 1] = text
      end })
    end
    pair(loop, function(conn)
      local function each() return (conn:recv(1)) end
      assert(pcall(function()
        local _ <close> = closing("two", conn)
        local _ <close> = closing("one", conn)
        for char in each do
          lines[#lines + 1] = char
          if #lines == 4 then break end
        end
      end))
    end, function(conn)
      for _ = 1, 4 do
        conn:sendall("x")
        loop.sleep(0.01)
      end
      local text = ""
      while #text < 6 do text = text .. conn:recv() end
      assert.equal("onetwo", text)
    end)
    assert.equal("xxxx", table.concat(lines))
    assert.same({ "one", "two" }, order)
  end)

  it("waits outside of its loop too, as long as it is told", function()
    local loop = new()
    local a = assert(socket.bind("127.0.0.1", 0))
    assert.is_false(loop.wait(a, "read", 0))
    socket.sleep(0.05)  -- the loop does not run meanwhile, and sees no clock
    local start = socket.gettime()
    assert.is_false(loop.wait(a, "read", 0.02))
    assert.is_true(socket.gettime() - start >= 0.019)
    local b = assert(socket.connect("127.0.0.1", (select(2, a:getsockname()))))
    assert.is_true(loop.wait(a, "read", 10))
    assert.is_true(loop.wait(b, "write"))
    a:close()
    b:close()
  end)

  it("has waited outside of its loop when the program ends", function()
    local wait = name == "scheduler" and "scheduler.wait" or name
    local out, status = process.run({ process.lua, "-e", ([[
      local socket = require "socket"
      local listener = socket.bind("127.0.0.1", 0)
      print(require("ssl.waiter").%s(listener, "read", 0))]]):format(wait) })
    assert.same({ "false\n", 0 }, { out, status })
  end)

  it("reuses descriptors without confusing who waits for them", function()
    local loop = new()
    local client_ctx, server_ctx = loop.contexts()
    local listener, port = loops.listen(server_ctx)
    local right = 0
    loop.spawn(function()
      local _ <close> = listener
      for _ = 1, 20 do
        local conn <close> = listener:accept()
        conn:sendall(conn:recv())
      end
    end)
    loop.spawn(function()
      for i = 1, 20 do
        local conn <close> = loops.connect(client_ctx, port)
        conn:sendall("number " .. i)
        if conn:recv() == "number " .. i then right = right + 1 end
      end
    end)
    loop.run()
    assert.equal(20, right)
  end)
end)

describe("ssl.waiter", function()
  it("knows no other names, so that a misspelt one does not silently block", function()
    local err = select(2, pcall(function() return waiter.coaps end))
    assert.truthy(err:find("no waiter 'coaps'", 1, true))
    assert.truthy(select(2, pcall(waiter.load, nil)):find("no waiter 'nil'", 1, true))
  end)
end)
