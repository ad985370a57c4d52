local ssl = require "ssl"
local testing = require "ssl.testing"

-- Before the helper counts the objects that a test leaves.
local ca = testing.CA()

local function context()
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  ca:configure_trust(ctx)
  ctx.verify_flags = ctx.verify_flags | ssl.VERIFY_X509_STRICT
  return ctx
end

-- Where the rule is written that each breaks.
local sections = {
  old_version = "RFC 5280, 4.1.2.1", serial_zero = "RFC 5280, 4.1.2.2",
  serial_too_long = "RFC 5280, 4.1.2.2", odd_digest = "BR, 7.1.3.2", odd_key = "BR, 6.1.5",
  rare_key = "BR, 6.1.5", malformed_extension = "RFC 5280, 4.2",
  unknown_signer = "RFC 5280, 4.2.1.1", signer_by_serial = "BR, 7.1.2.11.1",
  foreign_root = "BR, 7.1.2.1.3", authority_as_server = "BR, 7.1.2.7.8",
  any_purpose = "BR, 7.1.2.7.10", critical_purpose = "BR, 7.1.2.7.6",
  root_with_purpose = "BR, 7.1.2.1.2", uncritical_policy_constraints = "RFC 5280, 4.2.1.11",
  uncritical_inhibition = "RFC 5280, 4.2.1.14", constrained_server = "RFC 5280, 4.2.1.10",
  empty_constraints = "BR, 7.1.2.5.2", dotted_constraint = "RFC 5280, 4.2.1.10",
  excluded_wildcard = "RFC 5280, 4.2.1.10", critical_names = "RFC 5280, 4.2.1.6",
  odd_name = "RFC 5280, 4.2.1.6", other_common_name = "BR, 7.1.4.3",
}

local identities = {}
for name in pairs(sections) do
  identities[name] = testing.broken[name](ca, "localhost")
end

describe("The profile webpki", function()
  for name, identity in pairs(identities) do
    it("refuses " .. name .. ", which OpenSSL accepts", function()
      local ctx = context()
      identity:prepare(ctx)
      ctx.certificate_profile = nil
      ctx:verify_certificate(identity.chain.pem, identity.host)
      ctx.certificate_profile = "webpki"
      local ok, err = pcall(ctx.verify_certificate, ctx, identity.chain.pem, identity.host)
      assert.is_false(ok)
      assert.equal(identity.expect.rule, err.rule)
      assert.equal(sections[name], err.section)
    end)
  end

  it("has a broken certificate for each rule in its table", function()
    local file = assert(io.open("src/x509/webpki.c"))
    local text, found = file:read("a"), {}
    file:close()
    for rule, section in text:gmatch('{"([%w_]+)", [%u_]+, "([^"]+)"') do
      found[rule .. ": " .. section] = true
    end
    local known = { ["subject_alt_name: BR, 7.1.2.7.12"] = true }  -- common_name_only
    for name, identity in pairs(identities) do
      known[identity.expect.rule .. ": " .. sections[name]] = true
    end
    assert.same(known, found)
  end)

  it("refuses a certificate that names its host by the common name alone", function()
    local identity, ctx = testing.broken.common_name_only(ca, "localhost"), context()
    ctx:verify_certificate(identity.chain.pem, "localhost")
    ctx.certificate_profile = "webpki"
    local ok, err = pcall(ctx.verify_certificate, ctx, identity.chain.pem, "localhost")
    assert.is_false(ok)
    assert.equal("subject_alt_name", err.rule)
    assert.equal("BR, 7.1.2.7.12", err.section)
  end)

  it("accepts what ssl.testing issues, by every kind of key that the Web has", function()
    for _, key in ipairs({ "P-256", "P-384", "P-521", "RSA" }) do
      local root = testing.CA({ key_type = key })
      local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      root:configure_trust(ctx)
      ctx.certificate_profile = "webpki"
      local leaf = root:create_child_ca({ key_type = key, path_length = 0,
        name_constraints = { permitted = { "localhost" }, excluded = { "10.0.0.0/8" } },
      }):issue("localhost", { key_type = key, common_name = "localhost", digest = "SHA384" })
      assert.equal(3, #ctx:verify_certificate(leaf.chain.pem, "localhost"), key)
    end
  end)

  it("asks a root neither who signed it nor how, but for its key", function()
    for options, rule in pairs({
      [{ serial = 0, digest = "SHA224" }] = false, [{ key_type = "Ed25519" }] = "key",
      [{ key_type = "RSA-2052" }] = "key",
    }) do
      local root = testing.CA(options)
      local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      root:configure_trust(ctx)
      ctx.certificate_profile = "webpki"
      local leaf = root:issue("localhost")
      local ok, err = pcall(ctx.verify_certificate, ctx, leaf.chain.pem, "localhost")
      assert.equal(not rule, ok)
      if rule and options.key_type ~= "Ed25519" then  -- which the leaf's signature tells first
        assert.equal(rule, err.rule)
        assert.equal(1, err.depth)
      end
    end
  end)

  it("holds a certificate that is trusted by itself to a server's rules", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.verify_flags = ctx.verify_flags | ssl.VERIFY_X509_PARTIAL_CHAIN
    ctx.certificate_profile = "webpki"
    local good, bad = ca:issue("localhost"), testing.broken.any_purpose(ca, "localhost")
    ctx:load_verify_locations({ cadata = good.cert.pem .. bad.cert.pem })
    assert.same({ good.cert.der }, ctx:verify_certificate(good.cert.pem, "localhost"))
    local ok, err = pcall(ctx.verify_certificate, ctx, bad.cert.pem, "localhost")
    assert.is_false(ok)
    assert.equal("extended_key_usage", err.rule)
  end)
end)
