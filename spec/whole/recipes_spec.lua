-- Every program of docs/recipes.md does what the page says.

local dialogue = require "support.dialogue"
local process = require "support.process"
local recipe = require "support.recipe"
local socket = require "socket"
local ssl = require "ssl"
local startproxy = require "support.proxy"
local testing = require "ssl.testing"

local ca = testing.CA({ common_name = "Authority of the recipes" })
local identity = ca:issue("localhost", "127.0.0.1")
local other = testing.CA({ common_name = "Another authority" })

local trust = { ["ca.pem"] = ca.cert.pem }

-- A server's files, besides those that `more` has.
local function server_files(more)
  local list = { ["ca.pem"] = ca.cert.pem, ["chain.pem"] = identity.chain.pem,
    ["key.pem"] = identity.key.pem }
  for name, bytes in pairs(more or {}) do list[name] = bytes end
  return list
end

local function server_context()
  local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  identity:configure_cert(ctx)
  return ctx
end

local function client_context(authority)
  return ssl.create_default_context({ cadata = (authority or ca).cert.pem })
end

-- A server of the test kit, ours unless the options say otherwise.
local function serve(options)
  options = options or {}
  options.ca = options.ca or ca
  options.identity = options.identity or not options.context and identity or nil
  return testing.server(options)
end

local function connect(port, ctx, options)
  local tcp = assert(socket.connect("127.0.0.1", port))
  tcp:settimeout(10)
  options = options or {}
  options.server_hostname = options.server_hostname or "localhost"
  return (ctx or client_context()):wrap_socket(tcp, options)
end

local seen = {}

-- A spec of a recipe: `check` gets its folder with the files.
local function recipe_of(title, contents, check)
  seen[title] = true
  it(title, function()
    local kitchen <close> = recipe.new(title, contents)
    check(kitchen)
  end)
end

-- The program succeeds and prints this, blanks between for tabs.
local function assert_prints(expected, text, status)
  assert.equal(expected, (text:gsub("\t", " ")))
  assert.equal(0, status)
end

-- It ends by an error that says this.
local function assert_fails(expected, text, status)
  assert.matches(expected, text, 1, true)
  assert.equal(1, status)
end

-- A client's recipe that talks to a server of the kit.
local function client_recipe(title, options, expected, ...)
  local arguments = table.pack(...)
  recipe_of(title, trust, function(kitchen)
    local server <close> = serve(options and options())
    assert_prints(expected, kitchen:run("localhost", server.port, table.unpack(arguments)))
  end)
end

