local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local pair = require "support.pair"
local steps = require "support.steps"

local badargument, raises, protocolerror = errors.badargument, errors.raises, errors.protocolerror

local client_context, server_context = contexts.new()
local _, authority = contexts.identity()

describe("SSLContext.wrap_bio", function()
  it("refuses names that cannot be a host's", function()
    for _, name in ipairs({ "", ".x", "a\0b", ("x"):rep(64), "a..b" }) do
      raises(ssl.ValueError, pair.new, client_context, server_context, { server_hostname = name })
    end
    local b = ssl.MemoryBIO()
    assert.equal("check_hostname requires server_hostname",
      raises(ssl.ValueError, client_context.wrap_bio, client_context, b, b).message)
    for _, name in ipairs({ "localhost", "127.0.0.1", "::1", "a.b", ("x"):rep(63) .. ".y" }) do
      local p = pair.new(client_context, server_context, { server_hostname = name })
      assert.equal(name, p.client.server_hostname)
    end
  end)

  it("refuses what is no MemoryBIO, and the other side's context", function()
    local b = ssl.MemoryBIO()
    for _, bad in ipairs({ 1, "x", {}, io.stdout, client_context }) do
      badargument(client_context.wrap_bio, client_context, bad, b)
      badargument(client_context.wrap_bio, client_context, b, bad)
    end
    raises(ssl.SSLError, server_context.wrap_bio, server_context, b, b)
  end)

  it("takes a host name and a session for a client alone", function()
    local p, b = pair.new(client_context, server_context), ssl.MemoryBIO()
    assert.is_nil(p:handshake())
    local function message(options)
      options.server_side = true
      return raises(ssl.ValueError, server_context.wrap_bio, server_context, b, b, options).message
    end
    assert.equal("server_hostname can only be specified in client mode",
      message({ server_hostname = "localhost" }))
    assert.equal("session can only be specified in client mode",
      message({ session = p.client.session }))
  end)

  it("lets a server have a context that checks names", function()
    local context, b = ssl.SSLContext(ssl.PROTOCOL_TLS), ssl.MemoryBIO()
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = true
    assert.is_true(context:wrap_bio(b, b, true).server_side)
    assert.equal("check_hostname requires server_hostname",
      raises(ssl.ValueError, context.wrap_bio, context, b, b).message)
  end)

  it("makes no server of a client's context", function()
    local context, b = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.MemoryBIO()
    context.check_hostname = false
    assert.equal("Cannot create a server socket with a PROTOCOL_TLS_CLIENT context",
      raises(ssl.SSLError, context.wrap_bio, context, b, b, true).message)
  end)

  it("checks the address that it is told to expect", function()
    assert.is_nil(pair.new(client_context, server_context,
      { server_hostname = "127.0.0.1" }):handshake())
    local err = pair.new(client_context, server_context,
      { server_hostname = "127.0.0.2" }):handshake()
    assert.equal(64, err.verify_code)
    err = pair.new(client_context, server_context, { server_hostname = "other" }):handshake()
    assert.equal(62, err.verify_code)
    assert.is_truthy(err.message:find("not valid for 'other'", 1, true))
  end)
end)

