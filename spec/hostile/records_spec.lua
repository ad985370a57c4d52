-- Records that no honest peer sends: oversized, empty, endless, misplaced. What
-- they come to is what it comes to in CPython on the same OpenSSL.

local ssl = require "ssl"
local tap = require "ssl.testing.tap"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local exchange = require "support.exchange"
local python = require "support.python"

local raised = errors.raised

local record = tap.record

local function message(kind, body, length)
  return string.pack(">I1I3", kind, length or #body) .. body
end

-- A ClientHello of its parts, each of which may be wrong.
local function hello(parts)
  parts = parts or {}
  return message(1, string.pack(">I2", parts.version or 0x0303) .. ("r"):rep(32)
    .. string.pack(">s1s2s1", parts.session or "", parts.ciphers or "\xc0\x2b\xc0\x2f\x13\x01",
      parts.compression or "\0") .. (parts.extensions or ""))
end

-- What comes first over the wire: for either side, {what, bytes}.
local flights = {
  { "nothing", "" },
  { "a byte", "\22" },
  { "half a header", "\22\3\1" },
  { "a header alone", "\22\3\1\0\100" },
  { "zeros", ("\0"):rep(500) },
  { "ones", ("\xff"):rep(500) },
  { "an HTTP request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" },
  { "an HTTP answer", "HTTP/1.1 400 Bad Request\r\n\r\n" },
  { "an HTTP proxy's request", "CONNECT localhost:443 HTTP/1.1\r\n\r\n" },
  { "SSH", "SSH-2.0-OpenSSH_9.2\r\n" },
  { "SMTP", "220 mail.test ESMTP\r\n" },
  { "SSL 2.0", "\x80\x2e\1\0\2\0\x15\0\0\0\x10" .. ("\1\0\x80"):rep(7) .. ("c"):rep(16) },
  { "a record of 65535 bytes", record(22, ("x"):rep(65535)) },
  { "a record one byte too long", record(22, ("x"):rep(16385 + 256)) },
  { "the header of too long a record", "\22\3\1\xff\xff" },
  { "an empty handshake record", record(22, "") },
  { "a hundred empty handshake records", record(22, ""):rep(100) },
  { "an empty alert", record(21, "") },
  { "an alert of one byte", record(21, "\2") },
  { "an alert of three bytes", record(21, "\2\40\0") },
  { "an alert of no level", record(21, "\3\40") },
  { "an empty change_cipher_spec", record(20, "") },
  { "a change_cipher_spec", record(20, "\1") },
  { "a hundred change_cipher_specs", record(20, "\1"):rep(100) },
  { "a change_cipher_spec of 2", record(20, "\2") },
  { "data", record(23, "data") },
  { "empty data", record(23, "") },
  { "a heartbeat", record(24, "\1\xff\xff") },
  { "an unknown type", record(99, "x") },
  { "a record of SSL 2", record(22, hello(), 0x0200) },
  { "a record of TLS 2", record(22, hello(), 0x0401) },
  { "a ClientHello of SSL 3", record(22, hello({ version = 0x0300 })) },
  { "a ClientHello without ciphers", record(22, hello({ ciphers = "" })) },
  { "a ClientHello of half a cipher", record(22, hello({ ciphers = "\xc0" })) },
  { "a ClientHello without compression", record(22, hello({ compression = "" })) },
  { "a ClientHello with compression only", record(22, hello({ compression = "\1" })) },
  { "a ClientHello with a long session", record(22, hello({ session = ("s"):rep(33) })) },
  { "a ClientHello with bytes after it", record(22, hello({ extensions = "xyz" })) },
  { "extensions that end too early", record(22, hello({ extensions = "\0\9\0\0\0\50" })) },
  { "the same extension twice",
    record(22, hello({ extensions = string.pack(">s2", "\0\x17\0\0\0\x17\0\0") })) },
  { "a server name with a NUL",
    record(22, hello({ extensions = string.pack(">s2", "\0\0\0\x0a\0\8\0\0\5a\0b.c") })) },
  { "two server names", record(22, hello({ extensions =
    string.pack(">s2", "\0\0\0\x0a\0\8\0\0\1a\0\0\1b") })) },
  { "a ClientHello of 16 MiB", record(22, message(1, ("x"):rep(1000), 0xffffff)) },
  { "an unknown message", record(22, message(99, "x")) },
  { "a message of no length", record(22, message(1, "")) },
  { "a ServerHello of nothing", record(22, message(2, "")) },
  { "a HelloRequest", record(22, message(0, "")) },
  { "Finished", record(22, message(20, ("f"):rep(12))) },
  { "a KeyUpdate", record(22, message(24, "\1")) },
  { "a CertificateRequest", record(22, message(13, "\1\1\0\0\0\0")) },
}

-- What a side makes of those bytes: "Class reason", once alone, once with the
-- end of the stream after them.
local function ours(ctx, server_side, bytes, eof)
  local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  local name = not server_side and "localhost" or nil
  local object = ctx:wrap_bio(incoming, outgoing, server_side, name)
  if not server_side then pcall(object.do_handshake, object) end
  incoming:write(bytes)
  if eof then incoming:write_eof() end
  local ok, err = pcall(object.do_handshake, object)
  assert(not ok)
  return ("%s %s"):format(errors.classname(err), err.reason or "None"), outgoing
end

local theirs = [[
import ssl
def run(server_side, bytes, eof):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    if server_side:
        o = server.wrap_bio(incoming, outgoing, True)
    else:
        o = client.wrap_bio(incoming, outgoing, False, "localhost")
        try: o.do_handshake()
        except ssl.SSLWantReadError: pass
    incoming.write(bytes)
    if eof: incoming.write_eof()
    try: o.do_handshake()
    except Exception as e: return "%s %s" % (type(e).__name__, e.reason)
client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(data["cert"], data["key"])
result = [run(s, b if isinstance(b, bytes) else b.encode("latin-1"), eof)
          for b in data["flights"] for s in (False, True) for eof in (False, True)]
]]

describe("A first flight that no honest peer sends", function()
  local client, server, files

  setup(function()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    local identity = testing.CA():issue("localhost")
    identity:configure_cert(server)
    files = identity:files()
  end)
  teardown(function() client, server = nil, nil end)

  local function visit(f)
    for _, flight in ipairs(flights) do
      for _, server_side in ipairs({ false, true }) do
        for _, eof in ipairs({ false, true }) do
          local what = flight[1] .. (server_side and " to a server" or " to a client")
            .. (eof and ", then the end" or "")
          f(flight, server_side, eof, what)
        end
      end
    end
  end

  it("is an SSLError, or makes the side wait for more", function()
    visit(function(flight, server_side, eof, what)
      local class = ours(server_side and server or client, server_side, flight[2], eof)
      assert(class:find("^SSL"), what .. ": " .. class)
      assert(not (eof and class:find("^SSLWant")), what .. ": waits after the end")
    end)
  end)

  it("is what it is in CPython", function()
    if not python.atleast(3, 8) then return pending("no Python") end
    local bytes = {}
    for i, flight in ipairs(flights) do bytes[i] = python.bytes(flight[2]) end
    local expected = python.run(theirs, { cert = files.chain, key = files.key, flights = bytes })
    local i = 0
    visit(function(flight, server_side, eof, what)
      i = i + 1
      -- OpenSSL 4.0 gave the ClientHello of SSL 2.0 up
      if flight[1] == "SSL 2.0" and not python.samemajor(ssl.OPENSSL_VERSION) then return end
      assert.equal(what .. ": " .. expected[i],
        what .. ": " .. ours(server_side and server or client, server_side, flight[2], eof))
    end)
  end)

  it("is answered by no more than an alert, however long it is", function()
    for _, flight in ipairs(flights) do
      local class, outgoing = ours(server, true, flight[2], true)
      assert(outgoing.pending <= 7, flight[1] .. ": " .. class .. ", " .. outgoing.pending)
    end
  end)
end)

describe("Endless records", function()
  -- Feeds a server until it gives up; how many times it took them in.
  local function feed(bytes, first)
    local _, server = contexts.new(ssl.TLSVersion.TLSv1_3)
    local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    local object = server:wrap_bio(incoming, outgoing, true)
    incoming:write(first or "")
    for i = 1, 10000 do
      incoming:write(bytes)
      local err = raised(object.do_handshake, object)
      if not ssl.isinstance(err, ssl.SSLWantReadError) then
        assert.equal("SSLError", errors.classname(err))
        return i
      end
    end
    return math.huge
  end

  it("of warnings end the handshake soon", function()
    assert.is_true(feed(record(21, "\1\90")) < 1000)
  end)

  it("without content end the handshake soon", function()
    assert.is_true(feed(record(22, "")) < 1000)
  end)

  it("of a message that never ends end the handshake before it takes memory", function()
    local part = record(22, ("x"):rep(16384))
    assert.is_true(feed(part, record(22, message(1, "", 0xffffff))) <= 10)
    -- the largest ClientHello that OpenSSL takes in is 128 KiB
    assert.is_true(feed(part, record(22, message(1, "", 131396))) <= 10)
  end)

  it("of data end nothing and take no memory", function()
    local client, server = contexts.new(ssl.TLSVersion.TLSv1_3)
    local pair = testing.pair({ client = client, server = server, server_hostname = "localhost" })
    assert.is_true(pair:handshake().ok)
    local buffer, block = ssl.bytearray(16384), ("x"):rep(16384)
    local from, to = pair.sides.client, pair.sides.server
    local function stream(count)
      for _ = 1, count do
        pair.client:write(block)
        to.incoming:write(from.outgoing:read())
        assert.equal(16384, pair.server:read(16384, buffer))
      end
      collectgarbage()
      return collectgarbage("count")
    end
    local before = stream(50)
    assert.is_true(stream(500) - before < 64)
    assert.equal(0, to.incoming.pending)
    assert.equal(0, from.outgoing.pending)
  end)
end)

describe("A record inside a connection", function()
  for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
    it("that is no honest one breaks it under " .. version, function()
      local client, server = contexts.new(ssl.TLSVersion[version])
      local _, records = exchange.sizes(client, server)
      local count = 0
      for _, flight in ipairs(flights) do
        -- a heartbeat is passed over unless heartbeats were agreed upon
        local bytes = flight[2]
        local header = #bytes >= 5 and bytes:byte() >= 20 and bytes:byte() <= 23
        if header and #bytes >= 5 + string.unpack(">I2", bytes, 4) then
          count = count + 1
          for _, where in ipairs(records) do
            local sides = exchange.run(client, server,
              tap.inject({ from = where.from, n = where.n }, bytes))
            exchange.check(sides, ("%s, %s %d"):format(flight[1], where.from, where.n))
          end
        end
      end
      assert.is_true(count >= 15)
    end)

    it("in plain is never taken for data under " .. version, function()
      local client, server = contexts.new(ssl.TLSVersion[version])
      local _, records = exchange.sizes(client, server)
      for _, where in ipairs(records) do
        local sides = exchange.run(client, server,
          tap.inject({ from = where.from, n = where.n }, record(23, exchange.answer)))
        local victim = where.from == "client" and sides.server or sides.client
        assert(not victim.done and victim.error, where.from .. where.n)
        exchange.check(sides, where.from .. where.n)
      end
    end)
  end
end)
