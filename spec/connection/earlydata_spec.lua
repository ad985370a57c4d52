local ssl = require "ssl"
local contexts = require "support.contexts"
local early = require "support.early"
local errors = require "support.errors"
local joined = require "support.joined"
local loopback = require "support.loopback"
local scheduler = require "ssl.waiter".scheduler
local steps = require "support.steps"

local raises, raised = errors.raises, errors.raised

local LIMIT = early.LIMIT
local takers, session_of, read_early = early.takers, early.session_of, early.read

-- Both sides of a connection that resumes a session.
local function resumed(client_ctx, server_ctx)
  return joined.objects(client_ctx, server_ctx, session_of(client_ctx, server_ctx))
end

-- Ends the handshake of both sides, whose early data the server reads: those that came late.
local function finish(client, server)
  local late, all = "", false
  local done = {}
  for _ = 1, 10 do
    if not done[client] then done[client] = steps.try(client, "do_handshake") == true end
    if not all then
      local part
      part, all = read_early(server)
      late = late .. part
    end
    if all and not done[server] then done[server] = steps.try(server, "do_handshake") == true end
    if done[client] and done[server] then return late end
  end
  error("no end of the handshake")
end

describe("Early data", function()
  local client_ctx, server_ctx

  before_each(function() client_ctx, server_ctx = takers() end)
  after_each(function() client_ctx, server_ctx = nil, nil end)

  it("reach the server before the handshake is done", function()
    local client, server = resumed(client_ctx, server_ctx)
    assert.is_nil(client.early_data_status)
    assert.equal(LIMIT, client.session.max_early_data)
    assert.equal(5, client:write_early_data("GET /"))
    assert.equal(4, client:write_early_data(ssl.bytearray("more")))
    assert.equal(0, client:write_early_data(""))
    assert.equal("GET /more", (read_early(server)))
    assert.is_nil(server:version() and client:getpeercert(true))
    assert.equal("accepted", server.early_data_status)
    assert.is_nil(client.early_data_status)
    assert.equal("", finish(client, server))
    for _, conn in ipairs({ client, server }) do
      assert.equal("accepted", conn.early_data_status)
      assert.is_true(conn.session_reused)
    end
    joined.echo(client, server)
  end)

  it("are read in the pieces that one asks for, in order", function()
    local client, server = resumed(client_ctx, server_ctx)
    local data = {}
    for i = 1, LIMIT do data[i] = string.char(i % 251) end
    data = table.concat(data)
    assert.equal(LIMIT, client:write_early_data(data))
    local parts = {}
    repeat
      local ok, part = steps.try(server, "read_early_data", 1000)
      if ok == true then
        assert.is_true(#part <= 1000)
        parts[#parts + 1] = part
      end
    until ok ~= true
    assert.equal(data, table.concat(parts))
    finish(client, server)
    joined.echo(client, server)
  end)

  it("are answered before the handshake is done", function()
    local client, server = resumed(client_ctx, server_ctx)
    client:write_early_data("question")
    assert.equal("question", (read_early(server)))
    assert.equal(6, server:write_early_data("answer"))
    assert.equal("", finish(client, server))
    assert.equal("answer", client:read(6))
    assert.matches("the handshake is done", raises(ssl.ValueError, server.write_early_data, server,
      "x").message)
    joined.echo(client, server)
  end)

  it("end where the client writes or reads as usual", function()
    local client, server = resumed(client_ctx, server_ctx)
    client:write_early_data("early")
    assert.equal("early", (read_early(server)))
    assert.equal(5, select(2, steps.try(client, "write", "later")))
    assert.equal("", (read_early(server)))
    assert.is_true(steps.try(server, "do_handshake"))
    assert.equal("later", server:read(5))
    assert.equal("accepted", client.early_data_status)
    joined.echo(client, server)
  end)

  it("are none, if none are sent", function()
    for _, session in ipairs({ false, true }) do
      local client, server
      if session then
        client, server = resumed(client_ctx, server_ctx)
      else
        client, server = joined.objects(client_ctx, server_ctx)
      end
      pcall(client.do_handshake, client)
      assert.is_nil(server:read_early_data())
      assert.is_nil(server.early_data_status)
      assert.equal("", finish(client, server))
      assert.equal("not_sent", client.early_data_status)
      assert.equal("not_sent", server.early_data_status)
      joined.echo(client, server)
    end
  end)

  it("are none with TLS 1.2, whose handshake that is", function()
    client_ctx.maximum_version, client_ctx.minimum_version =
      ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    server_ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    local client, server = joined.objects(client_ctx, server_ctx)
    local all
    for _ = 1, 4 do
      steps.try(client, "do_handshake")
      if not all then all = select(2, read_early(server)) end
    end
    assert.is_true(all)
    server:do_handshake()
    assert.equal("not_sent", server.early_data_status)
    joined.echo(client, server)
  end)

  -- Sends early data that the server does not take, and shows that the connection works.
  local function rejected(client, server, data)
    client:write_early_data(data or "early")
    assert.same({ false, false }, { joined.handshake(client, server) })
    assert.equal("rejected", client.early_data_status)
    assert.equal("rejected", server.early_data_status)
    joined.echo(client, server)
  end

  it("are skipped by a server that does not read them", function()
    local client, server = resumed(client_ctx, server_ctx)
    rejected(client, server)
    client, server = resumed(client_ctx, server_ctx)
    rejected(client, server, ("x"):rep(LIMIT))
  end)

  it("are skipped by a server that takes none any longer", function()
    local session = session_of(client_ctx, server_ctx)
    server_ctx.max_early_data = 0
    local client, server = joined.objects(client_ctx, server_ctx, session)
    client:write_early_data(("x"):rep(LIMIT))
    assert.equal("", (read_early(server)))
    finish(client, server)
    assert.equal("rejected", client.early_data_status)
    joined.echo(client, server)
  end)

  it("are skipped after a HelloRetryRequest, and with another protocol", function()
    client_ctx:set_groups("X25519:P-256")
    client_ctx:set_alpn_protocols({ "h2", "http/1.1" })
    server_ctx:set_alpn_protocols({ "h2" })
    local session = session_of(client_ctx, server_ctx)
    server_ctx:set_alpn_protocols({ "http/1.1" })
    local client, server = joined.objects(client_ctx, server_ctx, session)
    client:write_early_data("early")
    assert.equal("", (read_early(server)))
    finish(client, server)
    assert.equal("rejected", client.early_data_status)
    session = session_of(client_ctx, server_ctx)
    server_ctx:set_groups("P-256")
    client, server = joined.objects(client_ctx, server_ctx, session)
    client:write_early_data("early")
    assert.equal("", (read_early(server)))
    finish(client, server)
    assert.equal("rejected", client.early_data_status)
    joined.echo(client, server)
  end)

  it("cannot be sent where another name or protocol is meant", function()
    client_ctx:set_alpn_protocols({ "h2" })
    server_ctx:set_alpn_protocols({ "h2" })
    local session = session_of(client_ctx, server_ctx)
    client_ctx:set_alpn_protocols({ "http/1.1" })
    local client = joined.objects(client_ctx, server_ctx, session)
    local err = raises(ssl.SSLError, client.write_early_data, client, "early")
    assert.equal(err, raised(client.do_handshake, client))
  end)

  it("cannot be sent without a session that allows them", function()
    local client = joined.objects(client_ctx, server_ctx)
    assert.matches("max_early_data", raises(ssl.ValueError, client.write_early_data, client, "x")
      .message)
    local _, plain = contexts.new(ssl.TLSVersion.TLSv1_3)
    local server
    client, server = resumed(client_ctx, plain)
    assert.equal(0, client.session.max_early_data)
    raises(ssl.ValueError, client.write_early_data, client, "x")
    assert.same({ false, false }, { joined.handshake(client, server) })
    joined.echo(client, server)
  end)

  it("cannot be more than the session allows, in all", function()
    local client, server = resumed(client_ctx, server_ctx)
    assert.matches("40001 bytes are more than the 40000",
      raises(ssl.ValueError, client.write_early_data, client, ("x"):rep(LIMIT + 1)).message)
    client:write_early_data(("x"):rep(LIMIT - 1))
    assert.matches("2 bytes are more than the 1", raises(ssl.ValueError, client.write_early_data,
      client, "xx").message)
    client:write_early_data("x")
    assert.equal(LIMIT, #read_early(server))
    finish(client, server)
    joined.echo(client, server)
  end)

  it("come first, or not at all", function()
    local client, server = resumed(client_ctx, server_ctx)
    assert.matches("only a server", raises(ssl.ValueError, client.read_early_data, client).message)
    assert.matches("a server writes early only after",
      raises(ssl.ValueError, server.write_early_data, server, "x").message)
    pcall(client.do_handshake, client)
    pcall(server.do_handshake, server)
    assert.matches("handshake has begun", raises(ssl.ValueError, client.write_early_data, client,
      "x").message)
    assert.matches("handshake has begun", raises(ssl.ValueError, server.read_early_data, server)
      .message)
    joined.handshake(client, server)
    for _, conn in ipairs({ client, server }) do
      raises(ssl.ValueError, conn.write_early_data, conn, "x")
      raises(ssl.ValueError, conn.read_early_data, conn)
    end
    joined.echo(client, server)
  end)

  it("have to be read to their end before anything else", function()
    local client, server = resumed(client_ctx, server_ctx)
    client:write_early_data("early")
    local function others()
      for _, call in ipairs({ { "do_handshake" }, { "read", 1 }, { "write", "x" }, { "unwrap" },
          { "peek" }, { "send_close_notify" } }) do
        local err = raises(ssl.ValueError, server[call[1]], server, table.unpack(call, 2))
        assert.matches("early data wait: call read_early_data until", err.message)
      end
    end
    assert.equal("ea", server:read_early_data(2))
    others()
    assert.equal("rly", (read_early(server)))
    others()
    finish(client, server)
    assert.matches("handshake has begun", raises(ssl.ValueError, server.read_early_data, server)
      .message)
    joined.echo(client, server)
  end)

  it("are at their end until the handshake goes on", function()
    local client, server = resumed(client_ctx, server_ctx)
    client:write_early_data("early")
    read_early(server)
    pcall(client.do_handshake, client)
    for _ = 1, 2 do assert.same({ "", true }, { read_early(server) }) end
    server:do_handshake()
    joined.echo(client, server)
  end)

  it("refuse arguments that make no sense", function()
    local client, server = resumed(client_ctx, server_ctx)
    errors.badargument(client.write_early_data, client, 1)
    errors.badargument(client.write_early_data, client)
    errors.badargument(server.read_early_data, server, "x")
    for _, size in ipairs({ 0, -1, math.mininteger }) do
      raises(ssl.ValueError, server.read_early_data, server, size)
    end
    client:write_early_data("early")
    assert.equal("early", server:read_early_data(math.maxinteger))
  end)

  it("let the server ask what to make of the client, and wait", function()
    local session = session_of(client_ctx, server_ctx)
    server_ctx.client_hello_callback = function(_, hello)
      assert.is_string(hello:extension(42))
      coroutine.yield("asked")
    end
    local client, server = joined.objects(client_ctx, server_ctx, session)
    client:write_early_data("early")
    local co = coroutine.wrap(function() return server:read_early_data() end)
    assert.equal("asked", co())
    assert.matches("in use", raises(ssl.ValueError, server.do_handshake, server).message)
    -- a session is bound to the name once there is a client_hello_callback
    assert.is_nil(co())
  end)

  it("that are cut off are told from those at their end", function()
    local client, server, _, up = resumed(client_ctx, server_ctx)
    client:write_early_data("early")
    assert.equal("early", server:read_early_data())
    up:write_eof()
    assert.is_true(ssl.isinstance(raised(server.read_early_data, server), ssl.SSLEOFError))
    assert.is_false(pcall(server.do_handshake, server))
  end)

  it("that were changed on their way end the connection", function()
    local down, up = ssl.MemoryBIO(), ssl.MemoryBIO()
    local session = session_of(client_ctx, server_ctx)
    local client = client_ctx:wrap_bio(down, up, { server_hostname = "localhost",
      session = session })
    client:write_early_data(("x"):rep(100))
    local flight = up:read()
    local received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    local server = server_ctx:wrap_bio(received, sent, true)
    received:write(flight:sub(1, -2) .. string.char(flight:byte(-1) ~ 1))
    assert.is_true(ssl.isinstance(raised(server.read_early_data, server), ssl.SSLError))
  end)
end)

describe("Early data over sockets", function()
  -- A session, and sockets for the connection that resumes it.
  local function prepare(net)
    local client_ctx, server_ctx = takers()
    local session = session_of(client_ctx, server_ctx)
    local one, two = net:pair()
    local lazy = { do_handshake_on_connect = false }
    local client = net:add(client_ctx:wrap_socket(one, { server_hostname = "localhost",
      session = session, do_handshake_on_connect = false }))
    local server = net:add(server_ctx:wrap_socket(two, true, lazy))
    return client, server, client_ctx, server_ctx
  end

  it("leave in one piece with the ClientHello, and wait for the other side", function()
    local net <close> = loopback.new()
    local client, server = prepare(net)
    client:write_early_data("early")
    assert.equal("early", server:read_early_data())
    server:settimeout(0.01)
    raises(ssl.TimeoutError, server.read_early_data, server)
    server:settimeout(0)
    raises(ssl.SSLWantReadError, server.read_early_data, server)
    client:settimeout(0)
    finish(client, server)
    assert.equal("accepted", client.early_data_status)
    for _, conn in ipairs({ client, server }) do conn:settimeout(10) end
    client:sendall("hello")
    assert.equal("hello", server:recv(5))
  end)

  it("wait in a coroutine for a waiter", function()
    local net <close> = loopback.new()
    local client, server, client_ctx, server_ctx = prepare(net)
    server_ctx.waiter, client_ctx.waiter = scheduler.wait, scheduler.wait
    local got = {}
    scheduler.spawn(function()
      for part in function() return server:read_early_data() end do got[#got + 1] = part end
      server:do_handshake()
      local later = server:recv(5)
      got[#got + 1] = later
      server:sendall("done")
    end)
    scheduler.spawn(function()
      client:write_early_data("early")
      client:do_handshake()
      client:sendall("later")
      local answer = client:recv(4)
      got[#got + 1] = answer
    end)
    scheduler.run()
    assert.same({ "early", "later", "done" }, got)
  end)

  it("go on with the same data alone, when the socket takes no more", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = takers(2^24 | 0)
    local session = session_of(client_ctx, server_ctx)
    local one, two = net:pair()
    one:setoption("tcp-nodelay", true)
    local client = net:add(client_ctx:wrap_socket(one, { server_hostname = "localhost",
      session = session, do_handshake_on_connect = false }))
    local server = net:add(server_ctx:wrap_socket(two, true, { do_handshake_on_connect = false }))
    client:settimeout(0)
    server:settimeout(0)
    local data = ("0123456789"):rep(1600000)
    raises(ssl.SSLWantWriteError, client.write_early_data, client, data)
    for _, other in ipairs({ "other", data .. "x", ("x"):rep(#data) }) do
      local err = raises(ssl.SSLError, client.write_early_data, client, other)
      assert.matches("write the same bytes again", err.message)
    end
    for _, call in ipairs({ { "do_handshake" }, { "read", 1 }, { "write", data } }) do
      local err = raises(ssl.ValueError, client[call[1]], client, table.unpack(call, 2))
      assert.matches("early data are not all sent", err.message)
    end
    local got, size, sent = {}, 0, false
    for _ = 1, 100000 do
      if not sent then sent = steps.try(client, "write_early_data", data) == true end
      local ok, part = steps.try(server, "read_early_data")
      if ok == false then error(part) end
      if ok == true then
        got[#got + 1] = part
        size = size + #part
      end
      if sent and size == #data then break end
    end
    assert.is_true(sent)
    assert.equal(#data, size)
    assert.is_true(table.concat(got) == data)
    finish(client, server)
    client:settimeout(10)
    server:settimeout(10)
    client:sendall("hello")
    assert.equal("hello", server:recv(5))
  end)

  it("are not for a file, which cannot read them", function()
    local net <close> = loopback.new()
    local client, server = prepare(net)
    client:write_early_data("early")
    assert.equal("ea", server:read_early_data(2))
    local file <close> = server:makefile("r")
    assert.is_nil((file:read("l")))
    assert.equal("rly", server:read_early_data())
  end)

  it("need a connection", function()
    local client_ctx = takers()
    local tcp = require("socket").tcp4()
    local conn <close> = client_ctx:wrap_socket(tcp, { server_hostname = "localhost" })
    assert.is_nil(conn.early_data_status)
    for _, method in ipairs({ "read_early_data", "write_early_data" }) do
      raises(ssl.OSError, conn[method], conn, method:find("write") and "x" or nil)
    end
    conn:close()
    assert.is_nil(conn.early_data_status)
    raises(ssl.OSError, conn.read_early_data, conn)
  end)
end)
