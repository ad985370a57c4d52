local ssl = require "ssl"
local contexts = require "support.contexts"
local raises = require "support.errors".raises
local loopback = require "support.loopback"
local process = require "support.process"
local steps = require "support.steps"
local system = require "support.system"

local client_context, server_context = contexts.new()

describe("Addresses", function()
  it("are checked before anything is done", function()
    local net <close> = loopback.new()
    local client = net:client(client_context, loopback.descriptor())
    for _, port in ipairs({ -1, 65536, 1 << 40 }) do
      assert.matches("port must be 0-65535",
        raises(ssl.ValueError, client.connect, client, "127.0.0.1", port).message, 1, true)
    end
    for _, bad in ipairs({ { 1, 2 }, { "localhost", "443" }, { "localhost", 1.5 },
      { "localhost" }, {} }) do
      local ok, err = pcall(client.connect, client, bad)
      assert.is_true(not ok and type(err) == "string", tostring(err))
    end
    raises(ssl.ValueError, client.connect, client, "a\0b", 1)
    raises(system.idn and ssl.ValueError or ssl.NotImplementedError, client.connect, client,
      "\u{fc}..test", 1)
  end)

  it("of a Unix socket are paths, as in CPython", function()
    local ok, unix = pcall(require, "socket.unix")
    if not ok then return pending("LuaSocket has no Unix sockets") end
    local net <close> = loopback.new()
    local path = os.tmpname()
    os.remove(path)
    local make = type(unix) == "table" and unix.stream or unix
    local listener, near = net:add(make()), net:add(make())
    assert(listener:bind(path))
    assert(listener:listen())
    assert(near:connect(path))
    local far = net:add(assert(listener:accept()))
    os.remove(path)
    local client = net:client(client_context, loopback.release(near), { timeout = 0 })
    local server = net:add(server_context:wrap_socket(loopback.release(far),
      { server_side = true, do_handshake_on_connect = false, timeout = 0 }))
    assert.is_nil(steps.both(client, server, "do_handshake"))
    assert.same({ path }, { client:getpeername() })
    assert.same({ path }, { server:getsockname() })
    assert.same({ "" }, { client:getsockname() })
    assert.same({ "" }, { server:getpeername() })
  end)

  it("of a Unix socket end where no NUL ends the longest path", function()
    local ok, unix = pcall(require, "socket.unix")
    if not ok then return pending("LuaSocket has no Unix sockets") end
    local net <close> = loopback.new()
    local path = os.tmpname()
    os.remove(path)
    local long = path .. ("x"):rep(108 - #path)
    local listener = net:add((type(unix) == "table" and unix.stream or unix)())
    assert(listener:bind(path) and listener:listen())
    -- perl's, since LuaSocket and CPython want room for a NUL
    local peer <close> = process.start({ "perl", "-e", [[use Socket; my ($near, $far, $s) = @ARGV;
      socket($s, AF_UNIX, SOCK_STREAM, 0) && bind($s, pack("Sa108", AF_UNIX, $far))
        && connect($s, pack_sockaddr_un($near)) or die "perl: $!";
      $| = 1; print "connected\n"; sleep 60]], path, long })
    local connected = peer:expect("^(%l+)")
    os.remove(path)
    os.remove(long)
    if connected ~= "connected" then return pending("no such path here") end
    local conn = net:add(server_context:wrap_socket(loopback.release(assert(listener:accept())),
      { server_side = true, do_handshake_on_connect = false }))
    assert.same({ long }, { conn:getpeername() })
  end)

  it("of a Unix socket are not made up where none is given", function()
    local ok, unix = pcall(require, "socket.unix")
    if not ok then return pending("LuaSocket has no Unix sockets") end
    local net <close> = loopback.new()
    local make = type(unix) == "table" and unix.stream or unix
    local conn = net:add(server_context:wrap_socket(loopback.release(make()),
      { server_side = true }))
    assert.equal("Invalid argument", raises(ssl.OSError, conn.bind, conn, "", 0).strerror)
    local path = os.tmpname()
    os.remove(path)
    conn:bind(path, 0)
    assert.same({ path }, { conn:getsockname() })
    os.remove(path)
  end)
end)