describe("SSLObject", function()
  it("wants before the handshake, and tells nothing of the peer", function()
    local p = pair.new(client_context, server_context)
    for _, call in ipairs({ { "read" }, { "write", "x" }, { "do_handshake" } }) do
      raises(ssl.SSLWantReadError, p.client[call[1]], p.client, table.unpack(call, 2))
    end
    assert.equal("handshake not done yet",
      raises(ssl.ValueError, p.client.getpeercert, p.client).message)
    assert.is_nil(p.client:version())
    assert.is_nil((p.client:cipher()))
    assert.equal(0, p.client:pending())
    assert.equal("", p.client:read(0))
    assert.equal(0, p.client:write(""))
    assert.is_true(protocolerror(raises(ssl.SSLError, p.client.unwrap, p.client)))
  end)

  it("reads into a buffer and as a string, up to its length", function()
    local p = pair.connected(client_context, server_context)
    p.server:write("some data")
    p:pump()
    local buffer = ssl.bytearray(4)
    assert.equal(2, p.client:read(2, buffer))
    assert.equal("so", buffer:tostring(1, 2))
    assert.equal(4, p.client:read(100, buffer))
    assert.equal("me d", buffer:tostring())
    assert.equal(3, p.client:pending())
    assert.equal("ata", p.client:read(math.maxinteger))
    raises(ssl.ValueError, p.client.read, p.client, -1)
    for _, bad in ipairs({ 1.5, "1" }) do
      badargument(p.client.read, p.client, bad)
    end
  end)

  it("ends in good order from either side", function()
    for _, first in ipairs({ "client", "server" }) do
      local p = pair.connected(client_context, server_context)
      local other = first == "client" and "server" or "client"
      assert.equal("want", steps.try(p[first], "unwrap"))
      p:pump()
      assert.is_nil(p[other]:read())
      assert.is_true(steps.try(p[other], "unwrap"))
      p:pump()
      assert.is_true(steps.try(p[first], "unwrap"))
      raises(ssl.SSLError, p[first].write, p[first], "x")
    end
  end)

  it("always tells an end without close_notify", function()
    local p = pair.connected(client_context, server_context)
    p.client_in:write_eof()
    for _ = 1, 2 do raises(ssl.SSLEOFError, p.client.read, p.client) end
    p = pair.new(client_context, server_context)
    p.client_in:write_eof()
    raises(ssl.SSLEOFError, p.client.do_handshake, p.client)
  end)

  it("works with one MemoryBIO for both directions, if the program likes that", function()
    local b = ssl.MemoryBIO()
    local object = client_context:wrap_bio(b, b, { server_hostname = "localhost" })
    raises(ssl.SSLError, object.do_handshake, object)
    object = nil  -- luacheck: ignore 311
    collectgarbage()
    b:write("still usable")
    assert.is_true(b.pending > 11)
  end)
end)

describe("An sni_callback", function()
  local function with(callback)
    local _, context = contexts.new()
    context.sni_callback = callback
    local p = pair.new(client_context, context)
    local err, by_client = p:handshake()
    local alert = err and not by_client and select(2, steps.try(p.client, "do_handshake"))
    context.sni_callback = nil
    return err, alert, p
  end

  it("that raises, yields, or answers nonsense ends the handshake with an alert", function()
    local object = { "mine" }
    for _, case in ipairs({
      { function() error("text", 0) end, "text", "SSLV3_ALERT_HANDSHAKE_FAILURE" },
      { function() error(object) end, object, "SSLV3_ALERT_HANDSHAKE_FAILURE" },
      { function() error() end, select(2, pcall(error)), "SSLV3_ALERT_HANDSHAKE_FAILURE" },
      { function() coroutine.yield() end, false, "SSLV3_ALERT_HANDSHAKE_FAILURE" },
      { function() return "x" end, false, "TLSV1_ALERT_INTERNAL_ERROR" },
      { function() return 1.5 end, false, "TLSV1_ALERT_INTERNAL_ERROR" },
    }) do
      local err, alert = with(case[1])
      assert.is_true(protocolerror(err))
      assert.equal(case[3], alert.reason)
      if case[2] == false then
        assert.equal("string", type(err.cause))
      else
        assert.equal(case[2], err.cause)
      end
    end
  end)

  it("may answer with an alert, replace itself, and collect garbage", function()
    local err, alert = with(function() return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME end)
    assert.is_true(protocolerror(err))
    assert.equal("TLSV1_UNRECOGNIZED_NAME", alert.reason)
    assert.is_nil(with(function(conn, name, context)
      context.sni_callback = nil
      collectgarbage()
      assert(name == "localhost" and conn.context == context)
    end))
  end)

  it("may switch to a context that nothing else holds", function()
    local err, _, p = with(function(conn)
      local other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      authority:issue("localhost", "switched.test"):configure_cert(other)
      conn.context = other
      other = nil  -- luacheck: ignore 311
      collectgarbage()
      collectgarbage()
    end)
    assert.is_nil(err)
    assert.equal("switched.test", p.client:getpeercert().subjectAltName[2][2])
  end)
end)
