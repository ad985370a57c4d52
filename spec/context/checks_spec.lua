local ssl = require "ssl"
local contexts = require "support.contexts"
local joined = require "support.joined"
local loopback = require "support.loopback"
local raised = require "support.errors".raised
local scheduler = require "ssl.waiter".scheduler
local testing = require "ssl.testing"

local EXPIRED, NO_ISSUER, APPLICATION, HOSTNAME_MISMATCH = 10, 20, 50, 62
local leaf, authority = contexts.identity()

-- Before the helper counts the objects that a test leaves.
local stranger_authority = testing.CA()
local stranger = stranger_authority:issue("localhost")
local expired_other = authority:issue("other.test", { not_after = os.time() - 60 })
for _, identity in ipairs({ stranger, expired_other }) do
  identity:configure_cert(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
end
stranger_authority:configure_trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

-- Both sides' errors of a handshake in a coroutine, which is resumed until it has ended; and
-- how often it yielded.
local function handshake(client, server)
  local yields, co = -1, coroutine.create(joined.handshake)
  local ok, at_client, at_server
  repeat
    ok, at_client, at_server = coroutine.resume(co, client, server)
    assert(ok, at_client)
    yields = yields + 1
  until coroutine.status(co) == "dead"
  return at_client, at_server, yields
end

for name, version in pairs(contexts.versions) do
  describe("A client's verify_callback that takes its time, with " .. name .. ",", function()
    local client_ctx, server_ctx

    before_each(function() client_ctx, server_ctx = contexts.new(version) end)
    after_each(function() client_ctx, server_ctx = nil, nil end)

    it("is asked once for each certificate, and the handshake goes on", function()
      local seen = {}
      client_ctx.verify_callback = function(...)
        coroutine.yield()
        seen[#seen + 1] = table.pack(...)
      end
      local client, server = joined.objects(client_ctx, server_ctx)
      local at_client, at_server, yields = handshake(client, server)
      assert.same({ false, false, 2 }, { at_client, at_server, yields })
      joined.echo(client, server)
      for i, depth in ipairs({ 1, 0 }) do
        local ok, err, at, der, conn = table.unpack(seen[i])
        assert.same({ 5, true, 0, depth }, { seen[i].n, ok, err, at })
        assert.equal(depth == 0, der == leaf.cert.der)
        assert.equal(client, conn)
      end
      assert.equal(leaf.cert.der, client:get_verified_chain()[1])
    end)

    it("refuses by false, and is not asked any further", function()
      local asked = 0
      client_ctx.verify_callback = function()
        coroutine.yield()
        asked = asked + 1
        return false
      end
      local at_client, at_server = handshake(joined.objects(client_ctx, server_ctx))
      assert.is_true(ssl.isinstance(at_client, ssl.SSLCertVerificationError))
      assert.equal(APPLICATION, at_client.verify_code)
      assert.is_nil(at_client.cause)
      assert.is_true(ssl.isinstance(at_server, ssl.SSLError))
      assert.equal(1, asked)
    end)

    it("accepts one error after the other by true, and by true alone", function()
      expired_other:configure_cert(server_ctx)
      local cases = { all = { HOSTNAME_MISMATCH, EXPIRED }, one = { HOSTNAME_MISMATCH, EXPIRED },
        none = { HOSTNAME_MISMATCH } }
      for how, expected in pairs(cases) do
        local errors = {}
        client_ctx.verify_callback = function(ok, err)
          coroutine.yield()
          if ok then return end
          errors[#errors + 1] = err
          return how == "all" or how == "one" and err == HOSTNAME_MISMATCH
        end
        local at_client = handshake(joined.objects(client_ctx, server_ctx))
        assert.same(expected, errors)
        assert.equal(how ~= "all" and expected[#expected], at_client and at_client.verify_code)
      end
    end)

    it("is the cause when it raises, and when it answers nonsense", function()
      local mine = {}
      for i, answer in ipairs({ function() error(mine) end, function() return 1 end }) do
        client_ctx.verify_callback = function()
          coroutine.yield()
          return answer()
        end
        local client, server = joined.objects(client_ctx, server_ctx)
        local at_client = handshake(client, server)
        assert.equal(APPLICATION, at_client.verify_code)
        if i == 1 then
          assert.equal(mine, at_client.cause)
        else
          assert.matches("bad return value from 'verify_callback' (a boolean or nil",
            at_client.cause, 1, true)
        end
        assert.equal(at_client, raised(function() client:do_handshake() end))
      end
    end)

    it("may fetch what the check lacks, and is asked about the new check", function()
      stranger:configure_cert(server_ctx)
      local errors, depths = {}, {}
      client_ctx.verify_callback = function(ok, err, depth)
        coroutine.yield()
        if ok then
          depths[#depths + 1] = depth
        else
          errors[#errors + 1] = err
          stranger_authority:configure_trust(client_ctx)
        end
      end
      local at_client = handshake(joined.objects(client_ctx, server_ctx))
      assert.is_false(at_client)
      assert.same({ NO_ISSUER }, errors)
      assert.same({ 1, 0 }, depths)
    end)

    it("is asked anew by another connection, and not by one that resumes", function()
      local asked = 0
      client_ctx.verify_callback = function()
        coroutine.yield()
        asked = asked + 1
      end
      local session
      for _ = 1, 2 do
        local client, server = joined.objects(client_ctx, server_ctx)
        handshake(client, server)
        joined.echo(client, server)
        session = client.session
      end
      assert.equal(4, asked)
      local client, server = joined.objects(client_ctx, server_ctx, session)
      handshake(client, server)
      assert.is_true(client.session_reused)
      assert.equal(4, asked)
    end)

    it("leaves the connection unverified when its coroutine is forgotten", function()
      local waits, asked = true, 0
      client_ctx.verify_callback = function()
        asked = asked + 1
        if waits then coroutine.yield() end
        return false
      end
      local client, server = joined.objects(client_ctx, server_ctx)
      local co = coroutine.create(joined.handshake)
      assert(coroutine.resume(co, client, server))
      assert.equal("suspended", coroutine.status(co))
      for _, method in ipairs({ "do_handshake", "read" }) do
        assert.matches("in use", raised(client[method], client).message)
      end
      coroutine.close(co)
      waits = false
      local at_client = joined.handshake(client, server)  -- not in a coroutine
      assert.equal(APPLICATION, at_client.verify_code)
      assert.equal(2, asked)
      assert.is_false(pcall(client.write, client, "x"))
    end)

    it("need not yield, in a coroutine and outside", function()
      local asked = 0
      client_ctx.verify_callback = function() asked = asked + 1 end
      joined.connect(client_ctx, server_ctx)
      coroutine.wrap(joined.connect)(client_ctx, server_ctx)
      assert.equal(4, asked)
    end)

    it("may be taken away meanwhile: the rest is then OpenSSL's", function()
      client_ctx.verify_callback = function()
        client_ctx.verify_callback = nil
        coroutine.yield()
      end
      local at_client, at_server, yields = handshake(joined.objects(client_ctx, server_ctx))
      assert.same({ false, false, 1 }, { at_client, at_server, yields })
    end)

    it("may close the connection", function()
      client_ctx.verify_callback = function(_, _, _, _, conn)
        coroutine.yield()
        conn:close()
      end
      local net <close> = loopback.new()
      local one, two = net:pair()
      local client <close> = client_ctx:wrap_socket(one, { server_hostname = "localhost",
        do_handshake_on_connect = false })
      local server <close> = server_ctx:wrap_socket(two, true, { do_handshake_on_connect = false })
      client:settimeout(0)
      server:settimeout(0)
      local err
      local co = coroutine.wrap(function() return select(2, pcall(client.do_handshake, client)) end)
      repeat
        pcall(server.do_handshake, server)
        err = co()
        if ssl.isinstance(err, ssl.SSLWantReadError) then
          co = coroutine.wrap(function() return select(2, pcall(client.do_handshake, client)) end)
        end
      until err and not ssl.isinstance(err, ssl.SSLWantReadError)
      assert.is_true(ssl.isinstance(err, ssl.OSError))
      assert.equal(-1, client:fileno())
    end)

    it("keeps no other connection waiting under a scheduler", function()
      local net <close> = loopback.new()
      local order, held = {}, nil
      server_ctx.waiter, client_ctx.waiter = scheduler.wait, scheduler.wait
      client_ctx.verify_callback = function(_, _, _, _, conn)
        held = held or conn
        if conn ~= held then return end
        repeat scheduler.wait(conn, "write", 0.001) until #order > 0
      end
      for _ = 1, 2 do
        local one, two = net:pair()
        scheduler.spawn(function()
          local conn <close> = client_ctx:wrap_socket(one, { server_hostname = "localhost" })
          order[#order + 1] = conn == held and "held" or "the other"
        end)
        scheduler.spawn(function() server_ctx:wrap_socket(two, true):close() end)
      end
      scheduler.run()
      assert.same({ "the other", "held" }, order)
    end)
  end)
end

describe("A client's verify_callback that takes its time", function()
  it("decides about a raw public key", function()
    if ssl.OPENSSL_VERSION_NUMBER < 0x30200000 then
      return pending("raw public keys need OpenSSL 3.2")
    end
    for _, version in ipairs({ ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3 }) do
      for _, answer in ipairs({ true, false }) do
        local client_ctx, server_ctx = contexts.new(version)
        client_ctx.server_certificate_types = { "rpk" }
        server_ctx.server_certificate_types = { "rpk" }
        client_ctx.check_hostname = false
        local keys = {}
        client_ctx.verify_callback = function(ok, _, _, der, _, key)
          coroutine.yield()
          assert(not ok and der == nil)
          keys[#keys + 1] = key
          return answer
        end
        local client, server = joined.objects(client_ctx, server_ctx)
        local at_client = handshake(client, server)
        assert.equal(answer, at_client == false)
        assert.equal(answer, (pcall(client.write, client, "x")))
        assert.equal(1, #keys)
      end
    end
  end)
end)

describe("A callback that OpenSSL cannot wait for", function()
  local client_ctx, server_ctx

  before_each(function() client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3) end)
  after_each(function() client_ctx, server_ctx = nil, nil end)

  local function yield() coroutine.yield() end

  -- The cause of the error of the one that failed.
  local function cause()
    local at_client, at_server = handshake(joined.objects(client_ctx, server_ctx))
    return (at_client and at_client.cause or at_server and at_server.cause)
  end

  it("says so, and what can wait instead", function()
    local key = ("k"):rep(32)
    local cases = {
      sni_callback = function() server_ctx.sni_callback = yield end,
      psk_client_callback = function() client_ctx:set_psk_client_callback(yield) end,
      psk_server_callback = function()
        client_ctx:set_psk_client_callback(function() return "someone", key end)
        server_ctx:set_psk_server_callback(yield)
      end,
      ocsp_response = function()
        client_ctx.ocsp_stapling = ssl.CERT_OPTIONAL
        server_ctx.ocsp_response = yield
      end,
      ocsp_callback = function()
        client_ctx.ocsp_stapling = ssl.CERT_OPTIONAL
        client_ctx.ocsp_callback = yield
      end,
      verify_callback = function()
        leaf:configure_cert(client_ctx)
        authority:configure_trust(server_ctx)
        server_ctx.verify_mode = ssl.CERT_REQUIRED
        server_ctx.verify_callback = yield
      end,
    }
    for name, prepare in pairs(cases) do
      client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
      prepare()
      assert.matches("'" .. name .. "' may not yield: ", tostring(cause()), 1, true)
    end
  end)

  it("says so outside of a coroutine, too", function()
    client_ctx.verify_callback = yield
    local at_client = joined.handshake(joined.objects(client_ctx, server_ctx))
    assert.matches("'verify_callback' may not yield: ", at_client.cause, 1, true)
  end)

  it("raises its own errors as they are", function()
    local mine = setmetatable({}, { __tostring = function() return "attempt to yield" end })
    server_ctx.sni_callback = function() error(mine) end
    assert.equal(mine, cause())
  end)
end)

describe("A server's keys for TLS 1.3", function()
  it("can be looked up in client_hello_callback, which may yield", function()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    local database, keys = { someone = ("k"):rep(32) }, {}
    server_ctx:set_ciphersuites("TLS_AES_128_GCM_SHA256")  -- which has the keys' hash
    client_ctx:set_psk_client_callback(function() return "someone", database.someone end)
    server_ctx.client_hello_callback = function(_, hello)
      for _, identity in ipairs(hello.psk_identities) do
        coroutine.yield()
        keys[identity] = database[identity]
      end
    end
    server_ctx:set_psk_server_callback(function(identity) return keys[identity] or "" end)
    local client, server = joined.objects(client_ctx, server_ctx)
    local at_client, at_server, yields = handshake(client, server)
    assert.same({ false, false, 1 }, { at_client, at_server, yields })
    joined.echo(client, server)
    assert.is_nil(client:getpeercert(true))
  end)
end)
