local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local steps = require "support.steps"

local client_context, server_context = contexts.ticketless()

local OPTIONS = { server_hostname = "localhost", do_handshake_on_connect = false, timeout = 5 }

-- A watch on an object: gives it as long as anybody else has it.
local function watch(object)
  local weak = setmetatable({ object }, { __mode = "v" })
  return function()
    collectgarbage()
    collectgarbage()
    return weak[1]
  end
end

-- Two ends of a connection to `address`; nobody but the caller has them.
local function pair(net, address)
  local listener = net:add(assert(socket.bind(address or "127.0.0.1", 0)))
  local host, port = listener:getsockname()
  local one = assert(socket.connect(host, port))
  return one, (assert(listener:accept()))
end

-- The SSLSocket, not yet shaken hands, of an object that the caller has no other
-- reference to; and the watch on that object.
local function wrap(net, object, context, options)
  context = context or client_context
  return net:add(context:wrap_socket(object, options or OPTIONS)), watch(object)
end

-- The same of a connection's object; and the other end.
local function forgotten(net, prepare, address)
  local one, other = pair(net, address)
  if prepare then prepare(one, other) end
  net:add(other)
  local conn, alive = wrap(net, one)
  return conn, alive, other
end

describe("A connection's LuaSocket object", function()
  it("comes back itself if the program still has it", function()
    local net <close> = loopback.new()
    local one = net:add((pair(net)))
    local conn = net:add(client_context:wrap_socket(one, OPTIONS))
    collectgarbage()
    assert.is_true(rawequal(one, conn:detach()))
  end)

  it("is collected if the program has it no longer, and leaves the descriptor open", function()
    local net <close> = loopback.new()
    local conn, alive, other = forgotten(net)
    local fd = conn:fileno()
    assert.is_nil(alive())
    assert.equal(fd, conn:fileno())
    local back = net:add(conn:detach())
    assert.equal(fd, back:getfd())
    assert.is_truthy(tostring(back):find("^tcp{client}"))
    back:send("plain\n")
    assert.equal("plain", other:receive("*l"))
    other:send("more\n")
    assert.equal("more", back:receive("*l"))
  end)

  it("is made anew with timeouts, statistics and family as they were", function()
    local net <close> = loopback.new()
    local conn, alive = forgotten(net, function(one, other)
      one:settimeout(7)
      one:settimeout(9.5, "t")
      one:send("greeting")
      other:send("abc\n")
      one:receive("*l")
      one:setstats(nil, nil, 1000)
    end)
    assert.is_nil(alive())
    local back = net:add(conn:detach())
    assert.same({ 7, 9.5 }, { back:gettimeout() })
    local received, sent, age = back:getstats()
    assert.same({ 4, 8 }, { received, sent })
    assert.is_true(age >= 1000 and age < 1060)
    assert.equal("inet4", back:getfamily())
  end)

  it("is made anew without timeouts where it had none", function()
    local net <close> = loopback.new()
    local conn, alive = forgotten(net)
    assert.is_nil(alive())
    assert.same({ -1, -1 }, { net:add(conn:detach()):gettimeout() })
  end)

  it("is made anew for IPv6 too", function()
    local net <close> = loopback.new()
    local listener = socket.bind("::1", 0)
    if not listener then return pending("no IPv6") end
    listener:close()
    local conn, alive, other = forgotten(net, nil, "::1")
    assert.is_nil(alive())
    local back = net:add(conn:detach())
    assert.equal("inet6", back:getfamily())
    assert.equal("::1", (back:getpeername()))
    back:send("six\n")
    assert.equal("six", other:receive("*l"))
  end)

  it("serves plain traffic after unwrap, on both sides and made twice", function()
    local net <close> = loopback.new()
    local ends = { pair(net) }
    for _ = 1, 2 do
      local server, alive_server = wrap(net, table.remove(ends), server_context,
        { server_side = true, do_handshake_on_connect = false, timeout = 0 })
      local client, alive_client = wrap(net, table.remove(ends))
      assert.is_nil(alive_server() or alive_client())
      client:settimeout(0)
      assert.is_nil(steps.both(client, server, "do_handshake"))
      local back = {}
      repeat
        for i, conn in ipairs({ client, server }) do
          if not back[i] then
            local ok, result = steps.try(conn, "unwrap")
            assert(ok, result)
            back[i] = ok == true and result
          end
        end
      until back[1] and back[2]
      ends = back
      ends[1]:send("after\n")
      assert.equal("after", ends[2]:receive("*l"))
    end
    net:add(ends[1])
    net:add(ends[2])
  end)

  it("is forgotten too when the connection was made by connect", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local conn, alive = wrap(net, socket.tcp())
    assert.is_truthy(alive())
    pcall(conn.connect, conn, "127.0.0.1", port)
    local other = net:add(listener:accept())
    assert.is_nil(alive())
    local back = net:add(conn:detach())
    back:send("plain\n")
    assert.equal("plain", other:receive("*l"))
  end)

  it("is made for what a listening one accepts", function()
    for _, address in ipairs { "127.0.0.1", "::1" } do
      local net <close> = loopback.new()
      local listener = socket.bind(address, 0)
      if listener then  -- some machines have no IPv6
        local host, port = listener:getsockname()
        local listening = net:add(server_context:wrap_socket(listener,
          { server_side = true, do_handshake_on_connect = false }))
        local client = net:add(assert(socket.connect(host, port)))
        local conn = listening:accept()
        local fd = conn:fileno()
        local back = net:add(conn:detach())
        assert.matches("^tcp{client}", tostring(back))
        assert.equal(fd, back:getfd())
        assert.equal(port, select(2, back:getsockname()))
        assert.equal(address == "::1" and "inet6" or "inet4", (back:getfamily()))
        back:settimeout(0.01)
        assert.equal("timeout", select(2, back:receive(1)))  -- its descriptor does not block
        back:settimeout(5)
        client:send("plain\n")
        assert.equal("plain", back:receive("*l"))
      end
    end
  end)

  it("is not made for what a descriptor accepts", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local listening = net:add(server_context:wrap_socket(loopback.release(listener),
      { server_side = true, do_handshake_on_connect = false }))
    net:add(assert(socket.connect("127.0.0.1", port)))
    local conn = listening:accept()
    local fd = conn:fileno()
    assert.equal(fd, conn:detach())
    net:adopt(fd)
  end)

  it("is not needed for options by name", function()
    local net <close> = loopback.new()
    local conn, alive = forgotten(net)
    assert.is_nil(alive())
    conn:setsockopt("tcp-nodelay", true)
    assert.is_true(conn:getsockopt("tcp-nodelay"))
    assert.is_true(conn:fileno() >= 0)
  end)

  it("is kept where there is no other way: one that listens, and others' objects", function()
    local net <close> = loopback.new()
    local conn, alive = wrap(net, socket.bind("127.0.0.1", 0), server_context,
      { server_side = true })
    assert.is_truthy(alive())
    assert.is_truthy(tostring(net:add(conn:detach())):find("^tcp{server}"))
    local fd = loopback.release((pair(net)))
    conn, alive = wrap(net, { getfd = function() return fd end, setfd = function() end })
    assert.is_truthy(alive())
    assert.is_truthy(conn:detach())
    net:adopt(fd)
  end)

  it("is made anew without a call of connect, which may be the program's own", function()
    local net <close> = loopback.new()
    local conn, alive = forgotten(net)
    assert.is_nil(alive())
    local methods = getmetatable(socket.tcp()).__index
    local connect, called = methods.connect, false
    methods.connect = function() called = true end
    local back = net:add(conn:detach())
    methods.connect = connect
    assert.is_false(called)
    assert.is_truthy(tostring(back):find("^tcp{client}"))
  end)

  it("leaves the connection its descriptor when none can be made", function()
    local net <close> = loopback.new()
    local conn, alive = forgotten(net)
    assert.is_nil(alive())
    local tcp4, fd = socket.tcp4, conn:fileno()
    socket.tcp4 = function() return nil, "Too many open files" end
    local ok, err = pcall(conn.detach, conn)
    socket.tcp4 = tcp4
    assert.is_false(ok)
    assert.equal(24, err.errno)
    assert.equal(fd, conn:fileno())
    assert.equal(fd, net:add(conn:detach()):getfd())
  end)

  it("is kept with a LuaSocket that cannot make another", function()
    local luasocket, _ssl = require "ssl.socket.luasocket", require "_ssl"
    local net <close> = loopback.new()
    local one, tcp4 = pair(net), socket.tcp4
    package.loaded["ssl.socket.luasocket"], socket.tcp4 = nil, nil
    local ok, conn = pcall(function()
      require "ssl.socket.luasocket"
      return net:add(client_context:wrap_socket(one, OPTIONS))
    end)
    package.loaded["ssl.socket.luasocket"], socket.tcp4 = luasocket, tcp4
    _ssl._luasocket(luasocket.forget, luasocket.recall, luasocket.timeouts)
    assert(ok, conn)
    local alive = watch(one)
    one = nil  -- luacheck: ignore 311
    assert.is_truthy(alive())
    assert.equal(alive(), net:add(conn:detach()))
  end)

  it("is let go of although none could be made when the first was wrapped", function()
    local net <close> = loopback.new()
    local luasocket, _ssl = require "ssl.socket.luasocket", require "_ssl"
    local first, second = pair(net)
    package.loaded["ssl.socket.luasocket"] = nil
    local ok, alive = pcall(function()
      require "ssl.socket.luasocket"
      local tcp = socket.tcp
      socket.tcp = function() return nil, "Too many open files" end
      wrap(net, first)
      socket.tcp = tcp
      local _, alive = wrap(net, second)
      second = nil
      return alive
    end)
    package.loaded["ssl.socket.luasocket"] = luasocket
    _ssl._luasocket(luasocket.forget, luasocket.recall, luasocket.timeouts)
    assert(ok, alive)
    assert.is_nil(alive())
  end)
end)

