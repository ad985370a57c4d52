local command = require "support.command"
local files = require "ssl.testing.files"
local input = require "ssl.command.input"
local objects = require "ssl.command.objects"
local process = require "support.process"
local ssl = require "ssl"
local testing = require "ssl.testing"

-- What `show --json` says of some bytes, read from standard input.
local function shown(bytes, ...)
  local out, err, status = command.feed(bytes, "show", "--json", "-", ...)
  assert.equal("", err)
  return command.decode(out), status
end

local ca = testing.CA({ organization = "A, B", crl = "http://ca.test/list" })

describe("lua-ssl show", function()
  it("shows a certificate as OpenSSL does, in PEM and in DER", function()
    local leaf = ca:issue("localhost", "127.0.0.1", "2001:db8::1:0:0:1", "::", "me@example.test", {
      key_type = "RSA-2048", ocsp = "http://ca.test/ocsp", must_staple = true, serial = 0x1234,
      extensions = { { oid = "1.2.3.4", value = "\5\0" } },
    })
    for _, bytes in ipairs({ leaf.cert.pem, leaf.cert.der, "text\r\n"
      .. leaf.cert.pem:gsub("\n", "\r\n") }) do
      local found, status = shown(bytes)
      local cert, decoded = found[1], ssl.decode_certificate(leaf.cert.der)
      assert.equal(0, status)
      assert.equal(1, #found)
      assert.equal(decoded.serialNumber, cert.serial)
      assert.equal(ssl.cert_time_to_seconds(decoded.notBefore), cert.not_before)
      assert.equal(ssl.cert_time_to_seconds(decoded.notAfter), cert.not_after)
      assert.equal("O=A\\, B, " .. "CN=" .. decoded.issuer[2][1][2], cert.issuer)
      assert.same({ kind = "RSA", bits = 2048 }, cert.key)
      assert.same({ "serverAuth", "clientAuth" }, cert.purposes)
      assert.same({ "digitalSignature", "keyEncipherment" }, cert.usages)
      assert.same({ { "DNS", "localhost" }, { "IP", "127.0.0.1" }, { "IP", "2001:db8::1:0:0:1" },
        { "IP", "::" }, { "email", "me@example.test" } }, cert.names)
      assert.same({ true, { "http://ca.test/ocsp" }, { "1.2.3.4" } },
        { cert.must_staple, cert.ocsp, cert.others })
      local print_ = process.run({ "openssl", "x509", "-noout", "-fingerprint", "-sha256" },
        leaf.cert.pem)
      assert.equal(print_:match("=(%S+)"):gsub(":", ""):lower(), cert.sha256)
    end
  end)

  it("shows requests and revocation lists", function()
    local request = process.run({ "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
      "ec_paramgen_curve:P-384", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=Zürich",
      "-utf8", "-addext", "subjectAltName=DNS:a.test,IP:::1" })
    local found = shown(request:match("%-%-%-%-%-BEGIN.*"))[1]
    assert.equal("certificate request", found.type)
    assert.equal("CN=Zürich", found.subject)
    assert.same({ kind = "EC", curve = "secp384r1", bits = 384 }, found.key)
    assert.same({ { "DNS", "a.test" }, { "IP", "::1" } }, found.names)
    local own = testing.CA()
    local leaf = own:issue("x.test")
    own:revoke(leaf, "keyCompromise")
    for _, bytes in ipairs({ own:crl({ number = 77 }).pem, own:crl({ number = 77 }).der }) do
      local list = shown(bytes)[1]
      assert.equal("revocation list", list.type)
      assert.same({ 1, "4D", "keyCompromise" }, { list.count, list.number, list.revoked[1].reason })
      assert.equal(ssl.decode_certificate(leaf.cert.der).serialNumber, list.revoked[1].serial)
      assert.equal(7 * 86400 + 3600, list.next_update - list.this_update)
    end
  end)

  it("shows the kind of a private key, and nothing that is secret", function()
    for kind, expected in pairs({
      ["RSA-2048"] = { kind = "RSA", bits = 2048 }, Ed25519 = { kind = "Ed25519" },
      ["P-521"] = { kind = "EC", curve = "secp521r1", bits = 521 },
    }) do
      local key = testing.CA({ key_type = kind }).key
      for _, bytes in ipairs({ key.pem, key.der }) do
        local out = command.feed(bytes, "show", "--json", "-")
        local found = command.decode(out)[1]
        assert.same({ type = "private key", key = expected, file = "-" }, found)
      end
      local public = process.run({ "openssl", "pkey", "-pubout" }, key.pem)
      assert.same({ "public key", expected }, { shown(public)[1].type, shown(public)[1].key })
      assert.equal("encrypted private key", shown(key:encrypted("secret"))[1].type)
    end
    local rsa = testing.CA({ key_type = "RSA-2048" }).key.pem
    local old = process.run({ "openssl", "rsa", "-traditional" }, rsa):match("%-%-%-%-%-BEGIN.*")
    assert.same({ kind = "RSA", bits = 2048 }, shown(old)[1].key)
    local locked = process.run({ "openssl", "rsa", "-traditional", "-aes256", "-passout",
      "pass:x" }, rsa):match("%-%-%-%-%-BEGIN.*")
    assert.equal("AES-256-CBC", shown(locked)[1].encryption)
    local ec = process.run({ "openssl", "ecparam", "-name", "secp384r1", "-genkey", "-noout" })
    assert.same({ kind = "EC", curve = "secp384r1", bits = 384 }, shown(ec)[1].key)
  end)

  it("opens PKCS #12 files with their password", function()
    local folder <close> = files.folder()
    local leaf = ca:issue("p12.test")
    local paths = folder:write({ p12 = leaf:pkcs12("secret"), password = "secret\n",
      wrong = "no\n" })
    local out, err, status, _
    out, err, status = command.run("show", "--json", paths.p12, "--password-file",
      paths.password)
    assert.same({ "", 0 }, { err, status })
    local found = command.decode(out)[1]
    assert.equal("PKCS #12", found.type)
    assert.same({ { "DNS", "p12.test" } }, found.contents[1].names)
    assert.equal("private key", found.contents[2].type)
    out, _, status = command.run("show", paths.p12)
    assert.equal(1, status)
    assert.matches("give its password by --password-file", out, 1, true)
    out, _, status = command.run("show", paths.p12, "--password-file", paths.wrong)
    assert.equal(1, status)
    assert.matches("password", out, 1, true)
    assert.is_nil(out:find("secret", 1, true))
  end)

  it("shows sessions without their secrets", function()
    local server <close> = testing.server()
    local conn <close> = server:connect()
    conn:sendall("x")
    conn:recv(1)
    local bytes = conn.session:to_bytes()
    local found = shown(bytes)[1]
    assert.equal("session", found.type)
    assert.same({ "TLSv1.3", true, conn.session.time },
      { found.version, found.has_ticket, found.time })
    for name in pairs(found) do
      assert.is_true(({ type = 1, version = 1, cipher = 1, id = 1, time = 1, timeout = 1,
        has_ticket = 1, ticket_lifetime_hint = 1, file = 1 })[name] == 1, name)
    end
  end)

  it("shows all that is in a file, and says what it cannot read", function()
    local leaf = ca:issue("a.test")
    local out, err, status, _
    out, err, status = command.feed(leaf.cert.pem .. "-----BEGIN CERTIFICATE-----\nAAAA\n"
      .. "-----END CERTIFICATE-----\n" .. leaf.key.pem, "show", "-", "/nowhere")
    assert.same({ "", 1 }, { err, status })
    assert.matches("standard input: certificate, 1 of 3", out, 1, true)
    assert.matches("standard input: CERTIFICATE, 2 of 3\n  problem     the data are damaged", out,
      1, true)
    assert.matches("standard input: private key, 3 of 3", out, 1, true)
    assert.matches("cannot read '/nowhere': No such file or directory", out, 1, true)
    for text, problem in pairs({ [""] = "neither PEM nor DER", ["0\3abc"] = "neither PEM nor DER",
      ["-----BEGIN X-----\n"] = "the line with END is missing" }) do
      out, _, status = command.feed(text, "show", "-")
      assert.equal(1, status)
      assert.matches(problem, out, 1, true)
    end
  end)

  it("says what OpenSSL refuses, and shows it nevertheless", function()
    local der = ca:issue({ common_name = "good?", names = { { "dns", "a.test" } } }).cert.der
    local found, status = shown((der:gsub("good%?", "good\xFF")))  -- no UTF-8 any more
    assert.equal(1, status)
    assert.is_false((pcall(ssl.decode_certificate, (der:gsub("good%?", "good\xFF")))))
    assert.matches("good\u{FFFD}", found[1].subject, 1, true)
    assert.is_string(found[1].refused)
    assert.same({ { "DNS", "a.test" } }, found[1].names)
  end)

  it("lets no control character of a certificate reach the terminal", function()
    local cert = ca:issue({ common_name = "evil\27[2J\nissuer      fine",
      names = { { "dns", "a\27]0;t\7.test" }, { "email", "\u{202E}x@y.test" } } }).cert
    local out = command.feed(cert.pem, "show", "-")
    assert.is_nil(out:gsub("\n", ""):find("[%c\127]"))
    assert.is_nil(out:find("\u{202E}", 1, true))
    assert.matches("CN=evil\\x1B[2J\\x0Aissuer      fine", out, 1, true)
    local json = command.feed(cert.pem, "show", "--json", "-")
    assert.is_nil(json:find("[^\n\x20-\x7E]"))
    assert.matches("evil\27[2J\nissuer", command.decode(json)[1].subject, 1, true)
  end)

  it("has colours for people only", function()
    local pem = ca.cert.pem
    assert.is_nil(command.feed(pem, "show", "-"):find("\27", 1, true))
    assert.matches("\27[1m", command.feed(pem, "show", "--colour=always", "-"), 1, true)
  end)

  it("has colours on a terminal, unless the environment or an option says no", function()
    local folder <close> = files.folder()
    local path = folder:write({ cert = ca.cert.pem }).cert
    local function on_terminal(environment, ...)
      return (process.run(command.on_terminal(pending, process.lua, "bin/lua-ssl", "show", path,
        ...), "",
        environment))
    end
    assert.matches("\27[1m", on_terminal("NO_COLOR= TERM=xterm"), 1, true)
    for _, case in ipairs({ { "NO_COLOR=1 TERM=xterm" }, { "NO_COLOR= TERM=dumb" },
      { "NO_COLOR= TERM=xterm", "--color=never" } }) do
      local text = on_terminal(table.unpack(case))
      assert.matches("certificate", text, 1, true)
      assert.is_nil(text:find("\27", 1, true))
    end
  end)

  it("ends quietly where nobody reads", function()
    local folder <close> = files.folder()
    local path = folder:write({ many = ca.cert.pem:rep(300) }).many
    local out, err, status = command.shell(("{ %s; echo $? >&2; } | head -n 1"):format(
      command.line("show", path)))
    assert.same({ path .. ": certificate, 1 of 300\n", "141\n", 0 }, { out, err, status })
  end)

  it("survives damaged data of every kind", function()
    local own = testing.CA()
    own:revoke(own:issue("x.test"), "superseded")
    local samples = { ca:issue("a.test", "::1", { must_staple = true }).cert.der, own:crl().der,
      ca.key.der, testing.CA({ key_type = "RSA-2048" }).key.der }
    math.randomseed(7)
    local readers = { objects.certificate, objects.crl, objects.request, objects.private_key,
      objects.rsa_key, objects.ec_key, objects.public_key, objects.encrypted_key, objects.session }
    for _, sample in ipairs(samples) do
      for round = 1, 100 do
        local at = math.random(#sample)
        local bad = round % 3 == 0 and sample:sub(1, at)
          or sample:sub(1, at - 1) .. string.char(math.random(0, 255)) .. sample:sub(at + 1)
        for _, found in ipairs(input.objects(bad)) do assert.is_string(found.type) end
        for _, reader in ipairs(readers) do pcall(reader, bad) end
      end
    end
  end)
end)
