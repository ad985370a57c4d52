local _ssl = require "_ssl"
local testing = require "ssl.testing"
local raises = require "support.errors".raises
local run = require "support.process".shell
local system = require "support.system"

local function verify(identity, flags)
  local files <close> = identity:files()
  return run("openssl verify -x509_strict %s -CAfile %s -untrusted %s %s", flags or "",
    files.ca, files.chain, files.cert)
end

-- `openssl x509` about a certificate.
local function describe_cert(cert, what)
  local folder <close> = require("ssl.testing.files").folder()
  return (run("openssl x509 -noout -nameopt utf8 %s -in %s", what,
    folder:write({ ["x.pem"] = cert.pem })["x.pem"]))
end

describe("A certificate of ssl.testing.CA", function()
  it("passes openssl's strict verification for each kind of name", function()
    local leaf = testing.CA():issue("localhost", "127.0.0.1", "::1", "*.example.test",
      "user@example.test", "https://example.test/x")
    for _, check in ipairs({
      "-verify_hostname localhost", "-verify_ip 127.0.0.1", "-verify_ip ::1",
      "-verify_hostname www.example.test", "-verify_email user@example.test",
    }) do
      local out, ok = verify(leaf, check)
      assert.is_true(ok, check .. ": " .. out)
    end
    local out, ok = verify(leaf, "-verify_hostname other.test")
    assert.is_nil(ok, out)
  end)

  it("has A-labels for names that are not ASCII", function()
    if not system.idn then return pending("no libidn2 here") end
    local leaf = testing.CA():issue("bücher.test", "*.кто.test")
    local out = describe_cert(leaf.cert, "-ext subjectAltName")
    assert.matches("DNS:xn--bcher-kva.test, DNS:*.xn--j1ail.test", out, 1, true)
    assert.is_true(select(2, verify(leaf, "-verify_hostname xn--bcher-kva.test")))
  end)

  it("is strict enough with every type of key", function()
    for _, kind in ipairs({ "P-384", "P-521", "RSA", "Ed25519", "Ed448" }) do
      local ca = testing.CA({ key_type = kind })
      local out, ok = verify(ca:issue("localhost", { key_type = kind }))
      assert.is_true(ok, kind .. ": " .. out)
    end
  end)

  it("can carry a thousand names", function()
    local names = {}
    for i = 1, 1000 do
      names[i] = ("host%d.example.test"):format(i)
    end
    local leaf = testing.CA():issue(table.unpack(names))
    local out, ok = verify(leaf, "-verify_hostname host1000.example.test")
    assert.is_true(ok, out)
  end)

  it("verifies through a chain of three authorities", function()
    local root = testing.CA({ path_length = 2 })
    local middle = root:create_child_ca({ path_length = 1 })
    local leaf = middle:create_child_ca({ path_length = 0 }):issue("localhost")
    assert.equal(3, select(2, leaf.chain.pem:gsub("BEGIN CERTIFICATE", "")))
    local out, ok = verify(leaf)
    assert.is_true(ok, out)
  end)

  it("is held to the name constraints of its authority", function()
    local ca = testing.CA({ name_constraints = {
      permitted = { "example.test", "10.0.0.0/8", "2001:db8::/33" },
      excluded = { "no.example.test" },
    } })
    local function good(...)
      return (select(2, verify(ca:issue(...))))
    end
    assert.is_true(good("www.example.test", "10.1.2.3", "2001:db8::1"))
    assert.is_nil(good("www.no.example.test"))
    assert.is_nil(good("example.org"))
    assert.is_nil(good("11.1.2.3"))
    assert.is_nil(good("2001:db8:8000::1"))
  end)

  it("has a critical subjectAltName when its subject is empty", function()
    local leaf = testing.CA():issue("localhost", { subject = {} })
    assert.matches("critical", describe_cert(leaf.cert, "-ext subjectAltName"))
    assert.is_true(select(2, verify(leaf)))
  end)

  it("writes dates as UTCTime until 2049 and as GeneralizedTime from 2050", function()
    local before, after = 2524607999, 2524608000  -- around 2050-01-01
    local cert = testing.CA():issue("x.test", { not_before = before, not_after = after }).cert
    local found = cert.der:find("\x17\x0D491231235959Z\x18\x0F20500101000000Z", 1, true)
    assert.is_number(found)
  end)

  it("has the serial, subject and usages asked for", function()
    local leaf = testing.CA():issue("x.test", {
      serial = 0x1234, organization = "Größe", common_name = "x.test",
      extended_key_usage = { "clientAuth" }, key_usage = { "keyAgreement" },
    })
    local out = describe_cert(leaf.cert, "-serial -subject -ext keyUsage,extendedKeyUsage")
    assert.matches("serial=1234", out, 1, true)
    assert.matches("Größe", out, 1, true)
    assert.matches("Key Agreement", out, 1, true)
    assert.matches("TLS Web Client Authentication\n", out, 1, true)
    assert.is_nil(out:find("Server", 1, true))
  end)

  it("has a random positive serial of 16 bytes by default", function()
    local ca, seen = testing.CA(), {}
    for _ = 1, 50 do
      local serial = describe_cert(ca:issue("x.test").cert, "-serial"):match("serial=(%x+)")
      assert.equal(32, #serial)
      assert.matches("^[4-7]", serial)
      assert.is_nil(seen[serial])
      seen[serial] = true
    end
  end)

  it("carries must-staple, URLs and extensions of one's own", function()
    local leaf = testing.CA():issue("x.test", {
      must_staple = true, ocsp = "http://ocsp.test/", ca_issuers = "http://ca.test/",
      crl = "http://crl.test/", extensions = { { oid = "1.2.3.4", value = "\x05\0" } },
    })
    local out = describe_cert(leaf.cert, "-text")
    for _, text in ipairs({ "status_request", "OCSP - URI:http://ocsp.test/",
      "CA Issuers - URI:http://ca.test/", "URI:http://crl.test/", "1.2.3.4" }) do
      assert.matches(text, out, 1, true)
    end
    assert.is_true(select(2, verify(leaf)))
  end)

  it("costs well under a millisecond", function()
    local ca, best = testing.CA(), math.huge
    for _ = 1, 10 do
      local start = os.clock()
      for _ = 1, 100 do
        ca:issue("localhost")
      end
      best = math.min(best, (os.clock() - start) / 100)
    end
    local limit = os.getenv("LSSL_SLOW") and 1 or 0.0008
    assert.is_true(best < limit, ("%.0f microseconds each"):format(best * 1e6))
  end)
end)

describe("The forms of an identity", function()
  local leaf = testing.CA():create_child_ca():issue("localhost")

  it("are PEM, DER and PKCS #12, and an encrypted key", function()
    local files <close> = require("ssl.testing.files").folder()
    local paths = files:write({
      ["cert.der"] = leaf.cert.der, ["key.der"] = leaf.key.der,
      ["enc.pem"] = leaf.key:encrypted("secret"), ["p12"] = leaf:pkcs12("secret"),
    })
    local fingerprint = describe_cert(leaf.cert, "-pubkey")
    for _, command in ipairs({
      "openssl x509 -inform DER -in %s -noout -pubkey", "openssl pkey -inform DER -in %s -pubout",
      "openssl pkey -in %s -passin pass:secret -pubout",
    }) do
      local name = command:find("x509") and "cert.der" or command:find("pass") and "enc.pem"
        or "key.der"
      assert.equal(fingerprint, (run(command, paths[name])))
    end
    local out, ok = run("openssl pkcs12 -in %s -passin pass:secret -nodes", paths.p12)
    assert.is_true(ok, out)
    assert.equal(3, select(2, out:gsub("BEGIN CERTIFICATE", "")))
    assert.equal(1, select(2, out:gsub("BEGIN PRIVATE KEY", "")))
    assert.is_nil(select(2, run("openssl pkey -in %s -passin pass:wrong", paths["enc.pem"])))
  end)

  it("are written to a folder that is made for them, the key for its owner alone", function()
    local parent <close> = require("ssl.testing.files").folder()
    local folder = parent.path .. "/certs"
    for _ = 1, 2 do  -- and once more over what is there
      local paths = leaf:write(folder)
      assert.equal(folder .. "/key.pem", paths.key)
      assert.equal("600\n", (run("stat -c %%a %s", paths.key)))
      local file = assert(io.open(paths.chain))
      assert.equal(leaf.chain.pem, file:read("a"))
      file:close()
    end
    for _, name in ipairs({ "cert", "key", "chain", "ca" }) do
      assert(os.remove(folder .. "/" .. name .. ".pem"))
    end
    assert(os.remove(folder))
  end)

  it("vanish with the test when they were temporary files", function()
    local folder
    do
      local files <close> = leaf:files()
      folder = files.folder
      assert.is_true(os.rename(folder, folder))
      files:close()
    end
    assert.is_nil(os.rename(folder, folder))
  end)

  local left
  it("may be left to the end of the test ...", function()
    left = leaf:files().folder
    assert.is_true(os.rename(left, left))
  end)

  it("... which removed them", function()
    assert.is_nil(os.rename(left, left))
  end)

  it("tell when a file cannot be written", function()
    local err = raises(_ssl.OSError, leaf.write, leaf, "/proc/nowhere")
    assert.equal("/proc/nowhere", err.filename)
  end)
end)

describe("ssl.testing.CA", function()
  it("refuses options it does not know, and values of a wrong type", function()
    local ca = testing.CA()
    assert.error_matches(function() testing.CA({ keytype = "RSA" }) end,
      "bad options for 'CA' %(unexpected keyword argument 'keytype'%)")
    assert.error_matches(function() ca:issue("x", { digest = 1 }) end,
      "bad value for 'digest' %(string expected, got number%)")
    assert.error_matches(function() ca:issue(1) end,
      "bad argument #1 to 'issue' %(string expected, got number%)")
  end)

  it("refuses names and values that cannot be", function()
    local ca = testing.CA()
    for _, case in ipairs({
      { "" }, { "a\0b" }, { "x", { key_type = "P-1" } }, { "x", { digest = "none" } },
      { "x", { serial = "xyz" } }, { "x", { key_usage = { "nothing" } } },
      { "x", { not_after = "tomorrow" } }, { "x", { extended_key_usage = { "nothing" } } },
    }) do
      raises(_ssl.ValueError, ca.issue, ca, table.unpack(case))
    end
  end)

  it("is made anew from the files it wrote", function()
    local ca = testing.CA()
    local again = testing.load_ca(ca.cert.der, ca.key.pem)
    local leaf = again:issue("localhost")
    assert.is_true(select(2, verify(leaf)))
    raises(_ssl.ValueError, testing.load_ca, ca.cert.pem, testing.CA().key.pem)
    raises(_ssl.SSLError, testing.load_ca, "nothing", "nothing")
  end)
end)

describe("What an authority revokes", function()
  it("stands in its revocation list, with the reason", function()
    local ca = testing.CA()
    local bad, good = ca:issue("bad.test"), ca:issue("good.test")
    ca:revoke(bad, "keyCompromise")
    local list <close> = require("ssl.testing.files").folder()
    local path = list:write({ ["crl.pem"] = ca:crl().pem })["crl.pem"]
    local flags = "-crl_check -CRLfile " .. path
    local out, ok = verify(bad, flags)
    assert.is_nil(ok)
    assert.matches("certificate revoked", out)
    out, ok = verify(good, flags)
    assert.is_true(ok, out)
    assert.matches("Key Compromise", (run("openssl crl -noout -text -in %s", path)))
  end)

  it("is told by OCSP responses, good and unknown too", function()
    local ca = testing.CA()
    local bad, good = ca:issue("bad.test"), ca:issue("good.test")
    ca:revoke(bad, "superseded")
    local folder <close> = require("ssl.testing.files").folder()
    local function status(who, options)
      local paths = folder:write({
        ["r"] = ca:ocsp(who, options), ["ca"] = ca.cert.pem, ["cert"] = who.cert.pem,
      })
      return (run("openssl ocsp -respin %s -issuer %s -cert %s -CAfile %s", paths.r, paths.ca,
        paths.cert, paths.ca))
    end
    assert.matches("verify OK.*cert: revoked.*superseded", status(bad))
    assert.matches("verify OK.*cert: good", status(good))
    assert.matches("cert: unknown", status(good, { status = "unknown" }))
    assert.matches("cert: revoked", status(good, { status = "revoked" }))
  end)
end)
