local ssl = require "ssl"
local testing = require "ssl.testing"
local system = require "support.system"

-- Before the helper counts the objects that a test leaves.
local ca = testing.CA()
local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ca:configure_trust(ctx)
ctx.certificate_profile = "webpki"

-- The rule that a certificate breaks, or nil.
local function broken(...)
  local leaf = ca:issue(...)
  local ok, err = pcall(ctx.verify_certificate, ctx, leaf.cert.pem)
  return not ok and err.rule or nil
end

local function broken_name(kind, name)
  return broken("localhost", { names = { { kind, name } } })
end

local label = ("a"):rep(63)

describe("A name in subjectAltName", function()
  it("may be what hosts and wildcards are called", function()
    for _, name in ipairs({
      "a", "A.b", "x-y.test", "xn--bcher-kva.example", "1.example", "a1", label .. ".test",
      ("a."):rep(126) .. "b", "*.example.test", "0x7f.test", "123.456.c",
    }) do
      assert.is_nil(broken_name("dns", name), name)
    end
  end)

  it("may not be what no host is called", function()
    for _, name in ipairs({
      "", ".", "a.", ".a", "a..b", "-a.test", "a-.test", "a_b.test", "a b.test", "a\0b.test",
      "b\xC3\xBCcher.test", label .. "a.test", ("a."):rep(126) .. "bc", "127.0.0.1", "1", "a.1",
      "*", "*.", "*a.test", "a.*.test", "*.*.test", "a*.test", "http://a.test", "[::1]",
    }) do
      assert.equal("subject_alt_name", broken_name("dns", name), name)
    end
  end)

  it("may be a mailbox", function()
    for name, good in pairs({
      ["a@b.test"] = true, ["*@b.test"] = true, ['"a@b"@c.test'] = true, ["a.b+c@d"] = true,
      [""] = false, ["a"] = false, ["@b.test"] = false, ["a@"] = false, ["a@b@c.test"] = false,
      ["a@.b"] = false, ['"a@b.test'] = false, ['"@b.test'] = false, ["a@b_c"] = false,
      ["\"\"@b.test"] = false,
    }) do
      assert.equal(not good and "subject_alt_name" or nil, broken_name("email", name), name)
    end
  end)

  it("may be an address of 4 or 16 bytes", function()
    for _, size in ipairs({ 0, 1, 3, 5, 8, 15, 17 }) do
      assert.equal("subject_alt_name", broken_name("ip", ("\1"):rep(size)), size)
    end
    assert.is_nil(broken_name("ip", "\1\2\3\4"))
    assert.is_nil(broken_name("ip", ("\1"):rep(16)))
  end)

  it("may be of a kind that has no rules here", function()
    assert.is_nil(broken_name("uri", "urn:x"))
  end)
end)

describe("A common name", function()
  local function repeated(common, ...)
    local names = { ... }
    names[#names + 1] = { common_name = common }
    return broken(table.unpack(names)) == nil
  end

  it("is a copy of a host in subjectAltName, or the domain above one", function()
    assert.is_true(repeated("a.test", "b.test", "a.test"))
    assert.is_true(repeated("a.test", "www.a.test"))
    assert.is_true(repeated("a.test", "*.a.test"))
    assert.is_true(repeated("*.a.test", "*.a.test"))
    assert.is_false(repeated("A.test", "a.test"))
    assert.is_false(repeated("a.test", "b.test"))
    assert.is_false(repeated("www.a.test", "a.test"))
    assert.is_false(repeated("a.test", "xa.test"))
    if system.idn then
      assert.is_false(repeated("b\xC3\xBCcher.test", "b\xC3\xBCcher.test"))
    end
    assert.is_false(repeated("a.test.", "a.test"))
  end)

  it("that is an address is a copy of one, as RFC 5952 writes it", function()
    assert.is_true(repeated("127.0.0.1", "127.0.0.1"))
    assert.is_true(repeated("2001:db8::1", "2001:db8::1"))
    assert.is_true(repeated("::1", "::1", "127.0.0.1"))
    assert.is_true(repeated("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"))
    assert.is_false(repeated("127.0.0.2", "127.0.0.1"))
    assert.is_false(repeated("127.0.0.1", "localhost"))
    for _, text in ipairs({ "127.000.000.001", "0x7F000001", "2130706433", "127.1" }) do
      assert.is_false(repeated(text, "127.0.0.1"), text)
    end
    for _, text in ipairs({ "2001:DB8::1", "2001:db8:0:0:0:0:0:1", "2001:0db8::1" }) do
      assert.is_false(repeated(text, "2001:db8::1"), text)
    end
  end)

  it("may be a person's where no host is named", function()
    assert.is_true(repeated("Jane Doe", "jane@example.org"))
    assert.is_true(repeated("example.org", "127.0.0.1"))
    assert.is_false(repeated("10.0.0.1", "jane@example.org"))
  end)
end)

describe("Name constraints", function()
  local function under(constraints, ...)
    local leaf = ca:create_child_ca({ name_constraints = constraints }):issue(...)
    local ok, err = pcall(ctx.verify_certificate, ctx, leaf.chain.pem)
    return not ok and err.rule or nil
  end

  it("of hosts are domains", function()
    for _, domain in ipairs({ "test", "a.test", "A.Test", "" }) do
      assert.is_nil(under({ permitted = { { "dns", domain } } }, "x.a.test"), domain)
    end
    for _, domain in ipairs({ ".test", "*.test", "a_b", "a..b", "10.0.0.1" }) do
      local rule = under({ excluded = { { "dns", domain } } }, "x.a.test")
      assert.equal("name_constraints", rule, domain)
    end
  end)

  it("hold for each host that a wildcard stands for", function()
    for excluded, rule in pairs({
      ["b.a.test"] = true, ["B.A.test"] = true, ["a.test"] = true, ["c.b.a.test"] = false,
      ["b.test"] = false, ["xa.test"] = false, ["other"] = false,
    }) do
      assert.equal(rule and "name_constraints" or nil,
        under({ excluded = { excluded } }, "*.a.test"), excluded)
    end
    assert.is_nil(under({ permitted = { "a.test" } }, "*.a.test"))
    assert.equal("name_constraints", under({ permitted = { "b.a.test" } }, "*.a.test"))
    assert.is_nil(under({ permitted = { "10.0.0.0/8" } }, "*.a.test"))
  end)

  it("hold for wildcards from every authority above", function()
    local upper = ca:create_child_ca({ name_constraints = { excluded = { "b.a.test" } } })
    local leaf = upper:create_child_ca():issue("*.a.test")
    local ok, err = pcall(ctx.verify_certificate, ctx, leaf.chain.pem)
    assert.is_false(ok)
    assert.equal("name_constraints", err.rule)
    assert.equal(0, err.depth)
  end)
end)
