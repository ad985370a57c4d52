-- The kit's own end of TLS, which says what a test wants: honest handshakes first, so that
-- what other programs refuse is what the test has changed.

local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local process = require "support.process"
local system = require "support.system"

local raised, raises = errors.raised, errors.raises

local function attack(server, options)
  return testing.attack("127.0.0.1", server.port, options)
end

-- An echo of one word, through the attacker's keys.
local function echo(peer)
  peer:send_data("hello")
  return peer:expect("application_data").data
end

if system.windows then
  return describe("Attacks", function()
    pending("need a server in another process")
  end)
end

describe("An attack without changes", function()
  for _, case in ipairs({
    { "TLSv1.3", "P-256" }, { "TLSv1.3", "RSA-2048" }, { "TLSv1.3", "Ed25519" },
    { "TLSv1.2", "P-256" }, { "TLSv1.2", "RSA-2048" },
  }) do
    local version, kind = table.unpack(case)
    it(("is an honest client of %s for a server with a key %s"):format(version, kind), function()
      local server <close> = testing.server({
        identity = testing.CA():issue("localhost", { key_type = kind }),
      })
      local ciphers = version == "TLSv1.3" and { "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256" } or { false }
      for _, cipher in ipairs(ciphers) do
        local outcome = attack(server, {
          version = version, ciphers = cipher and { cipher } or nil, talk = echo,
        })
        assert.same({ true, "hello", "end" }, { outcome.ok, outcome.value, outcome.ended })
        assert.equal(version, (server:wait().version))
      end
    end)

    it(("is an honest server of %s with a key %s"):format(version, kind), function()
      local ca = testing.CA()
      local server <close> = testing.attacker_server({
        ca = ca, identity = ca:issue("localhost", { key_type = kind }), version = version,
        talk = function(peer)
          local data = peer:expect("application_data").data
          peer:send_data(data)
          return data
        end,
      })
      local conn <close> = server:connect()
      assert.equal(version, (conn:version()))
      conn:sendall("hello")
      assert.equal("hello", conn:recv(5))
      conn:unwrap()
      assert.same({ ok = true, value = "hello", ended = "end" }, server:wait())
      assert.matches("<== application data %(5%)", server:wire():draw())
    end)
  end

  it("agrees by every group that it has, and answers a retry", function()
    local _, context = contexts.new()
    local server <close> = testing.server({ context = context })
    for _, group in ipairs({ "x25519", "x448", "secp256r1", "secp384r1", "secp521r1" }) do
      assert.is_true(attack(server, { groups = { group } }).ok, group)
    end
    context:set_groups("secp384r1")
    local strict <close> = testing.server({ context = context })
    local outcome = attack(strict, { groups = { "x25519", "secp384r1" }, talk = echo })
    assert.equal("hello", outcome.value)
    assert.equal("HelloRetryRequest", outcome.messages[1].name)
  end)

  it("follows changes of keys, of either side", function()
    local server <close> = testing.server({ handler = function(conn)
      local data = conn:recv(5)
      conn:key_update(true)
      conn:sendall(data)
      return conn:recv(5)
    end })
    local outcome = attack(server, { talk = function(peer)
      peer:send({ name = "KeyUpdate", request = 0 })
      local data = echo(peer)
      peer:send({ name = "KeyUpdate", request = 0 })
      peer:send_data("again")
      return data
    end })
    assert.equal("hello", outcome.value)
    assert.equal("again", server:wait().value)
  end)

  it("has no certificate for a server that asks for one, and takes its protocol", function()
    local _, context = contexts.new()
    context.verify_mode = ssl.CERT_OPTIONAL
    context:set_alpn_protocols({ "h2" })
    local server <close> = testing.server({ context = context })
    for _, version in ipairs({ "TLSv1.3", "TLSv1.2" }) do
      local outcome = attack(server, { version = version, protocols = { "h2" }, talk = echo })
      assert.equal("hello", outcome.value, outcome.error)
      assert.matches("protocols: h2", outcome.wire:draw(), 1, true)
    end
  end)

  it("signs with every curve, and tells a client with which it has nothing in common", function()
    for _, kind in ipairs({ "P-384", "P-521" }) do
      local ca = testing.CA()
      local server <close> = testing.attacker_server({
        ca = ca, identity = ca:issue("localhost", { key_type = kind }),
      })
      local conn <close> = server:connect()
      assert.equal("TLSv1.3", (conn:version()))
    end
    local server <close> = testing.attacker_server({ timeout = 0.2 })
    server.client_context.maximum_version = ssl.TLSVersion.TLSv1_2
    server.client_context:set_ciphers("AES128-SHA")
    assert.is_false(pcall(server.connect, server))
    assert.matches("the client offers no cipher that the kit has", server:wait().error)
  end)

  it("names the cipher that both sides have and the kit cannot do", function()
    local _, context = contexts.new()
    context:set_ciphers("ECDHE+AES128+SHA")
    context:set_ciphersuites("TLS_AES_128_CCM_SHA256")
    local server <close> = testing.server({ context = context })
    for version, ciphers in pairs({
      ["TLSv1.2"] = {
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
      },
      ["TLSv1.3"] = { "TLS_AES_128_CCM_SHA256" },
    }) do
      local err = raises(ssl.ValueError, attack, server, { version = version, ciphers = ciphers })
      assert.matches("the kit cannot encrypt by the cipher TLS_", tostring(err), 1, true)
    end
  end)

  it("tells a client of TLS 1.3 that has no share of a key", function()
    local server <close> = testing.attacker_server()
    attack(server, { alter = { ClientHello = function(hello) hello:drop("key_share") end } })
    assert.matches("the client offers no key share that the kit has", server:wait().error)
  end)

  it("tells a server that is not there", function()
    local server = testing.server()
    local port = server.port
    server:close()
    raises(ssl.OSError, testing.attack, "127.0.0.1", port)
  end)

  it("tells a server that falls silent, and one that ends or resets", function()
    for point, ended in pairs({ stall = "timeout", reset = "reset", garbage = false }) do
      local server <close> = testing.server({ [point] = "handshake" })
      local outcome = attack(server, { timeout = 0.2 })
      assert.is_false(outcome.ok)
      if ended then
        assert.is_true(outcome.ended == ended or outcome.ended == "end")
      end
    end
  end)
end)

