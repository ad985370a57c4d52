-- DTLS in memory: what a connection over datagrams does otherwise than one over a stream.

local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"

local raises = errors.raises

-- A pair of the kit; `tap` is its wire.
local function new_pair(tap, prepare, session)
  local client, server = contexts.dtls()
  if prepare then prepare(client, server) end
  return testing.pair({ client = client, server = server, server_hostname = "localhost",
    tap = tap, session = session })
end

local function connected(tap, prepare)
  local pair = new_pair(tap, prepare)
  local outcome = pair:handshake()
  assert(outcome.ok, outcome.client.error or outcome.server.error)
  return pair
end

describe("A connection over datagrams", function()
  it("knows its peer as one over a stream does", function()
    local client, server = joined.connect(contexts.dtls())
    assert.same({ { "DNS", "localhost" }, { "IP Address", "127.0.0.1" } },
      client:getpeercert().subjectAltName)
    assert.is_nil(server:getpeercert())
    assert.equal(client:cipher(), server:cipher())
    assert.equal(client:get_channel_binding(), server:get_channel_binding())
    assert.equal(client:export_keying_material("label", 32),
      server:export_keying_material("label", 32))
    raises(ssl.ValueError, client.key_update, client)
    for _, object in ipairs({ client, server, (joined.objects(contexts.dtls())) }) do
      local err = raises(ssl.ValueError, object.write_early_data, object, "x")
      assert.equal("DTLS has no early data", err.message)
      raises(ssl.ValueError, object.read_early_data, object)
    end
  end)

  it("refuses a server that is another's", function()
    local client, server = contexts.dtls()
    local pair = testing.pair({ client = client, server = server, server_hostname = "other.test" })
    local outcome = pair:handshake()
    assert.is_true(ssl.isinstance(outcome.client.error, ssl.SSLCertVerificationError))
    assert.equal("bad_certificate", outcome.client.alert)
  end)

  it("agrees on a protocol above it, and on a name", function()
    local asked
    local pair = connected(nil, function(client, server)
      client:set_alpn_protocols({ "coap", "other" })
      server:set_alpn_protocols({ "coap" })
      server.sni_callback = function(_, name) asked = name end
    end)
    assert.equal("coap", pair.client:selected_alpn_protocol())
    assert.equal("coap", pair.server:selected_alpn_protocol())
    assert.equal("localhost", asked)
  end)

  it("asks for a client's certificate", function()
    local identity, ca = contexts.identity()
    local pair = connected(nil, function(client, server)
      identity:configure_cert(client)
      ca:configure_trust(server)
      server.verify_mode = ssl.CERT_REQUIRED
    end)
    assert.equal(identity.cert.der, pair.server:getpeercert(true))
    local outcome = new_pair(nil, function(_, server)
      ca:configure_trust(server)
      server.verify_mode = ssl.CERT_REQUIRED
    end):handshake()
    assert.equal("PEER_DID_NOT_RETURN_A_CERTIFICATE", outcome.server.error.reason)
  end)

  it("shares a key", function()
    if not ssl.HAS_PSK then return pending("this OpenSSL has no PSK") end
    local client_ctx = ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT)
    local server_ctx = ssl.SSLContext(ssl.PROTOCOL_DTLS_SERVER)
    client_ctx.check_hostname = false
    client_ctx.verify_mode = ssl.CERT_NONE
    for _, ctx in ipairs({ client_ctx, server_ctx }) do ctx:set_ciphers("PSK") end
    client_ctx:set_psk_client_callback(function() return "client-1", "\xde\xad\xbe\xef" end)
    local asked
    server_ctx:set_psk_server_callback(function(identity)
      asked = identity
      return "\xde\xad\xbe\xef"
    end)
    local client = joined.connect(client_ctx, server_ctx)
    assert.equal("client-1", asked)
    assert.matches("PSK", (client:cipher()))
  end)

  it("resumes a session, by a ticket of keys that were set or from the cache", function()
    for _, how in ipairs({ "ticket", "keys", "cache" }) do
      local client_ctx, server_ctx = contexts.dtls()
      if how == "keys" then server_ctx:set_ticket_keys({ ssl.RAND_bytes(80) }) end
      if how == "cache" then server_ctx.options = server_ctx.options | ssl.OP_NO_TICKET end
      local first = joined.connect(client_ctx, server_ctx)
      assert.is_false(first.session_reused)
      assert.equal(how ~= "cache", first.session.has_ticket)
      local again, server = joined.connect(client_ctx, server_ctx, first.session)
      assert.is_true(again.session_reused, how)
      assert.is_true(server.session_reused, how)
    end
  end)

  it("lets the program answer in the handshake", function()
    local seen
    local identity = contexts.identity()
    connected(nil, function(_, server)
      server.client_hello_callback = function(_, hello) seen = hello.name end
      server.certificate_callback = function(conn)
        local files <close> = identity:files()
        conn:load_cert_chain(files.chain, files.key)
      end
    end)
    assert.equal("localhost", seen)
  end)
