local ssl = require "_ssl"
local testing = require "ssl.testing"
local der = require "support.der"
local errors = require "support.errors"

local raised, raises = errors.raised, errors.raises

local general = der.general

-- The names of a certificate that has these general names.
local function altnames(...)
  local cert = der.certificate { extensions = { der.altnames(...) } }
  return ssl.decode_certificate(cert).subjectAltName
end

local function subject(...)
  return ssl.decode_certificate(der.certificate { subject = der.name { ... } }).subject
end

local function dates(notbefore, notafter)
  local cert = ssl.decode_certificate(
    der.certificate { notbefore = notbefore, notafter = notafter or notbefore })
  return cert.notBefore, cert.notAfter
end

local function serial(value)
  return ssl.decode_certificate(der.certificate { serial = value }).serialNumber
end

local function valueerror(message, f, ...)
  local err = raises(ssl.ValueError, f, ...)
  assert.equal(message, err.message)
end

describe("txt2obj", function()
  it("finds an object by its number", function()
    assert.same({ 129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1" },
      { ssl.txt2obj("1.3.6.1.5.5.7.3.1") })
    assert.same({ 13, "CN", "commonName", "2.5.4.3" }, { ssl.txt2obj("2.5.4.3") })
  end)

  it("takes a name only where it is told to", function()
    valueerror("unknown object 'serverAuth'", ssl.txt2obj, "serverAuth")
    assert.equal(129, (ssl.txt2obj("serverAuth", true)))
    assert.equal(129, (ssl.txt2obj("TLS Web Server Authentication", { name = true })))
    assert.equal(1, (ssl.txt2obj("1.2.840.113549", true)))
  end)

  it("refuses what OpenSSL has no number for", function()
    valueerror("unknown object 'nonsense'", ssl.txt2obj, "nonsense", true)
    valueerror("unknown object ''", ssl.txt2obj, "")
    valueerror("unknown object '0'", ssl.txt2obj, "0")
    valueerror("Unknown object", ssl.txt2obj, "1.2.3.4.5")
    valueerror("Unknown object", ssl.txt2obj, "2.999.1")
    valueerror("unknown object 'UNDEF'", ssl.txt2obj, "UNDEF", true)
  end)

  it("does not cut its text at a NUL", function()
    valueerror("embedded null byte", ssl.txt2obj, "2.5.4.3\0.9")
  end)

  it("takes no number for a string", function()
    assert.matches("bad argument #1 to 'txt2obj' %(string expected, got number%)",
      raised(ssl.txt2obj, 2.5))
  end)
end)

describe("nid2obj", function()
  it("finds an object by OpenSSL's number of it", function()
    assert.same({ 130, "clientAuth", "TLS Web Client Authentication", "1.3.6.1.5.5.7.3.2" },
      { ssl.nid2obj(130) })
  end)

  it("refuses what is no object's number", function()
    valueerror("Unknown object", ssl.nid2obj, 0)
    valueerror("NID must be positive.", ssl.nid2obj, -1)
    valueerror("unknown NID 1234567", ssl.nid2obj, 1234567)
    valueerror("unknown NID 1099511627776", ssl.nid2obj, 1 << 40)
    assert.matches("number has no integer representation", raised(ssl.nid2obj, 1.5))
  end)
end)

describe("A name", function()
  it("has one entry for each RDN, however many values that has", function()
    assert.same({ { { "countryName", "XY" } },
                  { { "organizationName", "a" }, { "commonName", "b" }, { "userId", "c" } },
                  { { "commonName", "d" } } },
      subject({ { "C", der.printable("XY") } },
              { { "O", der.utf8("a") }, { "CN", der.utf8("b") },
                { "0.9.2342.19200300.100.1.1", der.utf8("c") } },
              { { "CN", der.utf8("d") } }))
  end)

  it("may be empty", function()
    assert.same({}, subject())
  end)

  it("comes in UTF-8 from every kind of string", function()
    assert.same({ { { "commonName", "Käse" } } }, subject({ { "CN", der.utf8("Käse") } }))
    assert.same({ { { "commonName", "Käse" } } }, subject({ { "CN", der.bmp("\0K\0\xe4\0s\0e") } }))
    for _, latin1 in ipairs({ der.t61, der.printable, der.ia5 }) do
      assert.same({ { { "commonName", "Käse" } } }, subject({ { "CN", latin1("K\xe4se") } }))
    end
    assert.same({ { { "commonName", "\u{1f9c0}" } } },
      subject({ { "CN", der.universal("\0\x01\xf9\xc0") } }))
    assert.same({ { { "commonName", "*.x" } } }, subject({ { "CN", der.ia5("*.x") } }))
    assert.same({ { { "commonName", "" } } }, subject({ { "CN", der.utf8("") } }))
  end)

  it("is not ended by a NUL", function()
    assert.same({ { { "commonName", "good.example\0.bad.example" } } },
      subject({ { "CN", der.utf8("good.example\0.bad.example") } }))
    assert.same({ { { "commonName", "a\0b" } } }, subject({ { "CN", der.bmp("\0a\0\0\0b") } }))
  end)

  it("keeps the bytes of a bit string", function()
    assert.same({ { { "x500UniqueIdentifier", "\xff\0\x80" } } },
      subject({ { "uid", der.bits("\xff\0\x80") } }))
  end)

  it("shows an attribute that OpenSSL does not know by its number", function()
    assert.same({ { { "1.2.3.4.5.6", "x" } } }, subject({ { "1.2.3.4.5.6", der.utf8("x") } }))
    local long = "1.2" .. (".268435455"):rep(60)  -- longer than any buffer of fixed size
    assert.same({ { { long, "x" } } }, subject({ { long, der.utf8("x") } }))
  end)

  it("raises SSLError for a type whose number is longer than OpenSSL prints", function()
    local number = "\42" .. ("\129"):rep(20000) .. "\1"
    local name = der.sequence(der.set(der.sequence(der.element(6, number), der.utf8("x"))))
    for _, cert in ipairs({ der.certificate { subject = name },
      der.certificate { extensions = { der.altnames(der.implicit(8, number)) } } }) do
      assert.equal("an object identifier is too long",
        raises(ssl.SSLError, ssl.decode_certificate, cert).message)
    end
  end)

  it("raises SSLError for text that is not what its type says", function()
    local malformed = {
      der.certificate { subject = der.name { { { "CN", der.utf8("\xff\xfe") } } } },
      der.certificate { subject = der.name { { { "CN", der.bmp("abc") } } } },
    }
    for _, cert in ipairs(malformed) do
      raises(ssl.SSLError, ssl.decode_certificate, cert)
    end
  end)

  it("may have ten thousand parts", function()
    local rdns = {}
    for i = 1, 10000 do rdns[i] = { { "OU", der.utf8("unit " .. i) } } end
    local name = subject(table.unpack(rdns))
    assert.equal(10000, #name)
    assert.same({ { "organizationalUnitName", "unit 10000" } }, name[10000])
  end)
end)

describe("A time", function()
  it("reads as CPython prints it, from 1950 to 9999", function()
    assert.equal("Jan  1 00:00:00 1950 GMT", (dates(der.utctime("500101000000Z"))))
    assert.equal("Dec 31 23:59:59 1999 GMT", (dates(der.utctime("991231235959Z"))))
    assert.equal("Feb 29 12:00:00 2000 GMT", (dates(der.utctime("000229120000Z"))))
    assert.equal("Dec 31 23:59:59 2049 GMT", (dates(der.utctime("491231235959Z"))))
    assert.equal("Oct 10 01:02:03 2050 GMT", (dates(der.generalizedtime("20501010010203Z"))))
    assert.equal("Dec 31 23:59:59 9999 GMT", (dates(der.generalizedtime("99991231235959Z"))))
  end)

  it("keeps the two dates apart", function()
    assert.same({ "Jan  1 00:00:00 2001 GMT", "Feb  2 00:00:00 2002 GMT" },
      { dates(der.utctime("010101000000Z"), der.utctime("020202000000Z")) })
  end)

  it("reads as CPython prints it in forms too that RFC 5280 has no place for", function()
    local forms = {
      [der.generalizedtime("20180105093443.125Z")] = "Jan  5 09:34:43.125 2018 GMT",
      [der.generalizedtime("20180105093443+0100")] = "Jan  5 08:34:43 2018 GMT",
      [der.generalizedtime("201801050934Z")] = "Jan  5 09:34:00 2018 GMT",
      [der.generalizedtime("00000101000000Z")] = "Jan  1 00:00:00 0 GMT",
      [der.utctime("180105093443-0100")] = "Jan  5 10:34:43 2018 GMT",
      [der.utctime("1801050934+0100")] = "Jan  5 08:34:00 2018 GMT",
      [der.utctime("1801050934Z")] = "Jan  5 09:34:00 2018 GMT",
      [der.utctime("180105093460Z")] = "Bad time value",
      [der.generalizedtime("19000229000000Z")] = "Bad time value",
    }
    for form, text in pairs(forms) do
      -- in newer OpenSSL, 3.5.7 for one, a time without seconds is none
      local modern = ssl.OPENSSL_VERSION_NUMBER >= 0x30200000
      local none = text == "Bad time value" or modern and text:find(":34:00 ", 1, true)
      local ok, shown = pcall(dates, form)
      if not ok then  -- OpenSSL 3.2 and newer refuse what is none
        assert.is_truthy(none)
        assert.is_true(ssl.isinstance(shown, ssl.SSLError))
      elseif shown ~= text then
        assert.is_truthy(none)
        assert.equal("Bad time value", shown)
      end
    end
  end)

  it("that is none says so", function()
    for _, bad in ipairs { "", "99", "991331000000Z", "990230000000Z", "99123123595\0Z" } do
      local ok, text = pcall(dates, der.utctime(bad))
      if ok then
        assert.equal("Bad time value", text)
      else  -- OpenSSL 3.2 and newer refuse the certificate
        assert.is_true(ssl.isinstance(text, ssl.SSLError))
      end
    end
  end)
end)

describe("A serial number", function()
  it("is upper-case hexadecimal in whole bytes", function()
    assert.equal("01", serial(1))
    assert.equal("00", serial(0))
    assert.equal("7F", serial(127))
    assert.equal("80", serial(128))
    assert.equal("ABCDEF", serial(0xabcdef))
  end)

  it("shows a negative one with its sign", function()
    assert.equal("-01", serial(-1))
    assert.equal("-80", serial(-128))
    assert.equal("-0100", serial(-256))
  end)

  it("is whole at any length", function()
    assert.equal(("7F"):rep(20), serial(("\x7f"):rep(20)))
    -- from 36 bytes on OpenSSL would break the line and CPython stop there
    assert.equal(("7F"):rep(500), serial(("\x7f"):rep(500)))
    assert.equal("-80" .. ("00"):rep(39), serial("\x80" .. ("\0"):rep(39)))
  end)
end)

describe("A general name", function()
  it("is a pair of its kind and its text", function()
    assert.same({ { "DNS", "a.example" }, { "email", "a@b" }, { "URI", "http://a/" },
                  { "Registered ID", "1.2.3.4.5" }, { "Registered ID", "commonName" } },
      altnames(general.dns("a.example"), general.email("a@b"), general.uri("http://a/"),
               general.rid("1.2.3.4.5"), general.rid("2.5.4.3")))
  end)

  it("is not ended by a NUL", function()
    assert.same({ { "DNS", "good\0.bad" }, { "email", "\0" }, { "URI", "a\0" }, { "DNS", "" } },
      altnames(general.dns("good\0.bad"), general.email("\0"), general.uri("a\0"),
               general.dns("")))
  end)

  it("keeps bytes that are no text", function()
    assert.same({ { "DNS", "\xff\xfe" } }, altnames(general.dns("\xff\xfe")))
  end)

  it("shows addresses as CPython does", function()
    assert.same({ { "IP Address", "127.0.0.1" }, { "IP Address", "255.255.255.255" },
                  { "IP Address", "0:0:0:0:0:0:0:1" },
                  { "IP Address", "2001:DB8:0:A0:0:0:FFFF:10" },
                  { "IP Address", "FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF" } },
      altnames(general.ip("\127\0\0\1"), general.ip(("\xff"):rep(4)),
               general.ip(("\0"):rep(15) .. "\1"),
               general.ip("\x20\x01\x0d\xb8\0\0\0\xa0\0\0\0\0\xff\xff\0\x10"),
               general.ip(("\xff"):rep(16))))
  end)

  it("says of an address of another length that it is invalid", function()
    for _, n in ipairs { 0, 1, 3, 5, 8, 15, 17, 32 } do
      assert.same({ { "IP Address", "<invalid>" } }, altnames(general.ip(("\1"):rep(n))))
    end
  end)

  it("may be a whole name", function()
    assert.same({ { "DirName", { { { "countryName", "XY" } },
                                 { { "commonName", "a" }, { "organizationName", "b" } } } },
                  { "DirName", {} } },
      altnames(general.directory(der.name { { { "C", der.printable("XY") } },
                                            { { "CN", der.utf8("a") }, { "O", der.utf8("b") } } }),
               general.directory(der.name {})))
  end)

  it("of a kind that OpenSSL does not print is unsupported", function()
    assert.same({ { "othername", "<unsupported>" }, { "othername", "<unsupported>" },
                  { "EdiPartyName", "<unsupported>" }, { "X400Name", "<unsupported>" } },
      altnames(general.other("1.2.3.4", der.utf8("x")), general.other("1.2.3.4", der.integer(1)),
               general.ediparty("x"), general.x400(der.sequence())))
  end)

  it("shows the other names that OpenSSL knows, unless a NUL would cut them", function()
    local upn = "1.3.6.1.4.1.311.20.2.3"
    local names = altnames(general.other(upn, der.utf8("good\nname")),
      general.other(upn, der.utf8("good\0bad")), general.other(upn, der.integer(5)))
    assert.equal("othername", names[1][1])
    assert.matches("UPN:%s*good\nname$", names[1][2])
    assert.same({ "othername", "<unsupported>" }, names[2])
    assert.same({ "othername", "<unsupported>" }, names[3])
  end)
end)

describe("A serial number", function()
  it("has an even number of digits, and two where it is zero", function()
    for number, text in pairs({ [0] = "00", [10] = "0A", [256] = "0100" }) do
      local cert = testing.CA():issue("a.test", { serial = number }).cert
      assert.equal(text, ssl.decode_certificate(cert.der).serialNumber)
    end
  end)
end)