describe("A recipe for a client shows how to", function()
  recipe_of("Fetch a page over HTTPS", trust, function(kitchen)
    local server <close> = testing.https({ ["/page"] = "good day" }, { ca = ca,
      identity = identity })
    assert_prints("200 good day\n", kitchen:run(server.url .. "/page"))
    local stranger <close> = testing.https({}, { ca = other })
    assert_fails("certificate verify failed", kitchen:run(stranger.url .. "/page"))
  end)

  client_recipe("Talk to a server line by line", nil, "hello\n")

  recipe_of("Trust my own authority", trust, function(kitchen)
    local server <close> = serve()
    assert_prints("TLSv1.3\n", kitchen:run("localhost", server.port))
    local stranger <close> = serve({ ca = other, identity = other:issue("localhost") })
    assert_fails("CERTIFICATE_VERIFY_FAILED", kitchen:run("localhost", stranger.port))
  end)

  local lonely = testing.broken.self_signed(ca, "localhost")
  recipe_of("Accept a self-signed certificate", { ["server.pem"] = lonely.cert.pem },
    function(kitchen)
      local server <close> = serve({ identity = lonely })
      local text, status = kitchen:run("localhost", server.port)
      assert.matches("GMT\n$", text)
      assert.equal(0, status)
      local stranger <close> = serve({ identity = testing.broken.self_signed(ca, "localhost") })
      assert_fails("CERTIFICATE_VERIFY_FAILED", kitchen:run("localhost", stranger.port))
    end)

  recipe_of("Pin a server's key", trust, function(kitchen)
    local server <close> = serve()
    assert_prints("remembered\n", kitchen:run("localhost", server.port, "pin"))
    assert_prints("the same key\n", kitchen:run("localhost", server.port, "pin"))
    local impostor <close> = serve({ identity = ca:issue("localhost") })
    assert_fails("another key than before", kitchen:run("localhost", impostor.port, "pin"))
  end)

  local user = other:issue("user.example")
  recipe_of("Show a client certificate", { ["ca.pem"] = ca.cert.pem,
    ["client-chain.pem"] = user.chain.pem, ["client-key.pem"] = user.key.pem },
    function(kitchen)
      local server <close> = serve({ client_ca = other, handler = function(conn)
        conn:sendall(conn:getpeercert().subjectAltName[1][2])
      end })
      assert_prints("user.example\n", kitchen:run("localhost", server.port))
    end)

  recipe_of("Go through an HTTP proxy", trust, function(kitchen)
    local server <close> = serve()
    local proxy <close> = startproxy()
    assert_prints("hello\n", kitchen:run("localhost", server.port, proxy.host, proxy.port))
    local closed <close> = startproxy("HTTP/1.1 403 No\r\n\r\n")
    assert_fails("HTTP/1.1 403 No", kitchen:run("localhost", server.port, closed.host,
      closed.port))
  end)

  client_recipe("Set time limits", function() return { stall = "data" } end,
    "no answer in time\n", 0.1)

  recipe_of("Find out whether a server speaks HTTP/2", trust, function(kitchen)
    local ctx = server_context()
    ctx:set_alpn_protocols({ "h2", "http/1.1" })
    local server <close> = serve({ context = ctx })
    assert_prints("HTTP/2\n", kitchen:run("localhost", server.port))
    local older <close> = serve()
    assert_prints("HTTP/1.1\n", kitchen:run("localhost", older.port))
  end)

  client_recipe("Resume a session", nil, "false\ntrue\n")

  recipe_of("Keep a session for the next run", trust, function(kitchen)
    local server <close> = serve()
    assert_prints("false\n", kitchen:run("localhost", server.port, "session"))
    assert_prints("true\n", kitchen:run("localhost", server.port, "session"))
  end)

  local revoked = ca:issue("localhost")
  ca:revoke(revoked)
  recipe_of("Check a revocation list", { ["ca.pem"] = ca.cert.pem, ["crl.pem"] = ca:crl().pem },
    function(kitchen)
      local server <close> = serve()
      assert_prints("not revoked\n", kitchen:run("localhost", server.port))
      local bad <close> = serve({ identity = revoked })
      local text, status = kitchen:run("localhost", bad.port)
      assert.equal(0, status, text)
      assert.matches("^%l+ revoked\n$", text)
      assert.not_equal("not revoked\n", text)
    end)

  recipe_of("Ask for a stapled OCSP response", trust, function(kitchen)
    local ctx = server_context()
    ctx.ocsp_response = ca:ocsp(identity)
    local server <close> = serve({ context = ctx })
    assert_prints("true\n", kitchen:run("localhost", server.port))
    local without <close> = serve()
    assert_fails("[SSL: ", kitchen:run("localhost", without.port))
  end)

  recipe_of("Check a server by DANE", {}, function(kitchen)
    local server <close> = serve()
    local conn <close> = connect(server.port)
    local digest = process.run({ "openssl", "dgst", "-sha256" }, conn:get_peer_public_key())
    local hex = digest:match("(%x+)%s*$")
    assert_prints("TLSv1.3\n", kitchen:run("localhost", server.port, 3, 1, 1, hex))
    assert_fails("CERTIFICATE_VERIFY_FAILED", kitchen:run("localhost", server.port, 3, 1, 1,
      hex:reverse()))
  end)

  client_recipe("Make many connections at once", nil, "20\n", 20)
end)

