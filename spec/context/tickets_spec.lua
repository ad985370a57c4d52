local socket = require "socket"
local ssl = require "_ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local process = require "support.process"
local python = require "support.python"

local kept, raised, raises = errors.kept, errors.raised, errors.raises

local TLSv1_2, TLSv1_3 = 0x303, 0x304

local function key(n) return ("key %012d"):format(n) .. (string.char(n)):rep(64) end

-- A server of its own, as another process would have it.
local function server_with(version, ...)
  local client_ctx, server_ctx = contexts.new(version)
  server_ctx:set_ticket_keys { ... }
  return server_ctx, client_ctx
end

for _, version in ipairs { TLSv1_2, TLSv1_3 } do
  describe(("ticket keys in version 0x%x"):format(version), function()
    it("let another server resume a session, and no server without them", function()
      local first, client_ctx = server_with(version, key(1))
      local session = joined.connect(client_ctx, first).session
      assert.is_true(joined.connect(client_ctx, (server_with(version, key(1))), session)
        .session_reused)
      assert.is_false(joined.connect(client_ctx, (server_with(version, key(2))), session)
        .session_reused)
      assert.is_false(joined.connect(client_ctx, (server_with(version)), session).session_reused)
    end)

    it("that were rotated still resume, and renew the ticket", function()
      local first, client_ctx = server_with(version, key(1))
      local session = joined.connect(client_ctx, first).session
      local client = joined.connect(client_ctx, (server_with(version, key(2), key(1))), session)
      assert.is_true(client.session_reused)
      local renewed = joined.connect(client_ctx, (server_with(version, key(2))), client.session)
      assert.is_true(renewed.session_reused)
    end)

    it("are used after sni_callback has switched the context", function()
      local first, client_ctx = server_with(version, key(1))
      local other = server_with(version, key(3))
      first.sni_callback = function(conn) conn.context = other end
      local session = joined.connect(client_ctx, first).session
      for n, resumed in pairs { true, [3] = false } do
        local second = server_with(version, key(n))
        second.sni_callback = function() end  -- it, too, acknowledges the name
        assert.equal(resumed, joined.connect(client_ctx, second, session).session_reused)
      end
    end)

    it("do nothing for a connection that was made before them, which sends no ticket", function()
      local client_ctx, server_ctx = contexts.new(version)
      local client, server = joined.objects(client_ctx, server_ctx)
      server_ctx:set_ticket_keys { key(1) }
      assert.same({ false, false }, { joined.handshake(client, server) })
      joined.echo(client, server)
      assert.is_false(client.session ~= nil and client.session.has_ticket)
      local session = joined.connect(client_ctx, server_ctx).session
      assert.is_true(session.has_ticket)
    end)

    it("of the same name but another secret resume nothing", function()
      local first, client_ctx = server_with(version, key(1))
      local session = joined.connect(client_ctx, first).session
      local forged = key(1):sub(1, 16) .. ("x"):rep(64)
      assert.is_false(joined.connect(client_ctx, (server_with(version, forged)), session)
        .session_reused)
    end)

    it("let a session travel as bytes", function()
      local first, client_ctx = server_with(version, key(1))
      local bytes = joined.connect(client_ctx, first).session:to_bytes()
      local second, other_client = server_with(version, key(1))
      local session = ssl.SSLSession.from_bytes(bytes)
      assert.is_true(session.has_ticket)
      assert.is_true(joined.connect(other_client, second, session).session_reused)
    end)
  end)
end

describe("ticket keys in two processes", function()
  it("let the one resume what the other began", function()
    local lua = process.lua
    local leaf = contexts.identity()
    local files <close> = leaf:files()
    local name = os.tmpname()
    -- The other process makes the ticket, and hands the session over as bytes.
    local pipe = assert(io.popen(("LUA_CPATH='%s' %s -"):format(package.cpath, lua), "w"))
    pipe:write(([[
      local ssl = require "_ssl"
      local client, server = ssl.SSLContext(16), ssl.SSLContext(17)
      client:load_verify_locations(%q)
      server:load_cert_chain(%q, %q)
      server:set_ticket_keys { %q }
      local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
      local a = client:wrap_bio(down, up, { server_hostname = "localhost" })
      local b = server:wrap_bio(up, down, true)
      for _ = 1, 4 do pcall(a.do_handshake, a) pcall(b.do_handshake, b) end
      b:write("x") a:read(1)
      local out = assert(io.open(%q, "wb"))
      out:write(a.session:to_bytes())
      out:close()
    ]]):format(files.ca, files.chain, files.key, key(7), name))
    pipe:close()
    local file = assert(io.open(name, "rb"))
    local session = ssl.SSLSession.from_bytes(file:read("a"))
    file:close()
    os.remove(name)
    local server_ctx, client_ctx = server_with(TLSv1_3, key(7))
    assert.is_true(joined.connect(client_ctx, server_ctx, session).session_reused)
    assert.is_false(joined.connect(client_ctx, (server_with(TLSv1_3, key(8))), session)
      .session_reused)
  end)
end)

-- Sends back one byte, which also brings the client its tickets.
local function answer(conn)
  conn:sendall(conn:recv(1))
  return conn.session_reused
end

