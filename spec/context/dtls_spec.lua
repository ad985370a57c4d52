local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"

local raises = errors.raises

local client_kind, server_kind = ssl.PROTOCOL_DTLS_CLIENT, ssl.PROTOCOL_DTLS_SERVER

describe("A context for DTLS", function()
  it("verifies as one for TLS does", function()
    local client, server = ssl.SSLContext(client_kind), ssl.SSLContext(server_kind)
    assert.equal(client_kind, client.protocol)
    assert.equal(server_kind, server.protocol)
    assert.equal(ssl.CERT_REQUIRED, client.verify_mode)
    assert.is_true(client.check_hostname)
    assert.equal(ssl.CERT_NONE, server.verify_mode)
    assert.is_false(server.check_hostname)
    assert.is_true(ssl.HAS_DTLSv1_2)
  end)

  it("speaks DTLS 1.2, and has no other versions to choose from", function()
    local client, server = joined.connect(contexts.dtls())
    assert.equal("DTLSv1.2", client:version())
    assert.equal("DTLSv1.2", server:version())
    local ctx = ssl.SSLContext(client_kind)
    for _, attribute in ipairs({ "minimum_version", "maximum_version" }) do
      for _, version in ipairs({ ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.MAXIMUM_SUPPORTED }) do
        raises(ssl.ValueError, function() ctx[attribute] = version end)
      end
    end
  end)

  it("has the ciphers of one for TLS, but for those of TLS 1.3", function()
    local function names(protocol)
      local list = {}
      for _, cipher in ipairs(ssl.SSLContext(protocol):get_ciphers()) do
        if cipher.protocol ~= "TLSv1.3" then list[#list + 1] = cipher.name end
      end
      return list
    end
    assert.same(names(ssl.PROTOCOL_TLS_CLIENT), names(client_kind))
  end)

  it("is for one side alone", function()
    local client, server = contexts.dtls()
    local function queues() return ssl.MemoryBIO(true), ssl.MemoryBIO(true) end
    local up, down = queues()
    local err = raises(ssl.SSLError, client.wrap_bio, client, up, down, true)
    assert.matches("PROTOCOL_DTLS_CLIENT", err.message, 1, true)
    err = raises(ssl.SSLError, server.wrap_bio, server, up, down)
    assert.matches("PROTOCOL_DTLS_SERVER", err.message, 1, true)
    raises(ssl.ValueError, function() client.sni_callback = print end)
    raises(ssl.ValueError, function() client.client_hello_callback = print end)
    raises(ssl.ValueError, function() client.num_tickets = 1 end)
    raises(ssl.SSLError, client.set_ticket_keys, client, {})
    if ssl.HAS_PSK then
      raises(ssl.SSLError, client.set_psk_server_callback, client, print)
      raises(ssl.SSLError, server.set_psk_client_callback, server, print)
    end
  end)

  it("takes sockets and queues of datagrams alone, and one for TLS takes none", function()
    local dtls, tls = contexts.dtls(), contexts.new()
    local options = { server_hostname = "localhost" }
    for datagrams, ctx in pairs({ [false] = dtls, [true] = tls }) do
      local good, bad = ssl.MemoryBIO(not datagrams), ssl.MemoryBIO(datagrams)
      raises(ssl.ValueError, ctx.wrap_bio, ctx, good, bad, options)
      raises(ssl.ValueError, ctx.wrap_bio, ctx, bad, good, options)
      assert(ctx:wrap_bio(good, good, options))
    end
    raises(ssl.ValueError, dtls.wrap_socket, dtls, 0, options)
    raises(ssl.ValueError, tls.wrap_datagram, tls, 0, options)
  end)

  it("does not take the place of a context for TLS, nor the reverse", function()
    local tls, dtls = contexts.new(), contexts.dtls()
    local stream = joined.objects(contexts.new())
    local datagrams = joined.objects(contexts.dtls())
    raises(ssl.ValueError, function() stream.context = dtls end)
    raises(ssl.ValueError, function() datagrams.context = tls end)
    datagrams.context = dtls
    assert.equal(dtls, datagrams.context)
  end)
end)

describe("SSLContext.retransmission_timeout", function()
  it("is a second at first, and a minute at most, as RFC 6347 recommends", function()
    local ctx = ssl.SSLContext(client_kind)
    assert.equal(1, ctx.retransmission_timeout)
    assert.equal(60, ctx.max_retransmission_timeout)
    for _, attribute in ipairs({ "retransmission_timeout", "max_retransmission_timeout" }) do
      for _, seconds in ipairs({ 0.02, 0.5, 60 }) do
        ctx[attribute] = seconds
        assert.near(seconds, ctx[attribute], 0.000001)
      end
      for _, seconds in ipairs({ 0, 0.019, 60.1, -1, 0 / 0, math.huge }) do
        raises(ssl.ValueError, function() ctx[attribute] = seconds end)
      end
      for _, value in ipairs({ "1", true, {} }) do
        assert.matches("bad value for", errors.raised(errors.set, ctx, attribute, value), 1, true)
      end
    end
  end)

  it("belongs to DTLS", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert.is_nil(ctx.retransmission_timeout)
    assert.is_nil(ctx.max_retransmission_timeout)
    raises(ssl.ValueError, function() ctx.retransmission_timeout = 1 end)
    raises(ssl.ValueError, function() ctx.max_retransmission_timeout = 1 end)
  end)

  it("is how long a connection waits, and doubles up to the longest wait", function()
    local ctx = contexts.dtls()
    ctx.retransmission_timeout, ctx.max_retransmission_timeout = 20, 60
    local client = joined.objects(ctx, select(2, contexts.dtls()))
    assert.is_nil(client:timeout())
    raises(ssl.SSLWantReadError, client.do_handshake, client)
    local left = client:timeout()
    assert.is_true(left > 10 and left <= 20, left)
    assert.is_false(client:handle_timeout())
  end)
end)

describe("SSLContext.set_srtp_profiles", function()
  local both = { "SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80" }

  it("has both sides agree on a profile, and on keys for it", function()
    local client_ctx, server_ctx = contexts.dtls()
    client_ctx:set_srtp_profiles(both)
    server_ctx:set_srtp_profiles({ both[2] })
    local client, server = joined.connect(client_ctx, server_ctx)
    assert.equal(both[2], client:selected_srtp_profile())
    assert.equal(both[2], server:selected_srtp_profile())
    local label = "EXTRACTOR-dtls_srtp"
    assert.equal(client:export_keying_material(label, 60), server:export_keying_material(label, 60))
  end)

  it("agrees on nothing where one side has none", function()
    local client_ctx, server_ctx = contexts.dtls()
    client_ctx:set_srtp_profiles(both)
    local client, server = joined.connect(client_ctx, server_ctx)
    assert.is_nil(client:selected_srtp_profile())
    assert.is_nil(server:selected_srtp_profile())
  end)

  it("refuses what is no profile, and contexts for TLS", function()
    local ctx = contexts.dtls()
    raises(ssl.ValueError, ctx.set_srtp_profiles, ctx, {})
    raises(ssl.ValueError, ctx.set_srtp_profiles, ctx, { "SRTP_NONSENSE" })
    raises(ssl.ValueError, ctx.set_srtp_profiles, ctx, { both[1] .. "\0" })
    errors.badargument(ctx.set_srtp_profiles, ctx, { 1 })
    errors.badargument(ctx.set_srtp_profiles, ctx, both[1])
    local tls = contexts.new()
    raises(ssl.ValueError, tls.set_srtp_profiles, tls, both)
    local client = joined.connect(contexts.new())
    raises(ssl.ValueError, client.selected_srtp_profile, client)
  end)
end)
