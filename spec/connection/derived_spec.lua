local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local raised = require "support.errors".raised
local loopback = require "support.loopback"
local steps = require "support.steps"

local client_ctx, server_ctx

-- Two connected sockets of the contexts.
local function connect(net) return net:tls(client_ctx, server_ctx) end

local function object()
  return client_ctx:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), false, "localhost")
end

local function refused(text, f, ...)
  assert.matches(text, tostring(raised(f, ...)), 1, true)
end

before_each(function()
  client_ctx, server_ctx = contexts.new()
end)

after_each(function() client_ctx, server_ctx = nil, nil end)

describe("A class derived from SSLSocket", function()
  it("is what wrap_socket makes objects of", function()
    local net <close> = loopback.new()
    local Mine = ssl.SSLSocket:extend({ greet = function(self) return self:sendall("hello") end })
    client_ctx.sslsocket_class = Mine
    local client, server = connect(net)
    client:greet()
    assert.equal("hello", server:recv(5))
    assert.is_nil(server.greet)
    assert.is_true(ssl.isinstance(client, Mine))
    assert.is_true(ssl.isinstance(client, ssl.SSLSocket))
    assert.is_false(ssl.isinstance(client, ssl.SSLObject))
    assert.is_false(ssl.isinstance(server, Mine))
    assert.equal(client_ctx, client.context)
    assert.equal("TLSv1.3", client:version())
    assert.is_nil(client.nothing)
  end)

  it("comes before the methods that SSLSocket has, which it can still call", function()
    local net <close> = loopback.new()
    client_ctx.sslsocket_class = ssl.SSLSocket:extend({
      recv = function(self, n) return ssl.SSLSocket.recv(self, n):upper() end,
    })
    local client, server = connect(net)
    server:sendall("hello")
    assert.equal("HELLO", client:recv(5))
    assert.has_error(function() return ssl.SSLSocket.recv({}, 5) end)
  end)

  it("has objects with fields of their own, and the attributes as they were", function()
    local net <close> = loopback.new()
    local Mine = ssl.SSLSocket:extend({ count = 0 })
    client_ctx.sslsocket_class, server_ctx.sslsocket_class = Mine, Mine
    local client, server = connect(net)
    client.count = client.count + 1
    client[1] = false
    assert.same({ 1, 0, 0 }, { client.count, server.count, Mine.count })
    assert.is_false(client[1])
    client.count = nil
    assert.equal(0, client.count)
    client.recv = function() return "mine" end
    assert.equal("mine", client:recv(5))
    refused("attribute 'server_side' of 'SSLSocket' is not writable", function()
      client.server_side = true
    end)
    local other = ssl.create_default_context()
    refused("The value must be a SSLContext", function() client.context = 1 end)
    client.context = other
    assert.equal(other, client.context)
    assert.has_error(function() client[nil] = 1 end)
    refused("no attribute 'count' in 'SSLSocket'", function()
      client_ctx.sslsocket_class = nil
      connect(net).count = 1
    end)
  end)

  it("takes methods after it was made, and gives them to classes derived from it", function()
    local net <close> = loopback.new()
    local Mine = ssl.SSLSocket:extend({ __name = "Mine" })
    local Yours = Mine:extend({ __name = "Yours", two = function() return "yours" end })
    function Mine.one() return "mine" end
    function Mine.two() return "mine" end
    client_ctx.sslsocket_class, server_ctx.sslsocket_class = Yours, Mine
    local client, server = connect(net)
    assert.same({ "mine", "yours", "mine" }, { client.one(), client.two(), server.two() })
    assert.is_true(ssl.isinstance(client, Yours) and ssl.isinstance(client, Mine)
      and ssl.isinstance(client, ssl.SSLSocket))
    assert.is_false(ssl.isinstance(server, Yours))
    assert.matches("^Yours: ", tostring(client))
    assert.matches("^Mine: ", tostring(server))
    assert.equal("class: Yours", tostring(Yours))
    assert.equal("class: Mine", tostring(Mine:extend({ __name = 1 })))
    assert.equal("class: SSLSocket", tostring(ssl.SSLSocket:extend()))
  end)

  it("is the class of what a listening socket of its context accepts", function()
    local net <close> = loopback.new()
    local Mine = ssl.SSLSocket:extend({ mine = true })
    server_ctx.sslsocket_class = Mine
    local listening = net:add(server_ctx:wrap_socket(socket.tcp4(), { server_side = true }))
    listening:bind("127.0.0.1", 0)
    listening:listen(5)
    listening.do_handshake_on_connect = false
    local _, port = listening:getsockname()
    net:add(assert(socket.connect("127.0.0.1", port)))
    local conn = net:add((listening:accept()))
    assert.is_true(listening.mine and conn.mine)
    assert.is_true(ssl.isinstance(conn, Mine))
  end)

  it("has no say in what other methods do, which call each other as SSLSocket has them", function()
    local net <close> = loopback.new()
    local function wrong() error("called by name") end
    local Mine = ssl.SSLSocket:extend({ sendall = wrong, gettimeout = wrong, settimeout = wrong,
      getpeername = wrong, getsockopt = wrong, fileno = wrong, _wrapped = wrong, _state = wrong,
      _lend = wrong, _borrow = wrong, _accept = wrong, _rewrap = wrong, _begin = wrong,
      _wait = wrong })
    client_ctx.sslsocket_class, server_ctx.sslsocket_class = Mine, Mine
    local listening = net:add(server_ctx:wrap_socket(socket.tcp4(), { server_side = true,
      do_handshake_on_connect = false }))
    listening:bind("127.0.0.1", 0)
    listening:listen()
    local client = net:add(client_ctx:wrap_socket(socket.tcp4(), { server_hostname = "localhost",
      do_handshake_on_connect = false }))
    client:connect("127.0.0.1", select(2, listening:getsockname()))
    local server = net:add((listening:accept()))
    client:setblocking(false)
    server:setblocking(false)
    steps.handshake(client, server)
    client:setblocking(true)
    server:setblocking(true)
    local file <close> = io.tmpfile()
    file:write("hello")
    assert.equal(5, client:sendfile(file))
    assert.equal("hello", server:recv(5))
  end)

  it("has its own close called at the end of a scope, and is finalized as any", function()
    local net <close> = loopback.new()
    local closed = 0
    client_ctx.sslsocket_class = ssl.SSLSocket:extend({
      close = function(self)
        closed = closed + 1
        ssl.SSLSocket.close(self)
      end,
    })
    local client = connect(net)
    local fd = client:fileno()
    do
      local scoped <close> = client
      assert.equal(fd, scoped:fileno())
    end
    assert.same({ 1, -1 }, { closed, client:fileno() })
  end)

  it("keeps working in callbacks, which get the very object", function()
    local net <close> = loopback.new()
    server_ctx.sslsocket_class = ssl.SSLSocket:extend({ name = "none" })
    server_ctx.sni_callback = function(conn, name) conn.name = name end
    local _, server = connect(net)
    assert.equal("localhost", server.name)
  end)
end)