describe("A recipe for what comes before TLS shows how to", function()
  local function starttls(title, protocol, expected, ...)
    local arguments = table.pack(...)
    recipe_of(title, trust, function(kitchen)
      local server <close> = dialogue.start(protocol, server_context())
      local text, status = kitchen:run("localhost", server.port, table.unpack(arguments))
      assert.equal("done", server:outcome())
      assert_prints(expected, text, status)
    end)
  end

  starttls("Start TLS in SMTP", "smtp", "250 AUTH PLAIN\r\n")
  starttls("Start TLS in IMAP", "imap", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
  starttls("Start TLS in PostgreSQL", "postgresql", "TLSv1.3\n")
  starttls("List a folder by FTPS", "ftp", "true\none.txt\r\ntwo.txt\r\n", "user", "password")

  it("end where PostgreSQL has no TLS", function()
    local kitchen <close> = recipe.new("Start TLS in PostgreSQL", trust)
    local server <close> = dialogue.start("postgresql_without", server_context())
    assert_fails("the server has no TLS", kitchen:run("localhost", server.port))
  end)
end)

describe("A recipe for a server shows how to", function()
  recipe_of("Serve many clients at once", server_files(), function(kitchen)
    local _ <close>, port = kitchen:start(0)
    local silent <close> = connect(port)
    local plain = assert(socket.connect("127.0.0.1", port))
    plain:send("GET / HTTP/1.0\r\n\r\n")
    local conn <close> = connect(port)
    conn:sendall("hello")
    assert.equal("hello", conn:recv(5))
    assert.equal("TLSv1.3", silent:version())
    plain:close()
  end)

  recipe_of("Make certificates for tests", {}, function(kitchen)
    local text, status = kitchen:run("certificates")
    assert.equal(0, status, text)
    local ctx = ssl.create_default_context({ cadata = kitchen:read("certificates/ca.pem") })
    ctx:verify_certificate(kitchen:read("certificates/chain.pem"), "localhost")
    assert.matches("^certificates/chain.pem\tcertificates/key.pem\tcertificates/ca.pem\n", text)
  end)

  local one, two = ca:issue("one.example"), ca:issue("two.example")
  recipe_of("Serve several hosts on one address", { ["one-chain.pem"] = one.chain.pem,
    ["one-key.pem"] = one.key.pem, ["two-chain.pem"] = two.chain.pem,
    ["two-key.pem"] = two.key.pem }, function(kitchen)
      local _ <close>, port = kitchen:start()
      for _, name in ipairs({ "one.example", "two.example" }) do
        connect(port, nil, { server_hostname = name }):close()
      end
      local ok, err = pcall(connect, port, nil, { server_hostname = "three.example" })
      assert.is_false(ok)
      assert.matches("UNRECOGNIZED_NAME", err.reason)
    end)

  recipe_of("Ask clients for certificates", server_files({ ["client-ca.pem"] = other.cert.pem }),
    function(kitchen)
      local server <close>, port = kitchen:start()
      local ctx = client_context()
      other:issue("user.example"):configure_cert(ctx)
      local conn = connect(port, ctx)
      assert.equal("hello user.example", conn:recv())
      conn:close()
      local stranger <close> = connect(port)
      assert.is_false(pcall(stranger.recv, stranger))
      assert.is_truthy(server:expect("PEER_DID_NOT_RETURN_A_CERTIFICATE"))
    end)

  recipe_of("Take a new certificate into use", server_files(), function(kitchen)
    local _ <close>, port = kitchen:start()
    local before <close> = connect(port)
    local renewed = ca:issue("localhost", { key = identity.key })
    kitchen:write({ ["chain.pem"] = renewed.chain.pem })
    local after <close> = connect(port)
    assert.equal(identity.cert.der, before:getpeercert(true))
    assert.equal(renewed.cert.der, after:getpeercert(true))
  end)

  recipe_of("Staple an OCSP response", server_files({ ["response.der"] = ca:ocsp(identity) }),
    function(kitchen)
      local _ <close>, port = kitchen:start()
      local ctx = client_context()
      ctx.ocsp_stapling = ssl.CERT_REQUIRED
      local conn <close> = connect(port, ctx)
      assert.equal(kitchen:read("response.der"), conn:ocsp_response())
    end)

  recipe_of("Speak TLS 1.3 only", trust, function(kitchen)
    local server <close> = serve()
    assert_prints("TLSv1.3\n", kitchen:run("localhost", server.port))
    local ctx = server_context()
    ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    local older <close> = serve({ context = ctx })
    assert_prints("TLSV1_ALERT_PROTOCOL_VERSION\n", kitchen:run("localhost", older.port))
  end)

  recipe_of("Let several servers resume each other's sessions",
    server_files({ ["ticket-keys.bin"] = ssl.RAND_bytes(160) }), function(kitchen)
      local _ <close>, first = kitchen:start()
      local _ <close>, second = kitchen:start()
      local ctx = client_context()
      local one_side <close> = connect(first, ctx)
      assert.equal("hello", one_side:recv())
      local other_side <close> = connect(second, ctx, { session = one_side.session })
      assert.is_true(other_side.session_reused)
    end)

  recipe_of("Load a PKCS #12 file", { ["server.p12"] = identity:pkcs12("secret") },
    function(kitchen)
      assert_prints("ready\n", kitchen:run("server.p12", "secret"))
      assert_fails("wrong password, or damaged data", kitchen:run("server.p12", "wrong"))
    end)

  recipe_of("Load an encrypted key", server_files({
    ["encrypted.pem"] = identity.key:encrypted("secret") }), function(kitchen)
      assert_prints("ready\n", kitchen:feed("secret\n", "chain.pem", "encrypted.pem"))
      assert_prints("ready\n", kitchen:feed("", "chain.pem", "key.pem"))
      assert_fails("SSL", kitchen:feed("wrong\n", "chain.pem", "encrypted.pem"))
    end)
end)

describe("A recipe for a closer look shows how to", function()
  recipe_of("See what was negotiated", trust, function(kitchen)
    local server <close> = serve()
    local text, status = kitchen:run("localhost", server.port)
    assert.equal(0, status, text)
    assert.matches("^version\tTLSv1.3\ncipher\tTLS_[%w_]+\ngroup\t%w+\nsignature\t[%w_]+\n", text)
    assert.matches("protocol\tnil\nresumed\tfalse\n$", text)
  end)

  recipe_of("See a server's certificate", {}, function(kitchen)
    local server <close> = serve()
    local text, status = kitchen:run("localhost", server.port)
    assert.equal(0, status, text)
    assert.matches("^DNS\tlocalhost\nIP Address\t127.0.0.1\n.-GMT\t.-GMT\n$", text)
  end)

  recipe_of("Find out when a certificate expires", server_files(), function(kitchen)
    local days = kitchen:run():match("^(%d+) days\n$")
    assert.is_true(tonumber(days) >= 300 and tonumber(days) <= 400)
  end)

  recipe_of("Check a certificate without a connection", server_files(), function(kitchen)
    assert_prints("true\n", kitchen:run("localhost"))
    local text = kitchen:run("other.example")
    assert.matches("ostname mismatch", text, 1, true)
  end)

  recipe_of("Decrypt a connection with Wireshark", trust, function(kitchen)
    local server <close> = serve()
    assert_prints("TLSv1.3\n", kitchen:run("localhost", server.port))
    assert.matches("CLIENT_TRAFFIC_SECRET_0 %x+ %x+\n", kitchen:read("keys.log"))
  end)

  recipe_of("Debug a failed handshake", trust, function(kitchen)
    local server <close> = serve({ ca = other, identity = other:issue("localhost") })
    local text, status = kitchen:run("localhost", server.port)
    assert.equal(0, status, text)
    assert.matches("^write\tCLIENT_HELLO\nread\tSERVER_HELLO\n", text)
    assert.matches("\nread\tCERTIFICATE\nwrite\tALERT\tUNKNOWN_CA\nCERTIFICATE_VERIFY_FAILED\t",
      text)
  end)

  recipe_of("Find out why a certificate is refused", trust, function(kitchen)
    local expired = testing.broken.expired(ca, "localhost")
    local server <close> = serve({ identity = expired })
    local text, status = kitchen:run("localhost", server.port)
    assert.equal(0, status, text)
    assert.matches("^[^\t\n]+\tdepth 0\tvalidity\tRFC 5280, 4%.1%.2%.5\n$", text)
  end)
end)

describe("A recipe for what is above TLS shows how to", function()
  recipe_of("Tie a login to its connection", trust, function(kitchen)
    local server <close> = serve({ handler = function(conn)
      local binding = conn:get_channel_binding("tls-exporter")
      conn:sendall(conn:recv(100) == binding and "the same connection" or "another")
    end })
    assert_prints("the same connection\n", kitchen:run("localhost", server.port))
  end)

  recipe_of("Send a large file", { ["ca.pem"] = ca.cert.pem, ["large"] = ("x"):rep(3000000) },
    function(kitchen)
      local server <close> = serve({ handler = function(conn)
        local size = 0
        for data in function() return conn:recv(16384) end do size = size + #data end
        conn:unwrap()
        return size
      end })
      assert_prints("3000000\n", kitchen:run("localhost", server.port, "large"))
      assert.equal(3000000, server:wait().value)
    end)

  recipe_of("End one direction only", trust, function(kitchen)
    local server <close> = serve({ handler = function(conn)
      local question = conn:recv(100)
      assert(conn:recv() == nil)
      conn:sendall("an answer to " .. question)
    end })
    assert_prints("an answer to a question\n", kitchen:run("localhost", server.port))
  end)
end)

describe("A recipe with a key in a hardware module", function()
  local title = "Use a key in a hardware module"
  seen[title] = true

  -- The configuration in the page, for the modules of this system.
  local function configuration(kitchen)
    local page <close> = assert(io.open("docs/recipes.md"))
    local text = page:read("a"):match("\n    (openssl_conf = .-)\n\n"):gsub("\n    ", "\n")
    kitchen:write({ ["openssl.cnf"] = text .. "\n",
      ["softhsm2.conf"] = "directories.tokendir = " .. kitchen.path .. "\n" })
    return text:match("pkcs11%-module%-path = (%S+)")
  end

  -- Behind the recipe: the module signs a handshake.
  local handshake = [[
    local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    local client = ssl.create_default_context():wrap_bio(down, up, {
      server_hostname = "localhost" })
    local server = ctx:wrap_bio(up, down, { server_side = true })
    repeat
      pcall(client.do_handshake, client)
      local ok, err = pcall(server.do_handshake, server)
      assert(ok or ssl.isinstance(err, ssl.SSLWantReadError), err)
    until ok
    print(client:version())
  ]]

  it("loads it by its URI, and the module signs", function()
    local kitchen <close> = recipe.new(title, server_files())
    local module = configuration(kitchen)
    local found <close> = io.open(module, "rb")
    local folder = process.run({ "openssl", "version", "-m" }):match('"(.-)"') or ""
    local provider <close> = io.open(folder .. "/pkcs11.so", "rb")
    if not found or not provider then return pending("no SoftHSM or no pkcs11-provider") end
    local here = ("cd '%s' && export SOFTHSM2_CONF='%s/softhsm2.conf' && "):format(kitchen.path,
      kitchen.path)
    for command in ([[softhsm2-util --init-token --free --label tests --pin 1234 --so-pin 1234
        softhsm2-util --import key.pem --token tests --label server --id 01 --pin 1234]])
        :gmatch("[^\n]+") do
      local text, status = process.run({ "sh", "-c", here .. command })
      assert.equal(0, status, text)
    end
    kitchen:write({ ["both.lua"] = recipe.chapters[title] .. handshake })
    for name, expected in pairs({ recipe = "ready\n", both = "ready\nTLSv1.3\n" }) do
      local text, status = process.run({ "sh", "-c", here
        .. "SSL_CERT_FILE=ca.pem OPENSSL_CONF=openssl.cnf exec " .. process.lua .. " " .. name
        .. ".lua 'pkcs11:token=tests;object=server;type=private' 1234 chain.pem" })
      assert_prints(expected, text, status)
    end
  end)
end)

describe("The page of recipes", function()
  it("has a spec for each program, and forty of them at least", function()
    local count = 0
    for _, title in ipairs(recipe.chapters) do
      count = count + 1
      assert(seen[title], title)
      assert.is_string(recipe.chapters[title])
    end
    assert.is_true(count >= 40)
  end)

  it("has the commands that the spec of the hardware module runs", function()
    local page <close> = assert(io.open("docs/recipes.md"))
    local text = page:read("a")
    assert.matches("softhsm2-util --init-token --free --label tests --pin 1234 --so-pin 1234\n",
      text, 1, true)
    assert.matches("softhsm2-util --import key.pem --token tests --label server --id 01 --pin",
      text, 1, true)
  end)
end)
