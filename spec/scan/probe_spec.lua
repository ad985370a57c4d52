-- Probes by ClientHellos of the kit's own, against a server that no library makes.

local behaviour = require "ssl.scan.behaviour"
local hello = require "ssl.scan.hello"
local names = require "ssl.scan.names"
local old_server = require "support.old_server"
local probe = require "ssl.scan.probe"
local socket = require "socket"
local ssl = require "ssl"
local surface = require "ssl.scan.surface"

local function probe_of(plan, options)
  options = options or {}
  return probe.new(old_server.open(plan), {
    timeout = 1, deadline = options.deadline or 60, clock = socket.gettime,
  })
end

local function list(suites)
  local out = {}
  for i, suite in ipairs(suites) do
    out[i] = suite.name
  end
  return out
end

describe("A scan", function()
  it("finds SSL 2.0 and its ciphers", function()
    local result = {}
    surface.versions(probe_of({ version = 0x0300, ciphers = {}, ssl2 = { 0x010080, 0x020080 } }),
      result)
    assert.is_true(result.versions.SSLv2)
    assert.is_false(result.versions.SSLv3)
    assert.same({ "SSL2_RC4_128_WITH_MD5", "SSL2_RC4_128_EXPORT40_WITH_MD5" },
      list(result.ciphers.SSLv2))
  end)

  it("finds SSL 3.0 with export ciphers, which OpenSSL cannot offer", function()
    local one, result = probe_of({ version = 0x0300, ciphers = { 0x0003, 0x0062, 0x000A } }), {}
    surface.versions(one, result)
    surface.ciphers(one, result)
    for _, version in ipairs(names.versions) do
      assert.equal(version == "SSLv3", result.versions[version], version)
    end
    assert.same({ "TLS_RSA_EXPORT_WITH_RC4_40_MD5", "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
      "TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA" }, list(result.ciphers.SSLv3))
    assert.is_false(result.server_order.SSLv3)
  end)

  it("finds compression, and a server that ignores RFC 5746", function()
    local one, result = probe_of({ version = 0x0301, ciphers = { 0x000A }, compression = 1 }), {}
    surface.versions(one, result)
    surface.ciphers(one, result)
    behaviour.extensions(one, result)
    assert.is_true(result.compression)
    assert.is_false(result.secure_renegotiation)
    assert.is_false(result.extended_master_secret)
  end)

  it("ends at its deadline", function()
    local one = probe_of({ version = 0x0301, ciphers = {} }, { deadline = 0 })
    local ok, err = pcall(surface.versions, one, {})
    assert.is_false(ok)
    assert.is_true(ssl.isinstance(err, ssl.TimeoutError))
  end)
end)

describe("A ClientHello", function()
  it("is one that OpenSSL reads, with all that was put into it", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    local seen
    ctx.client_hello_callback = function(_, client) seen = client end
    local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming:write(hello.encode({ version = 0x0303, versions = { 0x0304 }, host = "a.test",
      ciphers = { 0x1301, 0x1302 }, groups = { 0x001D }, signatures = { 0x0403 },
      shares = { 0x001D }, alpn = "h2" }))
    local server = ctx:wrap_bio(incoming, outgoing, { server_side = true })
    pcall(server.do_handshake, server)
    assert.equal("a.test", seen.name)
    assert.same({ "h2" }, seen.alpn)
    assert.same({ 0x0304 }, seen.versions)
    assert.same({ 0x1301, 0x1302 }, seen.ciphers)
    assert.same({ 0x001D }, seen.groups)
    assert.same({ 0x0403 }, seen.signature_algorithms)
  end)
end)
