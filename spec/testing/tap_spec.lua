local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"

local raised, protocolerror = errors.raised, errors.protocolerror

local tap = testing.tap

local function new_pair(wire)
  local client, server = contexts.new()
  return testing.pair({
    client = client, server = server, server_hostname = "localhost", tap = wire,
  })
end

describe("A tap", function()
  it("sees each record with its type, version and length", function()
    local seen = {}
    local pair = new_pair(function(record)
      seen[#seen + 1] = record
    end)
    assert.is_true(pair:handshake().ok)
    assert.same(pair.records, seen)
    local first = seen[1]
    assert.equal("client", first.from)
    assert.equal(1, first.n)
    assert.equal(22, first.type)
    assert.equal("handshake", first.type_name)
    assert.equal(0x0301, first.version)
    assert.equal(#first.bytes - 5, first.length)
    assert.equal(first.payload, first.bytes:sub(6))
    assert.equal("server", seen[2].from)
    assert.equal("change_cipher_spec", seen[3].type_name)
  end)

  it("can cut all records to single bytes, which changes nothing", function()
    local pair = new_pair(tap.split())
    assert.is_true(pair:handshake().ok)
    assert.equal("hello", pair:transfer("hello", "server"))
  end)

  it("alters a bit, and the other side finds it out", function()
    local pair = new_pair(tap.alter({ from = "client", type = "application_data", n = 4 }))
    assert.is_true(pair:handshake().ok)
    local err = raised(pair.transfer, pair, "hello")
    assert.is_true(protocolerror(err))
  end)

  it("drops a record for which the other side waits", function()
    local outcome = new_pair(tap.drop({ from = "client", n = 1 })):handshake()
    assert.same({ ok = false, client = { ok = false }, server = { ok = false } }, outcome)
  end)

  it("repeats a record, which is refused", function()
    local pair = new_pair(tap.duplicate({ from = "client", n = 4 }))
    assert.is_true(pair:handshake().ok)
    local err = raised(pair.transfer, pair, "hello")
    assert.is_true(protocolerror(err))
  end)

  it("ends the stream in the middle of a record", function()
    local outcome = new_pair(tap.truncate({ from = "server", n = 2 }, 3)):handshake()
    assert.is_true(ssl.isinstance(outcome.client.error, ssl.SSLEOFError))
  end)

  it("injects and replaces records", function()
    local alert = tap.record("alert", "\2\40")
    local outcome = new_pair(tap.inject({ from = "server", n = 1 }, alert)):handshake()
    assert.equal("SSLV3_ALERT_HANDSHAKE_FAILURE", outcome.client.error.reason)
    assert.equal("handshake_failure", outcome.server.alert)
    local request = "GET / HTTP/1.0\r\n\r\n"
    outcome = new_pair(tap.replace({ from = "client", n = 1 }, request)):handshake()
    assert.is_true(protocolerror(outcome.server.error))
  end)

  it("is joined to others, the first that changes a record deciding", function()
    local pair = new_pair(tap.chain(tap.split({ from = "client" }, 7),
      tap.replace({ from = "client" }, "")))
    assert.is_true(pair:handshake().ok)
  end)

  it("chooses by a function too", function()
    local count = 0
    local pair = new_pair(tap.drop(function(record)
      count = count + 1
      return record.type == 99
    end))
    assert.is_true(pair:handshake().ok)
    assert.equal(#pair.records, count)
  end)

  it("must return what can be delivered", function()
    local pair = new_pair(function() return 5 end)
    assert.error_matches(function() pair:handshake() end,
      "bad return value from 'tap' %(string or table expected, got number%)")
    assert.error_matches(function() tap.drop(5) end, "bad argument #1 to 'drop'")
  end)
end)

describe("A tap of messages", function()
  local function to_tls12(client)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
  end

  local function attacked(what, change, setting)
    local client, server = contexts.new()
    if setting then setting(client, server) end
    return testing.pair({
      client = client, server = server, server_hostname = "localhost",
      tap = tap.message(what, change),
    })
  end

  local function same(message) return message end

  it("changes nothing where the test changes nothing", function()
    for _, setting in ipairs({ false, to_tls12 }) do
      local pair = attacked(nil, same, setting or nil)
      assert.is_true(pair:handshake().ok)
      assert.equal("hello", pair:transfer("hello"))
      for _, entry in ipairs(pair.wire:read()) do
        assert.is_nil(entry.fate)
      end
    end
  end)

  it("puts an extension among the encrypted ones", function()
    local outcome = attacked("EncryptedExtensions", function(message)
      message:add("alpn", { "h2" })
    end):handshake()
    assert.is_true(protocolerror(outcome.client.error))
    assert.equal("unsupported_extension", outcome.client.alert)
  end)

  it("drops, repeats and replaces messages of TLS 1.3", function()
    for _, change in ipairs({
      function() return false end,
      function(message) return { message, message } end,
      function() return "\14\0\0\0" end,  -- a ServerHelloDone
    }) do
      local outcome = attacked("CertificateVerify", change):handshake()
      assert.is_true(protocolerror(outcome.client.error))
      assert.is_string(outcome.client.alert)
    end
  end)

  it("changes an encrypted message of TLS 1.2", function()
    local outcome = attacked({ name = "Finished", from = "client" }, function(message)
      message.verify_data = ("x"):rep(12)
    end, to_tls12):handshake()
    assert.is_true(protocolerror(outcome.server.error))
    assert.equal("decrypt_error", outcome.server.alert)
  end)

  it("goes on with the numbers of its own after it has dropped a message", function()
    local pair = attacked("NewSessionTicket", function() return false end)
    assert.is_true(pair:handshake().ok)
    assert.equal("hello", pair:transfer("hello", "server"))
    assert.equal("hello", pair:transfer("hello", "client"))
    assert.is_true(pair:unwrap())
  end)

  it("changes what comes after the handshake too", function()
    local pair = attacked("KeyUpdate", function(message) message.request = 7 end)
    assert.is_true(pair:handshake().ok)
    pair.client:key_update()
    assert.is_true(protocolerror(raised(pair.transfer, pair, "hello")))
  end)

  it("lies about lengths", function()
    for _, lie in ipairs({
      function(message) message.length = 3 end,
      function(message) message.certificates.length = 1 << 20 end,
      function(message) message.certificates = testing.raw("\0\0") end,
      function(message) message.body = "" end,
    }) do
      local outcome = attacked("Certificate", lie):handshake()
      assert.is_true(protocolerror(outcome.client.error))
    end
  end)

  it("puts a message together that many records carry", function()
    local names = {}
    for i = 1, 100 do names[i] = ("n%03d."):format(i) .. ("x"):rep(60):rep(3, ".") .. ".test" end
    local function big(_, server)
      testing.CA():issue(table.unpack(names)):configure_cert(server)
    end
    for _, setting in ipairs({ big, function(client, server)
      to_tls12(client)
      big(client, server)
    end }) do
      local seen
      local pair = attacked("Certificate", function(message)
        seen = #message.bytes
        message.certificates[1].certificate = "none"
      end, setting)
      local outcome = pair:handshake()
      assert.is_true(seen > 16384)
      assert.is_true(ssl.isinstance(outcome.client.error, ssl.SSLError))
      assert.matches("part of a message", pair.wire:draw(), 1, true)
    end
  end)

  it("refuses what is no change, and tells a message that cannot be written", function()
    assert.error_matches(function() tap.message("Finished") end, "bad argument #2 to 'message'")
    assert.error_matches(function() tap.message(5, same) end, "bad argument #1 to 'message'")
    assert.error_matches(function()
      attacked("ClientHello", function() return 5 end):handshake()
    end, "bad return value from a change of messages")
    assert.error_matches(function()
      attacked("ClientHello", function(message) message.ciphers = { "no such" } end):handshake()
    end, "ClientHello: ciphers: 'no such' is no known name")
    assert.error_matches(function()
      attacked("ClientHello", function(message) message.random = nil end):handshake()
    end, "ClientHello: random: string expected, got nil")
  end)

  it("changes the messages of a server in another process", function()
    local server <close> = testing.server({ tap = tap.message("EncryptedExtensions",
      function(message) message:add("alpn", { "h2" }) end) })
    assert.is_true(protocolerror(raised(server.connect, server)))
    assert.equal("TLSV1_UNSUPPORTED_EXTENSION", server:wait().reason)
  end)
end)

describe("A tap of datagrams", function()
  local function new_datagrams(wire)
    local client, server = contexts.dtls()
    return testing.pair({
      client = client, server = server, server_hostname = "localhost", tap = wire,
    })
  end

  it("sees each datagram whole, with the header of its first record", function()
    local pair = new_datagrams()
    assert.is_true(pair:handshake().ok)
    local first = pair.records[1]
    assert.is_true(first.datagram)
    assert.equal("client", first.from)
    assert.equal("handshake", first.type_name)
    assert.equal(0, first.epoch)
    assert.equal(0, first.sequence)
    assert.equal(#first.bytes - 13, first.length)
    assert.equal(first.payload, first.bytes:sub(14))
    pair:transfer("hello")
    local last = pair.records[#pair.records]
    assert.equal("application_data", last.type_name)
    assert.equal(1, last.epoch)
  end)

  -- What becomes of a thousand datagrams.
  local function outcome(options)
    local wire, out = tap.unreliable(options), {}
    for n = 1, 1000 do
      for _, bytes in ipairs(wire({ from = "client", n = n, bytes = tostring(n) })) do
        out[#out + 1] = math.tointeger(bytes)
      end
    end
    return out
  end

  it("loses, doubles and delays its share, the same for the same seed", function()
    assert.equal(1000, #outcome({}))
    assert.near(667, #outcome({ loss = 1 / 3 }), 60)
    assert.near(1100, #outcome({ duplication = 0.1 }), 40)
    local late = 0
    local delayed = outcome({ reordering = 0.2 })
    for i = 2, #delayed do
      if delayed[i] < delayed[i - 1] then late = late + 1 end
    end
    assert.near(165, late, 60)
    assert.is_true(#delayed >= 999)
    local all = { loss = 0.3, duplication = 0.1, reordering = 0.1, seed = 7 }
    assert.same(outcome(all), outcome(all))
    local other = { loss = 0.3, duplication = 0.1, reordering = 0.1, seed = 8 }
    assert.are_not.same(outcome(all), outcome(other))
  end)

  it("cannot change messages", function()
    local pair = new_datagrams(tap.message("ClientHello", function(message) return message end))
    assert.error_matches(function() pair:handshake() end, "not those of DTLS")
  end)

  it("refuses a share that is none", function()
    for _, share in ipairs({ -0.1, 1.1, "1", 0 / 0 }) do
      assert.is_false(pcall(tap.unreliable, { loss = share }))
    end
  end)
end)
