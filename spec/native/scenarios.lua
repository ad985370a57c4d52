-- What tools/memfail.lua runs with allocations failing: each makes a function
-- that can run any number of times, and gives up all that it makes.

local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "spec.support.contexts"
local shaking = require "spec.native.shaking"

local awaits, shake = shaking.awaits, shaking.shake

local scenarios = {}

-- `only`: "lua" leaves the modes out in which OpenSSL's allocations fail.
local function scenario(name, make, only)
  scenarios[#scenarios + 1] = { name = name, make = make, only = only }
end

local identity, ca = contexts.identity()
local person = ca:issue("someone")
local files = identity:files()

-- What the openssl command writes, with one round of the password's derivation:
-- each of the usual 2048 allocates what the one before did.
local function encoded(command, ...)
  local pipe <close> = assert(io.popen("openssl " .. command:format(...)))
  local bytes = pipe:read("a")
  assert(pipe:close() and #bytes > 0, "no openssl command")
  return bytes
end

local function encrypted_key()
  return encoded("pkcs8 -topk8 -v2 aes256 -iter 1 -passout pass:secret -in '%s'", files.key)
end

-- What OpenSSL may lack.
local function optional(object, method, ...)
  local f = object[method]
  if not f then return end
  local ok, err = pcall(f, object, ...)
  if not ok and not ssl.isinstance(err, ssl.NotImplementedError) then error(err) end
end

local function connect(client_ctx, server_ctx, session)
  local a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
  local client = client_ctx:wrap_bio(a, b, false, "localhost", session)
  local server = server_ctx:wrap_bio(b, a, true)
  shake(client, server)
  return client, server
end

-- Since 3.2, OpenSSL crashes in DTLS after some of its own allocations have failed.
scenario("datagrams", function()
  local client_ctx, server_ctx = contexts.dtls()
  return function()
    client_ctx:set_srtp_profiles({ "SRTP_AES128_CM_SHA1_80" })
    server_ctx:set_srtp_profiles({ "SRTP_AES128_CM_SHA1_80" })
    local up, down = ssl.MemoryBIO(true), ssl.MemoryBIO({ datagrams = true })
    local client = client_ctx:wrap_bio(down, up, false, "localhost")
    local server = server_ctx:wrap_bio(up, down, true)
    client.mtu = 400
    shake(client, server)
    assert(client:selected_srtp_profile() and client:timeout() == nil)
    assert(not client:handle_timeout())
    client:write("one")
    client:write(("x"):rep(client.max_datagram))
    assert(server:read(2) == "on" and #server:read() > 300)
    client:unwrap()
    assert(server:read() == nil)
    local queue = ssl.MemoryBIO(true)
    queue:write(("x"):rep(3000))
    queue:write("y")
    assert(#queue:read() == 3000 and queue:read() == "y")
  end
end, ssl.OPENSSL_VERSION_NUMBER >= 0x30200000 and "lua" or nil)

scenario("objects", function()
  return function()
    local b = ssl.bytearray("some bytes")
    b:slice(2, 3)
    b:tostring()
    local bio = ssl.MemoryBIO()
    bio:write(("x"):rep(3000))
    bio:write(b)
    bio:read(2000)
    bio:read()
    bio:write_eof()
    ssl.RAND_bytes(1000)
    assert(not pcall(ssl.RAND_bytes, -1))
    ssl.create_default_context({ cadata = ca.cert.pem })
  end
end)

scenario("contexts", function()
  return function()
    for _, protocol in ipairs({ ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER }) do
      local ctx = ssl.SSLContext(protocol)
      ctx.check_hostname = false
      ctx.verify_mode = ssl.CERT_OPTIONAL
      ctx.verify_flags = ssl.VERIFY_X509_STRICT
      ctx.options = ctx.options | ssl.OP_NO_TICKET
      ctx.minimum_version = ssl.TLSVersion.TLSv1_2
      ctx.maximum_version = ssl.TLSVersion.TLSv1_3
      ctx:set_ciphers("ECDHE+AESGCM")
      ctx:get_ciphers()
      ctx:session_stats()
      ctx:cert_store_stats()
      optional(ctx, "set_groups", "P-256")
      optional(ctx, "get_groups")
      optional(ctx, "set_ciphersuites", "TLS_AES_128_GCM_SHA256")
      optional(ctx, "set_alpn_protocols", { "h2", "http/1.1" })
      optional(ctx, "set_ecdh_curve", "prime256v1")
      ctx._msg_callback = function() end
      ctx.waiter = function() end
      ctx.keylog_filename = "/dev/null"
      if protocol == ssl.PROTOCOL_TLS_SERVER then ctx.sni_callback = function() end end
    end
  end
end)

scenario("trust", function()
  local pem, der = ca.cert.pem, ca.cert.der
  return function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx:load_verify_locations({ cadata = pem })
    ctx:load_verify_locations({ cadata = ssl.bytearray(der) })
    ctx:load_verify_locations({ cafile = files.ca })
    ctx:get_ca_certs()
    ctx:get_ca_certs(true)
    ctx:load_default_certs()
  end
end)

scenario("check of a chain", function()
  local good = ca:create_child_ca():issue("localhost", { common_name = "localhost" })
  local refused = {}
  for i, name in ipairs({ "excluded_wildcard", "dotted_constraint", "odd_name", "serial_zero" }) do
    refused[i] = testing.broken[name](ca, "localhost").chain.pem
  end
  return function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx:load_verify_locations({ cadata = ca.cert.pem })
    ctx.certificate_profile = "webpki"
    ctx:verify_certificate(good.chain.pem, "localhost")
    ctx:verify_certificate({ good.chain.pem }, nil, ssl.Purpose.SERVER_AUTH, os.time(), 9)
    for _, chain in ipairs(refused) do
      assert(not pcall(ctx.verify_certificate, ctx, chain))  -- whatever fails
    end
  end
end)

scenario("identity", function()
  local chain = identity.cert.pem
  return function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx:load_cert_chain(files.chain, files.key)
    assert(not pcall(ctx.load_cert_chain, ctx, "/no/such/file"))
    assert(not pcall(ctx.load_cert_chain, ctx, { certdata = chain, keydata = "no key" }))
  end
end)

scenario("passwords", function()
  local key = encrypted_key()
  local chain = identity.cert.pem
  return function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx:load_cert_chain({ certdata = chain, keydata = key, password = "secret" })
    ctx:load_cert_chain({
      certdata = chain, keydata = key, password = function() return "sec" .. "ret" end,
    })
  end
end)

-- OSSL_STORE_load of OpenSSL 3.0.22 follows a null pointer where it has no memory
-- for a decoder, which openssl/openssl#32413 mends.
scenario("key of a URI", function()
  local folder = require("ssl.testing.files").folder()
  local encrypted = folder:write({ ["key.pem"] = encrypted_key() })["key.pem"]
  return function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx:load_key_uri({ uri = "file:" .. files.key, certfile = files.chain })
    ctx:load_key_uri({ uri = "file:" .. encrypted, password = function() return "secret" end })
    assert(not pcall(ctx.load_key_uri, ctx, "file:" .. folder.path .. "/none"))
  end
end, "lua")

scenario("pkcs12", function()
  local pfx = encoded("pkcs12 -export -iter 1 -passout pass:secret -in '%s' -inkey '%s'",
    files.chain, files.key)
  return function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx:load_pkcs12(pfx, "secret")
  end
end)

local function without_mac()
  return encoded("pkcs12 -export -nomac -iter 1 -passout pass:secret -in '%s' -inkey '%s'",
    files.chain, files.key)
end

scenario("pkcs12 without a MAC", function()
  local pfx = without_mac()
  return function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx:load_pkcs12(pfx, "secret")
    assert(not pcall(ctx.load_pkcs12, ctx, pfx, "wrong"))
  end
end)

-- The names of algorithms in a new library context are lost where OpenSSL 3.0 has no
-- memory to sort them in.
scenario("pkcs12 in a library context of its own", function()
  local pfx = without_mac()
  return function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    local ok, err = pcall(ctx.load_pkcs12, ctx, pfx, "secret", true)
    assert(ok or ssl.isinstance(err, ssl.NotImplementedError), err)
    assert(not pcall(ctx.load_pkcs12, ctx, pfx, "wrong", true))
  end
end, "lua")

scenario("certificates", function()
  local der = ca:issue("localhost", "*.example.org", "127.0.0.1", "::1", {
    ocsp = "http://ocsp.test/", ca_issuers = "http://ca.test/", crl = "http://crl.test/",
  }).cert.der
  return function()
    local cert = ssl.decode_certificate(der)
    assert(cert.subjectAltName[1][2] == "localhost")
    ssl.PEM_cert_to_DER_cert(ssl.DER_cert_to_PEM_cert(der))
    assert(not pcall(ssl.decode_certificate, "no certificate"))
    assert(not pcall(ssl.decode_certificate, der:sub(1, -2)))
  end
end)

-- A whole connection, with everything called back, and all that it can tell.
local function talk(version, extra)
  return function()
    local client_ctx, server_ctx = contexts.new()
    person:configure_cert(client_ctx)
    ca:configure_trust(server_ctx)
    server_ctx.verify_mode = ssl.CERT_REQUIRED
    client_ctx.maximum_version = version
    optional(client_ctx, "set_alpn_protocols", { "h2", "http/1.1" })
    optional(server_ctx, "set_alpn_protocols", { "http/1.1" })
    client_ctx._msg_callback = function(conn, direction) return conn, direction .. "!" end
    client_ctx.keylog_filename = "/dev/null"
    server_ctx.sni_callback = function(conn, name, ctx)
      assert(name == "localhost" and conn.context == ctx)
      conn.context = server_ctx
    end
    server_ctx.client_hello_callback = function(conn, hello)
      assert(hello.name == "localhost" and #hello.ja3 > 0 and conn.context == server_ctx)
      optional(conn, "set_alpn_protocols", { "http/1.1" })
      conn:set_ciphers("ECDHE+AESGCM")
      conn:set_ciphersuites("TLS_AES_128_GCM_SHA256")
    end
    server_ctx.certificate_callback = function(conn)
      conn:load_cert_chain{ certdata = identity.chain.pem, keydata = identity.key.pem }
    end
    server_ctx.certificate_compression = server_ctx.certificate_compression
    if extra then extra(client_ctx, server_ctx) end
    return function()
      server_ctx.certificate_compression = server_ctx.certificate_compression
      local client, server = connect(client_ctx, server_ctx)
      assert(client:write(("x"):rep(5000)) == 5000)
      local buffer = ssl.bytearray(1000)
      assert(server:read(1000, buffer) == 1000)
      assert(#server:read(10) == 10 and server:pending() == 3990)  -- the rest is kept
      assert(server:read(90, buffer) == 90 and #server:read(4000) == 3900)
      assert(server:write("answer") == 6 and client:read() == "answer")
      for _, object in ipairs({ client, server }) do
        object:getpeercert()
        object:getpeercert(true)
        object:get_verified_chain()
        object:get_unverified_chain()
        object:cipher()
        object:version()
        object:shared_ciphers()
        optional(object, "group")
        object:get_channel_binding("tls-server-end-point")
        object:selected_alpn_protocol()
        object:export_keying_material("EXPERIMENTAL", 32, "context")
      end
      local session = client.session
      local bytes = session:to_bytes()
      assert(ssl.SSLSession.from_bytes(bytes) == session)
      connect(client_ctx, server_ctx, session)  -- resumed, given the memory
      awaits(client.unwrap, client)
      server:unwrap()
      client:unwrap()
    end
  end
end

scenario("TLS 1.3", talk(ssl.TLSVersion.TLSv1_3))
scenario("TLS 1.2", talk(ssl.TLSVersion.TLSv1_2))

-- Data before the handshake, and an answer; the session may be gone, or be of no use.
scenario("early", function()
  return function()
    local client_ctx, server_ctx = contexts.new()  -- here: the server keeps its sessions
    server_ctx.max_early_data = 20000
    server_ctx.early_data_callback = function(conn, random)
      return conn.server_side and #random == 32
    end
    local first, peer = connect(client_ctx, server_ctx)
    peer:write("x")
    first:read(1)
    local a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    local client = client_ctx:wrap_bio(a, b, false, "localhost", first.session)
    local server = server_ctx:wrap_bio(b, a, true)
    if first.session.max_early_data == 0 then return shake(client, server) end
    assert(client:write_early_data(("x"):rep(20000)) == 20000)
    local got = 0
    local function read() got = got + #(server:read_early_data() or "") end
    while awaits(read) and got < 20000 and not server.early_data_status do end
    awaits(client.do_handshake, client)
    local function drain()
      while server:read_early_data() do end
    end
    assert(awaits(drain))
    shake(client, server)
    assert(server:write("x") == 1 and client:read(1) == "x")
    assert(client.early_data_status == server.early_data_status)
  end
end)

-- A client whose verify_callback takes its time.
scenario("postponed", function()
  local client_ctx, server_ctx = contexts.new()
  client_ctx.verify_callback = function(ok, err, depth, der, conn)
    coroutine.yield()
    assert(depth <= 1 and #der > 0 and conn.context == client_ctx)
    if not ok and err == 0 then return false end
  end
  return function()
    local co = coroutine.create(connect)
    local ok, client
    repeat ok, client = coroutine.resume(co, client_ctx, server_ctx)
    until coroutine.status(co) == "dead"
    if not ok then error(client) end
    assert(client:get_verified_chain()[2] == ca.cert.der)
  end
end)

-- Failures make objects too.
scenario("refused", function()
  local client_ctx, server_ctx = contexts.new()
  local stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local refusing = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  identity:configure_cert(refusing)
  refusing.sni_callback = function() error({ "no" }) end
  return function()
    local ok, err = pcall(connect, stranger, server_ctx)
    assert(not ok, "a certificate of nobody was accepted")
    if not ssl.isinstance(err, ssl.SSLCertVerificationError) then error(err) end
    ok, err = pcall(connect, client_ctx, refusing)
    assert(not ok, "the callback's error was lost")
    if not ssl.isinstance(err, ssl.SSLError) then error(err) end
  end
end)

scenario("kit", function()
  return function()
    local root = testing.CA()
    local leaf = root:create_child_ca():issue("localhost")
    assert(leaf.key.pem and leaf.chain.pem)
    root:revoke(leaf)
    root:crl()
  end
end)

scenario("encrypting", function()
  return function()
    identity.key:encrypted("secret")
    identity:pkcs12("secret")
  end
end)

scenario("pair", function()
  local client, server = contexts.new()
  return function()
    local pair = testing.pair({ client = client, server = server, server_hostname = "localhost" })
    local outcome = pair:handshake()
    if not outcome.ok then error(outcome.client.error or outcome.server.error) end
    assert(pair:transfer("hello") == "hello")
  end
end)

-- With keys that are there already, which take most of the kit's allocations.
scenario("issuing", function()
  local root = testing.CA()
  local key = root:issue("localhost").key
  root:revoke(root:issue("other.test"), "keyCompromise")
  return function()
    local leaf = root:issue("localhost", { key = key })
    root:crl()
    root:ocsp(leaf)
    testing.load_ca(root.cert.pem, root.key.pem)
    assert(leaf.cert.pem and leaf.cert.der and key.pem)
  end
end)

scenario("settings", function()
  local root = testing.CA()
  root:revoke(root:issue("other.test"))
  local crl, response = root:crl().pem, root:ocsp(root:issue("localhost"))
  return function()
    local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.ocsp_stapling = ssl.CERT_REQUIRED
    client:load_crl(crl)
    client:set_psk_client_callback(function() return nil, "secret" end)
    optional(client, "set_npn_protocols", { "h2", "http/1.1" })
    server.ocsp_response = response
    server:set_ticket_keys({ ("k"):rep(80) })
    server:set_psk_server_callback(function() return "secret" end, "hint")
    server:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), true)
    client:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), false, "localhost")
  end
end)

-- What the contexts settle with each other, or ask their callbacks for.
scenario("negotiated", function()
  local root = testing.CA()
  local leaf = root:issue("localhost")
  local function both()
    local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    return client, server
  end
  local client, server = both()
  root:configure_trust(client)
  leaf:configure_cert(server)
  local response = root:ocsp(leaf)
  client.ocsp_stapling = ssl.CERT_REQUIRED
  server.ocsp_response = function() return response end
  client:load_crl(root:crl().pem)
  client.verify_flags = client.verify_flags | ssl.VERIFY_CRL_CHECK_LEAF
  optional(client, "set_npn_protocols", { "h2", "http/1.1" })
  optional(server, "set_npn_protocols", { "http/1.1" })
  server:set_ticket_keys({ ("k"):rep(80) })
  local knowing, known = both()
  knowing:set_ciphers("PSK")
  known:set_ciphers("PSK")
  knowing.check_hostname = false
  knowing:set_psk_client_callback(function(hint) return hint .. " me", "secret" end)
  known:set_psk_server_callback(function() return "secret" end, "hint")
  return function()
    local conn = connect(client, server)
    conn:selected_npn_protocol()
    connect(client, server, conn.session)
    connect(knowing, known)
  end
end)

-- Sessions that a ring's keys and a store let others resume.
scenario("shared", function()
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  client:load_verify_locations(files.ca)
  local function new_server()
    local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server:load_cert_chain(files.chain, files.key)
    return server
  end
  return function()
    local now, sessions = 1000, {}
    local ring = ssl.ticket_ring({ secret = { ("a secret"):rep(5) }, period = 100,
      clock = function() return now end })
    local server, stateful = new_server(), new_server()
    server:set_ticket_keys(ring)
    stateful.options = stateful.options | ssl.OP_NO_TICKET
    stateful.session_store = {
      ring = ring,
      get = function(id) return sessions[id] end,
      put = function(id, bytes) sessions[id] = bytes end,
      remove = function() end,
    }
    for _, context in ipairs({ server, stateful }) do
      local conn = connect(client, context)
      ring:rotate(("another secret"):rep(5))
      now = now + 100
      connect(client, context, conn.session)
    end
  end
end)

for _, kind in ipairs({ "socket", "luasec" }) do
  for _, s in ipairs(require("spec.native." .. kind .. "_scenarios")) do
    scenarios[#scenarios + 1] = s
  end
end

return scenarios
