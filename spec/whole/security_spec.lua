-- The threats of SECURITY.md that no other spec shows, and whether all the specs
-- that it names are there.

local ssl = require "ssl"
local socket = require "socket"
local testing = require "ssl.testing"
local raised = require "support.errors".raised
local system = require "support.system"

local ca = testing.CA()
local identity = ca:issue("localhost", "127.0.0.1")

local function new_server()
  local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  identity:configure_cert(ctx)
  return ctx
end

local function new_client()
  return ssl.create_default_context({ cadata = ca.cert.pem })
end

local function handshake(client, server, host)
  local pair = testing.pair({ client = client, server = server, server_hostname = host })
  return pair:handshake(), pair
end

-- Lets a context speak nothing newer than TLS 1.1.
local function make_old(ctx)
  local warnings = warn
  warn = function() end  -- luacheck: ignore 121
  ctx:set_ciphers("DEFAULT@SECLEVEL=0")
  ctx.minimum_version = ssl.TLSVersion.TLSv1
  ctx.maximum_version = ssl.TLSVersion.TLSv1_1
  warn = warnings  -- luacheck: ignore 121
end

describe("A default client", function()
  it("refuses a server that speaks no newer version than TLS 1.1", function()
    local server = new_server()
    make_old(server)
    local outcome = handshake(new_client(), server, "localhost")
    assert.is_false(outcome.client.ok)
    assert.is_true(ssl.isinstance(outcome.client.error, ssl.SSLError))
    assert.equal("TLSV1_ALERT_PROTOCOL_VERSION", outcome.client.error.reason)
  end)

  it("refuses every broken identity that it can see through by itself", function()
    local count, parent = 0, testing.CA()
    for broken in testing.each_broken(parent, "localhost") do
      if not broken.needs then
        local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        local client = ssl.create_default_context({ cadata = parent.cert.pem })
        if broken.trusted then broken.trusted:configure_trust(client) end
        if pcall(broken.configure_cert, broken, server) then
          local outcome = handshake(client, server, "localhost")
          assert.is_false(outcome.client.ok, broken.name)
          count = count + 1
        end
      end
    end
    assert.is_true(count >= 10)
  end)

  it("refuses a good certificate that is another host's", function()
    for _, host in ipairs({ "localhost.test", "xlocalhost", "127.0.0.2" }) do
      local outcome = handshake(new_client(), new_server(), host)
      assert.is_true(ssl.isinstance(outcome.client.error, ssl.SSLCertVerificationError))
    end
    assert.is_true(handshake(new_client(), new_server(), "localhost").ok)
    assert.is_true(handshake(new_client(), new_server(), "127.0.0.1").ok)
  end)

  it("takes no host name with a NUL, which would end it early", function()
    local client = new_client()
    for _, host in ipairs({ "localhost\0.test", "\0localhost", "localhost\0" }) do
      local err = raised(client.wrap_bio, client, ssl.MemoryBIO(), ssl.MemoryBIO(),
        { server_hostname = host })
      assert.is_true(type(err) == "string" or ssl.isinstance(err, ssl.ValueError))
    end
  end)

  it("makes no connection without a name to check", function()
    local client = new_client()
    local err = raised(client.wrap_bio, client, ssl.MemoryBIO(), ssl.MemoryBIO())
    assert.equal("check_hostname requires server_hostname", err.message)
  end)
end)

describe("A default server", function()
  it("refuses a client that speaks no newer version than TLS 1.1", function()
    local client = new_client()
    make_old(client)
    local outcome = handshake(client, new_server(), "localhost")
    assert.is_false(outcome.server.ok)
    assert.equal("protocol_version", outcome.server.alert)
  end)

  it("compresses nothing, whatever is offered", function()
    for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
      local client, server = new_client(), new_server()
      server.maximum_version = ssl.TLSVersion[version]
      local outcome, pair = handshake(client, server, "localhost")
      assert.is_true(outcome.ok)
      assert.is_nil(pair.server:compression())
      assert.is_nil(pair.client:compression())
    end
    -- a ClientHello of TLS 1.2 that offers DEFLATE first
    local body = "\3\3" .. ("r"):rep(32) .. "\0\0\6\xc0\x2b\xc0\x2f\0\xff\2\1\0"
      .. string.pack(">s2", "\0\x0a\0\4\0\2\0\x17\0\x0d\0\4\0\2\4\3\0\x0b\0\2\1\0")
    local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    local object = new_server():wrap_bio(incoming, outgoing, { server_side = true })
    incoming:write(testing.tap.record("handshake", "\1" .. string.pack(">s3", body)))
    pcall(object.do_handshake, object)
    local hello = outgoing:read()
    assert.equal("\22\3\3", hello:sub(1, 3))
    assert.equal(2, hello:byte(6))
    local session = hello:byte(44)
    assert.equal(0, hello:byte(44 + session + 3))
  end)

  it("lets no client renegotiate", function()
    local server <close> = testing.server({ context = new_server(), identity = identity })
    local pipe = assert(io.popen(("(sleep 0.3; echo R; sleep 0.3) | timeout 20 openssl s_client "
      .. "-connect 127.0.0.1:%d -tls1_2 2>&1"):format(server.port)))
    local text = pipe:read("a")
    pipe:close()
    assert.matches("RENEGOTIATING", text)
    assert.matches("no renegotiation", text)
    local report = server:wait()
    assert.same({ false, "handler" }, { report.ok, report.stage })  -- the client gave up
  end)

  it("asks for a certificate in vain when it must have one", function()
    local server = new_server()
    server.verify_mode = ssl.CERT_REQUIRED
    ca:configure_trust(server)
    local outcome = handshake(new_client(), server, "localhost")
    assert.equal("PEER_DID_NOT_RETURN_A_CERTIFICATE", outcome.server.error.reason)
    local client = new_client()
    testing.CA():issue("mallory"):configure_cert(client)
    outcome = handshake(client, server, "localhost")
    assert.equal("CERTIFICATE_VERIFY_FAILED", outcome.server.error.reason)
  end)
end)

