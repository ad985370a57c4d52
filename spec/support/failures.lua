-- Every error of docs/errors.md, provoked: the headings of the page, each with functions
-- that raise such an error.

local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local loopback = require "support.loopback"
local pair = require "support.pair"
local socket = require "socket"

local M = {}

local TLSv1_2, TLSv1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

local identity, authority = contexts.identity()
local strong_key = identity.key.pem

-- The error that f raises.
local function raised(f, ...)
  local ok, err = pcall(f, ...)
  assert(not ok, "no error")
  return err
end

-- What one side's handshake ends with.
local function handshake(side, client, server, options)
  options = options or {}
  options.client, options.server = client, server
  options.server_hostname = options.server_hostname or "localhost"
  local outcome = testing.pair(options):handshake()
  return assert(outcome[side].error, "no error of the " .. side)
end

-- The same with contexts that `prepare` changes.
local function with(side, prepare, version)
  return function()
    local client, server = contexts.new(version)
    local options = prepare(client, server)
    return handshake(side, client, server, options)
  end
end

-- A pair whose handshake is made, as the client's first call sees it that `use` makes.
local function connected(use)
  return function()
    local client, server = contexts.ticketless()
    local wires = pair.connected(client, server)
    return raised(use, wires.client, wires)
  end
end

-- What a side says that is sent these bytes instead of an answer.
local function answered(bytes, server_side)
  return function()
    local client, server = contexts.new()
    local incoming = ssl.MemoryBIO()
    local conn = (server_side and server or client):wrap_bio(incoming, ssl.MemoryBIO(),
      { server_side = server_side, server_hostname = not server_side and "localhost" or nil })
    pcall(conn.do_handshake, conn)
    incoming:write(bytes)
    return raised(conn.do_handshake, conn)
  end
end

-- A method of a client's context that raises.
local function of_context(method, ...)
  local arguments = table.pack(...)
  return function()
    local ctx = ssl.create_default_context({ cadata = authority.cert.pem })
    return raised(ctx[method], ctx, table.unpack(arguments))
  end
end

-- The client's refusal of an identity of the kit.
local function refusal(broken)
  return function()
    local client, server = ssl.create_default_context({ cadata = authority.cert.pem }),
      ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    broken:prepare(client)
    broken:configure_cert(server)
    return handshake("client", client, server, { server_hostname = broken.host })
  end
end

local function socket_error(use)
  return function()
    local net <close> = loopback.new()
    return use(net)
  end
end

local chain = identity.chain.pem
local other_key = authority:issue("localhost").key

