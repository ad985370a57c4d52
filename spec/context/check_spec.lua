local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"

local badargument, kept, raises = errors.badargument, errors.kept, errors.raises
local Refused = ssl.SSLCertVerificationError

local EXPIRED, REVOKED, TOO_LONG, REJECTED, EMAIL = 10, 23, 22, 28, 63
local DAY = 86400

-- Before the helper counts the objects that a test leaves.
local _, authority = contexts.identity()
local child = authority:create_child_ca()
local leaf = child:issue("localhost", "127.0.0.1")

local function new_context(protocol)
  local ctx = ssl.SSLContext(protocol or ssl.PROTOCOL_TLS_CLIENT)
  authority:configure_trust(ctx)
  return ctx
end

describe("SSLContext:verify_certificate", function()
  it("returns the chain that it built", function()
    local chain = { leaf.cert.der, child.cert.der, authority.cert.der }
    for _, certificates in ipairs({
      leaf.chain.pem, ssl.bytearray(leaf.chain.pem), leaf.cert.der .. child.cert.der,
      { leaf.cert.der, child.cert.der }, { leaf.cert.pem, child.cert.pem }, { leaf.chain.pem },
    }) do
      assert.same(chain, new_context():verify_certificate(certificates, "localhost"))
    end
    assert.same(chain, new_context():verify_certificate(leaf.chain.pem, "127.0.0.1"))
    assert.same(chain, new_context():verify_certificate(leaf.chain.pem))
  end)

  it("tells which certificate breaks which rule, and where that is written", function()
    local now = os.time()
    local old = authority:create_child_ca({ not_before = now - 9 * DAY, not_after = now - DAY })
    local below = old:issue("localhost")
    local err = raises(Refused, function()
      new_context():verify_certificate(below.chain.pem, "localhost")
    end)
    assert.equal("validity", err.rule)
    assert.equal("RFC 5280, 4.1.2.5", err.section)
    assert.equal(EXPIRED, err.verify_code)
    assert.equal(1, err.depth)
    assert.equal(old.cert.der, err.certificate)
    assert.same({ below.cert.der, old.cert.der, authority.cert.der }, err.chain)
    assert.matches("^'CN=ssl.testing CA %x+,O=ssl.testing', depth 1: .* %(RFC 5280, 4.1.2.5%)$",
      err.verify_message)
    assert.matches(err.verify_message, err.message, 1, true)
  end)

  it("names a certificate without a subject by its serial number", function()
    local nobody = authority:issue("localhost", { subject = {}, serial = "1234abcd" })
    local err = raises(Refused, function()
      new_context():verify_certificate(nobody.cert.pem, "other.test")
    end)
    assert.matches("^the certificate 1234ABCD, depth 0: ", err.verify_message)
  end)

  it("cuts a subject that is longer than anyone reads, between characters", function()
    local long = authority:issue("localhost", { common_name = ("ü"):rep(60),
      organization = ("é"):rep(60) })
    local err = raises(Refused, function()
      new_context():verify_certificate(long.cert.pem, "other.test")
    end)
    assert.is_truthy(utf8.len(err.verify_message))
    assert.matches("é%.%.%.', depth 0: ", err.verify_message)
  end)

  it("checks for a host, an address or a mailbox", function()
    local ctx = new_context()
    local function refused(certificate, name)
      return raises(Refused, ctx.verify_certificate, ctx, certificate, name)
    end
    assert.equal("subject_alt_name", refused(leaf.chain.pem, "other.test").rule)
    assert.equal("subject_alt_name", refused(leaf.chain.pem, "127.0.0.2").rule)
    local person = authority:issue("me@example.org")
    ctx:verify_certificate(person.cert.pem, "me@example.org", ssl.Purpose.CLIENT_AUTH)
    assert.equal(EMAIL, refused(person.cert.pem, "you@example.org").verify_code)
    ctx.check_hostname = false
    assert.equal(EMAIL, refused(person.cert.pem, "you@example.org").verify_code)
  end)

  it("takes the purpose from the context, or as it is told", function()
    local for_clients = authority:issue("localhost", { extended_key_usage = { "clientAuth" } })
    local client, server = new_context(), new_context(ssl.PROTOCOL_TLS_SERVER)
    local pem = for_clients.cert.pem
    local err = raises(Refused, client.verify_certificate, client, pem)
    assert.equal("extended_key_usage", err.rule)
    server:verify_certificate(pem)
    client:verify_certificate(pem, { purpose = ssl.Purpose.CLIENT_AUTH })
    err = raises(Refused, server.verify_certificate, server, pem, nil, ssl.Purpose.SERVER_AUTH)
    assert.equal("extended_key_usage", err.rule)
  end)

  it("goes by the time that it is given", function()
    local ctx, now = new_context(), os.time()
    ctx:verify_certificate(leaf.chain.pem, { time = now + 300 * DAY })
    local err = raises(Refused, ctx.verify_certificate, ctx, leaf.chain.pem,
      { time = now + 400 * DAY })
    assert.equal(EXPIRED, err.verify_code)
    err = raises(Refused, ctx.verify_certificate, ctx, leaf.chain.pem, { time = 0 })
    assert.equal("validity", err.rule)
  end)

  it("goes no deeper than it is told", function()
    local ctx = new_context()
    ctx:verify_certificate(leaf.chain.pem, { depth = 1 })
    local err = raises(Refused, ctx.verify_certificate, ctx, leaf.chain.pem, { depth = 0 })
    assert.equal(TOO_LONG, err.verify_code)
    assert.equal("depth", err.rule)
  end)

  it("looks at the revocation lists of the context", function()
    local ca = testing.CA()
    local revoked = testing.broken.revoked(ca, "localhost")
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ca:configure_trust(ctx)
    ctx:verify_certificate(revoked.chain.pem, "localhost")
    revoked:prepare(ctx)
    local err = raises(Refused, ctx.verify_certificate, ctx, revoked.chain.pem, "localhost")
    assert.equal(REVOKED, err.verify_code)
    assert.equal("revocation", err.rule)
  end)

  it("goes by verify_flags, common names and security level", function()
    local ctx = new_context()
    local named = authority:issue({ common_name = "localhost" })
    ctx:verify_certificate(named.cert.pem, "localhost")
    ctx.hostname_checks_common_name = false
    raises(Refused, ctx.verify_certificate, ctx, named.cert.pem, "localhost")
    local odd = authority:issue("localhost", { key_type = "RSA-1024" })
    ctx:set_ciphers("DEFAULT@SECLEVEL=1")
    ctx:verify_certificate(odd.cert.pem, "localhost")
    ctx:set_ciphers("DEFAULT@SECLEVEL=2")
    assert.equal("key", raises(Refused, ctx.verify_certificate, ctx, odd.cert.pem).rule)
    local alone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    alone:load_verify_locations({ cadata = child.cert.pem })
    raises(Refused, alone.verify_certificate, alone, leaf.cert.pem)
    alone.verify_flags = alone.verify_flags | ssl.VERIFY_X509_PARTIAL_CHAIN
    assert.equal(2, #alone:verify_certificate(leaf.cert.pem))
  end)

  it("checks whatever verify_mode and verify_callback say", function()
    local ctx, asked = new_context(), false
    ctx.check_hostname = false
    ctx.verify_mode = ssl.CERT_NONE
    ctx.verify_callback = function() asked = true return true end
    raises(Refused, ctx.verify_certificate, ctx, testing.CA():issue("localhost").cert.pem)
    assert.is_false(asked)
  end)

  it("agrees with a handshake on every broken identity", function()
    local ca = testing.CA()
    for identity in testing.each_broken(ca, "localhost") do
      local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      ca:configure_trust(ctx)
      identity:prepare(ctx)
      local ok, err = pcall(ctx.verify_certificate, ctx, identity.chain.pem, identity.host)
      if identity.needs == "OCSP stapling" or identity.name == "many_names" then
        assert.is_true(ok, identity.name)  -- that is not in the certificates
      else
        assert.is_false(ok, identity.name)
        assert.equal(identity.expect.verify_code, err.verify_code, identity.name)
        assert.is_string(err.rule, identity.name)
        assert.matches("^%u+ ?%d*, [%d.]+$", err.section)
        assert.equal(err.chain[err.depth + 1], err.certificate, identity.name)
      end
    end
  end)

  it("refuses what is no certificate, name, purpose, time or depth", function()
    local ctx, pem = new_context(), leaf.chain.pem
    local verify = ctx.verify_certificate
    badargument(verify, ctx)
    badargument(verify, ctx, 5)
    badargument(verify, ctx, { 5 })
    badargument(verify, ctx, pem, 5)
    badargument(verify, ctx, pem, nil, "server")
    badargument(verify, ctx, pem, nil, ssl.Purpose)
    badargument(verify, ctx, pem, nil, nil, "now")
    badargument(verify, ctx, pem, nil, nil, 1.5)
    badargument(verify, ctx, pem, nil, nil, nil, "deep")
    for _, certificates in ipairs({ {}, "", { "" } }) do
      raises(ssl.ValueError, verify, ctx, certificates)
    end
    raises(ssl.SSLError, verify, ctx, "no certificate")
    raises(ssl.SSLError, verify, ctx, pem .. "-----BEGIN CERTIFICATE-----\nxx")
    for _, name in ipairs({ "", ".x", "a..b", "a\0b" }) do
      assert.is_false((pcall(verify, ctx, pem, name)), name)
    end
    for _, depth in ipairs({ -1, 1001, math.maxinteger }) do
      raises(ssl.ValueError, verify, ctx, pem, { depth = depth })
    end
    assert.error_matches(function() verify(ctx, pem, { server_hostname = "x" }) end,
      "unexpected keyword argument 'server_hostname'")
    verify(ctx, pem, "localhost")
  end)
end)

describe("SSLContext.certificate_profile", function()
  it("is none at first, and of a name that there is", function()
    local ctx = new_context()
    assert.is_nil(ctx.certificate_profile)
    ctx.certificate_profile = "webpki"
    assert.equal("webpki", ctx.certificate_profile)
    assert.is_true(ssl.isinstance(kept(ctx, "certificate_profile", "webpkI"), ssl.ValueError))
    assert.is_true(ssl.isinstance(kept(ctx, "certificate_profile", ""), ssl.ValueError))
    assert.matches("bad value for 'certificate_profile'", kept(ctx, "certificate_profile", 5))
    ctx.certificate_profile = nil
    assert.is_nil(ctx.certificate_profile)
  end)

  -- Both sides' errors, where `server` shows `identity`.
  local function shake(identity, change)
    local client_ctx, server_ctx = new_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity:configure_cert(server_ctx)
    client_ctx.certificate_profile = "webpki"
    if change then change(client_ctx, server_ctx) end
    local client, server = joined.objects(client_ctx, server_ctx)
    local cerr, serr = joined.handshake(client, server)
    return cerr, serr, client, server
  end

  local unruly = testing.broken.serial_zero(authority, "localhost")

  it("lets a good certificate pass", function()
    local cerr, serr, client, server = shake(leaf)
    assert.is_false(cerr)
    assert.is_false(serr)
    joined.echo(client, server)
  end)

  it("ends the handshake with bad_certificate, and names the rule", function()
    local cerr, serr = shake(unruly)
    assert.is_true(ssl.isinstance(cerr, Refused))
    assert.equal(REJECTED, cerr.verify_code)
    assert.equal("serial_number", cerr.rule)
    assert.equal("RFC 5280, 4.1.2.2", cerr.section)
    assert.equal(0, cerr.depth)
    assert.equal(unruly.cert.der, cerr.certificate)
    assert.matches("^'O=ssl.testing', depth 0, has a serial number", cerr.verify_message)
    assert.equal("SSLV3_ALERT_BAD_CERTIFICATE", serr.reason)
  end)

  it("is asked about by verify_callback, which may accept", function()
    local asked = {}
    local function answer(with)
      return function(client)
        client.verify_callback = function(ok, code, depth, der)
          if not ok then
            asked[#asked + 1] = { code, depth, der == unruly.cert.der }
            return with
          end
        end
      end
    end
    assert.is_false((shake(unruly, answer(true))))
    assert.equal("serial_number", shake(unruly, answer(nil)).rule)
    assert.equal("serial_number", shake(unruly, answer(false)).rule)
    assert.same({ { REJECTED, 0, true }, { REJECTED, 0, true }, { REJECTED, 0, true } }, asked)
  end)

  it("tells of the next broken rule when one is accepted", function()
    local two = authority:issue("localhost", { serial = 0, names = { { "dns", "a_b" } } })
    local rules = {}
    local cerr = shake(two, function(client)
      client.verify_callback = function(ok) if not ok then
        rules[#rules + 1] = true
        return #rules == 1 or nil
      end end
    end)
    assert.equal("subject_alt_name", cerr.rule)
    assert.equal(2, #rules)
  end)

  it("holds clients' certificates to the same rules", function()
    local cerr, serr = shake(leaf, function(client, server)
      client.certificate_profile = nil
      unruly:configure_cert(client)
      authority:configure_trust(server)
      server.verify_mode = ssl.CERT_REQUIRED
      server.certificate_profile = "webpki"
    end)
    assert.is_not_true(cerr)
    assert.is_true(ssl.isinstance(serr, Refused))
    assert.equal("serial_number", serr.rule)
  end)

  it("makes OpenSSL's own rules strict", function()
    local unnamed = authority:issue("localhost", { extensions = {
      { oid = "2.5.29.35", omit = true },
    } })
    assert.is_false((shake(unnamed, function(client) client.certificate_profile = nil end)))
    local cerr = shake(unnamed)
    assert.equal("authority_key_identifier", cerr.rule)
  end)

  it("has no say where nothing is checked", function()
    assert.is_false((shake(unruly, function(client)
      client.check_hostname = false
      client.verify_mode = ssl.CERT_NONE
    end)))
  end)

  it("is that of the context that sni_callback chooses", function()
    local other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other.certificate_profile = "webpki"
    leaf:configure_cert(other)
    authority:configure_trust(other)
    local _, serr = shake(leaf, function(client, server)
      client.certificate_profile = nil
      unruly:configure_cert(client)
      server.verify_mode = ssl.CERT_REQUIRED
      authority:configure_trust(server)
      server.sni_callback = function(conn) conn.context = other end
    end)
    assert.equal("serial_number", serr.rule)
  end)

  it("leaves CPython's message to what OpenSSL refuses", function()
    local cerr = shake(authority:issue("other.test"))
    assert.equal("Hostname mismatch, certificate is not valid for 'localhost'.",
      cerr.verify_message)
    assert.equal("subject_alt_name", cerr.rule)
    assert.equal("RFC 9525, 6", cerr.section)
  end)
end)
