-- Alerts at every point of a connection, honest or forged.

local ssl = require "ssl"
local tap = require "ssl.testing.tap"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local exchange = require "support.exchange"
local python = require "support.python"

local raised = errors.raised

local levels = { [1] = "warning", [2] = "fatal" }

-- What a client makes of an alert instead of a ServerHello: "Class reason".
local function answered(level, number)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  local object = ctx:wrap_bio(incoming, outgoing, { server_hostname = "localhost" })
  pcall(object.do_handshake, object)
  incoming:write(tap.record("alert", string.char(level, number)))
  local ok, err = pcall(object.do_handshake, object)
  assert(not ok)
  return ("%s %s"):format(errors.classname(err), err.reason or "None")
end

local theirs = [[
import ssl
def answered(level, number):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    o = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(incoming, outgoing, False, "localhost")
    try: o.do_handshake()
    except ssl.SSLWantReadError: pass
    incoming.write(bytes([21, 3, 3, 0, 2, level, number]))
    try: o.do_handshake()
    except Exception as e: return "%s %s" % (type(e).__name__, e.reason)
result = [[answered(level, n) for n in range(256)] for level in (1, 2)]
]]

describe("A fatal alert in the place of the peer's close_notify", function()
  it("is an error of unwrap", function()
    local client, server = contexts.new(ssl.TLSVersion.TLSv1_3)
    local wire = tap.alter({ from = "client", n = 4 })
    local pair = testing.pair({
      client = client, server = server, server_hostname = "localhost", tap = wire,
    })
    assert.is_true(pair:handshake().ok)
    pair.client:write("request")
    errors.raises(ssl.SSLWantReadError, pair.client.unwrap, pair.client)
    pair:run(function(name)
      if name == "server" then pcall(pair.server.read, pair.server) end
    end)
    local err = raised(pair.client.unwrap, pair.client)
    assert.equal("SSLV3_ALERT_BAD_RECORD_MAC", err.reason)
  end)
end)

describe("An alert instead of a ServerHello", function()
  it("is what it is in CPython, for every number and both levels", function()
    if not python.atleast(3, 8) then return pending("no Python") end
    local expected = python.run(theirs)
    for level, name in ipairs(levels) do
      for number = 0, 255 do
        local what = ("%s alert %d: "):format(name, number)
        local got, wanted = answered(level, number), expected[level][number + 1]
        -- its table of reasons lacks some
        if wanted:find(" None$") then got = got:gsub(" .*", " None") end
        assert.equal(what .. wanted, what .. got)
      end
    end
  end)

  it("is an SSLError whose reason names it", function()
    assert.equal("SSLError SSLV3_ALERT_HANDSHAKE_FAILURE", answered(2, 40))
    assert.equal("SSLError TLSV1_ALERT_PROTOCOL_VERSION", answered(2, 70))
    assert.equal("SSLError TLSV1_UNRECOGNIZED_NAME", answered(2, 112))
  end)

  it("of closing is not an end of data", function()
    assert.equal("SSLZeroReturnError None", answered(1, 0))
  end)
end)

for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
  describe("A forged alert under " .. version, function()
    local client, server, records

    setup(function()
      client, server = contexts.new(ssl.TLSVersion[version])
      records = select(2, exchange.sizes(client, server))
    end)
    teardown(function() client, server, records = nil, nil, nil end)

    local function inject(where, level, number)
      return exchange.run(client, server,
        tap.inject({ from = where.from, n = where.n }, tap.record("alert",
          string.char(level, number))))
    end

    local function victim(where, sides)
      return where.from == "client" and sides.server or sides.client
    end

    it("that is fatal ends the connection, with no data taken in", function()
      for _, where in ipairs(records) do
        for _, number in ipairs({ 10, 20, 40, 80, 255 }) do
          local sides = inject(where, 2, number)
          local what = ("alert %d before %s %d"):format(number, where.from, where.n)
          exchange.check(sides, what)
          assert(not victim(where, sides).done, what)
        end
      end
    end)

    it("of closing is nowhere taken for the end of the data", function()
      for _, where in ipairs(records) do
        local sides = inject(where, 1, 0)
        exchange.check(sides, ("close_notify before %s %d"):format(where.from, where.n))
        assert.is_not_true(victim(where, sides).done)
      end
    end)

    it("that only warns changes nothing of what is received", function()
      for _, where in ipairs(records) do
        for _, number in ipairs({ 90, 100, 112 }) do
          exchange.check(inject(where, 1, number),
            ("warning %d before %s %d"):format(number, where.from, where.n))
        end
      end
    end)
  end)
end