describe("The timeout of a stream of the Unix domain", function()
  local function wrapped(net, arrange)
    local ok, unix = pcall(require, "socket.unix")
    if not ok then return pending("LuaSocket has no Unix sockets") end
    local stream = net:add((type(unix) == "table" and unix.stream or unix)())
    arrange(stream)
    return net:add(client_context:wrap_socket(stream, { server_hostname = "localhost" }))
  end

  it("is taken over, though LuaSocket does not tell it: the shorter of the two", function()
    for _, case in ipairs({
      { function() end, nil }, { function(s) s:settimeout(7) end, 7 },
      { function(s) s:settimeout(0) end, 0 }, { function(s) s:settimeout(9.5, "t") end, 9.5 },
      { function(s) s:settimeout(7); s:settimeout(2.25, "t") end, 2.25 },
      { function(s) s:settimeout(7); s:settimeout(nil) end, nil },
    }) do
      local net <close> = loopback.new()
      local conn = wrapped(net, case[1])
      if not conn then return end
      assert.equal(case[2], conn:gettimeout())
    end
  end)

  it("holds of a connection", function()
    local ok, unix = pcall(require, "socket.unix")
    if not ok then return pending("LuaSocket has no Unix sockets") end
    local net <close> = loopback.new()
    local path = os.tmpname()
    os.remove(path)
    local make = type(unix) == "table" and unix.stream or unix
    local listener, near = net:add(make()), net:add(make())
    assert(listener:bind(path) and listener:listen() and near:connect(path))
    os.remove(path)
    near:settimeout(0.05)
    local err = errors.raises(ssl.TimeoutError, client_context.wrap_socket, client_context, near,
      { server_hostname = "localhost" })  -- nobody answers
    assert.equal("The handshake operation timed out", err.message)
  end)

  it("is only asked of such streams", function()
    local _ssl = require "_ssl"
    for _, other in ipairs({ 1, "text", io.stdout, socket.tcp(), client_context }) do
      errors.badargument(_ssl._unixbytes, other)
    end
  end)
end)
