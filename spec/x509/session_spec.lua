local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local pair = require "support.pair"

for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
  describe("SSLSession of " .. version, function()
    it("is resumed by a later connection of its context", function()
      local client, server = contexts.new(ssl.TLSVersion[version])
      local first = pair.connected(client, server)
      assert.is_false(first.client.session_reused)
      local session = first.client.session
      assert.is_true(ssl.isinstance(session, ssl.SSLSession))
      local second = pair.connected(client, server, { session = session })
      assert.is_true(second.client.session_reused)
      assert.is_true(second.server.session_reused)
      local third = pair.new(client, server)
      third.client.session = session
      assert.is_nil(third:handshake())
      assert.is_true(third.client.session_reused)
    end)

    it("is resumed after a plain close too", function()
      local net <close> = loopback.new()
      local client, server = contexts.new(ssl.TLSVersion[version])
      local conn, peer = net:tls(client, server)
      peer:sendall("x")
      conn:recv()
      local session = conn.session
      conn:close()
      peer:close()
      local again = net:tls(client, server, { session = session })
      assert.is_true(again.session_reused)
    end)

    it("survives its bytes", function()
      local client, server = contexts.new(ssl.TLSVersion[version])
      local session = pair.connected(client, server).client.session
      local same = ssl.SSLSession.from_bytes(session:to_bytes())
      assert.equal(session, same)
      assert.is_true(pair.connected(client, server, { session = same }).client.session_reused)
    end)
  end)
end

describe("SSLSession", function()
  it("is refused by another context, by a server, and after the handshake", function()
    local client, server = contexts.new()
    local other = contexts.new()
    local first = pair.connected(client, server)
    local session = first.client.session
    local function refused(conn, text)
      assert.equal(text,
        errors.raises(ssl.ValueError, errors.set, conn, "session", session).message)
    end
    refused(first.client, "Cannot set session after handshake.")
    refused(pair.new(other, server).client, "Session refers to a different SSLContext.")
    refused(pair.new(client, server).server, "Session refers to a different SSLContext.")
    for _, bad in ipairs({ 1, "x", {} }) do
      local err = errors.raised(errors.set, pair.new(client, server).client, "session", bad)
      assert.matches("bad value for 'session'", tostring(err), 1, true)
    end
  end)

  it("lives longer than its connection and context", function()
    local session
    do
      local client, server = contexts.new()
      session = pair.connected(client, server).client.session
    end
    collectgarbage()
    collectgarbage()
    assert.is_true(#session.id <= 32 and session.timeout > 0)
    assert.is_true(math.abs(session.time - os.time()) < 60)
    assert.is_true(session.has_ticket)
    assert.is_true(session.ticket_lifetime_hint > 0)
  end)

  it("cannot be made of other bytes", function()
    local client, server = contexts.new()
    local bytes = pair.connected(client, server).client.session:to_bytes()
    for _, bad in ipairs({ "", "x", bytes:sub(1, -2), bytes .. "x" }) do
      errors.raises(ssl.Error, ssl.SSLSession.from_bytes, bad)
    end
    local err = errors.raises(ssl.SSLError, ssl.SSLSession.from_bytes, "x")
    assert.matches(": bytes is no session that to_bytes gave, or damaged: .+$", err.message)
  end)
end)
