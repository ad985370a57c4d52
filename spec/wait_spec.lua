local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local testing_c = require "_ssl"._testing
local loopback = require "support.loopback"
local process = require "support.process"

local ca = testing.CA()
local client_context = ssl.create_default_context({ cadata = ca.cert.pem })
local server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ca:issue("localhost"):configure_cert(server_context)
server_context.num_tickets = 0

local function raises(class, f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert(ssl.isinstance(err, class), "another error: " .. tostring(err))
  return err
end

describe("A timeout", function()
  it("is any number but NaN and those below 0", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    for _, good in ipairs({ 0, 1e-9, 0.5, 1e9, 2 ^ 31, 1e300, math.huge }) do
      conn:settimeout(good)
      assert.equal(good, conn:gettimeout())
      if good > 0.1 then
        peer:sendall("x")
        assert.equal("x", conn:recv(1))
      end
    end
    for _, bad in ipairs({ 0 / 0, -1, -1e-9, -math.huge, math.mininteger }) do
      raises(ssl.ValueError, conn.settimeout, conn, bad)
    end
    for _, bad in ipairs({ "1", true, {} }) do
      assert.equal("string", type(select(2, pcall(conn.settimeout, conn, bad))))
    end
    assert.equal(math.huge, conn:gettimeout())
  end)

  it("has one deadline, whatever drips in: reading, and in the handshake", function()
    for _, what in ipairs({ "recv", "do_handshake" }) do
      local net <close> = loopback.new()
      local conn, far
      if what == "recv" then
        local peer
        conn, peer = net:tls(client_context, server_context)
        far = peer:detach()
      else
        local near
        near, far = net:pair()
        conn = net:add(client_context:wrap_socket(near, { server_hostname = "localhost",
          do_handshake_on_connect = false }))
      end
      -- another process drips the bytes of a record
      local child = testing_c.fork(function()
        far:send((what == "recv" and "\23" or "\22") .. "\3\3\64\0")
        while far:send("z") do socket.sleep(0.02) end
      end, far:getfd())
      conn:settimeout(0.2)
      local start = socket.gettime()
      raises(ssl.TimeoutError, conn[what], conn)
      local took = socket.gettime() - start
      child:close()
      assert.is_true(took >= 0.2 and took < 2, took)
    end
  end)
end)

-- Waits in a handshake that nobody answers, and has SIGINT sent to itself, for
-- which lua has a handler that sets a hook.
local interrupted = [[
local socket, ssl = require "socket", require "ssl"
local file <close> = assert(io.open("/proc/self/stat"))
local listener = assert(socket.bind("127.0.0.1", 0))
local host, port = listener:getsockname()
local tcp = assert(socket.connect(host, port))
local conn = ssl.create_default_context():wrap_socket(tcp,
  { server_hostname = "localhost", do_handshake_on_connect = false, timeout = 20 })
os.execute("(sleep 0.1; kill -INT " .. file:read("n") .. ") &")
local start = socket.gettime()
print(pcall(conn.do_handshake, conn))
print(socket.gettime() - start < 10)
]]

describe("A signal", function()
  it("that comes during a wait has its handler's hook run at once", function()
    local stat = io.open("/proc/self/stat")
    if not stat then return pending("no /proc") end
    stat:close()
    local text = process.run({ "timeout", "--foreground", "30", process.lua, "-e", interrupted })
    assert.matches("^false\t[^\n]*interrupted!\ntrue\n$", text)
  end)
end)

describe("A waiter", function()
  it("taken away while it waits is replaced by poll", function()
    local net <close> = loopback.new()
    local context = ssl.create_default_context({ cadata = ca.cert.pem })
    local conn, peer = net:tls(context, server_context)
    local calls = 0
    context.waiter = function()
      calls = calls + 1
      context.waiter = nil
    end
    conn:settimeout(0.05)
    raises(ssl.TimeoutError, conn.recv, conn)
    context.waiter = function()
      calls = calls + 1
      context.waiter = nil
      peer:sendall("late")
    end
    conn:settimeout(5)
    assert.equal("late", conn:recv())
    assert.equal(2, calls)
  end)

  it("that closes the connection it waits for ends the call with EBADF", function()
    local net <close> = loopback.new()
    local context = ssl.create_default_context({ cadata = ca.cert.pem })
    local conn = net:tls(context, server_context)
    context.waiter = function(c) c:close() end
    assert.equal(9, raises(ssl.OSError, conn.recv, conn).errno)
    context.waiter = nil
  end)
end)
