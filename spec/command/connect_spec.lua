local command = require "support.command"
local process = require "support.process"
local start_proxy = require "support.proxy"
local ssl = require "ssl"
local testing = require "ssl.testing"

describe("lua-ssl connect", function()
  local ca, cafile, folder

  before_each(function() ca, cafile, folder = command.authority() end)
  after_each(function() ca, folder = nil, nil end)

  -- Connects to a server of the kit by the name localhost.
  local function connect(server, ...)
    return command.run("connect", "localhost:" .. server.port, "--cafile", cafile, ...)
  end

  it("shows what was negotiated, and the chain", function()
    local server <close> = testing.server({ ca = ca })
    local out, err, status = connect(server, "--report")
    assert.same({ "", 0 }, { err, status })
    local conn <close> = server:connect()
    local cipher, _, bits = conn:cipher()
    assert.matches(("^localhost:%d %%(127%%.0%%.0%%.1%%)\n"):format(server.port), out)
    assert.matches(("version     %s\n"):format(conn:version()), out, 1, true)
    assert.matches(("cipher      %s, %d bits\n"):format(cipher, bits), out, 1, true)
    assert.matches("\n  O=ssl.testing, CN=ssl.testing CA %x+, trusted\n", out)
    assert.matches("\nThe server is trusted as localhost.\n$", out)
    assert.is_nil(out:find("\27", 1, true))
  end)

  it("shows the same as JSON", function()
    local context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    local leaf = ca:create_child_ca():issue("localhost")
    leaf:configure_cert(context)
    context:set_alpn_protocols({ "h2", "http/1.1" })
    context.ocsp_response = leaf.issuer:ocsp(leaf)
    local server <close> = testing.server({ ca = ca, context = context })
    local out, err, status = connect(server, "--json", "--alpn", "spdy,http/1.1")
    assert.same({ "", 0 }, { err, status })
    local found = command.decode(out)
    assert.same({ "TLSv1.3", "http/1.1", true, true, "localhost", server.port, "127.0.0.1", 3 },
      { found.version, found.alpn, found.trusted, found.stapled, found.host, found.port,
        found.address, #found.chain })
    assert.same({ { "DNS", "localhost" } }, found.chain[1].names)
    assert.same({ 0, 1, 2 }, { found.chain[1].depth, found.chain[2].depth, found.chain[3].depth })
  end)

  it("names all that is wrong with a certificate, and tells the server nothing", function()
    local identity = ca:issue("other.test", { not_after = os.time() - 86400 * 3,
      not_before = os.time() - 86400 * 9, key_type = "RSA-1024" })
    local context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context:set_ciphers("ALL:@SECLEVEL=0")
    identity:configure_cert(context)
    local server <close> = testing.server({ ca = ca, context = context })
    local out, err, status = command.feed("secret", "connect", "localhost:" .. server.port,
      "--cafile", cafile)
    assert.same({ "", 1 }, { out, status })
    for _, text in ipairs({ "it is expired: it ended 3 days ago",
      "it is not for 'localhost'. It is for other.test", "its key is too weak: RSA, 1024 bits",
      "The server is not trusted.\n" }) do
      assert.matches(text, (err:gsub("\n *", " "):gsub(" $", "\n")), 1, true)
    end
    assert.equal("handshake", server:wait().stage)
  end)

  for _, name in ipairs({ "expired", "not_yet_valid", "wrong_host", "self_signed",
    "untrusted_root", "no_san", "nul_in_name", "ip_as_dns", "weak_key", "sha1", "bad_signature",
    "wrong_usage", "not_a_ca", "path_too_long", "name_constraint", "excluded_name",
    "expired_intermediate", "missing_intermediate", "unknown_critical_extension", "huge_chain",
    "revoked_staple", "unknown_staple", "stale_staple", "forged_staple", "must_staple" }) do
    it("refuses a server that is " .. name .. ", in words and with advice", function()
      local identity = testing.broken[name](ca, "localhost")
      local server <close> = testing.server({ identity = identity })
      local out, err, status = connect(server, "--json", "--servername", identity.host)
      assert.same({ "", 1 }, { err, status })
      local found, codes = command.decode(out), {}
      assert.is_false(found.trusted)
      for _, cert in ipairs(found.chain) do
        for _, problem in ipairs(cert.problems) do
          codes[problem.code] = problem
          assert.is_true(#problem.text > 0 and #problem.mend > 0)
        end
      end
      local problem = codes[identity.expect.verify_code]
      assert.is_table(problem, out)
      assert.is_nil(problem.text:find("OpenSSL refuses it", 1, true), problem.text)
      assert.is_false(server:wait().ok)
    end)
  end

  it("goes on where it is told that the server need not be trusted", function()
    local server <close> = testing.server({ identity = testing.broken.expired(ca, "localhost") })
    local out, err, status = command.feed("hello", "connect", "localhost:" .. server.port,
      "--cafile", cafile, "--insecure", "--quiet", "--half-close")
    assert.same({ "hello", 0 }, { out, status })
    assert.matches("it is expired", err, 1, true)
    assert.matches("The server is not trusted; --insecure goes on.", err, 1, true)
  end)

  it("fails where a handshake fails for another reason, and says which", function()
    local server <close> = testing.server({ ca = ca, plain = "HTTP/1.0 400 Bad Request\r\n\r\n" })
    local out, err, status = connect(server)
    assert.same({ "", 1 }, { out, status })
    assert.matches("The connection failed: [SSL: ", err, 1, true)
    server:close()
    out, err, status = connect(server)
    assert.same({ "", 1 }, { out, status })
    assert.matches(("lua-ssl: cannot connect to localhost port %d: connection refused"):format(
      server.port), err, 1, true)
    assert.matches("lua-ssl: cannot connect to no.such.host.test port 443: ",
      (select(2, command.run("connect", "no.such.host.test"))), 1, true)
  end)

  it("gives up on a server that falls silent", function()
    local server <close> = testing.server({ ca = ca, stall = "handshake" })
    local _, err, status = connect(server, "--timeout=0.2")
    assert.equal(1, status)
    assert.matches("timed out", err, 1, true)
  end)

  it("shows a certificate to servers that ask for one", function()
    local clients = testing.CA()
    local server <close> = testing.server({ ca = ca, client_ca = clients,
      handler = function(conn) conn:sendall(conn:getpeercert().subjectAltName[1][2]) end })
    local mine = clients:issue("me@example.test", { extended_key_usage = { "clientAuth" } })
    local paths = folder:write({ cert = mine.cert.pem, key = mine.key:encrypted("secret"),
      password = "secret\nmore", both = mine.cert.pem .. mine.key.pem })
    local out, err, status, _
    out, err, status = command.feed("x", "connect", "localhost:" .. server.port, "--cafile",
      cafile, "--quiet", "--cert", paths.cert, "--key", paths.key, "--password-file",
      paths.password)
    assert.same({ "me@example.test", "", 0 }, { out, err, status })
    out = command.feed("x", "connect", "localhost:" .. server.port, "--cafile", cafile, "--quiet",
      "--cert", paths.both)
    assert.equal("me@example.test", out)
    _, err, status = command.feed("x", "connect", "localhost:" .. server.port, "--cafile", cafile,
      "--quiet")
    assert.equal(1, status)
    assert.matches("CERTIFICATE_REQUIRED", err, 1, true)
  end)

  it("logs keys for Wireshark, and goes through proxies", function()
    local server <close> = testing.server({ ca = ca })
    local proxy <close> = start_proxy()
    local keys = folder:write({ keys = "" }).keys
    local out, err, status, _
    out, err, status = connect(server, "--report", "--keylog", keys, "--proxy",
      "http://127.0.0.1:" .. proxy.port)
    assert.same({ "", 0 }, { err, status })
    assert.matches("trusted as localhost", out, 1, true)
    assert.matches("CONNECT localhost:" .. server.port, proxy:request(), 1, true)
    assert.matches("CLIENT_TRAFFIC_SECRET_0 %x+ %x+\n", require("support.read")(keys))
    local refusing <close> = start_proxy("HTTP/1.1 403 \27[2Jno\r\n\r\n")
    _, err, status = connect(server, "--proxy", "127.0.0.1:" .. refusing.port)
    assert.equal(1, status)
    assert.matches("the proxy refused the connection (403 \\x1B[2Jno)", err, 1, true)
  end)

  it("lets no control character of a server's reach the terminal", function()
    local identity = ca:issue({ common_name = "evil\27[2J\r\n", names = { { "dns",
      "a\27]0;t\7.test" }, { "dns", "\u{202E}tset" } } })
    local server <close> = testing.server({ ca = ca, identity = identity })
    local out = connect(server, "--report")
    assert.matches("\\x1B[2J", out, 1, true)
    assert.is_nil(out:gsub("\n", ""):find("[%c\127]"))
    assert.is_nil(out:find("\u{202E}", 1, true))
  end)

  it("draws with characters that the language has", function()
    local server <close> = testing.server({ ca = ca })
    local line = command.line("connect", "localhost:" .. server.port, "--cafile", cafile,
      "--report")
    assert.matches("└─ localhost", command.shell("LC_ALL=C.UTF-8 " .. line), 1, true)
    assert.matches("`- localhost", command.shell("LC_ALL=C " .. line), 1, true)
  end)
end)

describe("What lua-ssl connect reads and writes", function()
  local ca, cafile, folder

  before_each(function() ca, cafile, folder = command.authority() end)
  after_each(function() ca, folder = nil, nil end)

  local function line(server, ...)
    return command.line("connect", "localhost:" .. server.port, "--cafile", cafile, "--quiet", ...)
  end

  it("goes both ways at once, whole", function()
    local server <close> = testing.server({ ca = ca })
    local bytes = ssl.RAND_bytes(3000000)
    local path = folder:write({ bytes = bytes }).bytes
    local out, err, status = command.shell(line(server, "--half-close") .. " < " .. path)
    assert.same({ "", 0 }, { err, status })
    assert.is_true(out == bytes)
    out, err, status = command.shell(("cat %s | %s"):format(path, line(server, "--half-close")))
    assert.same({ "", 0 }, { err, status })
    assert.is_true(out == bytes)
  end)

  it("ends at once where there is no input, and with the server where there was some", function()
    local server <close> = testing.server({ ca = ca, handler = function(conn)
      local said = conn:recv(100)
      if said then conn:sendall("answer to " .. said) end
    end })
    assert.same({ "", "", 0 }, { command.shell(line(server) .. " < /dev/null") })
    assert.same({ "answer to x", "", 0 }, { command.shell("printf x | " .. line(server)) })
  end)

  it("gives each part as soon as it comes", function()
    local server <close> = testing.server({ ca = ca })
    -- the second word is sent only once the first has come back
    local pipe = folder.path .. "/pipe"
    assert(os.execute("mkfifo " .. pipe))
    local out, err, status = command.shell(([[
      { printf 'one\n'; read line < %s; printf 'got %%s\n' "$line"; } | %s |
      { read line; echo "$line"; echo "$line" > %s; cat; } ]]):format(pipe,
      line(server, "--half-close"), pipe))
    os.remove(pipe)
    assert.same({ "one\ngot one\n", "", 0 }, { out, err, status })
  end)

  it("costs nothing while nothing happens", function()
    local server <close> = testing.server({ ca = ca })
    -- how often it looks whether something has happened, while the input stays open
    local program = [[
      local _ssl = require "_ssl"
      local poll, looks = _ssl._poll, 0
      _ssl._poll = function(...)
        looks = looks + 1
        return poll(...)
      end
      local words = { "connect", "localhost:%d", "--cafile", "%s", "--quiet", "--half-close" }
      require("ssl.command.main").main(words)
      io.stderr:write(looks) ]]
    local out, looks, status = command.shell(("{ printf x; sleep 0.3; } | %s -e %s"):format(
      process.quoted(process.lua), process.quoted(program:format(server.port, cafile))))
    assert.same({ "x", 0 }, { out, status })
    assert.is_true(tonumber(looks) > 1 and tonumber(looks) < 50, looks)
  end)

  it("ends quietly where nobody reads any more", function()
    local server <close> = testing.server({ ca = ca, handler = function(conn)
      while true do conn:sendall(("x"):rep(999) .. "\n") end
    end })
    local out, err, status = command.shell(("{ printf x | { %s; echo $? >&2; }; } | head -c 5")
      :format(line(server)))
    assert.same({ "xxxxx", "141\n", 0 }, { out, err, status })
  end)

  it("may be cut short, and that is said", function()
    local server <close> = testing.server({ ca = ca, ragged = true,
      handler = function(conn)
        conn:recv(100)
        conn:sendall("part")
      end })
    local out, err, status = command.shell("printf x | " .. line(server))
    assert.same({ "part", 1 }, { out, status })
    assert.matches("ended the connection without TLS's closing alert: something may be missing",
      err, 1, true)
  end)
end)
