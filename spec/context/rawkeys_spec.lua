local ssl = require "_ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"

local raised, raises = errors.raised, errors.raises
local there = ssl.OPENSSL_VERSION_NUMBER >= 0x30200000

local UNTRUSTED = 95

-- Before the helper counts the objects that a test leaves.
local leaf = contexts.identity()
local ca = testing.CA()
local stranger = ca:issue("stranger.test")

-- A client and a server of raw keys alone; `accepts` is the client's verify_callback.
local function rawcontexts(accepts, version)
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  if version then contexts.only(version, client, server) end
  server:load_private_key{ keydata = stranger.key.pem }
  server.server_certificate_types, client.server_certificate_types = { "rpk" }, { "rpk" }
  client.verify_callback = accepts
  return client, server
end

local function connect(client_ctx, server_ctx, session)
  local client, server = joined.objects(client_ctx, server_ctx, session)
  local cerr, serr = joined.handshake(client, server)
  return cerr, serr, client, server
end

describe("The kinds of certificate", function()
  it("are X.509 at first, and can be set to that", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for _, attribute in ipairs { "server_certificate_types", "client_certificate_types" } do
      assert.same({ "x509" }, ctx[attribute])
      ctx[attribute] = { "x509" }
      assert.same({ "x509" }, ctx[attribute])
    end
  end)

  it("refuse what is none, one given twice, and none at all", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for _, attribute in ipairs { "server_certificate_types", "client_certificate_types" } do
      local function set(value) return function() ctx[attribute] = value end end
      assert.matches("has 'x509' and 'rpk', not 'openpgp'",
        raises(ssl.ValueError, set { "openpgp" }).message)
      assert.matches("'x509' is given twice",
        raises(ssl.ValueError, set { "x509", "x509", "rpk" }).message)
      assert.matches("may not be empty", raises(ssl.ValueError, set {}).message)
      for _, value in ipairs { 5, "rpk", true, { 2 }, { {} } } do
        assert.truthy(raised(set(value)):find("bad value for '" .. attribute .. "' (", 1, true))
      end
      assert.same({ "x509" }, ctx[attribute])
    end
  end)
end)

if not there then
  describe("Raw public keys", function()
    it("need OpenSSL 3.2, and say so", function()
      local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      local function set() ctx.server_certificate_types = { "rpk" } end
      assert.matches("3%.2.*" .. ssl.OPENSSL_VERSION:match("%d[%d.]*"),
        raises(ssl.NotImplementedError, set).message)
      raises(ssl.NotImplementedError, ctx.load_private_key, ctx, { keydata = leaf.key.pem })
    end)
  end)
  return
end