--- {heading = {function, ...}}.
M.provoke = {
  WRONG_VERSION_NUMBER = { answered("220 mail.test ESMTP\r\n") },
  HTTP_REQUEST = { answered("GET / HTTP/1.1\r\nHost: x\r\n\r\n", true) },
  NO_SHARED_CIPHER = {
    function()
      local client = contexts.new(TLSv1_2)
      return handshake("server", client, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    end,
    with("server", function(client, server)
      client:set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
      server:set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    end, TLSv1_2),
  },
  UNSUPPORTED_PROTOCOL = {
    with("server", function(client, server)
      client.maximum_version, server.minimum_version = TLSv1_2, TLSv1_3
    end),
    function()
      local client = contexts.new(TLSv1_3)
      return handshake("server", client, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    end,
  },
  TLSV1_ALERT_PROTOCOL_VERSION = { with("client", function(client, server)
    client.maximum_version, server.minimum_version = TLSv1_2, TLSv1_3
  end) },
  NO_PROTOCOLS_AVAILABLE = { with("client", function(client)
    client.options = client.options | ssl.OP_NO_TLSv1_2
  end, TLSv1_2) },
  SSLV3_ALERT_HANDSHAKE_FAILURE = { with("client", function(client, server)
    client:set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    server:set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
  end, TLSv1_2) },
  TLSV1_ALERT_UNKNOWN_CA = { with("server", function(_, server)
    testing.CA():issue("localhost"):configure_cert(server)
  end, TLSv1_2) },
  SSLV3_ALERT_CERTIFICATE_EXPIRED = { function()
    local client, server = contexts.new(TLSv1_2)
    testing.broken.expired(authority, "localhost"):configure_cert(server)
    return handshake("server", client, server)
  end },
  SSLV3_ALERT_BAD_CERTIFICATE = { with("server", function()
    return { server_hostname = "elsewhere.test" }
  end, TLSv1_2) },
  TLSV13_ALERT_CERTIFICATE_REQUIRED = { function()
    local client, server = contexts.new(TLSv1_3)
    server.verify_mode = ssl.CERT_REQUIRED
    local made = testing.pair({ client = client, server = server, server_hostname = "localhost" })
    made:handshake()
    return raised(made.client.read, made.client, 1)
  end },
  PEER_DID_NOT_RETURN_A_CERTIFICATE = { with("server", function(_, server)
    server.verify_mode = ssl.CERT_REQUIRED
  end) },
  TLSV1_UNRECOGNIZED_NAME = { with("client", function(_, server)
    server.sni_callback = function() return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME end
  end, TLSv1_2) },
  CALLBACK_FAILED = { with("server", function(_, server)
    server.sni_callback = function() error("no such host") end
  end) },
  TLSV1_ALERT_NO_APPLICATION_PROTOCOL = { with("client", function(client, server)
    client:set_alpn_protocols({ "h2" })
    server:set_alpn_protocols({ "http/1.1" })
    server.strict_alpn = true
  end) },
  UNEXPECTED_EOF_WHILE_READING = { function()
    local client, server = contexts.new()
    local made = testing.pair({ client = client, server = server, server_hostname = "localhost" })
    made:cut("client")
    return made:handshake().client.error
  end },
  DECRYPTION_FAILED_OR_BAD_RECORD_MAC = { connected(function(client, wires)
    wires.server:write("hello")
    local bytes = wires.server_out:read()
    wires.client_in:write(bytes:sub(1, -2) .. string.char(bytes:byte(-1) ~ 1))
    client:read()
  end) },
  PROTOCOL_IS_SHUTDOWN = { connected(function(client)
    client:send_close_notify()
    client:write("more")
  end) },
  BAD_WRITE_RETRY = { socket_error(function(net)
    local client, server = contexts.ticketless()
    local conn = net:tls(client, server)
    conn:settimeout(0)
    local data = ("x"):rep(1000000)
    repeat local sent = pcall(conn.send, conn, data) until not sent
    return raised(conn.send, conn, ("y"):rep(1000000))
  end) },
  KEY_VALUES_MISMATCH = { of_context("load_cert_chain", { certdata = chain,
    keydata = other_key.pem }) },
  EE_KEY_TOO_SMALL = { function()
    local weak = authority:issue("localhost", { key_type = "RSA-1024" })
    local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    return raised(ctx.load_cert_chain, ctx, { certdata = weak.chain.pem,
      keydata = weak.key.pem })
  end },
  NO_START_LINE = { of_context("load_cert_chain", { certdata = "no certificate",
    keydata = strong_key }) },
  NO_CERTIFICATE_OR_CRL_FOUND = { socket_error(function(net)
    local files <close> = identity:files()
    local _ = net
    local ctx = ssl.create_default_context({ cadata = authority.cert.pem })
    return raised(ctx.load_verify_locations, ctx, files.key)
  end) },
  BAD_DECRYPT = { of_context("load_cert_chain", { certdata = chain,
    keydata = identity.key:encrypted("secret"), password = "wrong" }) },
  MAC_VERIFY_FAILURE = { of_context("load_pkcs12", identity:pkcs12("secret"), "wrong") },
  ["No cipher can be selected"] = { of_context("set_ciphers", "NOSUCHCIPHER") },
  ["check_hostname requires server_hostname"] = {
    of_context("wrap_bio", ssl.MemoryBIO(), ssl.MemoryBIO()),
  },
  ["Cannot set verify_mode to CERT_NONE"] = { function()
    local ctx = ssl.create_default_context({ cadata = authority.cert.pem })
    return raised(function() ctx.verify_mode = ssl.CERT_NONE end)
  end },
  ["unexpected keyword argument"] = { of_context("wrap_socket", 0, {
    server_hostnme = "localhost" }) },
  TimeoutError = { socket_error(function(net)
    local conn = net:tls(contexts.ticketless())
    conn:settimeout(0.01)
    return raised(conn.recv, conn)
  end) },
  SSLWantReadError = { connected(function(client) client:read() end) },
  SSLWantWriteError = { socket_error(function(net)
    local conn = net:tls(contexts.ticketless())
    conn:settimeout(0)
    return raised(function() while true do conn:send(("x"):rep(100000)) end end)
  end) },
  OSError = { socket_error(function(net)
    local conn <close> = contexts.new():wrap_socket(socket.tcp4(), {
      server_hostname = "localhost" })
    return raised(conn.connect, conn, "127.0.0.1", net:refusing())
  end) },
  CERTIFICATE_VERIFY_FAILED = {},
  INVALID_STATUS_RESPONSE = {},
}

for broken in testing.each_broken(authority, "localhost") do
  local list = broken.expect.verify_code and M.provoke[broken.expect.reason]
  if list then list[#list + 1] = refusal(broken) end
end

return M
