-- The cases of CPython 3.6, whose rules these are, and more.
local ssl = require "ssl"
local errors = require "support.errors"

local function cn(name) return { subject = { { { "commonName", name } } } } end

local function altnames(...) return { subjectAltName = { ... } } end

-- What it raises, from here, which an error tells.
local function raised(...)
  return errors.raised(function(...) ssl.match_hostname(...) end, ...)
end

local function fits(cert, ...)
  for _, host in ipairs { ... } do
    assert.has_no.errors(function() ssl.match_hostname(cert, host) end)
  end
end

local function refuses(cert, ...)
  for _, host in ipairs { ... } do
    assert.is_true(ssl.isinstance(raised(cert, host), ssl.CertificateError), host)
  end
end

describe("match_hostname", function()
  it("compares names without regard to case", function()
    local cert = cn("example.com")
    fits(cert, "example.com", "ExAmple.cOm")
    refuses(cert, "www.example.com", ".example.com", "example.org", "exampleXcom", "")
  end)

  it("lets a star stand for one whole label", function()
    local cert = cn("*.a.com")
    fits(cert, "foo.a.com", "FOO.A.COM")
    refuses(cert, "bar.foo.a.com", "a.com", "Xa.com", ".a.com")
  end)

  it("lets a star stand for a part of the leftmost label", function()
    local cert = cn("f*.com")
    fits(cert, "foo.com", "f.com")
    refuses(cert, "bar.com", "foo.a.com", "bar.foo.com")
    fits(cn("a*b.com"), "axxb.com", "ab.com")
    refuses(cn("a*b.com"), "axxbc.com", "a.b.com", "xab.com")
  end)

  it("takes a NUL for a character like others (CVE-2013-4073)", function()
    local cert = cn("null.python.org\0example.org")
    fits(cert, "null.python.org\0example.org")
    refuses(cert, "example.org", "null.python.org")
    refuses(cn("null.python.org"), "null.python.org\0example.org")
  end)

  it("takes characters that are special in Lua's patterns for themselves", function()
    for _, char in ipairs { "%", ".", "-", "+", "?", "^", "$", "(", ")", "[", "]" } do
      if char ~= "." then
        fits(cn("a" .. char .. "*.com"), "a" .. char .. "b.com")
        refuses(cn("a" .. char .. "*.com"), "axb.com", "ab.com")
      end
    end
    refuses(cn("a*.c.m"), "ab.com")
  end)

  it("takes stars elsewhere for stars", function()
    refuses(cn("*.*.a.com"), "bar.foo.a.com", "a.com", "Xa.com", ".a.com")
    fits(cn("*.*.a.com"), "bar.*.a.com")
    refuses(cn("a.*.com"), "a.foo.com", "a..com", "a.com")
    refuses(cn("a*b.co*"), "axxb.com")
  end)

  it("keeps stars out of A-labels", function()
    local idna = "xn--pthon-kva.python.org"
    fits(cn(idna), idna)
    refuses(cn("x*.python.org"), idna, idna:upper())
    refuses(cn("xn--p*.python.org"), idna)
    fits(cn("*.python.org"), idna)
  end)

  it("knows stars before labels that are A-labels", function()
    local cert = cn("www*.xn--pythn-mua.org")
    fits(cert, "www.xn--pythn-mua.org", "www1.xn--pythn-mua.org")
    refuses(cert, "ftp.xn--pythn-mua.org", "xn--pythn-mua.org")
  end)

  it("prefers subjectAltName to the common name", function()
    local cert = cn("linuxfrz.org")
    cert.subjectAltName = { { "DNS", "linuxfr.org" }, { "DNS", "linuxfr.com" },
      { "othername", "<unsupported>" } }
    fits(cert, "linuxfr.org", "linuxfr.com")
    refuses(cert, "<unsupported>", "linuxfrz.org")
  end)

  it("looks at no other part of the subject", function()
    local cert = { subject = { { { "countryName", "US" } },
      { { "stateOrProvinceName", "California" } }, { { "commonName", "mail.google.com" } } } }
    fits(cert, "mail.google.com")
    refuses(cert, "gmail.com", "California")
  end)

  it("compares IPv4 addresses with IPv4 addresses", function()
    local cert = cn("example.com")
    cert.subjectAltName = { { "DNS", "example.com" }, { "IP Address", "10.11.12.13" },
      { "IP Address", "14.15.16.17" }, { "DNS", "1.2.3.4" } }
    fits(cert, "10.11.12.13", "14.15.16.17")
    refuses(cert, "14.15.16.18", "example.net", "1.2.3.4", "10.11.12", "10.11.12.013",
      "10.11.12.13 ", "0xa.11.12.13", "256.11.12.13")
  end)

  it("compares IPv6 addresses however they are spelt", function()
    local cert = altnames({ "DNS", "example.com" }, { "IP Address", "2001:0:0:0:0:0:0:CAFE\n" },
      { "IP Address", "2003:0:0:0:0:0:0:BABA\n" }, { "IP Address", "0:0:0:0:0:FFFF:102:304" },
      { "IP Address", "::1" })
    fits(cert, "2001::cafe", "2003::baba", "2003:0::0:baba", "::ffff:1.2.3.4", "::1",
      "0:0:0:0:0:0:0:1", "0:0:0:0:0:0:0.0.0.1")
    refuses(cert, "2003::bebe", "example.net", "2001::cafe::", "2001:::cafe", ":2001::cafe",
      "1::2::3", "::00001", "2001::cafe%lo", "[2001::cafe]", "::1.2.3.4.5", "1.2.3.4::1",
      "0:0:0:0:0:0:0:0:1", "0:0:0:0:0:0:0::1:1", ":", "::", "1.2.3.4")
  end)

  it("takes no star for an address", function()
    refuses(altnames({ "DNS", "*.2.3.4" }), "1.2.3.4")
    refuses(altnames({ "IP Address", "*" }, { "IP Address", "" }), "1.2.3.4", "host")
  end)

  it("says what the certificate names instead", function()
    assert.equal("hostname 'example.org' doesn't match 'example.com'",
      raised(cn("example.com"), "example.org").message)
    assert.equal("hostname 'c' doesn't match either of 'a', 'b'",
      raised(altnames({ "DNS", "a" }, { "IP Address", "b" }), "c").message)
    assert.equal("no appropriate commonName or subjectAltName fields were found",
      raised({ notAfter = "x" }, "c").message)
    assert.equal([[hostname "it's" doesn't match 'a\x00"b']],
      raised(cn("a\0\"b"), "it's").message)
    assert.matches("match_hostname_spec.lua:%d+: hostname",
      tostring(raised(cn("a"), "b")))
  end)

  it("falls back on the common name where no altname is a host", function()
    local cert = cn("mail.google.com")
    cert.subjectAltName = { { "othername", "blabla" } }
    fits(cert, "mail.google.com")
    cert.subject = { { { "organizationName", "Google Inc" } } }
    refuses(cert, "google.com")
    refuses(cn(""), "")
  end)

  it("refuses more than one star in a label", function()
    assert.equal("too many wildcards in certificate DNS name: 'a*b*.com'",
      raised(cn("a*b*.com"), "axxbxxc.com").message)
  end)

  it("wants a certificate", function()
    for _, cert in ipairs { false, {} } do
      local err = raised(cert or nil, "example.com")
      assert.is_true(ssl.isinstance(err, ssl.ValueError))
      assert.is_false(ssl.isinstance(err, ssl.CertificateError))
      assert.matches("^empty or no certificate", err.message)
    end
    assert.matches("bad argument #1 to 'match_hostname' %(table expected, got string%)",
      raised("cert", "host"))
    assert.matches("bad argument #2 to 'match_hostname' %(string expected, got nil%)",
      raised(cn("a"), nil))
    assert.matches("bad argument #2 to 'match_hostname' %(string expected, got number%)",
      raised(cn("a"), 1))
  end)

  it("finds a mismatch in a long name fast", function()
    local start = os.clock()
    refuses(cn(("a"):rep(60) .. "*" .. ("a"):rep(60) .. ".com"), ("a"):rep(20000) .. "b.com")
    assert.is_true(os.clock() - start < 1)
  end)
end)
