local ssl = require "_ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local python = require "support.python"

local badargument = errors.badargument
local raised, raises, protocolerror = errors.raised, errors.raises, errors.protocolerror

local TLSv1_2, TLSv1_3 = 0x303, 0x304
local KEY = "\xde\xad\xbe\xef"

-- Contexts without certificates, that speak one version.
local function uncertified(version)
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  contexts.only(version, client, server)
  if version == TLSv1_2 then
    client:set_ciphers("PSK")
    server:set_ciphers("PSK")
  end
  return client, server
end

-- The errors of both sides, and the connections.
local function shake(version, client_callback, server_callback, hint)
  local client_ctx, server_ctx = uncertified(version)
  client_ctx:set_psk_client_callback(client_callback)
  server_ctx:set_psk_server_callback(server_callback, hint)
  local client, server = joined.objects(client_ctx, server_ctx)
  local cerr, serr = joined.handshake(client, server)
  return cerr, serr, client, server
end

local function give(...)
  local values = table.pack(...)
  return function() return table.unpack(values, 1, values.n) end
end

for _, version in ipairs { TLSv1_2, TLSv1_3 } do
  describe(("pre-shared keys in version 0x%x"):format(version), function()
    it("connect without certificates", function()
      local hints, identities = {}, {}
      local cerr, serr, client, server = shake(version, function(hint)
        hints[#hints + 1] = hint or "none"
        return "client-1", KEY
      end, function(identity)
        identities[#identities + 1] = identity
        return ssl.bytearray(KEY)
      end, "the hint")
      assert.is_false(cerr)
      assert.is_false(serr)
      joined.echo(client, server)
      assert.same({ version == TLSv1_2 and "the hint" or "none" }, hints)
      assert.same({ "client-1" }, identities)
      assert.is_nil(client:getpeercert())
    end)

    it("must be the same", function()
      local cerr, serr = shake(version, give("id", KEY), give(KEY .. "x"))
      assert.is_true(protocolerror(serr))
      assert.is_true(ssl.isinstance(cerr, ssl.SSLError))
      -- what OpenSSL found first, and not what a callback raised
      assert.is_true(serr.cause == nil or ssl.isinstance(serr.cause, ssl.SSLError))
    end)

    it("are at most what OpenSSL takes, and the identity 255 bytes", function()
      assert.is_false((shake(version, give("id", ("k"):rep(512)), give(("k"):rep(512)))))
      assert.is_false((shake(version, give(("i"):rep(255), KEY), give(KEY))))
    end)

    it("end the handshake where the client's callback gives what cannot be", function()
      for _, case in ipairs {
        { give("id", ("k"):rep(513)), "psk is longer than 512 bytes" },
        { give(("i"):rep(256), KEY), "identity is longer than 255 bytes" },
        { give("a\0b", KEY), "embedded null byte in the identity" },
      } do
        local cerr, serr = shake(version, case[1], give(KEY))
        assert.is_true(ssl.isinstance(cerr, ssl.SSLError))
        assert.is_true(ssl.isinstance(cerr.cause, ssl.ValueError))
        assert.equal(case[2], cerr.cause.message)
        assert.is_true(ssl.isinstance(serr, ssl.SSLError))
      end
      for _, callback in ipairs { give(1), give(), give("id"), give("id", 5), give({}, KEY) } do
        local cerr = shake(version, callback, give(KEY))
        assert.truthy(cerr.cause:find("bad return value from 'psk_client_callback' (", 1, true))
      end
    end)

    it("end the handshake where the server's callback gives what cannot be", function()
      local _, serr = shake(version, give("id", KEY), give(("k"):rep(513)))
      assert.equal("psk is longer than 512 bytes", serr.cause.message)
      for _, callback in ipairs { give(), give(5), give({}) } do
        local cerr
        cerr, serr = shake(version, give("id", KEY), callback)
        assert.truthy(serr.cause:find("bad return value from 'psk_server_callback' (", 1, true))
        assert.is_true(ssl.isinstance(cerr, ssl.SSLError))
      end
    end)

    it("are not asked of a callback that was taken away after the connection was made", function()
      for _, side in ipairs({ "client", "server" }) do
        local client_ctx, server_ctx = uncertified(version)
        local ctx, asked = side == "client" and client_ctx or server_ctx, false
        client_ctx:set_psk_client_callback(function() return "someone", KEY end)
        server_ctx:set_psk_server_callback(function() return KEY end)
        local set = "set_psk_" .. side .. "_callback"
        ctx[set](ctx, function() asked = true end)
        local client, server = joined.objects(client_ctx, server_ctx)
        ctx[set](ctx, nil)
        local cerr, serr = joined.handshake(client, server)
        assert.is_true(ssl.isinstance(cerr, ssl.SSLError), side)
        assert.is_true(ssl.isinstance(serr, ssl.SSLError), side)
        assert.is_false(asked)
      end
    end)

    it("end the handshake with the callback's error as the cause", function()
      local thrown = {}
      local cerr, serr = shake(version, function() error(thrown) end, give(KEY))
      assert.equal(thrown, cerr.cause)
      assert.is_true(ssl.isinstance(serr, ssl.SSLError))
      cerr, serr = shake(version, give("id", KEY), function() error(thrown) end)
      assert.equal(thrown, serr.cause)
      assert.is_true(ssl.isinstance(cerr, ssl.SSLError))
      serr = select(2, shake(version, give("id", KEY), function() coroutine.yield() end))
      assert.truthy(tostring(serr.cause):find("yield", 1, true))
    end)

    it("refuse an unknown identity by an empty key, without a cause", function()
      local cerr, serr = shake(version, give("id", KEY), give(""))
      assert.is_true(ssl.isinstance(serr, ssl.SSLError))
      -- what OpenSSL found first, and not what a callback raised
      assert.is_true(serr.cause == nil or ssl.isinstance(serr.cause, ssl.SSLError))
      assert.is_true(ssl.isinstance(cerr, ssl.SSLError))
    end)
  end)
end

describe("a failing callback for keys", function()
  it("does not let TLS 1.3 go on with certificates", function()
    local client_ctx, server_ctx = contexts.new()
    client_ctx:set_psk_client_callback(function() error("no key", 0) end)
    local cerr = joined.handshake(joined.objects(client_ctx, server_ctx))
    assert.equal("no key", cerr.cause)

    client_ctx:set_psk_client_callback(give("id", KEY))
    server_ctx:set_psk_server_callback(function() error("no key", 0) end)
    local _, serr = joined.handshake(joined.objects(client_ctx, server_ctx))
    assert.equal("no key", serr.cause)
  end)

  it("is unlike an empty key, with which TLS 1.3 goes on with certificates", function()
    local client_ctx, server_ctx = contexts.new()
    client_ctx:set_psk_client_callback(give("id", ""))
    local client = joined.connect(client_ctx, server_ctx)
    assert.is_table(client:getpeercert())
  end)
end)

describe("SSLContext.set_psk_client_callback and set_psk_server_callback", function()
  it("refuse the other side's context, before they look at the callback", function()
    local client, server = uncertified(TLSv1_3)
    local err = raises(ssl.SSLError, client.set_psk_server_callback, client, 5)
    assert.equal("Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context", err.message)
    assert.equal(0, err.errno)
    err = raised(server.set_psk_client_callback, server, 5)
    assert.equal("Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context", err.message)
  end)

  it("refuse what cannot be called, and hints that cannot be", function()
    local client, server = uncertified(TLSv1_3)
    assert.truthy(raised(client.set_psk_client_callback, client, 5)
      :find("callback must be callable", 1, true))
    assert.truthy(raised(server.set_psk_server_callback, server, "f")
      :find("callback must be callable", 1, true))
    local err = raises(ssl.ValueError, server.set_psk_server_callback, server, give(KEY),
      ("x"):rep(300))
    assert.equal("failed to set identity hint", err.message)
    raises(ssl.ValueError, server.set_psk_server_callback, server, give(KEY), "a\0b")
    badargument(server.set_psk_server_callback, server, give(KEY), 5)
  end)

  it("forget the callback that nil replaces", function()
    local client_ctx, server_ctx = contexts.new()
    local asked = 0
    client_ctx:set_psk_client_callback(function() asked = asked + 1 return "id", KEY end)
    client_ctx:set_psk_client_callback(nil)
    server_ctx:set_psk_server_callback(function() asked = asked + 1 return KEY end)
    server_ctx:set_psk_server_callback(nil)
    joined.connect(client_ctx, server_ctx)
    assert.equal(0, asked)
  end)

  it("follow sni_callback to another context, before TLS 1.3", function()
    local client_ctx, server_ctx = uncertified(TLSv1_2)
    local _, other = uncertified(TLSv1_2)
    client_ctx:set_psk_client_callback(give("id", KEY))
    server_ctx:set_psk_server_callback(give("another key"))
    other:set_psk_server_callback(give(KEY))
    server_ctx.sni_callback = function(conn) conn.context = other end
    joined.connect(client_ctx, server_ctx)
  end)
end)

describe("pre-shared keys and CPython", function()
  it("end alike: connected, or with the same class and reason on each side", function()
    if not python.atleast(3, 13) then return pending("CPython 3.13 has them first") end
    local cases = {
      { "id", KEY, KEY }, { "id", KEY, "xx" }, { "id", KEY, "" }, { ("i"):rep(255), KEY, KEY },
      { "id", ("k"):rep(256), ("k"):rep(256) },
    }
    local input = {}
    for i, case in ipairs(cases) do
      input[i] = { case[1], python.bytes(case[2]), python.bytes(case[3]) }
    end
    local theirs = python.run([[
import ssl
result = []
for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    for identity, ours, others in data:
        c, s = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.check_hostname = False
        for x in (c, s):
            x.minimum_version = x.maximum_version = version
            if version == ssl.TLSVersion.TLSv1_2: x.set_ciphers("PSK")
        c.set_psk_client_callback(lambda hint: (identity, ours))
        s.set_psk_server_callback(lambda identity: others)
        up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        both = (c.wrap_bio(down, up), s.wrap_bio(up, down, server_side=True))
        ends = [None, None]
        for _ in range(10):
            for i in range(2):
                if ends[i] is None:
                    try:
                        both[i].do_handshake()
                        ends[i] = "connected"
                    except ssl.SSLWantReadError: pass
                    except ssl.SSLError as e: ends[i] = "%s %s" % (type(e).__name__, e.reason)
        result.append("%s; %s" % tuple(ends))
]], input)
    -- The first CPython 3.13 know no name for the alert unknown_psk_identity.
    local function ending(err)
      if err == false then return "connected" end
      local known = err.reason ~= "TLSV1_ALERT_UNKNOWN_PSK_IDENTITY"
      return ("SSLError %s"):format(known and err.reason or "None")
    end
    local i = 0
    for _, version in ipairs { TLSv1_2, TLSv1_3 } do
      for _, case in ipairs(cases) do
        i = i + 1
        local cerr, serr = shake(version, give(case[1], case[2]), give(case[3]))
        local expected = theirs[i]:gsub("TLSV1_ALERT_UNKNOWN_PSK_IDENTITY", "None")
        assert.equal(expected, ending(cerr) .. "; " .. ending(serr))
      end
    end
  end)
end)
