local ssl = require "ssl"
local collector = require "support.collector"
local contexts = require "support.contexts"
local joined = require "support.joined"
local loopback = require "support.loopback"
local raised = require "support.errors".raised
local scheduler = require "ssl.waiter".scheduler

local leaf, authority = contexts.identity()
local other = authority:issue("localhost")
other:configure_cert(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))  -- makes what it keeps

-- Whose certificate a connection was shown.
local function shown(conn)
  return conn:getpeercert(true) == other.cert.der and "other" or "leaf"
end

local function load(conn, identity)
  conn:load_cert_chain({ certdata = identity.chain.pem, keydata = identity.key.pem })
end

-- Both sides of a handshake whose server is a coroutine, resumed until it has ended; how
-- often it yielded of its own, and its error.
local function handshake(client, server)
  local yields, done = 0, {}
  local function step(conn)
    local ok, err = pcall(conn.do_handshake, conn)
    if ok then
      done[conn] = "done"
    elseif not ssl.isinstance(err, ssl.SSLWantReadError) then
      done[conn] = err
    end
  end
  for _ = 1, 20 do
    if not done[client] then step(client) end
    local co = coroutine.create(step)
    while not done[server] and coroutine.status(co) == "suspended" do
      assert(coroutine.resume(co, server))
      if coroutine.status(co) == "suspended" then yields = yields + 1 end
    end
  end
  return yields, done[client], done[server]
end