describe("Raw public keys", function()
  it("are kept in their order", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for _, kinds in ipairs { { "rpk" }, { "rpk", "x509" }, { "x509", "rpk" }, { "x509" } } do
      ctx.server_certificate_types = kinds
      assert.same(kinds, ctx.server_certificate_types)
      assert.same({ "x509" }, ctx.client_certificate_types)
    end
  end)

  for _, version in ipairs { 0x303, 0x304 } do
    it(("are accepted by the callback alone, in version 0x%x"):format(version), function()
      local heard
      local client_ctx, server_ctx = rawcontexts(function(...)
        heard = table.pack(...)
        return true
      end, version)
      local cerr, serr, client, server = connect(client_ctx, server_ctx)
      assert.is_false(cerr)
      assert.is_false(serr)
      joined.echo(client, server)
      local key = client:get_peer_public_key()
      assert.same({ false, UNTRUSTED, 0, nil, client, key, n = 6 }, heard)
      assert.is_nil(client:getpeercert())
      assert.is_nil(server:get_peer_public_key())
    end)

    it(("are refused without one, in version 0x%x"):format(version), function()
      local cerr, serr = connect(rawcontexts(nil, version))
      assert.is_true(ssl.isinstance(cerr, ssl.SSLCertVerificationError))
      assert.equal(UNTRUSTED, cerr.verify_code)
      assert.is_true(ssl.isinstance(serr, ssl.SSLError))
      cerr = connect(rawcontexts(function() return false end, version))
      assert.equal(UNTRUSTED, cerr.verify_code)
      cerr = connect(rawcontexts(function() end, version))
      assert.equal(UNTRUSTED, cerr.verify_code)
    end)
  end

  it("are those of the certificate, where there is one", function()
    local client_ctx, server_ctx = contexts.new()
    local _, _, client = connect(client_ctx, server_ctx)
    local certified = client:get_peer_public_key()
    client_ctx.server_certificate_types, server_ctx.server_certificate_types = { "rpk" }, { "rpk" }
    client_ctx.verify_callback = function(_, _, _, _, _, key) return key == certified end
    local cerr
    cerr, _, client = connect(client_ctx, server_ctx)
    assert.is_false(cerr)
    assert.equal(certified, client:get_peer_public_key())
    assert.is_nil(client:getpeercert(true))
  end)

  it("are shown only to who takes them", function()
    local client_ctx, server_ctx = contexts.new()
    for _, kinds in ipairs { { "rpk", "x509" }, { "rpk" } } do
      server_ctx.server_certificate_types = kinds
      local cerr, _, client = connect(client_ctx, server_ctx)
      assert.is_false(cerr)
      assert.is_string(client:getpeercert(true))
    end
  end)

  it("do not keep a certificate from being checked that comes in their place", function()
    local client_ctx, server_ctx = contexts.new()
    client_ctx.server_certificate_types = { "rpk" }
    local cerr, _, client = connect(client_ctx, server_ctx)
    assert.is_false(cerr)
    assert.is_string(client:getpeercert(true))
    client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_ctx.server_certificate_types = { "rpk" }
    cerr = connect(client_ctx, server_ctx)
    assert.is_true(ssl.isinstance(cerr, ssl.SSLCertVerificationError))
  end)

  it("serve for clients, too, and are not taken unless the server's callback does", function()
    local client_ctx, server_ctx = contexts.new()
    client_ctx:load_private_key{ keydata = stranger.key.pem }
    client_ctx.client_certificate_types = { "rpk" }
    server_ctx.client_certificate_types = { "rpk", "x509" }
    server_ctx.verify_mode = ssl.CERT_REQUIRED
    local _, serr = connect(client_ctx, server_ctx)
    assert.is_true(ssl.isinstance(serr, ssl.SSLCertVerificationError))
    assert.equal(UNTRUSTED, serr.verify_code)
    server_ctx.verify_callback = function(_, _, _, _, _, key) return key ~= nil end
    local server
    _, serr, _, server = connect(client_ctx, server_ctx)
    assert.is_false(serr)
    assert.is_string(server:get_peer_public_key())
  end)

  it("are resumed with their session, where they were accepted", function()
    local called = 0
    local client_ctx, server_ctx = rawcontexts(function()
      called = called + 1
      return true
    end)
    local client = joined.connect(client_ctx, server_ctx)
    local key = client:get_peer_public_key()
    local again = joined.connect(client_ctx, server_ctx, client.session)
    assert.is_true(again.session_reused)
    assert.equal(key, again:get_peer_public_key())
    assert.equal(1, called)
    client_ctx.check_hostname = false
    client_ctx.verify_mode = ssl.CERT_NONE
    local unverified = joined.connect(client_ctx, server_ctx)
    client_ctx.verify_mode = ssl.CERT_REQUIRED
    assert.is_false(joined.connect(client_ctx, server_ctx, unverified.session).session_reused)
  end)
end)

describe("SSLContext.load_private_key", function()
  it("refuses what is no key, the wrong password, and both a file and data", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    raises(ssl.SSLError, ctx.load_private_key, ctx, { keydata = "no key" })
    raises(ssl.SSLError, ctx.load_private_key, ctx, { keydata = "" })
    raises(ssl.ValueError, ctx.load_private_key, ctx, { keyfile = "x", keydata = leaf.key.pem })
    assert.equal(2, raises(ssl.OSError, ctx.load_private_key, ctx, "/nowhere/key.pem").errno)
    assert.matches("bad argument #1", raised(ctx.load_private_key, ctx))
    local encrypted = leaf.key:encrypted("secret")
    raises(ssl.SSLError, ctx.load_private_key, ctx, { keydata = encrypted, password = "wrong" })
    ctx:load_private_key{ keydata = encrypted, password = "secret" }
  end)

  it("refuses another key than that of a certificate of its kind", function()
    local _, server_ctx = contexts.new()
    raises(ssl.SSLError, server_ctx.load_private_key, server_ctx, { keydata = stranger.key.pem })
    assert.is_false((connect(contexts.new(), server_ctx)))
  end)
end)

describe("get_peer_public_key", function()
  it("is the key in the certificate, byte for byte", function()
    local client, server = joined.connect(contexts.new())
    local key = client:get_peer_public_key()
    assert.truthy(client:getpeercert(true):find(key, 1, true))
    assert.is_nil(server:get_peer_public_key())
    local waiting = joined.objects(contexts.new())
    raises(ssl.ValueError, waiting.get_peer_public_key, waiting)
  end)
end)