describe("A class derived from SSLObject", function()
  it("is what wrap_bio makes objects of", function()
    local Mine = ssl.SSLObject:extend({ greet = function(self) return self.server_hostname end })
    client_ctx.sslobject_class = Mine
    local mine = object()
    assert.equal("localhost", mine:greet())
    mine.field = mine
    assert.equal(mine, mine.field)
    assert.is_true(ssl.isinstance(mine, Mine) and ssl.isinstance(mine, ssl.SSLObject))
    local ok, err = pcall(mine.do_handshake, mine)
    assert.is_true(not ok and ssl.isinstance(err, ssl.SSLWantReadError))
    local meta = debug.getmetatable(mine)
    for _, wrong in ipairs({ 1, {}, io.stdout, ssl.MemoryBIO(), client_ctx }) do
      refused("foreign object", meta.__index, wrong, "context")
      refused("foreign object", meta.__newindex, wrong, "context", client_ctx)
      refused("bad self", meta.__index(mine, "read"), wrong)
    end
  end)
end)

describe("sslsocket_class and sslobject_class", function()
  it("are SSLSocket and SSLObject until set, and again when set to nil", function()
    local Mine = ssl.SSLObject:extend()
    assert.equal(ssl.SSLSocket, client_ctx.sslsocket_class)
    assert.equal(ssl.SSLObject, client_ctx.sslobject_class)
    client_ctx.sslobject_class = Mine
    assert.equal(Mine, client_ctx.sslobject_class)
    client_ctx.sslobject_class = ssl.SSLObject
    assert.is_false(ssl.isinstance(object(), Mine))
    client_ctx.sslobject_class = Mine
    client_ctx.sslobject_class = nil
    assert.equal(ssl.SSLObject, client_ctx.sslobject_class)
  end)

  it("take nothing else, and stay what they were", function()
    for _, wrong in ipairs({ 1, "SSLSocket", {}, setmetatable({}, { __index = ssl.SSLSocket }),
      ssl.SSLContext, ssl.SSLError, ssl.SSLObject, ssl.SSLObject:extend(), print, true }) do
      refused("bad value for 'sslsocket_class' (not a subclass of SSLSocket)", function()
        client_ctx.sslsocket_class = wrong
      end)
    end
    refused("bad value for 'sslobject_class' (not a subclass of SSLObject)", function()
      client_ctx.sslobject_class = ssl.SSLSocket:extend()
    end)
    assert.equal(ssl.SSLSocket, client_ctx.sslsocket_class)
  end)

  it("count with the connections that follow, not with those that are", function()
    local before = object()
    client_ctx.sslobject_class = ssl.SSLObject:extend({ late = true })
    assert.is_nil(before.late)
    assert.is_true(object().late)
  end)
end)

describe("extend", function()
  it("refuses what is no class and what is no table", function()
    local text = "calling 'extend' on bad self (class expected, got "
    for _, wrong in ipairs({ {}, ssl.SSLObject, ssl.SSLError, 1, "x" }) do
      refused(text, ssl.SSLSocket.extend, wrong)
    end
    refused(text, ssl.SSLSocket.extend)
    for _, wrong in ipairs({ 1, "x", print }) do
      refused("expected", ssl.SSLSocket.extend, ssl.SSLSocket, wrong)
    end
  end)

  it("copies its table, whose metatable does not matter", function()
    local members = setmetatable({ a = 1 }, { __index = { b = 2 } })
    local Mine = ssl.SSLObject:extend(members)
    members.a = 3
    assert.same({ 1 }, { Mine.a, Mine.b })
  end)

  it("guards what derived objects are made with", function()
    local Mine = ssl.SSLObject:extend()
    client_ctx.sslobject_class = Mine
    assert.equal("ssl.SSLObject", getmetatable(object()))
    assert.equal("ssl.class", getmetatable(Mine))
    assert.has_error(function() setmetatable(Mine, nil) end)
  end)

  it("may be followed by nonsense about bases", function()
    local Mine = ssl.SSLObject:extend()
    client_ctx.sslobject_class = Mine
    local mine = object()
    Mine.bases = { Mine, Mine }
    Mine.bases[2] = nil
    assert.is_false(ssl.isinstance(mine, ssl.SSLSocket))
    Mine.bases = nil
    assert.is_true(ssl.isinstance(mine, Mine))
    mine:cipher()
  end)
end)