for name, version in pairs(contexts.versions) do
  describe("A callback that takes its time, with " .. name .. ",", function()
    local client_ctx, server_ctx

    before_each(function() client_ctx, server_ctx = contexts.new(version) end)
    after_each(function() client_ctx, server_ctx = nil, nil end)

    it("yields, and the handshake goes on when it returns", function()
      local order = {}
      server_ctx.client_hello_callback = function(conn, hello)
        assert.is_true(conn.server_side)
        coroutine.yield()
        order[#order + 1] = hello.name
      end
      server_ctx.certificate_callback = function(conn)
        coroutine.yield()
        coroutine.yield()
        order[#order + 1] = "certificate"
        load(conn, other)
      end
      local client, server = joined.objects(client_ctx, server_ctx)
      local yields, at_client, at_server = handshake(client, server)
      assert.same({ 3, "done", "done" }, { yields, at_client, at_server })
      assert.same({ "localhost", "certificate" }, order)
      assert.equal("other", shown(client))
      joined.echo(client, server)
    end)

    it("need not yield", function()
      server_ctx.certificate_callback = function(conn) load(conn, other) end
      local client = joined.connect(client_ctx, server_ctx)
      assert.equal("other", shown(client))
    end)

    it("changes the certificate of its own connection alone", function()
      local first = true
      server_ctx.certificate_callback = function(conn)
        if first then load(conn, other) end
        first = false
      end
      assert.equal("other", shown((joined.connect(client_ctx, server_ctx))))
      assert.equal("leaf", shown((joined.connect(client_ctx, server_ctx))))
    end)

    it("sets the context by what the client has said", function()
      local _, second = contexts.new()
      other:configure_cert(second)
      server_ctx.client_hello_callback = function(conn, hello)
        coroutine.yield()
        if hello.name == "localhost" then conn.context = second end
      end
      local client, server = joined.objects(client_ctx, server_ctx)
      local _, at_client, at_server = handshake(client, server)
      assert.same({ "done", "done" }, { at_client, at_server })
      assert.equal("other", shown(client))
      assert.equal(second, server.context)
    end)

    it("refuses with its alert", function()
      server_ctx.client_hello_callback = function()
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
      end
      local at_client, at_server = joined.handshake(joined.objects(client_ctx, server_ctx))
      assert.equal("TLSV1_UNRECOGNIZED_NAME", at_client.reason)
      assert.is_true(ssl.isinstance(at_server, ssl.SSLError))
    end)

    it("that raises ends the handshake, and is the cause", function()
      for _, callback in ipairs({ "client_hello_callback", "certificate_callback" }) do
        local mine = { "mine" }
        local _, ctx = contexts.new(version)
        ctx[callback] = function()
          coroutine.yield()
          error(mine)
        end
        local client, server = joined.objects(client_ctx, ctx)
        local _, at_client, at_server = handshake(client, server)
        assert.equal("TLSV1_ALERT_INTERNAL_ERROR", at_client.reason)
        assert.equal(mine, at_server.cause)
        assert.equal(at_server, raised(function() server:do_handshake() end))
      end
    end)

    it("that answers nonsense ends the handshake too", function()
      for callback, value in pairs({ client_hello_callback = "yes", certificate_callback = 1 }) do
        local _, ctx = contexts.new(version)
        ctx[callback] = function() return value end
        local _, at_server = joined.handshake(joined.objects(client_ctx, ctx))
        assert.matches("bad return value from '" .. callback .. "'", at_server.cause, 1, true)
      end
    end)

    it("that yields where nobody resumes it ends the handshake too", function()
      server_ctx.client_hello_callback = function() coroutine.yield() end
      local client, server = joined.objects(client_ctx, server_ctx)
      local main = coroutine.wrap(function()
        -- inside of another callback there is no way to yield
        return select(2, pcall(table.sort, { 1, 2 }, function()
          pcall(client.do_handshake, client)
          server:do_handshake()
        end))
      end)
      assert.matches("attempt to yield across a C%-call boundary", tostring(main().cause))
    end)

    it("may close the connection", function()
      local net <close> = loopback.new()
      local one, two = net:pair()
      local lazy = { do_handshake_on_connect = false, server_hostname = "localhost" }
      local client <close> = client_ctx:wrap_socket(one, lazy)
      local server <close> = server_ctx:wrap_socket(two, true, { do_handshake_on_connect = false })
      client:settimeout(0)
      pcall(client.do_handshake, client)
      server_ctx.client_hello_callback = function(conn) conn:close() end
      local err = raised(function() server:do_handshake() end)
      assert.is_true(ssl.isinstance(err, ssl.OSError))
      assert.equal(-1, server:fileno())
    end)

    it("leaves the connection usable when its coroutine is forgotten", function()
      local waits = true
      server_ctx.client_hello_callback = function()
        if waits then coroutine.yield() end
      end
      local client, server = joined.objects(client_ctx, server_ctx)
      pcall(client.do_handshake, client)
      do
        local co = coroutine.create(server.do_handshake)
        assert(coroutine.resume(co, server))
        assert.matches("in use", raised(function() server:do_handshake() end).message)
        assert.matches("in use", raised(function() server:read() end).message)
        coroutine.close(co)
      end
      waits = false
      local at_client, at_server = joined.handshake(client, server)
      assert.same({ false, false }, { at_client, at_server })
    end)

    it("is not asked for the certificate of a session that is resumed", function()
      local asked = 0
      server_ctx.certificate_callback = function() asked = asked + 1 end
      local client = joined.connect(client_ctx, server_ctx)
      local again = joined.connect(client_ctx, server_ctx, client.session)
      assert.is_true(again.session_reused)
      assert.equal(1, asked)
    end)

    it("gives a client its certificate when the server asks", function()
      server_ctx.verify_mode = ssl.CERT_REQUIRED
      authority:configure_trust(server_ctx)
      local person = authority:issue("alice@example.test",
        { extended_key_usage = { "clientAuth" } })
      client_ctx.certificate_callback = function(conn)
        assert.is_false(conn.server_side)
        load(conn, person)
      end
      local _, server = joined.connect(client_ctx, server_ctx)
      assert.equal("alice@example.test", server:getpeercert().subjectAltName[1][2])
    end)

    it("keeps no other connection waiting under a scheduler", function()
      local net <close> = loopback.new()
      local order, held = {}, nil
      server_ctx.waiter, client_ctx.waiter = scheduler.wait, scheduler.wait
      server_ctx.client_hello_callback = function(conn)
        if held then return end
        held = conn
        repeat scheduler.wait(conn, "write", 0.001) until #order > 0
      end
      for _ = 1, 2 do
        local one, two = net:pair()
        scheduler.spawn(function()
          client_ctx:wrap_socket(one, { server_hostname = "localhost" }):close()
        end)
        scheduler.spawn(function()
          local conn <close> = server_ctx:wrap_socket(two, true)
          order[#order + 1] = conn == held and "held" or "the other"
        end)
      end
      scheduler.run()
      assert.same({ "the other", "held" }, order)
    end)
  end)
end

describe("client_hello_callback", function()
  it("sets the versions of one connection", function()
    local client_ctx, server_ctx = contexts.new()
    server_ctx.client_hello_callback = function(conn)
      conn.maximum_version = ssl.TLSVersion.TLSv1_2
    end
    local client, server = joined.connect(client_ctx, server_ctx)
    assert.equal("TLSv1.2", client:version())
    assert.equal(ssl.TLSVersion.TLSv1_2, server.maximum_version)
    assert.equal(ssl.TLSVersion.MAXIMUM_SUPPORTED, server_ctx.maximum_version)
    server_ctx.client_hello_callback = function(conn)
      conn.minimum_version = ssl.TLSVersion.TLSv1_3
    end
    client_ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    local at_client = joined.handshake(joined.objects(client_ctx, server_ctx))
    assert.equal("TLSV1_ALERT_PROTOCOL_VERSION", at_client.reason)
  end)

  it("refuses, though it has set another context before", function()
    for _, refuse in ipairs({ function() return ssl.ALERT_DESCRIPTION_ACCESS_DENIED end,
        function() error("no") end }) do
      local client_ctx, server_ctx = contexts.new()
      local _, another = contexts.new()
      server_ctx.client_hello_callback = function(conn)
        conn.context = another
        return refuse()
      end
      local down, up = ssl.MemoryBIO(), ssl.MemoryBIO()
      local client = client_ctx:wrap_bio(down, up, { server_hostname = "localhost" })
      local server = server_ctx:wrap_bio(up, down, true)
      assert.is_not_false((joined.handshake(client, server)))
      assert.is_nil(client:version())
      assert.is_nil(server:version())
      assert.is_false((pcall(server.do_handshake, server)))
    end
  end)

  it("is called again after a HelloRetryRequest", function()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    client_ctx:set_groups("X25519:P-256")
    server_ctx:set_groups("P-256")
    local count = 0
    server_ctx.client_hello_callback = function() count = count + 1 end
    joined.connect(client_ctx, server_ctx)
    assert.equal(2, count)
  end)

  it("is a server's, and a function", function()
    local client_ctx, server_ctx = contexts.new()
    assert.matches("cannot be set on TLS_CLIENT context", raised(function()
      client_ctx.client_hello_callback = print
    end).message)
    assert.matches("not a callable object", raised(function()
      server_ctx.client_hello_callback = 1
    end))
    assert.matches("not a callable object", raised(function()
      server_ctx.certificate_callback = "x"
    end))
    server_ctx.client_hello_callback = print
    assert.equal(print, server_ctx.client_hello_callback)
    server_ctx.client_hello_callback = nil
    joined.connect(client_ctx, server_ctx)
  end)

  it("keeps what it does not use out of a file's handshake", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.new()
    server_ctx.client_hello_callback = function() end
    local one, two = net:pair()
    local client <close> = client_ctx:wrap_socket(one,
      { do_handshake_on_connect = false, server_hostname = "localhost" })
    local server <close> = server_ctx:wrap_socket(two, true, { do_handshake_on_connect = false })
    client:settimeout(0)
    pcall(client.do_handshake, client)
    local file <close> = server:makefile()
    local line, text = file:read("l")
    assert.is_nil(line)
    assert.is_string(text)
  end)
end)

-- A server's connection before its handshake, and its client's; neither waits.
local function server_of(net, server_ctx, client_ctx)
  local one, two = net:pair()
  local client = net:add((client_ctx or contexts.new()):wrap_socket(one, {
    server_hostname = "localhost", do_handshake_on_connect = false }))
  local server = net:add(server_ctx:wrap_socket(two, { server_side = true,
    do_handshake_on_connect = false }))
  client:settimeout(0)
  server:settimeout(0)
  return server, client
end

describe("A connection that ends while it is asked", function()
  it("says so, where a finalizer closes it", function()
    local net <close> = loopback.new()
    local _, ctx = contexts.new()
    ctx.client_hello_callback = function() end
    local server, client = server_of(net, ctx)
    assert.is_true(ssl.isinstance(raised(client.do_handshake, client), ssl.SSLWantReadError))
    local ok, err = collector.during(function() server:close() end, server.do_handshake, server)
    assert.is_false(ok)
    assert.is_true(ssl.isinstance(err, ssl.OSError))
  end)

  it("gets no certificate any more, where a password's function closes it", function()
    local net <close> = loopback.new()
    local _, ctx = contexts.new()
    local server = server_of(net, ctx)
    local err = raised(server.load_cert_chain, server, { certdata = leaf.chain.pem,
      keydata = leaf.key:encrypted("secret"), password = function()
        server:close()
        return "secret"
      end })
    assert.is_true(ssl.isinstance(err, ssl.OSError))
  end)
end)

describe("A write whose handshake asks for a certificate", function()
  it("keeps its bytes, if it has to wait then", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.new()
    client_ctx.certificate_callback = function(conn) load(conn, other) end
    server_ctx.verify_mode = ssl.CERT_REQUIRED
    authority:configure_trust(server_ctx)
    local server, client = server_of(net, server_ctx, client_ctx)
    for _, conn in ipairs({ client, server }) do
      assert.is_true(ssl.isinstance(raised(conn.do_handshake, conn), ssl.SSLWantReadError))
    end
    client:settimeout(0.02)
    client:setsockopt(ssl.SOL_SOCKET, ssl.SO_SNDBUF, 1 << 16)  -- full soon
    server:setsockopt(ssl.SOL_SOCKET, ssl.SO_RCVBUF, 1 << 16)
    local data = ("some bytes"):rep(400000)
    local err = raised(client.sendall, client, ssl.bytearray(data))
    assert.is_true(ssl.isinstance(err, ssl.TimeoutError))
    collectgarbage()
    collectgarbage()
    assert.equal("BAD_WRITE_RETRY", raised(client.write, client, ("y"):rep(#data)).reason)
    assert.is_true(ssl.isinstance(raised(client.sendall, client, data), ssl.TimeoutError))
  end)
end)

describe("A certificate of one connection", function()
  it("is checked as a context's", function()
    local client_ctx, server_ctx = contexts.new()
    local _, server = joined.objects(client_ctx, server_ctx)
    local err = raised(function()
      server:load_cert_chain({ certdata = leaf.chain.pem, keydata = other.key.pem })
    end)
    assert.is_true(ssl.isinstance(err, ssl.SSLError))
    assert.is_true(ssl.isinstance(raised(function()
      server:load_cert_chain("/no/such/file")
    end), ssl.OSError))
  end)

  it("needs a connection", function()
    local net <close> = loopback.new()
    local _, server_ctx = contexts.new()
    local listening <close> = server_ctx:wrap_socket(net:listener(), { server_side = true })
    assert.is_nil(listening.minimum_version)
    for _, try in ipairs({
      function() load(listening, other) end,
      function() listening.minimum_version = ssl.TLSVersion.TLSv1_2 end,
    }) do
      assert.is_true(ssl.isinstance(raised(try), ssl.OSError))
    end
  end)
end)