describe("A socket whose bytes LuaSocket has already read", function()
  it("is not made a TLS connection, and what was read is no part of one", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local outside = assert(socket.connect("127.0.0.1", port))
    local inside = assert(listener:accept())
    outside:send("STARTTLS\r\nInjected: yes\r\n")
    assert.equal("STARTTLS", inside:receive("*l"))
    local server = new_server()
    local ok, err = pcall(server.wrap_socket, server, inside, { server_side = true })
    for _, one in ipairs({ listener, outside, inside }) do one:close() end
    assert.is_false(ok)
    assert.is_true(ssl.isinstance(err, ssl.ValueError))
  end)
end)

describe("What is secret", function()
  -- All texts of an error.
  local function texts(err)
    local list = { tostring(err) }
    if type(err) == "table" or type(err) == "userdata" then
      for _, name in ipairs({ "message", "strerror", "reason", "library", "filename" }) do
        list[#list + 1] = tostring(err[name])
      end
    end
    return table.concat(list, "\n")
  end

  it("is in no error about a key or its password", function()
    local pem = identity.key:encrypted("opensesame")
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    local other = ca:issue("other")
    local middle = pem:sub(100, 120)
    for _, options in ipairs({
      { certdata = identity.cert.pem, keydata = pem, password = "wrong secret" },
      { certdata = identity.cert.pem, keydata = pem:gsub("\n", "", 3), password = "opensesame" },
      { certdata = identity.cert.pem, keydata = other.key.pem },
      { certdata = identity.cert.pem, keydata = pem, password = ("opensesame"):rep(200) },
    }) do
      local err = raised(ctx.load_cert_chain, ctx, options)
      local text = texts(err)
      local foreign = other.key.pem:sub(60, 90)
      for _, secret in ipairs({ "wrong secret", "opensesame", middle, foreign }) do
        assert.is_nil(text:find(secret, 1, true), text)
      end
    end
  end)

  it("is in no text of a context, connection or session", function()
    local client, server = new_client(), new_server()
    local _, pair = handshake(client, server, "localhost")
    local bytes = pair.client.session:to_bytes()
    for _, object in ipairs({ client, server, pair.client, pair.server, pair.client.session }) do
      assert.matches("^ssl%.%a+[: ]", tostring(object))
      assert.is_nil(tostring(object):find(bytes:sub(-48), 1, true))
      assert.is_true(#tostring(object) < 200)
    end
  end)

  it("is in no file unless one was asked for, and then its owner's alone", function()
    local name = os.tmpname()
    os.remove(name)
    local client = new_client()
    client.keylog_filename = name
    handshake(client, new_server(), "localhost")
    client = nil  -- luacheck: ignore
    local mode = require("lfs").attributes(name, "permissions")
    local file = assert(io.open(name))
    local text = file:read("a")
    file:close()
    os.remove(name)
    assert.matches("CLIENT_HANDSHAKE_TRAFFIC_SECRET", text)
    assert.equal(system.private, mode)
  end)
end)

describe("A connection that the collector ends", function()
  it("says nothing more to its peer, and closes its descriptor", function()
    local server <close> = testing.server({ handler = function(conn)
      conn.suppress_ragged_eofs = false
      local ok, data = pcall(conn.recv, conn, 10)
      return ok and (data or "a proper end") or "cut"  -- or reset: tickets were not read
    end })
    do
      local conn = server:connect()
      assert.equal("TLSv1.3", conn:version())
    end
    collectgarbage()
    collectgarbage()
    assert.equal("cut", server:wait().value)
  end)
end)

describe("SECURITY.md", function()
  it("names specs that there are", function()
    local file = assert(io.open("SECURITY.md"))
    local text, count = file:read("a"), 0
    file:close()
    for row in text:gmatch("\n|([^\n]+)") do
      local threat, _, shown = row:match("^%s*(.-)%s*|%s*(.-)%s*|%s*(.-)%s*|$")
      if threat and threat ~= "Attack" and not threat:find("^%-") then
        local found = 0
        for path, title in shown:gmatch("`(spec/[%w_/]+%.lua)`: ([^;]+)") do
          local source = assert(io.open(path), path .. " is not there")
          local code = source:read("a")
          source:close()
          assert(code:find('it("' .. title .. '"', 1, true), ("%s has no '%s'"):format(path, title))
          found = found + 1
        end
        assert(found > 0, "no spec: " .. threat)
        count = count + 1
      end
    end
    assert.is_true(count >= 15)
  end)
end)
