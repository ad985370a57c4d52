-- LuaSec's certificates of any shape: what is in them neither ends nor changes what they
-- say, and what cannot be told is left out.

local ssl = require "ssl"
local testing = require "ssl.testing"
local der = require "support.der"
local system = require "support.system"

local general = der.general

local function load(fields)
  return assert(ssl.loadcertificate(der.pem(der.certificate(fields))))
end

local function names(...)
  return load({ extensions = { der.altnames(...) } }):extensions()["2.5.29.17"]
end

describe("A LuaSec certificate", function()
  it("tells each kind of other name, and leaves those out that LuaSec does", function()
    assert.same({
      name = "X509v3 Subject Alternative Name", dNSName = { "a.test", "b.test" },
      rfc822Name = { "a@b.test" }, uniformResourceIdentifier = { "http://a.test/" },
      iPAddress = { "127.0.0.1", "2001:db8::1" },
      ["1.3.6.1.5.5.7.8.5"] = { name = "XmppAddr", "one@a.test", "two@a.test" },
    }, names(general.dns("a.test"), general.email("a@b.test"), general.uri("http://a.test/"),
      general.ip("\127\0\0\1"), general.ip("\x20\x01\x0d\xb8" .. ("\0"):rep(11) .. "\1"),
      general.dns("b.test"), general.other("1.3.6.1.5.5.7.8.5", der.utf8("one@a.test")),
      general.other("1.3.6.1.5.5.7.8.5", der.utf8("two@a.test")), general.rid("1.2.3.4"),
      general.directory(der.cn("x")), general.ediparty("x"), general.ip("\1\2\3\4\5")))
  end)

  it("takes no other type of a name of another kind for text", function()
    for _, value in ipairs({ der.integer(5), der.boolean(true), der.null(), der.sequence(),
        der.oid("1.2.3"), der.bits("x") }) do
      local found = names(general.other("1.2.3.4", value))["1.2.3.4"]
      assert.same({ name = "1.2.3.4" }, found)
    end
  end)

  it("gives bytes with a NUL whole", function()
    local found = names(general.dns("good.test\0.evil.test"), general.email("\0"))
    assert.same({ "good.test\0.evil.test" }, found.dNSName)
    assert.same({ "\0" }, found.rfc822Name)
    local cert = load({ subject = der.cn("good.test\0.evil.test") })
    assert.equal("good.test\0.evil.test", cert:subject()[1].value)
  end)

  it("has no names where the extension cannot be read", function()
    for _, content in ipairs({ "", "junk", der.sequence("junk"), der.integer(1) }) do
      assert.same({}, load({ extensions = { der.extension("altnames", content) } }):extensions())
    end
    assert.same({}, load():extensions())
  end)

  it("reads every extension of other names, where there are two", function()
    local cert = load({ extensions = { der.altnames(general.dns("one.test")),
      der.altnames(general.dns("two.test")) } })
    assert.same({ "one.test", "two.test" }, cert:extensions()["2.5.29.17"].dNSName)
  end)

  it("gives texts as they are, or in UTF-8", function()
    local cert = load({ subject = der.name({ { { "O", der.bmp("\0L\0u\0a") } },
      { { "CN", der.t61("caf\xe9") } }, { { "L", der.utf8("Curitiba") } } }) })
    local function values()
      local list = {}
      for i, part in ipairs(cert:subject()) do list[i] = part.value end
      return list
    end
    assert.same({ "\0L\0u\0a", "caf\xe9", "Curitiba" }, values())
    assert.is_true(cert:setencode("utf8"))
    assert.same({ "Lua", "caf\u{e9}", "Curitiba" }, values())
    assert.is_false(cert:setencode("latin1"))
    assert.same({ "Lua", "caf\u{e9}", "Curitiba" }, values())
    cert:setencode("ai5")
    assert.equal("\0L\0u\0a", values()[1])
  end)

  it("tells numbers and times of any size", function()
    local largest = "\x7f" .. ("\xff"):rep(19)
    for bytes, expected in pairs({ ["\0"] = "0", ["\1"] = "01", [largest] = "7F" .. ("FF"):rep(19),
        ["\xff"] = "-01" }) do
      assert.equal(expected, load({ serial = bytes }):serial())
    end
    local cert = load({ notbefore = der.utctime("500101000000Z"),
      notafter = der.generalizedtime("99991231235959Z") })
    assert.matches("1950 GMT$", cert:notbefore())
    assert.matches("9999 GMT$", cert:notafter())
    assert.is_true(cert:validat(0))
    if not system.windows then  -- whose C library has no times before 1970
      assert.is_true(cert:validat(-600000000))
      assert.is_false(cert:validat(-700000000))
    end
  end)

  it("is valid from its first second to its last", function()
    local from = os.time({ year = 2020, month = 1, day = 1, hour = 12 })
    local ca = testing.CA({ not_before = from, not_after = from + 10 })
    local cert = ssl.loadcertificate(ca.cert.pem)
    assert.same({ false, true, true, false }, { cert:validat(from - 1), cert:validat(from),
      cert:validat(from + 10), cert:validat(from + 11) })
  end)

  it("tells who issued it, with those between given or not", function()
    local root = testing.CA()
    local middle = root:create_child_ca()
    local leaf = middle:issue("localhost")
    local function of(identity) return ssl.loadcertificate(identity.cert.pem) end
    assert.is_true(of(root):issued(of(middle)))
    assert.is_true(of(root):issued(of(leaf), of(middle)))
    for _, arguments in ipairs({ { of(leaf) }, { of(leaf), of(root) } }) do
      local ok, text = of(root):issued(table.unpack(arguments))
      assert.is_nil(ok)
      assert.is_string(text)
    end
    assert.is_nil((of(testing.CA()):issued(of(middle))))
    for _, wrong in ipairs({ 5, "x", {}, io.stdout }) do
      assert.has_error(function() of(root):issued(wrong) end)
      assert.has_error(function() of(root):issued(of(leaf), wrong) end)
      assert.has_error(function() of(root).pem(wrong) end)
    end
  end)

  it("names keys of every kind", function()
    for kind, expected in pairs({ ["P-256"] = "EC", RSA = "RSA", Ed25519 = "ED25519" }) do
      local cert = ssl.loadcertificate(testing.CA({ key_type = kind }).cert.pem)
      local pem, name, bits = cert:pubkey()
      assert.matches("^%-%-%-%-%-BEGIN PUBLIC KEY", pem)
      assert.equal(expected, name)
      assert.is_true(bits > 200)
    end
  end)

  it("is read from PEM alone, and from nothing longer than it", function()
    local pem = testing.CA().cert.pem
    assert.equal(pem, ssl.loadcertificate("before\n" .. pem .. "after\n"):pem())
    for _, wrong in ipairs({ "", "x", pem:sub(1, -40), (pem:gsub("CERTIFICATE", "KEY")),
        testing.CA().cert.der }) do
      assert.is_nil(ssl.loadcertificate(wrong))
    end
    for _, wrong in ipairs({ {}, true }) do
      assert.has_error(function() ssl.loadcertificate(wrong) end)
    end
  end)

  it("may be held by a to-be-closed variable", function()
    local cert = ssl.loadcertificate(testing.CA().cert.pem)
    do local held <close> = cert end  -- luacheck: ignore
    assert.is_string(cert:serial())
    assert.matches("^X509 certificate: ", tostring(cert))
  end)
end)
