local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local loopback = require "support.loopback"
local process = require "support.process"

local raised, set = errors.raised, errors.set

-- The type of a handshake message that has a certificate, as it is or compressed (RFC 8446, B.3;
-- RFC 8879, 4).
local CERTIFICATE, COMPRESSED = 11, 25

local identity, authority = contexts.identity()
local paths = identity:files()

-- Which of the two the context's connections read or write.
local function watch(ctx)
  local seen = {}
  ctx._msg_callback = function(_, direction, _, content, message)
    if content ~= ssl._TLSContentType.HANDSHAKE then return end
    if message == CERTIFICATE or message == COMPRESSED then
      seen[#seen + 1] = direction .. " " .. (message == CERTIFICATE and "plain" or "compressed")
    end
  end
  return seen
end

describe("SSLContext.certificate_compression", function()
  it("is OpenSSL's until it is set", function()
    local list = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).certificate_compression
    assert.equal(ssl.HAS_CERTIFICATE_COMPRESSION, #list > 0)
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.certificate_compression = list
    assert.same(list, ctx.certificate_compression)
    for i, name in ipairs(list) do
      ctx.certificate_compression = { name }
      assert.same({ name }, ctx.certificate_compression, i)
    end
    ctx.certificate_compression = {}
    assert.same({}, ctx.certificate_compression)
  end)

  it("refuses what is no list of algorithms, and stays as it was", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local before = ctx.certificate_compression
    for _, value in ipairs({ "zlib", 1, true }) do
      assert.matches("bad value for 'certificate_compression' (an array of strings",
        raised(set, ctx, "certificate_compression", value), 1, true)
    end
    assert.matches("array of strings", raised(set, ctx, "certificate_compression", { 1 }))
    for _, value in ipairs({ { "gzip" }, { "" }, { "zlib\0" } }) do
      local err = raised(set, ctx, "certificate_compression", value)
      assert.is_true(ssl.isinstance(err, ssl.ValueError))
      assert.matches("has 'brotli', 'zlib' and 'zstd'", err.message)
    end
    for _, name in ipairs(before) do
      local err = raised(set, ctx, "certificate_compression", { name, name })
      assert.matches("'" .. name .. "' is given twice", err.message)
    end
    assert.same(before, ctx.certificate_compression)
  end)

  it("says which algorithm OpenSSL lacks, and since when it has any", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local there = {}
    for _, name in ipairs(ctx.certificate_compression) do there[name] = true end
    for _, name in ipairs({ "brotli", "zlib", "zstd" }) do
      if not there[name] then
        local err = errors.raises(ssl.NotImplementedError, set, ctx, "certificate_compression",
          { name })
        assert.matches(ssl.HAS_CERTIFICATE_COMPRESSION and "built without '" .. name .. "'"
          or "needs OpenSSL 3.2 or newer; this is " .. ssl.OPENSSL_VERSION, err.message, 1, true)
      end
    end
    assert.equal(ssl.OPENSSL_VERSION_NUMBER >= 0x30200000, ssl.HAS_CERTIFICATE_COMPRESSION)
  end)

  it("keeps what was set, whatever is done with the list", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local list = ctx.certificate_compression
    list[1] = "nonsense"
    assert.is_not.equal("nonsense", ctx.certificate_compression[1])
  end)
end)

describe("A certificate", function()
  local function available()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).certificate_compression
  end

  it("is sent as it is unless a server is told otherwise", function()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    local seen = watch(client_ctx)
    joined.connect(client_ctx, server_ctx)
    assert.same({ "read plain" }, seen)
  end)

  if #available() == 0 then return end

  it("is sent compressed to a client that takes it, by each algorithm", function()
    for _, name in ipairs(available()) do
      local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
      server_ctx.certificate_compression = { name }
      local seen = watch(client_ctx)
      local client = joined.connect(client_ctx, server_ctx)
      joined.connect(client_ctx, server_ctx)
      assert.same({ "read compressed", "read compressed" }, seen)
      assert.equal(identity.cert.der, client:getpeercert(true))
    end
  end)

  it("is sent as it is to a client that does not, and with TLS 1.2", function()
    local client_ctx, server_ctx = contexts.new()
    server_ctx.certificate_compression = available()
    client_ctx.certificate_compression = {}
    local seen = watch(client_ctx)
    joined.connect(client_ctx, server_ctx)
    client_ctx.certificate_compression = available()
    client_ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    joined.connect(client_ctx, server_ctx)
    assert.same({ "read plain", "read plain" }, seen)
  end)

  it("is compressed anew when another is loaded, and when the context is changed", function()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    local other = authority:issue("localhost")
    server_ctx.certificate_compression = available()
    local seen = watch(client_ctx)
    joined.connect(client_ctx, server_ctx)
    other:configure_cert(server_ctx)
    local client = joined.connect(client_ctx, server_ctx)
    assert.equal(other.cert.der, client:getpeercert(true))
    local _, third = contexts.new(ssl.TLSVersion.TLSv1_3)
    third.certificate_compression = available()
    server_ctx.client_hello_callback = function(conn) conn.context = third end
    client = joined.connect(client_ctx, server_ctx)
    assert.equal(identity.cert.der, client:getpeercert(true))
    server_ctx.client_hello_callback = function(conn)
      conn:load_cert_chain({ certdata = identity.chain.pem, keydata = identity.key.pem })
    end
    client = joined.connect(client_ctx, server_ctx)
    assert.equal(identity.cert.der, client:getpeercert(true))
    assert.same({ "read compressed", "read compressed", "read compressed", "read plain" }, seen)
  end)

  it("that a connection has got before its handshake is compressed", function()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    authority:issue("localhost"):configure_cert(server_ctx)
    local seen = watch(client_ctx)
    for _, list in ipairs({ available(), {} }) do
      server_ctx.certificate_compression = list
      local client, server = joined.objects(client_ctx, server_ctx)
      server:load_cert_chain({ certdata = identity.chain.pem, keydata = identity.key.pem })
      assert.same({ false, false }, { joined.handshake(client, server) })
      assert.equal(identity.cert.der, client:getpeercert(true))
    end
    assert.same({ "read compressed", "read plain" }, seen)
  end)

  it("of a client is compressed, too", function()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    identity:configure_cert(client_ctx)
    authority:configure_trust(server_ctx)
    server_ctx.verify_mode = ssl.CERT_REQUIRED
    local seen = watch(server_ctx)
    local _, server = joined.connect(client_ctx, server_ctx)
    assert.same({ "write plain", "read compressed" }, seen)
    assert.equal(identity.cert.der, server:getpeercert(true))
  end)

  it("is compressed for OpenSSL's s_client, and taken from its s_server", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    server_ctx.certificate_compression = available()
    local pipe <close> = assert(io.popen(("timeout 20 openssl s_client -connect 127.0.0.1:%d "
      .. "-servername localhost -CAfile '%s' -verify_return_error -ign_eof -msg </dev/null 2>&1")
      :format(port, paths.ca)))
    local conn <close> = server_ctx:wrap_socket(assert(listener:accept()),
      { server_side = true, timeout = 10 })
    conn:sendall("answer\n")
    conn:unwrap():close()
    local said = pipe:read("a")
    assert.matches("CompressedCertificate", said)
    assert.matches("answer", said)

    local server <close> = process.start({ "sh", "-c", ("exec timeout 30 openssl s_server "
      .. "-accept 127.0.0.1:0 -naccept 1 -cert '%s' -key '%s' -cert_comp -rev </dev/null")
      :format(paths.cert, paths.key) })
    local seen = watch(client_ctx)
    local tcp = loopback.reach(server:expect("^ACCEPT .*:(%d+)$"))
    tcp:settimeout(10)
    local client <close> = client_ctx:wrap_socket(tcp, { server_hostname = "localhost" })
    client:sendall("olleh\n")
    assert.equal("hello\n", client:recv(100))
    assert.same({ "read compressed" }, seen)
  end)
end)
