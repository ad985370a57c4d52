-- What a wire tells: its diagram in text and as a picture, and the messages of both sides.

local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local files = require "ssl.testing.files"
local process = require "support.process"
local read = require "support.read"
local system = require "support.system"

local function joined(options)
  local client, server = contexts.new()
  for _, setting in ipairs(options and options.settings or {}) do
    setting(client, server)
  end
  return testing.pair({
    client = client, server = server, server_hostname = "localhost", tap = options and options.tap,
  })
end

local function names_of(messages)
  local names = {}
  for i, message in ipairs(messages) do
    names[i] = message.from .. " " .. message.name
  end
  return names
end

local function to_tls12(client)
  client.maximum_version = ssl.TLSVersion.TLSv1_2
end

describe("The messages of a wire", function()
  it("are all those of a handshake of TLS 1.3, decrypted", function()
    local pair = joined()
    assert.is_true(pair:handshake().ok)
    local messages = pair.wire:messages()
    local names = names_of(messages)
    assert.same({
      "client ClientHello", "server ServerHello", "server EncryptedExtensions",
      "server Certificate", "server CertificateVerify", "server Finished", "client Finished",
      "server NewSessionTicket", "server NewSessionTicket",
    }, names)
    assert.is_false(messages[2].encrypted)
    assert.is_true(messages[3].encrypted)
    assert.equal("TLSv1.3", messages[2]:extension("supported_versions").value)
    assert.equal(pair.client:group(), messages[2]:extension("key_share").value.group)
    assert.equal(pair.client:getpeercert(true), messages[4].certificates[1].certificate)
  end)

  it("are all those of a handshake of TLS 1.2", function()
    for _, cipher in ipairs({ "AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305" }) do
      local pair = joined({ settings = { to_tls12, function(client)
        client:set_ciphers("ECDHE-ECDSA-" .. cipher .. ":ECDHE-RSA-" .. cipher)
      end } })
      assert.is_true(pair:handshake().ok)
      local messages = pair.wire:messages()
      assert.same({
        "client ClientHello", "server ServerHello", "server Certificate",
        "server ServerKeyExchange", "server ServerHelloDone", "client ClientKeyExchange",
        "client Finished", "server NewSessionTicket", "server Finished",
      }, names_of(messages))
      assert.is_true(messages[7].encrypted)
      assert.equal(12, #messages[7].verify_data)
    end
  end)

  it("are those of one side, if the test asks", function()
    local pair = joined()
    pair:handshake()
    assert.same({ "client ClientHello", "client Finished" },
      names_of(pair.wire:messages("client")))
  end)

  it("follow a retry, a resumption and changes of keys", function()
    local client, server = contexts.new()
    client:set_groups("x448:secp256r1")
    server:set_groups("secp256r1")
    local function new(session)
      return testing.pair({
        client = client, server = server, server_hostname = "localhost", session = session,
      })
    end
    local pair = new()
    assert.is_true(pair:handshake().ok)
    assert.equal("HelloRetryRequest", pair.wire:messages()[2].name)
    assert.equal("secp256r1", pair.wire:messages()[2]:extension("key_share").value)
    pair:transfer("x", "server")
    local again = new(pair.client.session)
    assert.is_true(again:handshake().ok)
    local hello = again.wire:messages()[1]
    assert.equal(1, #hello:extension("pre_shared_key").value.identities)
    for side, other in pairs({ client = "server", server = "client" }) do
      again[side]:key_update(true)
      again:transfer("one", side)
      again:transfer("two", other)
    end
    local updates = {}
    for _, message in ipairs(again.wire:messages()) do
      updates[#updates + 1] = message.name == "KeyUpdate" and message.from or nil
    end
    table.sort(updates)
    assert.same({ "client", "client", "server", "server" }, updates)
  end)

  it("are what both sides have sent, byte for byte", function()
    local handshake = require "ssl.testing.messages.handshake"
    for _, settings in ipairs({ {}, { to_tls12 } }) do
      local pair = joined({ settings = settings })
      assert.is_true(pair:handshake().ok)
      local hello = pair.wire:messages()[2]
      local context = { version = pair.client:version(), cipher = hello.cipher }
      for _, message in ipairs(pair.wire:messages()) do
        assert.is_nil(message.malformed)
        assert.equal(message.bytes, handshake.serialise(message, context), message.name)
      end
    end
  end)
end)

describe("The diagram of a wire", function()
  it("shows each record with its messages, and what matters of them", function()
    local pair = joined({ settings = { function(client, server)
      client:set_alpn_protocols({ "h2", "http/1.1" })
      server:set_alpn_protocols({ "h2" })
    end } })
    pair:handshake()
    pair:transfer("hello")
    pair:unwrap()
    local text = pair.wire:draw()
    for _, pattern in ipairs({
      "|%-%- ClientHello, %d+ bytes %-+ %d+%.%d ms %-%->|\n", "server name: localhost",
      "versions: TLSv1.3, TLSv1.2", "|<%-%- ServerHello, %d+ bytes", "key shares: %w+",
      "|<== EncryptedExtensions, %d+ bytes =+", "protocols: h2\n?",
      "certificate 1: .-localhost, .- by ", "|== application data %(5%), %d+ bytes =+",
      "alert: close_notify",
    }) do
      assert.matches(pattern, text:gsub(" +|\n", "\n") .. text)
    end
    for line in text:gmatch("[^\n]+") do
      assert.is_true(#line <= 80, line)
    end
  end)

  it("shows no secret and no data, unless it is asked", function()
    local pair = joined()
    pair:handshake()
    pair:transfer("tell nobody")
    local text = pair.wire:draw() .. pair.wire:svg()
    assert.is_nil(text:find("tell nobody", 1, true))
    assert.is_nil(text:find("TRAFFIC_SECRET", 1, true))
    text = pair.wire:draw({ data = true, secrets = true })
    assert.matches('"tell nobody"', text, 1, true)
    assert.matches("\nCLIENT_TRAFFIC_SECRET_0 %x+ %x+\n", text)
  end)

  it("shows what a tap loses and alters, and where a stream ends", function()
    local tap = testing.tap
    local pair = joined({ tap = tap.chain(
      tap.drop({ from = "server", type = "change_cipher_spec" }),
      tap.alter({ from = "client", n = 2 })) })
    pair:handshake()
    pair:cut("client")
    local text = pair.wire:draw()
    assert.matches("|X %- ChangeCipherSpec, 6 bytes", text)
    assert.matches("%(lost on the way%)", text)
    assert.matches("%(altered on the way%)", text)
    assert.matches("* the stream ends here", text, 1, true)
  end)

  it("tells bytes that are no TLS from those that are", function()
    local pair = joined({ tap = testing.tap.message("ClientHello", function()
      return "\1\0\0\2\3\3"
    end) })
    pair:inject("client", "HTTP/1.0 400 Bad Request\r\n\r\n")
    local outcome = pair:handshake()
    assert.is_false(outcome.ok)
    assert.matches("the test injects 28 bytes", pair.wire:draw(), 1, true)
  end)

  it("has all of a long list, and lines of another width, if it is asked", function()
    local pair = joined()
    pair:handshake()
    assert.matches(" and %d+ more", pair.wire:draw({ width = 200 }))
    assert.is_nil(pair.wire:draw({ width = 200, all = true }):find(" and %d+ more"))
    assert.equal(200, #pair.wire:draw({ width = 200 }):match("[^\n]+"))
    assert.error_matches(function() pair.wire:draw({ colour = true }) end,
      "unexpected keyword argument 'colour'")
  end)

  it("has no times, if it is asked", function()
    local pair = joined()
    pair:handshake()
    assert.matches(" ms ", pair.wire:draw(), 1, true)
    assert.is_nil(pair.wire:draw({ times = false }):find(" ms ", 1, true))
  end)

  it("is a picture too, well-formed", function()
    local pair = joined()
    pair:handshake()
    local svg, depth = pair.wire:svg(), 0
    assert.matches("^<svg xmlns=", svg)
    for close, _, self in svg:gmatch("<(/?)(%w+)[^>]-(/?)>") do
      depth = depth + (close == "/" and -1 or self == "/" and 0 or 1)
      assert.is_true(depth >= 0)
    end
    assert.equal(0, depth)
    assert.matches(">EncryptedExtensions, %d+ bytes</text>", svg)
  end)

  it("keeps a bounded part of what is said", function()
    local pair = joined()
    pair:handshake()
    for _ = 1, 3 do
      pair:transfer(("x"):rep(1 << 20))
    end
    local kept = 0
    for _, entry in ipairs(pair.wire.entries) do
      kept = kept + #entry.bytes
    end
    assert.is_true(kept <= 1 << 20)
    assert.matches("sends more, which the wire does not keep", pair.wire:draw(), 1, true)
  end)
end)

local ways = system.windows and { true } or { false, true }  -- Windows has no fork

for _, in_process in ipairs(ways) do
  describe("The wire of a server " .. (in_process and "in this process" or "in a child"), function()
    it("tells of each connection", function()
      local server <close> = testing.server({ in_process = in_process })
      assert.is_nil(server:wire())
      for _ = 1, 2 do
        local conn <close> = server:connect()
        conn:sendall("hello")
        assert.equal("hello", conn:recv(5))
        conn:unwrap()
        server:wait()
      end
      for n = 1, 2 do
        local text = server:wire(n):draw()
        assert.matches("== application data %(5%)", text)
        assert.matches("<== application data %(5%)", text)
        assert.equal("ClientHello", server:wire(n):messages()[1].name)
      end
      assert.is_nil(server:wire(3))
      assert.is_not_equal(server:wire(1):messages()[1].random, server:wire():messages()[1].random)
    end)

    it("forgets all connections but the last sixteen", function()
      local server <close> = testing.server({ in_process = in_process })
      for _ = 1, 18 do
        local conn <close> = server:connect()
        conn:unwrap()
        server:wait()
      end
      assert.is_nil(server:wire(2))
      assert.equal("ClientHello", server:wire(3):messages()[1].name)
    end)

    it("tells what the server says instead of TLS", function()
      local server <close> = testing.server({ in_process = in_process, plain = "hello?" })
      pcall(server.connect, server)
      server:wait()
      assert.matches("<%-%- bytes that are no TLS, 6 bytes", server:wire():draw())
      assert.equal("ClientHello", server:wire():messages()[1].name)
    end)
  end)
end

describe("A connection that is watched", function()
  it("tells what it says, whoever the peer is", function()
    local server <close> = testing.server()
    local sock = assert(socket.connect("127.0.0.1", server.port))
    local conn <close> = server.client_context:wrap_socket(sock,
      { server_hostname = "localhost", do_handshake_on_connect = false })
    local wire = testing.watch(conn)
    conn:do_handshake()
    conn:sendall("hello")
    conn:recv(5)
    assert.matches("<== application data %(5%)", wire:draw())
  end)

  it("has to be connected", function()
    local conn <close> = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT):wrap_socket(socket.tcp(),
      { server_hostname = "localhost" })
    errors.raises(ssl.ValueError, testing.watch, conn)
  end)
end)

describe("An assertion that fails", function()
  local function message_of(assertion, ...)
    local ok, err = pcall(assert[assertion], ...)
    assert.is_false(ok)
    return tostring(type(err) == "table" and err.message or err)
  end

  it("has the diagram of the handshake", function()
    local client, server = contexts.new()
    assert.matches("What was said:.+%-%- ClientHello.+<== Finished",
      message_of("handshake_fails", client, server))
    assert.matches("Expected.+What was said:.+%-%- ClientHello",
      message_of("handshake_fails", client, server, { alert = "unknown_ca" }))
  end)

  it("has the diagram of the connection, or of what happened meanwhile", function()
    local pair = joined()
    pair:handshake()
    assert.matches("application data (5)", message_of("tls_error", function()
      pair:transfer("hello")
    end), 1, true)
    assert.matches("%-%- ClientHello", message_of("negotiated", pair.client, { alpn = "h2" }))
    assert.matches("%-%- ClientHello",
      message_of("certificate", pair.client, { names = { "other.test" } }))
    assert.is_nil(message_of("tls_error", function() end):find("What was said"))
  end)

  it("has the diagram of a server's connection", function()
    local server <close> = testing.server()
    assert.matches("%-%- ClientHello", message_of("tls_error", function()
      local conn <close> = server:connect()
      conn:unwrap()
      server:wait()
    end))
  end)
end)

local has_tshark = os.execute("tshark --version >/dev/null 2>&1")

describe("The capture of a wire", function()
  local function written(pair, options)
    local folder = files.folder()
    local name = folder:write({ ["wire.pcapng"] = "" })["wire.pcapng"]
    pair.wire:pcap(name, options)
    return name, read(name)
  end

  local function spoken(setting)
    local pair = joined({ settings = { setting } })
    pair:handshake()
    pair:transfer("GET /secret HTTP/1.0\r\n\r\n")
    pair:transfer(("x"):rep(70000), "server")
    pair:unwrap()
    return pair
  end

  for version, setting in pairs({ ["TLS 1.3"] = function() end, ["TLS 1.2"] = to_tls12 }) do
    (has_tshark and it or pending)("is opened by tshark, decrypted: " .. version, function()
      local name = written(spoken(setting))
      local out = process.shell("tshark -r %s -o ip.check_checksum:TRUE "
        .. "-o tcp.check_checksum:TRUE -T fields -e _ws.col.Info -e http.request.uri "
        .. "-e _ws.expert.message 2>/dev/null", name)
      assert.matches("Client Hello.+Server Hello.+Certificate.+Finished", out)
      assert.matches("/secret", out, 1, true)
      assert.is_nil(out:find("[Cc]hecksum"))
      assert.is_nil(out:find("[Rr]etransmission"))
      assert.is_nil(out:find("Malformed", 1, true))
    end)
  end

  ;(has_tshark and it or pending)("is opened without its secrets, encrypted", function()
    local name, bytes = written(spoken(function() end), { secrets = false })
    assert.is_nil(bytes:find("TRAFFIC_SECRET", 1, true))
    local out = process.shell("tshark -r %s 2>/dev/null", name)
    assert.matches("Client Hello", out, 1, true)
    assert.is_nil(out:find("/secret", 1, true))
  end)

  it("is a file that only its owner may read, of blocks that fit together", function()
    local pair = spoken(function() end)
    local name, bytes = written(pair)
    local at, kinds = 1, {}
    while at <= #bytes do
      local kind, size = string.unpack("<I4 I4", bytes, at)
      assert.equal(size, (string.unpack("<I4", bytes, at + size - 4)))
      kinds[#kinds + 1], at = kind, at + size
    end
    assert.same({ 0x0A0D0D0A, 1, 10, 6 }, table.move(kinds, 1, 4, 1, {}))
    assert.is_true(#kinds > #pair.records)
    if not system.windows then
      assert.matches("^-rw%-%-%-%-%-%-%-", (process.shell("ls -l %s", name)))
    end
  end)

  it("tells a file that cannot be written", function()
    local pair = joined()
    errors.raises(ssl.OSError, pair.wire.pcap, pair.wire, "/no such folder/wire.pcapng")
    assert.error_matches(function() pair.wire:pcap(5) end, "bad argument #1 to 'pcap'")
  end)
end)