-- Starts processes that serve as the one name, each with its own ticket keys.
local function cluster(version)
  local identity = testing.CA():issue("localhost")
  local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  identity:root():configure_trust(client_ctx)
  contexts.only(version, client_ctx)
  local function start(...)
    local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity:configure_cert(server_ctx)
    contexts.only(version, server_ctx)
    server_ctx:set_ticket_keys { ... }
    return testing.server { identity = identity, context = server_ctx, handler = answer }
  end
  -- The session that a connection ends with, and whether it was resumed.
  local function visit(server, session)
    server:attach(client_ctx)  -- where it is no process
    local tcp = assert(socket.connect("127.0.0.1", server.port))
    tcp:settimeout(10)
    local conn <close> = client_ctx:wrap_socket(tcp, { server_hostname = "localhost",
      session = session })
    conn:sendall("x")
    assert.equal("x", conn:recv(1))
    local report = server:wait()
    assert.is_true(report.ok)
    assert.equal(conn.session_reused, report.value)
    return conn.session, conn.session_reused
  end
  return start, visit
end

for _, version in ipairs { TLSv1_2, TLSv1_3 } do
  describe(("ticket keys in server processes in version 0x%x"):format(version), function()
    it("let the second process resume what the first began", function()
      local start, visit = cluster(version)
      local session, reused = visit(start(key(1)))
      assert.is_false(reused)
      assert.is_true(session.has_ticket)
      local _, resumed = visit(start(key(1)), session)
      assert.is_true(resumed)
    end)

    it("that were rotated resume an old ticket and replace it by a new one", function()
      local start, visit = cluster(version)
      local session = visit(start(key(1)))
      local before, only_new = session:to_bytes(), start(key(2))
      local renewed, resumed = visit(start(key(2), key(1)), session)
      assert.is_true(resumed)
      assert.are_not.equal(before, renewed:to_bytes())
      assert.is_true(select(2, visit(only_new, renewed)))
      assert.is_false(select(2, visit(only_new, ssl.SSLSession.from_bytes(before))))
    end)

    it("that are wholly others make the client do a full handshake", function()
      local start, visit = cluster(version)
      local session = visit(start(key(1)))
      local other, resumed = visit(start(key(2), key(3)), session)
      assert.is_false(resumed)
      assert.is_true(other.has_ticket)
    end)
  end)
end

describe("SSLContext.set_ticket_keys", function()
  local function refusal(...)
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return raised(ctx.set_ticket_keys, ctx, ...)
  end

  it("takes strings and bytearrays of 80 bytes", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx:set_ticket_keys { key(1), ssl.bytearray(key(2)) }
    ctx:set_ticket_keys {}
    for _, wrong in ipairs { "", key(1):sub(2), key(1) .. "x", ("x"):rep(48) } do
      local err = refusal { key(1), wrong }
      assert.is_true(ssl.isinstance(err, ssl.ValueError))
      assert.equal(("ticket key 2 must be 80 bytes long, not %d"):format(#wrong), err.message)
    end
  end)

  it("takes at most 1024 keys, and no table's word for how many it has", function()
    local many = {}
    for i = 1, 1024 do many[i] = key(1) end
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER):set_ticket_keys(many)
    many[1025] = key(1)
    -- 2^60 keys are 0 bytes, modulo 2^64: only a few of them have to be there
    local text = {}
    for i = 0, 60 do text[#text + 1] = ("[%d] = key,"):format(1 << i) end
    local few = load("local key = ... return {" .. table.concat(text) .. "}")(key(1))
    local lists = { many }
    if #few > 1024 then lists[2] = few end  -- not what Lua 5.5 says of it
    for _, keys in ipairs(lists) do
      local err = refusal(keys)
      assert.is_true(ssl.isinstance(err, ssl.ValueError))
      assert.equal("more than 1024 ticket keys", err.message)
    end
  end)

  it("refuses other types", function()
    for _, wrong in ipairs { "x", 5, { 5 }, { key(1), true }, { {} } } do
      assert.matches("bad argument #1 to 'set_ticket_keys'", refusal(wrong), 1, true)
    end
    assert.matches("bad argument #1 to 'set_ticket_keys'", refusal(), 1, true)
  end)

  it("keeps the old keys when new ones are refused", function()
    local server_ctx, client_ctx = server_with(TLSv1_3, key(1))
    local session = joined.connect(client_ctx, server_ctx).session
    raises(ssl.ValueError, server_ctx.set_ticket_keys, server_ctx, { key(2), "short" })
    assert.is_true(joined.connect(client_ctx, server_ctx, session).session_reused)
  end)

  it("refuses a client's context", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    raises(ssl.SSLError, ctx.set_ticket_keys, ctx, { key(1) })
  end)
end)

describe("SSLContext.num_tickets", function()
  it("is a server's, and not negative", function()
    local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.num_tickets = 0
    assert.equal(0, ctx.num_tickets)
    ctx.num_tickets = 5
    assert.equal(5, ctx.num_tickets)
    assert.equal("value must be non-negative", kept(ctx, "num_tickets", -1).message)
    assert.equal("SSLContext is not a server context.", kept(client, "num_tickets", 1).message)
  end)
end)

describe("SSLContext.session_stats", function()
  it("counts from zero what CPython counts", function()
    local theirs = python.run("import ssl; " ..
      "result = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).session_stats()")
    assert.same(theirs, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT):session_stats())
  end)
end)
