local scan = require "ssl.scan"
local ssl = require "ssl"
local system = require "support.system"
local testing = require "ssl.testing"

local function names(suites)
  local out = {}
  for i, suite in ipairs(suites) do
    out[i] = suite.name
  end
  return out
end

describe("ssl.scan.server of a context", function()
  local ca, server

  local function look(parts)
    return scan.server(server, { host = "localhost", parts = parts })
  end

  before_each(function()
    ca = testing.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca:issue("localhost"):configure_cert(server)
  end)

  after_each(function()
    ca, server = nil, nil
  end)

  it("tells exactly the ciphers that are set, in the server's order", function()
    server:set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384")
    server.options = server.options | ssl.OP_CIPHER_SERVER_PREFERENCE
    local found = look({ "ciphers" })
    assert.same({ "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" }, names(found.ciphers["TLSv1.2"]))
    assert.is_true(found.server_order["TLSv1.2"])
    assert.is_nil(found.groups)
  end)

  it("tells the versions", function()
    server.minimum_version = ssl.TLSVersion.TLSv1_3
    assert.same({ SSLv2 = false, SSLv3 = false, TLSv1 = false, ["TLSv1.1"] = false,
      ["TLSv1.2"] = false, ["TLSv1.3"] = true }, look({ "versions" }).versions)
  end)

  it("tells the groups", function()
    server:set_groups("P-384:X25519")
    local found = look({ "groups" })
    for _, version in ipairs({ "TLSv1.2", "TLSv1.3" }) do
      table.sort(found.groups[version])
      assert.same({ "secp384r1", "x25519" }, found.groups[version])
    end
  end)

  it("tells the signature algorithms", function()
    local found = look({ "signatures" })
    assert.same({ "ecdsa_secp256r1_sha256" }, found.signatures["TLSv1.3"])
    server:set_server_sigalgs("ECDSA+SHA512")
    found = look({ "signatures" })
    assert.same({ "ecdsa_secp521r1_sha512" }, found.signatures["TLSv1.2"])
  end)

  it("tells every certificate, its names, key and days", function()
    ca:issue("rsa.test", { key_type = "RSA" }):configure_cert(server)
    local found = look({ "certificates" })
    assert.equal(2, #found.chains)
    local by_type = {}
    for _, chain in ipairs(found.chains) do
      by_type[chain[1].key_type] = chain[1]
    end
    assert.equal(2048, by_type.RSA.key_bits)
    assert.same({ "rsa.test" }, by_type.RSA.names)
    assert.equal("secp256r1", by_type.EC.curve)
    assert.equal("ecdsa-with-SHA256", by_type.EC.signature)
    assert.is_true(by_type.EC.days_left > 390 and by_type.EC.days_left < 398)
  end)

  it("tells a chain in the wrong order", function()
    local leaf = ca:create_child_ca():create_child_ca():issue("localhost")
    leaf.chain[2], leaf.chain[3] = leaf.chain[3], leaf.chain[2]
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf:configure_cert(server)
    local found = look({ "certificates" })
    assert.equal(3, #found.chains[1])
    assert.is_false(found.chains[1].in_order)
  end)

  it("tells whether a careful client trusts it, and why not", function()
    local client = ssl.create_default_context()
    local found = scan.server(server, { host = "localhost", context = client, parts = { "trust" } })
    assert.is_false(found.trusted)
    assert.equal(20, found.verify_code)
    assert.is_string(found.trust_error)
    ca:configure_trust(client)
    found = scan.server(server, { host = "localhost", context = client, parts = { "trust" } })
    assert.is_true(found.trusted)
  end)

  it("gives the stapled response", function()
    local identity = ca:issue("localhost")
    identity:configure_cert(server)
    server.ocsp_response = ca:ocsp(identity)
    assert.equal(server.ocsp_response, look({ "certificates" }).staple)
  end)

  it("tells ALPN and resumption", function()
    server:set_alpn_protocols({ "h2" })
    server.num_tickets = 1
    local found = look({ "alpn", "resumption" })
    assert.same({ "h2" }, found.alpn)
    assert.is_true(found.resumption.psk and found.resumption.ticket)
    assert.equal(1, found.resumption.tickets)
    server.options = server.options | ssl.OP_NO_TICKET
    server.num_tickets = 0
    found = look({ "resumption" })
    assert.is_false(found.resumption.ticket or found.resumption.psk)
    assert.is_nil(found.resumption.lifetime)
  end)

  it("tells what it marks, and what it makes of rubbish and of the unknown", function()
    local found = look({ "extensions", "downgrade", "rubbish", "tolerance" })
    assert.is_true(found.secure_renegotiation and found.extended_master_secret)
    assert.is_false(found.compression or found.heartbeat)
    assert.same({ sentinel = true, scsv = true }, found.downgrade)
    for kind, reaction in pairs(found.rubbish) do
      assert.not_equal("answer", reaction, kind)
    end
    assert.same({ grease = true, long_hello = true, future_version = true }, found.tolerates)
  end)

  it("says so if nobody speaks TLS there", function()
    local empty = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  -- without a certificate
    local found = scan.server(empty)
    assert.is_false(found.speaks_tls)
    assert.is_nil(found.groups)
  end)
end)

describe("ssl.scan.server of a server on the wire", function()
  for _, here in ipairs({ true, false }) do
    it("finds the same: " .. (here and "in this process" or "in its own"), function()
      if system.windows and not here then return pending("there is no fork") end
      local server = testing.server({ in_process = here })
      local parts = { "versions", "ciphers", "groups", "alpn", "resumption" }
      local over_tcp = scan.server(server, { parts = parts })
      local in_memory = scan.server(server.context, { host = "localhost", parts = parts })
      assert.same(in_memory.ciphers, over_tcp.ciphers)
      assert.same(in_memory.groups, over_tcp.groups)
      assert.is_true(over_tcp.resumption.psk and over_tcp.resumption.ticket)
      assert.equal(in_memory.probes, over_tcp.probes)
    end)
  end

  it("tells a server that speaks in plain", function()
    local server = testing.server({ plain = "220 welcome\r\n" })
    assert.is_false(scan.server(server, { timeout = 1 }).speaks_tls)
  end)

  it("gives up on a server that falls silent, at the deadline", function()
    local server = testing.server({ stall = "connect" })
    assert.tls_error(function()
      scan.server(server, { timeout = 0.05, deadline = 0.2 })
    end, { class = "TimeoutError" })
  end)

  it("raises if there is no server", function()
    local server = testing.server()
    server:close()
    assert.tls_error(function() scan.server("127.0.0.1", server.port) end, { class = "OSError" })
  end)

  it("speaks in plain first, if it is told how", function()
    local server, calls = testing.server(), 0
    local found = scan.server("127.0.0.1", server.port, {
      host = "localhost", parts = { "versions" }, prepare = function() calls = calls + 1 end,
    })
    assert.is_true(found.versions["TLSv1.3"])
    assert.equal(found.probes, calls)
  end)
end)

describe("ssl.scan.server", function()
  it("refuses options that it does not know", function()
    local function message(...)
      return select(2, pcall(scan.server, ...))
    end
    assert.matches("unexpected keyword argument 'part'", message("localhost", 1, { part = {} }))
    assert.matches("no part is named 'x'", message("localhost", 1, { parts = { "x" } }))
    assert.matches("bad value for 'timeout'", message("localhost", 1, { timeout = "1" }))
    assert.matches("bad argument #1 to 'server'", message(1))
  end)
end)