end)

describe("Reading datagrams", function()
  it("gives one for each that was sent", function()
    local client, server = joined.connect(contexts.dtls())
    for _, data in ipairs({ "one", "two", "three" }) do assert.equal(#data, client:write(data)) end
    assert.equal("one", server:read())
    assert.equal("two", server:read(100))
    assert.equal("thr", (server:read(3)))
    raises(ssl.SSLWantReadError, server.read, server)
  end)

  it("tells the size of one that did not fit, and loses its rest", function()
    local client, server = joined.connect(contexts.dtls())
    client:write("a long one")
    client:write("next")
    assert.same({ "a lo", 10 }, { server:read(4) })
    assert.same({ "next" }, { server:read(4) })
    local buffer = ssl.bytearray("....")
    client:write("abcdefg")
    assert.same({ 4, 7 }, { server:read(100, buffer) })
    assert.equal("abcd", buffer:tostring())
    client:write("xy")
    assert.same({ 2 }, { server:read(nil, buffer) })
    assert.equal("xycd", buffer:tostring())
  end)

  it("takes nothing where nothing is asked for, or only shown", function()
    local client, server = joined.connect(contexts.dtls())
    client:write("hello")
    assert.equal("", server:read(0))
    assert.equal("hel", server:peek(3))
    assert.equal("hello", server:read())
  end)

  local function read_all(object)
    local got = {}
    raises(ssl.SSLWantReadError, function() repeat got[#got + 1] = object:read() until false end)
    return got
  end

  it("drops one that comes twice, or was changed on the way", function()
    local tap, data = testing.tap, { from = "client", type = "application_data" }
    for expected, wire in pairs({
      ["1 2 3"] = tap.duplicate(data),
      ["1 3"] = tap.chain(tap.alter(function(record)
        return record.type == 23 and record.sequence == 2
      end), tap.duplicate(data)),
    }) do
      local pair = connected(wire)
      for i = 1, 3 do pair.client:write(tostring(i)) end
      pair:pump()
      assert.equal(expected, table.concat(read_all(pair.server), " "))
      assert.equal("still there", pair:transfer("still there", "server"))
    end
  end)

  it("gives them in the order in which they come", function()
    local held
    local pair = connected(function(record)
      if record.type ~= 23 then return end
      if not held then
        held = record.bytes
        return ""
      end
      return { record.bytes, held }
    end)
    pair.client:write("first")
    pair.client:write("second")
    pair:pump()
    assert.equal("second", pair.server:read())
    assert.equal("first", pair.server:read())
  end)

  it("passes over what is no record of DTLS", function()
    local pair = connected()
    for _, rubbish in ipairs({ "x", "GET / HTTP/1.0\r\n\r\n", ("\0"):rep(2000),
        "\23\254\253" .. ("\0"):rep(8) .. "\1\0" .. ("x"):rep(256) }) do
      pair:inject("server", rubbish)
    end
    assert.equal("hello", pair:transfer("hello"))
  end)
end)

describe("Writing datagrams", function()
  it("sends no more than fits into one of the connection's size", function()
    local client, server = joined.connect(contexts.dtls())
    assert.equal(1232, client.mtu)
    local most = client.max_datagram
    assert.is_true(most > 1100 and most < 1232)
    client:write(("x"):rep(most))
    assert.equal(most, #server:read())
    local err = raises(ssl.ValueError, client.write, client, ("x"):rep(most + 1))
    assert.matches(("%d bytes are more than the %d"):format(most + 1, most), err.message, 1, true)
    raises(ssl.ValueError, client.write, client, ssl.bytearray(most + 1))
    client.mtu = 65507
    assert.equal(16384, client.max_datagram)
    client:write(("y"):rep(16384))
    assert.equal(16384, #server:read())
    raises(ssl.ValueError, client.write, client, ("x"):rep(16385))
  end)

  it("fills the datagram, and no more", function()
    for _, mtu in ipairs({ 256, 1400, 4096, 4097, 9000 }) do
      local pair = connected()
      pair.client.mtu = mtu
      pair.client:write(("x"):rep(pair.client.max_datagram))
      pair:pump()
      local size = #pair.records[#pair.records].bytes
      assert.is_true(size <= mtu and size > mtu - 32, ("%d of %d"):format(size, mtu))
    end
  end)

  it("of nothing sends nothing", function()
    local pair = connected()
    local before = #pair.records
    assert.equal(0, pair.client:write(""))
    pair:pump()
    assert.equal(before, #pair.records)
  end)

  it("that was too large before the handshake is refused after it", function()
    local client, server = joined.objects(contexts.dtls())
    raises(ssl.SSLWantReadError, client.write, client, ("x"):rep(2000))
    raises(ssl.ValueError, client.write, client, ("x"):rep(16385))
    local err
    for _ = 1, 10 do
      pcall(server.do_handshake, server)
      err = select(2, pcall(client.write, client, ("x"):rep(2000)))
      if not ssl.isinstance(err, ssl.SSLWantReadError) then break end
    end
    assert.is_true(ssl.isinstance(err, ssl.SSLError) or ssl.isinstance(err, ssl.ValueError))
    assert.equal(5, client:write("fine."))
    pcall(server.do_handshake, server)
    assert.equal("fine.", server:read())
  end)
end)

describe("SSLSocket.mtu", function()
  it("bounds what the handshake sends", function()
    local ciphers = { "ECDHE+AESGCM", "ECDHE+CHACHA20", "ECDHE+AES:!AESGCM:!AESCCM" }
    for _, cipher in ipairs(ciphers) do
      for _, mtu in ipairs({ 256, 257, 270, 500, 1400 }) do
        local pair = new_pair(nil, function(client) client:set_ciphers(cipher) end)
        pair.client.mtu, pair.server.mtu = mtu, mtu
        assert.equal(mtu, pair.client.mtu)
        assert.is_true(pair:handshake().ok)
        for _, record in ipairs(pair.records) do
          assert.is_true(#record.bytes <= mtu, ("%d of %d"):format(#record.bytes, mtu))
        end
      end
    end
  end)

  it("has large certificates arrive whole, whatever it is", function()
    local ca = testing.CA()
    local names = {}
    for i = 1, 400 do names[i] = ("host-%d.example.test"):format(i) end
    local identity = ca:issue("localhost", table.unpack(names))
    for _, mtu in ipairs({ 300, 4096, 4097, 16000, 65507 }) do
      local client, server = contexts.dtls()
      ca:configure_trust(client)
      identity:configure_cert(server)
      local pair = testing.pair({ client = client, server = server, server_hostname = "localhost" })
      pair.client.mtu, pair.server.mtu = mtu, mtu
      local outcome = pair:handshake()
      assert.is_true(outcome.ok, tostring(outcome.client.error))
      for _, record in ipairs(pair.records) do
        assert.is_true(#record.bytes <= math.min(mtu, 4096), #record.bytes)
      end
    end
  end)

  it("is a number that makes sense", function()
    local client = joined.objects(contexts.dtls())
    for _, mtu in ipairs({ 0, 255, 65508, -1 }) do
      raises(ssl.ValueError, function() client.mtu = mtu end)
    end
    assert.matches("bad value for", errors.raised(errors.set, client, "mtu", "1400"), 1, true)
    assert.equal(1232, client.mtu)
    local stream = joined.objects(contexts.new())
    assert.is_nil(stream.mtu)
    assert.is_nil(stream.max_datagram)
    raises(ssl.ValueError, function() stream.mtu = 1400 end)
    raises(ssl.ValueError, stream.handle_timeout, stream)
    assert.is_nil(stream:timeout())
  end)
end)

describe("The end of a connection over datagrams", function()
  it("is told, and nobody waits for the answer", function()
    local client, server = joined.connect(contexts.dtls())
    client:unwrap()
    assert.is_nil(server:read())
    server:unwrap()
    raises(ssl.SSLError, client.write, client, "x")
  end)

  it("that is lost goes unnoticed", function()
    local pair = connected(testing.tap.drop({ type = "alert" }))
    pair.client:unwrap()
    pair:pump()
    raises(ssl.SSLWantReadError, pair.server.read, pair.server)
  end)

  it("cannot come before the handshake", function()
    local client = joined.objects(contexts.dtls())
    raises(ssl.SSLError, client.unwrap, client)
  end)
end)

describe("A handshake over datagrams", function()
  it("sends again what is lost, and only when it is time", function()
    local lost = 2
    local pair = new_pair(function(record)
      if record.from == "client" and lost > 0 then
        lost = lost - 1
        return ""
      end
    end)
    local client = pair.client
    raises(ssl.SSLWantReadError, client.do_handshake, client)
    pair:pump()
    assert.equal(1, #pair.records)
    assert.is_false(client:handle_timeout())
    assert.is_true(pair:handshake().ok)
    assert.equal(0, lost)
    assert.is_nil(client:timeout())
    assert.is_false(client:handle_timeout())
  end)

  it("ends well with a third of the datagrams lost, some twice and some late", function()
    for seed = 1, 12 do
      local pair = new_pair(testing.tap.unreliable({
        loss = 1 / 3, duplication = 0.1, reordering = 0.1, seed = seed }))
      local outcome = pair:handshake()
      assert.is_true(outcome.ok, ("seed %d: %s, %s"):format(seed, tostring(outcome.client.error),
        tostring(outcome.server.error)))
    end
  end)

  it("that resumes a session does so too, and one with certificates on both sides", function()
    local identity, ca = contexts.identity()
    local client_ctx, server_ctx = contexts.dtls()
    identity:configure_cert(client_ctx)
    ca:configure_trust(server_ctx)
    server_ctx.verify_mode = ssl.CERT_REQUIRED
    local session
    for seed = 1, 6 do
      local wire = testing.tap.unreliable({ loss = 1 / 3, seed = seed })
      local pair = testing.pair({ client = client_ctx, server = server_ctx, session = session,
        server_hostname = "localhost", tap = wire })
      pair.client.mtu, pair.server.mtu = 400, 400
      assert.is_true(pair:handshake().ok, seed)
      assert.equal(session ~= nil, pair.client.session_reused)
      session = pair.client.session
    end
  end)

  it("gives up where nothing ever answers", function()
    local pair = new_pair(testing.tap.drop({ from = "client" }))
    local outcome = pair:handshake()
    assert.is_true(ssl.isinstance(outcome.client.error, ssl.SSLError))
    assert.is_false(outcome.ok)
    assert.is_true(#pair.records > 5)
    raises(ssl.SSLError, pair.client.handle_timeout, pair.client)
  end)

  it("ends at the cut of its queue", function()
    local pair = new_pair()
    pair:cut("client")
    assert.is_true(ssl.isinstance(pair:handshake().client.error, ssl.SSLEOFError))
  end)
end)
