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
