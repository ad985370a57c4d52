local mime = require "mime"
local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local errors = require "support.errors"
local files = require "ssl.testing.files"
local joined = require "support.joined"
local loopback = require "support.loopback"
local process = require "support.process"

local badargument, raised, raises = errors.badargument, errors.raised, errors.raises

-- Before the helper counts the objects that a test leaves.
local ca = testing.CA()
local both = ca:issue{ names = { "secret.test", "public.test" } }
local public = ca:issue{ names = { "public.test" } }
local secret = ca:issue{ names = { "secret.test" } }

local function client_context(config)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  ca:configure_trust(ctx)
  if config then ctx:set_ech_config(config) end
  return ctx
end

-- A server's context, and the list of names that its sni_callback is told.
local function server_context(identity, keys)
  local ctx, names = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), {}
  identity:configure_cert(ctx)
  if keys then ctx:set_ech_keys(keys) end
  ctx.sni_callback = function(_, name) names[#names + 1] = name end
  return ctx, names
end

-- A pair after its handshake, and how that went.
local function handshake(client_ctx, server_ctx, options)
  options = options or {}
  options.client, options.server = client_ctx, server_ctx
  options.server_hostname = options.server_hostname or "secret.test"
  local pair = testing.pair(options)
  return pair, pair:handshake()
end

-- Is the text in what the client has sent in the clear?
local function shows(pair, text)
  for _, record in ipairs(pair.records) do
    if record.from == "client" and record.bytes:find(text, 1, true) then return true end
  end
  return false
end

describe("Encrypted ClientHello", function()
  it("checks its arguments whether OpenSSL has it or not", function()
    local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for _, name in ipairs { "", ("x"):rep(256) } do
      assert.matches("1 to 255", raises(ssl.ValueError, ssl.generate_ech_key, name).message)
    end
    for _, length in ipairs { -1, 256 } do
      raises(ssl.ValueError, ssl.generate_ech_key, "public.test", length)
    end
    badargument(ssl.generate_ech_key)
    badargument(ssl.generate_ech_key, "public.test", "long")
    raised(ssl.generate_ech_key, "public.test\0hidden")
    badargument(server.set_ech_keys, server, "a key")
    badargument(client.set_ech_config, client, 5)
    local many = {}
    for i = 1, 65 do many[i] = "" end
    local err = raises(ssl.ValueError, server.set_ech_keys, server, many)
    assert.matches("more than 64", err.message)
    raises(ssl.SSLError, client.set_ech_keys, client, {})
    raises(ssl.SSLError, server.set_ech_config, server, "")
  end)

  if not ssl.HAS_ECH then
    it("needs OpenSSL 4.0, and says so", function()
      local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      local here = ssl.OPENSSL_VERSION:match("%d[%d.]*")
      for _, call in ipairs {
        function() ssl.generate_ech_key("public.test") end,
        function() server:set_ech_keys{} end,
        function() client:set_ech_config(nil) end,
        function() joined.objects(client, server):set_ech_config(nil) end,
      } do
        assert.matches("4%.0.*" .. here, raises(ssl.NotImplementedError, call).message)
      end
      local conn = joined.objects(client, server)
      assert.is_nil(conn.ech_status)
      assert.is_nil(conn.ech_retry)
      assert.is_nil(ssl.OP_ECH_GREASE)
    end)
    return
  end

  local key, config = ssl.generate_ech_key("public.test")
  local newer = ssl.generate_ech_key("public.test", 32)

  it("hides the name from who looks on, and shows it to the server", function()
    local server_ctx, names = server_context(secret, { key })
    local pair, result = handshake(client_context(config), server_ctx)
    assert.is_true(result.ok)
    assert.equal("success", pair.client.ech_status)
    assert.equal("success", pair.server.ech_status)
    assert.same({ "secret.test" }, names)
    assert.is_false(shows(pair, "secret.test"))
    assert.is_true(shows(pair, "public.test"))
    assert.is_nil(pair.client.ech_retry)
  end)

  it("is not there unless both sides want it", function()
    local pair, result = handshake(client_context(), server_context(secret, { key }))
    assert.is_true(result.ok)
    assert.equal("not_configured", pair.client.ech_status)
    assert.is_true(shows(pair, "secret.test"))
    pair, result = handshake(client_context(config), server_context(both))
    assert.equal("ECH_REQUIRED", result.client.error.reason)
    assert.is_nil(result.client.error.ech_retry)
    assert.is_false(shows(pair, "secret.test"))
  end)

  it("takes base64 and bytes", function()
    assert.matches("^[%w+/]+=*$", config)
    local bytes = mime.unb64(config)
    for _, form in ipairs { bytes, ssl.bytearray(config) } do
      local pair = handshake(client_context(form), server_context(secret, { key }))
      assert.equal("success", pair.client.ech_status)
    end
  end)

  it("goes on with older keys while clients have them", function()
    local pair, result = handshake(client_context(config), server_context(secret, { newer, key }))
    assert.is_true(result.ok)
    assert.equal("success", pair.client.ech_status)
  end)

  it("tells a client what to use instead, which then works", function()
    local pair, result = handshake(client_context(config), server_context(both, { newer }))
    local err = result.client.error
    assert.equal("ECH_REQUIRED", err.reason)
    assert.equal("failed_ech", pair.client.ech_status)
    assert.equal(err.ech_retry, pair.client.ech_retry)
    assert.is_false(shows(pair, "secret.test"))
    pair, result = handshake(client_context(err.ech_retry), server_context(both, { newer }))
    assert.is_true(result.ok)
    assert.equal("success", pair.client.ech_status)
  end)

  it("needs no certificate for the secret name to say so, but one for the public name", function()
    local _, result = handshake(client_context(config), server_context(public, { newer }))
    assert.equal("ECH_REQUIRED", result.client.error.reason)
    assert.is_string(result.client.error.ech_retry)
    local pair
    pair, result = handshake(client_context(config), server_context(secret, { newer }))
    local err = result.client.error
    assert.is_true(ssl.isinstance(err, ssl.SSLCertVerificationError))
    assert.matches("public%.test", err.message)
    assert.is_nil(err.ech_retry)
    assert.is_nil(pair.client.ech_retry)
    assert.equal("failed_ech_bad_name", pair.client.ech_status)
  end)

  it("does not trust a stranger's word for the public name", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    testing.CA():issue{ names = { "public.test" } }:configure_cert(ctx)
    ctx:set_ech_keys{ newer }
    local _, result = handshake(client_context(config), ctx)
    assert.is_true(ssl.isinstance(result.client.error, ssl.SSLCertVerificationError))
    assert.is_nil(result.client.error.ech_retry)
  end)

  it("gives way to nothing below TLS 1.3", function()
    local server_ctx = server_context(both, { key })
    server_ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    local pair, result = handshake(client_context(config), server_ctx)
    assert.is_false(result.ok)
    assert.is_nil(result.client.error.ech_retry)
    assert.is_false(shows(pair, "secret.test"))
  end)

  it("survives a second ClientHello", function()
    local client_ctx, server_ctx = client_context(config), server_context(secret, { key })
    client_ctx:set_groups("x25519:secp384r1")
    server_ctx:set_groups("secp384r1")
    local pair, result = handshake(client_ctx, server_ctx)
    assert.is_true(result.ok)
    assert.equal("success", pair.client.ech_status)
    assert.is_false(shows(pair, "secret.test"))
  end)

  it("resumes sessions without showing the name", function()
    local client_ctx, server_ctx = client_context(config), server_context(secret, { key })
    local pair = handshake(client_ctx, server_ctx)
    pair:transfer("tickets come with it")
    assert.equal("back", pair:transfer("back", "server"))
    local again, result = handshake(client_ctx, server_ctx, { session = pair.client.session })
    assert.is_true(result.ok)
    assert.is_true(again.client.session_reused)
    assert.equal("success", again.client.ech_status)
    assert.is_false(shows(again, "secret.test"))
  end)

  it("lets a client look as if it did", function()
    local client_ctx = client_context()
    client_ctx.options = client_ctx.options | ssl.OP_ECH_GREASE
    local pair, result = handshake(client_ctx, server_context(secret))
    assert.is_true(result.ok)
    assert.equal("grease", pair.client.ech_status)
    assert.is_true(shows(pair, "secret.test"))
    pair, result = handshake(client_ctx, server_context(secret, { key }))
    assert.is_true(result.ok)
    assert.equal("grease_ech", pair.client.ech_status)
    assert.is_string(pair.client.ech_retry)
  end)

  it("is a connection's own matter before its handshake", function()
    local client_ctx, server_ctx = client_context(), server_context(secret, { key })
    local pair = testing.pair{ client = client_ctx, server = server_ctx,
      server_hostname = "secret.test" }
    pair.client:set_ech_config(config)
    assert.is_true(pair:handshake().ok)
    assert.equal("success", pair.client.ech_status)
    raises(ssl.ValueError, pair.client.set_ech_config, pair.client, config)
    local other = handshake(client_ctx, server_ctx)
    assert.equal("not_configured", other.client.ech_status)
  end)

  it("can be turned off again", function()
    local client_ctx, server_ctx = client_context(config), server_context(secret, { key })
    client_ctx:set_ech_config(nil)
    assert.equal("not_configured", (handshake(client_ctx, server_ctx)).client.ech_status)
    server_ctx:set_ech_keys{}
    assert.equal("not_configured", (handshake(client_ctx, server_ctx)).server.ech_status)
  end)

  it("refuses what is none, and keeps what there was", function()
    local client_ctx, server_ctx = client_context(config), server_context(secret, { key })
    for _, rubbish in ipairs { "", "rubbish", ("A"):rep(5000), "\0\1\2", key:sub(1, 60) } do
      raises(ssl.SSLError, client_ctx.set_ech_config, client_ctx, rubbish)
      raises(ssl.SSLError, server_ctx.set_ech_keys, server_ctx, { key, rubbish })
    end
    local half = key:match("(%-%-%-%-%-BEGIN ECHCONFIG.*)")
    assert.matches("key 2 has no private key",
      raises(ssl.ValueError, server_ctx.set_ech_keys, server_ctx, { key, half }).message)
    badargument(server_ctx.set_ech_keys, server_ctx, { key, 5 })
    raises(ssl.SSLError, ssl.generate_ech_key, "not a name")
    assert.equal("success", (handshake(client_ctx, server_ctx)).client.ech_status)
  end)

  it("is understood by s_server", function()
    local folder = files.folder()
    local path = folder:write({ ["key.pem"] = key })["key.pem"]
    local paths = both:files()
    local server <close> = process.start({ "sh", "-c", ("exec timeout 30 openssl s_server -accept "
      .. "127.0.0.1:0 -naccept 1 -cert %s -key %s -ech_key %s -www </dev/null"):format(
      paths.cert, paths.key, path) })
    local tcp = assert(socket.connect("127.0.0.1", server:expect("^ACCEPT .*:(%d+)$")))
    tcp:settimeout(10)
    local conn <close> = client_context(config):wrap_socket(tcp,
      { server_hostname = "secret.test" })
    assert.equal("success", conn.ech_status)
  end)

  it("understands s_client", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    local server_ctx, names = server_context(secret, { key })
    local pipe <close> = assert(io.popen(("timeout 20 openssl s_client -connect 127.0.0.1:%d "
      .. "-servername secret.test -ech_config_list %s </dev/null 2>&1"):format(port, config)))
    local conn <close> = server_ctx:wrap_socket(assert(listener:accept()),
      { server_side = true, timeout = 10 })
    assert.equal("success", conn.ech_status)
    assert.same({ "secret.test" }, names)
    pcall(conn.recv, conn, 1)
    conn:close()
    pipe:read("a")
  end)
end)