-- Each of these is refused, by the alert that RFC 8446 demands; true stands for any, and
-- false for one that the attack cannot decrypt.
local CLIENTS = {
  { "drops an extension", "missing_extension", ClientHello = function(hello)
    hello:drop("supported_groups")
  end },
  { "offers no cipher that there is", true, ClientHello = function(hello)
    hello.ciphers = { 0x1399, "TLS_FALLBACK_SCSV" }
  end },
  { "repeats its ClientHello", false, ClientHello = function(hello)
    return { hello, hello }
  end },
  { "sends Finished first", "unexpected_message", ClientHello = function()
    return { name = "Finished", verify_data = ("x"):rep(32) }
  end },
  { "sends half of an extension", true, ClientHello = function(hello)
    hello:extension("key_share").data = "\0\36\0\29\0\32half"
  end },
  { "lies about the length of its ciphers", true, ClientHello = function(hello)
    hello.ciphers.length = 0xFFFE
  end },
  { "has one extension twice", true, ClientHello = function(hello)
    table.insert(hello.extensions, hello:extension("supported_groups"))
  end },
  { "has a share that is no point", true, ClientHello = function(hello)
    hello:add("key_share", { { group = "secp256r1", key = "\4" .. ("x"):rep(64) } })
  end },
  { "compresses", true, ClientHello = function(hello)
    hello.compressions = { 1 }
  end },
  { "alters its Finished, encrypted", "decrypt_error", Finished = function(finished)
    finished.verify_data = ("x"):rep(#finished.verify_data)
  end },
  { "truncates its Finished, encrypted", true, Finished = function(finished)
    finished.verify_data = finished.verify_data:sub(2)
  end },
}

describe("An attack on a server", function()
  for _, case in ipairs(CLIENTS) do
    it(case[1] .. ", and is refused", function()
      local server <close> = testing.server()
      local outcome = attack(server, { alter = case })
      if case[2] then
        assert.equal(case[2] == true and outcome.alert or case[2], outcome.alert)
        assert.is_string(outcome.alert)
      end
      assert.is_false(server:wait().ok)
      assert.is_true(attack(server).ok)  -- others are still served
    end)
  end

  it("is refused in TLS 1.2 too", function()
    local server <close> = testing.server()
    local outcome = attack(server, { version = "TLSv1.2", alter = {
      Finished = function(finished) finished.verify_data = ("x"):rep(12) end,
    } })
    assert.equal("decrypt_error", outcome.alert)
    outcome = attack(server, { version = "TLSv1.2", alter = {
      ClientKeyExchange = function() return false end,
    } })
    assert.equal("unexpected_message", outcome.alert)
  end)

  it("sends records that are too long, empty, or of no known type", function()
    local server <close> = testing.server()
    for _, case in ipairs({
      { 23, ("x"):rep(20000), "record_overflow" }, { 22, "", "unexpected_message" },
      { 99, "x", "unexpected_message" },
    }) do
      local kind, content, alert = table.unpack(case)
      local outcome = attack(server, { talk = function(peer) peer:send_record(kind, content) end })
      assert.equal(alert, outcome.alert)
    end
  end)

  it("goes on although the server does not stop to speak", function()
    local flood <close> = testing.server({ handler = function(conn)
      while pcall(conn.sendall, conn, "x") do end
    end })
    local outcome = attack(flood, { talk = function(peer) peer:expect("alert") end })
    assert.equal("flood", outcome.ended)
  end)

  it("raises what the test's own functions raise, and what cannot be sent", function()
    local server <close> = testing.server()
    assert.error_matches(function()
      attack(server, { talk = function() error("my own", 0) end })
    end, "^my own$")
    assert.error_matches(function()
      attack(server, { script = function(peer) peer:send({ name = "No such" }) end })
    end, "no message is named 'No such'")
    raises(ssl.ValueError, attack, server, { groups = { "ffdhe2048" } })
    assert.error_matches(function() testing.attack(server, {}) end, "bad arguments #1 and #2")
    assert.error_matches(function()
      attack(server, { talk = function(peer) peer:send_data(5) end })
    end, "bad argument #1 to 'send_data' %(string expected, got number%)")
    raises(ssl.ValueError, attack, server, { talk = function(peer)
      peer:send_record(23, ("x"):rep(70000))
    end })
    assert.error_matches(function() attack(server, { version = "SSLv3" }) end,
      "bad value for 'version'")
  end)
end)

-- The same for servers.
local SERVERS = {
  { "chooses a cipher that was not offered", "illegal_parameter", ServerHello = function(hello)
    hello.cipher = 0x1399
  end },
  { "answers with an extension that nobody asked for", "unsupported_extension",
    EncryptedExtensions = function(message) message:add("alpn", { "h2" }) end },
  { "drops its Certificate", "unexpected_message", Certificate = function() return false end },
  { "has no certificate", "decode_error", Certificate = function(message)
    message.certificates = {}
  end },
  { "signs something else", "decrypt_error", CertificateVerify = function(message)
    message.signature = message.signature:sub(1, -2) .. "x"
  end },
  { "sends its messages in another order", "unexpected_message",
    Certificate = function(message, peer)
      return { peer:finished(), message }
    end },
}

describe("An attack on a client", function()
  for _, in_process in ipairs({ false, true }) do
    for _, case in ipairs(SERVERS) do
      it(("%s, and is refused%s"):format(case[1], in_process and ", in this process" or ""),
        function()
          local server <close> = testing.attacker_server({ alter = case, in_process = in_process })
          assert.is_true(ssl.isinstance(raised(server.connect, server), ssl.SSLError))
          assert.equal(case[2], server:wait().alert)
        end)
    end
  end

  it("tells what a client does that is another program", function()
    local server <close> = testing.attacker_server({ alter = {
      Finished = function(message) message.verify_data = ("x"):rep(#message.verify_data) end,
    } })
    process.shell("openssl s_client -connect 127.0.0.1:%d </dev/null", server.port)
    assert.equal("decrypt_error", server:wait().alert)
  end)
end)

describe("A toy server that trusts lengths", function()
  local function ask(port, lie)
    return testing.attack("127.0.0.1", port, { server_name = "a.test", script = function(peer)
      local hello = peer:client_hello()
      if lie then
        hello.ciphers.length = 0xFFFF
      end
      peer:send(hello)
      return peer:read()
    end }).value
  end

  it("answers an honest client, and crashes by an attack", function()
    local toy <close> = process.start({ process.lua, "examples/testing/toy_server.lua" })
    local port = tonumber((toy:expect("^(%d+)$")))
    assert.equal("leads to a.test\n", ask(port))
    assert.is_nil(ask(port, true))
    assert.matches("bad argument", toy:expect("(toy_server.lua:%d+: .*)$"))
    assert.error_matches(function() toy:expect("^more$") end, "ended without")
    toy:stop()  -- waits until its socket is closed too
    raises(ssl.OSError, ask, port)
  end)
end)
