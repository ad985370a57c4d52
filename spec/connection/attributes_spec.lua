local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local pair = require "support.pair"
local steps = require "support.steps"
local system = require "support.system"

local raised, raises, set = errors.raised, errors.raises, errors.set

local EBADF, ENOTCONN = system.errno.EBADF, system.errno.ENOTCONN

local _, authority = contexts.identity()

describe("A connection", function()
  it("is of the side, the name and the context that it was made with", function()
    local client_context, server_context = contexts.new()
    local p = pair.connected(client_context, server_context)
    assert.is_false(p.client.server_side)
    assert.is_true(p.server.server_side)
    assert.equal("localhost", p.client.server_hostname)
    assert.is_nil(p.server.server_hostname)
    assert.equal(client_context, p.client.context)
    assert.equal(server_context, p.server.context)
    for _, name in ipairs({ "server_side", "server_hostname", "session_reused" }) do
      local text = "attribute '" .. name .. "' of 'SSLObject' is not writable"
      assert.matches(text, raised(set, p.client, name, nil), 1, true)
      assert.matches(text, raised(set, p.client, name, true), 1, true)
    end
  end)

  it("takes no context or session that is none, and keeps what it has", function()
    local client_context, server_context = contexts.new()
    local p = pair.new(client_context, server_context)
    for _, bad in ipairs({ 1, "x", true, {}, p.client, ssl.MemoryBIO() }) do
      for _, name in ipairs({ "context", "session" }) do
        local err = raised(function() p.client[name] = bad end)
        assert.matches("bad value for '" .. name .. "'", tostring(err), 1, true)
      end
    end
    assert.equal(client_context, p.client.context)
    assert.is_nil(p:handshake())
  end)

  it("shows the certificate of the context it is given before the handshake", function()
    local client_context, server_context = contexts.new()
    local other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    local identity = authority:issue("localhost")
    identity:configure_cert(other)
    local p = pair.new(client_context, server_context)
    p.server.context = other
    other = nil  -- luacheck: ignore 311
    collectgarbage()
    assert.is_nil(p:handshake())
    assert.equal(identity.cert.der, p.client:getpeercert(true))
    assert.is_not_equal(server_context, p.server.context)
  end)

  -- OpenSSL would go on with what belonged to the old one.
  it("takes no context and no session in the middle of a handshake", function()
    for _, version in ipairs({ ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3 }) do
      local client_context, server_context = contexts.new(version)
      local other_client, other_server = contexts.new(version)
      local session = pair.connected(client_context, server_context).client.session
      local p = pair.new(client_context, server_context)
      local function refused(conn, context)
        local err = raises(ssl.ValueError, set, conn, "context", context)
        assert.matches("context can only be set before the handshake", err.message, 1, true)
      end
      assert.equal("want", steps.try(p.client, "do_handshake"))
      refused(p.client, other_client)
      local err = raises(ssl.ValueError, set, p.client, "session", session)
      assert.equal("Cannot set session during the handshake.", err.message)
      assert.equal("want", steps.try(p.server, "do_handshake"))
      p.server.context = server_context  -- nothing has come yet
      p:pump()
      assert.equal("want", steps.try(p.server, "do_handshake"))
      refused(p.server, other_server)
      assert.is_nil(p:handshake())
      p.client.context, p.server.context = other_client, other_server
      assert.equal(other_client, p.client.context)
    end
  end)

  it("takes no context in a callback but sni_callback", function()
    local client_context, server_context = contexts.new()
    local _, other = contexts.new()
    local refused, named = 0, false
    server_context._msg_callback = function(conn)
      if not pcall(set, conn, "context", other) then refused = refused + 1 end
    end
    server_context.sni_callback = function(conn)
      conn.context = server_context
      named = true
    end
    local p = pair.connected(client_context, server_context)
    assert.is_true(named and refused > 4)
    assert.equal(server_context, p.server.context)
  end)

  it("leaves the bytes pending that were not asked for", function()
    for _, version in ipairs({ ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3 }) do
      local p = pair.connected(contexts.new(version))
      p.server:write("seven b")
      p:pump()
      assert.equal(0, p.client:pending())
      assert.equal("sev", p.client:read(3))
      assert.equal(4, p.client:pending())
      assert.equal("en b", p.client:read())
      assert.equal(0, p.client:pending())
    end
  end)

  it("that is not connected says so, or knows nothing", function()
    local client_context = contexts.new()
    local net <close> = loopback.new()
    local conn = net:add(client_context:wrap_socket(require("socket").tcp(),
      { server_hostname = "localhost" }))
    assert.equal(ENOTCONN, raises(ssl.OSError, conn.getpeercert, conn).errno)
    assert.equal(ENOTCONN, raises(ssl.OSError, conn.getpeercert, conn, true).errno)
    assert.equal("localhost", conn.server_hostname)
    assert.is_false(conn.server_side)
    assert.is_nil(conn.session_reused)
    conn:close()
    for _, method in ipairs({ "getpeercert", "get_verified_chain", "get_unverified_chain",
      "cipher", "shared_ciphers", "compression", "version", "pending", "selected_alpn_protocol",
      "selected_npn_protocol", "group", "verify_client_post_handshake" }) do
      assert.equal(EBADF, raises(ssl.OSError, conn[method], conn).errno, method)
    end
    assert.equal("localhost", conn.server_hostname)
    assert.equal(client_context, conn.context)
  end)
end)
