local ssl = require "_ssl"
local der = require "support.der"
local errors = require "support.errors"
local python = require "support.python"

local raised, raises = errors.raised, errors.raises

local general = der.general
local decode = ssl.decode_certificate

local function sslerror(message, ...)
  local err = raises(ssl.SSLError, decode, ...)
  assert.equal(message, err.strerror)
  assert.equal(message, err.message:sub(1, #message))  -- advice may follow
  return err
end

-- Distribution points: each is the DER of one point's content.
local function crl(...)
  local points = {}
  for i, content in ipairs { ... } do points[i] = der.sequence(content) end
  return der.extension("crl", der.sequence(table.concat(points)))
end

local function fullname(...) return der.explicit(0, der.explicit(0, ...)) end

local function access(...)
  local list = {}
  for i, pair in ipairs { ... } do
    list[i] = der.sequence(der.oid("1.3.6.1.5.5.7.48." .. pair[1]), pair[2])
  end
  return der.extension("access", der.sequence(table.concat(list)))
end

local function with(...) return der.certificate { extensions = { ... } } end

-- What Python and this module must agree on, name by name.
local function corpus()
  local many = {}
  for i = 1, 2000 do many[i] = general.dns("host" .. i .. ".example") end
  local upn = "1.3.6.1.4.1.311.20.2.3"
  local all = {
    plain = der.certificate(),
    ["version 1"] = der.certificate { version = 0 },
    ["version 9"] = der.certificate { version = 8 },
    ["an empty subject"] = der.certificate { subject = der.name {} },
    ["an empty issuer"] = der.certificate { issuer = der.name {} },
    ["several values in an RDN"] = der.certificate { subject = der.name {
      { { "C", der.printable("XY") } },
      { { "O", der.utf8("a") }, { "CN", der.utf8("b") }, { "OU", der.utf8("c") } },
      { { "OU", der.utf8("d") } }, { { "OU", der.utf8("d") } } } },
    ["every kind of string"] = der.certificate { subject = der.name {
      { { "CN", der.utf8("K\u{e4}se \u{1f9c0}") } }, { { "CN", der.bmp("\0K\0\xe4\x20\xac") } },
      { { "CN", der.t61("K\xe4se") } }, { { "CN", der.universal("\0\x01\xf9\xc0") } },
      { { "CN", der.ia5("*.x") } }, { { "CN", der.visible("v") } },
      { { "CN", der.numeric("12 3") } }, { { "CN", der.utf8("") } },
      { { "DC", der.ia5("example") } }, { { "email", der.ia5("a@b") } },
      { { "uid", der.bits("\x01\x02\x03") } } } },
    ["a name whose string is malformed"] =
      der.certificate { subject = der.name { { { "CN", der.utf8("\xff") } } } },
    ["a name with half a character"] =
      der.certificate { issuer = der.name { { { "CN", der.bmp("abc") } } } },
    ["a NUL in the name"] =
      der.certificate { subject = der.cn("good\0bad"), issuer = der.cn("\0") },
    ["unknown attributes"] = der.certificate { subject = der.name {
      { { "1.2.3.4", der.utf8("x") } }, { { "1.2" .. (".268435455"):rep(60), der.utf8("y") } } } },
    ["a long name"] = der.certificate { subject = der.cn(("x"):rep(5000)) },
    ["serial 0"] = der.certificate { serial = 0 },
    ["serial -1"] = der.certificate { serial = -1 },
    ["serial -256"] = der.certificate { serial = -256 },
    ["a serial of 20 bytes"] = der.certificate { serial = "\x7f" .. ("\xab"):rep(19) },
    ["a serial of 21 bytes"] = der.certificate { serial = "\0" .. ("\xcd"):rep(20) },
    ["a negative serial of 20 bytes"] = der.certificate { serial = "\x80" .. ("\0"):rep(19) },
    ["a serial of 35 bytes"] = der.certificate { serial = ("\x11"):rep(35) },
    ["a date that is none"] = der.certificate { notbefore = der.utctime("991331000000Z") },
    ["an empty date"] = der.certificate { notafter = der.utctime("") },
    ["a date with a fraction"] =
      der.certificate { notbefore = der.generalizedtime("20200101000000.5Z") },
    ["a date in another zone"] = der.certificate { notafter = der.utctime("200101000000+0100") },
    ["a date without seconds"] = der.certificate { notafter = der.utctime("2001010000Z") },
    ["an empty list of names"] = with(der.altnames()),
    ["every kind of general name"] = with(der.altnames(
      general.dns("a.example"), general.dns("*.b.example"), general.email("a@b"),
      general.uri("http://a/?b"), general.ip("\127\0\0\1"), general.ip(("\0"):rep(15) .. "\1"),
      general.ip("\x20\x01\x0d\xb8" .. ("\xab"):rep(12)), general.ip(""), general.ip("\1\2\3"),
      general.ip(("\1"):rep(8)), general.rid("1.2.3.4.5"), general.rid("2.5.4.3"),
      general.directory(der.name { { { "CN", der.utf8("a") }, { "O", der.utf8("b") } } }),
      general.directory(der.name {}), general.other("1.2.3.4", der.utf8("x")),
      general.other(upn, der.utf8("user@x")), general.other(upn, der.integer(5)),
      general.ediparty("x"), general.x400(der.sequence()))),
    ["NULs in general names"] = with(der.altnames(general.dns("good\0bad"), general.dns(""),
      general.dns("\0"), general.email("a\0b"), general.uri("a\0b"))),
    ["two thousand names"] = with(der.altnames(table.unpack(many))),
    ["the names twice"] =
      with(der.altnames(general.dns("a")), der.altnames(general.dns("b"))),
    ["malformed names"] = with(der.extension("altnames", der.integer(5))),
    ["names that are not even DER"] = with(der.extension("altnames", "\x30\x84\xff")),
    ["a directory name that is malformed"] = with(der.altnames(
      general.directory(der.name { { { "CN", der.utf8("\xff") } } }))),
    ["no distribution point"] = with(der.extension("crl", der.sequence())),
    ["an empty distribution point"] = with(crl("")),
    ["a distribution point with no name"] = with(crl(fullname())),
    ["a distribution point of an issuer"] =
      with(crl(der.explicit(2, general.directory(der.cn("issuer"))))),
    ["distribution points"] = with(crl(fullname(general.uri("http://a/1"), general.dns("b"),
      general.uri("http://a/2")), "", fullname(general.uri("http://c/\0x"), general.uri("")))),
    ["a distribution point without a URI"] = with(crl(fullname(general.dns("b")))),
    ["malformed distribution points"] = with(der.extension("crl", der.null())),
    ["responders and issuers"] = with(access({ 1, general.uri("http://ocsp/") },
      { 2, general.uri("http://issuer/") }, { 1, general.uri("http://ocsp\0/2") },
      { 1, general.dns("no.uri") }, { 3, general.uri("http://other/") })),
    ["responders only"] = with(access({ 1, general.uri("http://ocsp/") })),
    ["access of another kind"] = with(access({ 5, general.uri("http://repository/") })),
    ["no access description"] = with(der.extension("access", der.sequence())),
    ["malformed access descriptions"] = with(der.extension("access", der.octets("x"))),
  }
  for _, year in ipairs { 1950, 1999, 2000, 2049 } do
    all["the year " .. year] = der.certificate {
      notbefore = der.utctime(("%02d0228012345Z"):format(year % 100)) }
  end
  for _, year in ipairs { 1950, 2050, 9999 } do
    all["the long year " .. year] = der.certificate {
      notafter = der.generalizedtime(("%04d1231235959Z"):format(year)) }
  end
  return all
end

describe("decode_certificate", function()
  it("gives what getpeercert gives", function()
    local cert = decode(der.certificate {
      serial = 0x1234, subject = der.cn("a.example"), issuer = der.cn("ca"),
      extensions = {
        der.altnames(general.dns("a.example")),
        access({ 1, general.uri("http://ocsp/") }, { 2, general.uri("http://issuer/") }),
        crl(fullname(general.uri("http://crl/"))),
      },
    })
    assert.same({
      subject = { { { "commonName", "a.example" } } },
      issuer = { { { "commonName", "ca" } } },
      version = 3,
      serialNumber = "1234",
      notBefore = "Jan  1 00:00:00 2020 GMT",
      notAfter = "Dec 31 23:59:59 2049 GMT",
      subjectAltName = { { "DNS", "a.example" } },
      OCSP = { "http://ocsp/" },
      caIssuers = { "http://issuer/" },
      crlDistributionPoints = { "http://crl/" },
    }, cert)
  end)

  it("leaves out what the certificate does not have", function()
    local cert = decode(der.certificate())
    local keys = {}
    for key in pairs(cert) do keys[#keys + 1] = key end
    table.sort(keys)
    assert.same({ "issuer", "notAfter", "notBefore", "serialNumber", "subject", "version" }, keys)
  end)

  it("agrees with CPython about certificates of every shape", function()
    if not python.atleast(3, 10) then return pending("no Python 3.10 or newer") end
    local input, certificates = {}, corpus()
    for name, bytes in pairs(certificates) do input[name] = python.bytes(bytes) end
    local theirs = python.run([[
import _ssl, os, ssl, tempfile
result = {}
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "cert.pem")
    for name, der in data.items():
        with open(path, "w") as file:
            file.write(ssl.DER_cert_to_PEM_cert(der))
        try:
            result[name] = _ssl._test_decode_cert(path)
        except Exception as error:
            result[name] = {"error": type(error).__name__}
]], input)
    local decoded, refused = 0, 0
    for name, bytes in pairs(certificates) do
      local ok, mine = pcall(decode, bytes)
      if ok then
        decoded = decoded + 1
        assert.same(theirs[name], mine, name)
      else
        refused = refused + 1
        assert.is_true(ssl.isinstance(mine, ssl.SSLError), name)
        assert.same({ error = "SSLError" }, theirs[name], name)
      end
    end
    assert.is_true(decoded > 40 and refused >= 2)
  end)

  it("skips a distribution point that is relative to the issuer", function()
    local relative = der.explicit(0, der.explicit(1, der.attribute("CN", der.utf8("x"))))
    assert.is_nil(decode(with(crl(relative))).crlDistributionPoints)
    assert.same({ "http://a/" },
      decode(with(crl(relative, fullname(general.uri("http://a/"))))).crlDistributionPoints)
  end)

  it("takes ten thousand names on a stack of constant depth", function()
    local names = {}
    for i = 1, 10000 do
      names[i] = i % 2 == 0 and general.dns("host" .. i) or general.directory(der.cn("cn" .. i))
    end
    local altnames = decode(with(der.altnames(table.unpack(names)))).subjectAltName
    assert.equal(10000, #altnames)
    assert.same({ "DNS", "host10000" }, altnames[10000])
    assert.same({ "DirName", { { { "commonName", "cn9999" } } } }, altnames[9999])
  end)

  it("reads PEM and DER, from strings and bytearrays", function()
    local bytes = der.certificate { subject = der.cn("one") }
    local expected = decode(bytes)
    assert.same({ { { "commonName", "one" } } }, expected.subject)
    assert.same(expected, decode(der.pem(bytes)))
    assert.same(expected, decode(der.pem(bytes, "X509 CERTIFICATE")))
    assert.same(expected, decode(ssl.bytearray(bytes)))
    assert.same(expected, decode(ssl.bytearray(der.pem(bytes))))
    assert.same(expected, decode(ssl.bytearray("xx" .. bytes .. "yy"):slice(3, -3)))
  end)

  it("takes the first certificate of several, and text around them", function()
    local one = der.certificate { subject = der.cn("one") }
    local two = der.certificate { subject = der.cn("two") }
    local expected = { { { "commonName", "one" } } }
    assert.same(expected, decode(one .. two).subject)
    assert.same(expected, decode("Before\n" .. der.pem(one) .. "between\n" .. der.pem(two)
      .. "after").subject)
    assert.same(expected, decode(der.pem("\x30\0", "EC PARAMETERS") .. der.pem(one)).subject)
    assert.same(expected, decode((der.pem(one):gsub("\n", "\r\n"))).subject)
  end)

  it("raises ValueError for no bytes at all", function()
    for _, empty in ipairs { "", ssl.bytearray(0) } do
      local err = raises(ssl.ValueError, decode, empty)
      assert.equal("Empty certificate data", err.message)
    end
  end)

  it("raises SSLError where there is no certificate", function()
    local none = "no start line: pem_or_der does not contain a certificate"
    local err = sslerror(none, "nonsense")
    assert.equal(0, err.errno)
    assert.is_nil(err.reason)
    sslerror(none, "\0")
    sslerror(none, der.pem(der.certificate(), "TRUSTED CERTIFICATE"))
    sslerror(none, der.pem(der.certificate(), "PRIVATE KEY"))
    sslerror(none, der.pem("\x30\0"))
    sslerror(none, (der.pem(der.certificate()):gsub("%-%-%-%-%-END.*", "")))
    local short = "not enough data: pem_or_der does not contain a certificate"
    sslerror(short, "0")
    sslerror(short, "\x30\0")
    sslerror(short, "\x30\x84\x7f\xff\xff\xff")
    sslerror(short, der.certificate():sub(1, -2))
  end)

  it("raises SSLError for what is not well formed after the first", function()
    local one = der.certificate()
    for _, rest in ipairs { "x", "\x30\0", "\x30\x84\x7f\xff\xff\xff" } do
      local err = raises(ssl.SSLError, decode, one .. rest)
      assert.equal("ASN1", err.library)
      assert.matches("[ASN1: " .. err.reason .. "] ", err.message, 1, true)
    end
    local cut = der.pem(one) .. der.pem(one):sub(1, 100)
    assert.equal("PEM", raised(decode, cut).library)
  end)

  it("never asks for a password", function()
    local encrypted = der.pem(der.certificate()):gsub("\n", "\nProc-Type: 4,ENCRYPTED\n"
      .. "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n", 1)
    raises(ssl.SSLError, decode, encrypted)
  end)

  it("takes only bytes", function()
    for _, wrong in ipairs { 5, true, {}, print } do
      assert.matches("bad argument #1 to 'decode_certificate' %(a bytes%-like object is required",
        raised(decode, wrong))
    end
    assert.matches("bad argument #1", raised(decode))
  end)

  it("works with an unrelated error on OpenSSL's queue", function()
    ssl._pusherror()
    assert.equal(3, decode(der.certificate()).version)
    ssl._pusherror()
    assert.equal(3, decode(der.pem(der.certificate())).version)
    ssl._pusherror()
    sslerror("no start line: pem_or_der does not contain a certificate", "x")
  end)

  it("gives a table or raises SSLError for any bytes", function()
    local state = 20250101
    local function random(n)
      state = (state * 1103515245 + 12345) & 0x7fffffff
      return (state >> 8) % n + 1
    end
    local outcome = { decoded = 0, refused = 0 }
    local function try(bytes)
      local ok, result = pcall(decode, bytes)
      if ok then
        assert.equal("table", type(result.subject))
        outcome.decoded = outcome.decoded + 1
      else
        assert.is_true(ssl.isinstance(result, ssl.SSLError), tostring(result))
        outcome.refused = outcome.refused + 1
      end
    end
    local function replace(s, i, new) return s:sub(1, i - 1) .. new .. s:sub(i + #new) end

    local seeds = {}
    for _, bytes in pairs(corpus()) do
      if #bytes < 2000 then seeds[#seeds + 1] = bytes end
    end
    table.sort(seeds)
    local seed = with(der.altnames(general.dns("a"), general.ip("\1\2\3\4"),
      general.other("1.3.6.1.4.1.311.20.2.3", der.utf8("u")), general.directory(der.cn("b"))),
      crl(fullname(general.uri("c"))), access({ 1, general.uri("d") }))
    for i = 1, #seed - 1 do try(seed:sub(1, i)) end
    for i = 1, #seed do
      for _ = 1, 2 do try(replace(seed, i, string.char(seed:byte(i) ~ 1 << random(8) - 1))) end
    end
    for _ = 1, 2500 do
      local bytes = seeds[random(#seeds)]
      for _ = 1, random(4) do
        bytes = replace(bytes, random(#bytes), string.char(random(256) - 1))
      end
      if random(8) == 1 then
        local at = random(#bytes)
        bytes = bytes:sub(1, at) .. bytes:sub(at + random(4))
      end
      try(bytes)
    end
    assert.is_true(outcome.decoded > 500 and outcome.refused > 500)
  end)
end)
