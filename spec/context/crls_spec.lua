local ssl = require "ssl"
local testing = require "ssl.testing"
local low = require "_ssl_testing"
local der = require "ssl.testing.der"
local extensions = require "ssl.testing.extensions"
local errors = require "support.errors"

local badargument, raises = errors.badargument, errors.raises

local HOUR = 3600

-- A client that looks for the server in a revocation list, and a server.
local function contexts_of(ca, identity)
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  ca:configure_trust(client)
  client.verify_flags = client.verify_flags | ssl.VERIFY_CRL_CHECK_LEAF
  identity:configure_cert(server)
  return client, server
end

local function handshake(client, server)
  local pair = testing.pair{ client = client, server = server, server_hostname = "localhost" }
  return pair:handshake()
end

local REVOKED, NO_LIST = 23, 3

-- The authority's list, in DER.
local function list(ca, options) return ca:crl(options).der end

describe("SSLContext.replace_crl", function()
  it("puts a newer list in the place of the old one", function()
    local ca = testing.CA()
    local leaf = ca:issue("localhost")
    local client, server = contexts_of(ca, leaf)
    assert.equal(NO_LIST, handshake(client, server).client.error.verify_code)
    local now = os.time()
    local since, till = client:replace_crl(list(ca, { this_update = now - HOUR,
      next_update = now + HOUR }))
    assert.equal(now - HOUR, since)
    assert.equal(now + HOUR, till)
    assert.is_true(handshake(client, server).ok)
    ca:revoke(leaf)
    client:replace_crl(list(ca, { this_update = now - 10, next_update = now + HOUR }))
    assert.equal(REVOKED, handshake(client, server).client.error.verify_code)
  end)

  it("leaves the lists alone that were loaded for good", function()
    local ca = testing.CA()
    local leaf = ca:issue("localhost")
    local client, server = contexts_of(ca, leaf)
    ca:revoke(leaf)
    client:load_crl(list(ca, { this_update = os.time() - 10 }))
    assert.equal(1, client:cert_store_stats().crl)
    assert.equal(REVOKED, handshake(client, server).client.error.verify_code)
    local old = testing.CA()
    old:configure_trust(client)
    client:replace_crl(list(old))
    assert.equal(1, client:cert_store_stats().crl)
    assert.equal(REVOKED, handshake(client, server).client.error.verify_code)
  end)

  it("keeps one list for each authority", function()
    local one, other = testing.CA{ common_name = "one" }, testing.CA{ common_name = "other" }
    local client, server = contexts_of(one, one:issue("localhost"))
    other:configure_trust(client)
    client:replace_crl(list(one))
    client:replace_crl(list(other))
    assert.is_true(handshake(client, server).ok)
  end)

  it("refuses an older list, a stranger's, one out of date, and rubbish", function()
    local ca = testing.CA()
    local leaf = ca:issue("localhost")
    local client, server = contexts_of(ca, leaf)
    local now = os.time()
    client:replace_crl(list(ca, { this_update = now - 10, next_update = now + HOUR }))
    local function refused(text, data)
      assert.matches(text, raises(ssl.SSLError, client.replace_crl, client, data).message)
      assert.is_true(handshake(client, server).ok)
    end
    ca:revoke(leaf)
    refused("older", list(ca, { this_update = now - 20, next_update = now + HOUR }))
    refused("out of date", list(ca, { this_update = now - HOUR, next_update = now - 10 }))
    refused("not valid yet", list(ca, { this_update = now + HOUR, next_update = now + 2 * HOUR }))
    refused("not signed", list(testing.CA()))
    refused("no revocation list", "rubbish")
    refused("no revocation list", "")
    refused("no revocation list", ca.cert.pem)
    badargument(client.replace_crl, client)
    badargument(client.replace_crl, client, 5)
  end)

  it("refuses a list of changes, which OpenSSL would take for a complete one", function()
    local ca = testing.CA()
    local leaf = ca:issue("localhost")
    local client, server = contexts_of(ca, leaf)
    ca:revoke(leaf)
    client:replace_crl(list(ca))
    local changes = low.crl({ issuer = ca.cert.handle:subject(), key = ca.key.handle,
      updated = os.time() - 10, next = os.time() + HOUR, revoked = {}, extensions = {
        extensions.authority_key_identifier(ca.key.handle:identifier()),
        extensions.crl_number(2),
        { "2.5.29.27", true, der.integer(1) },  -- since list number 1
      } })
    assert.matches("delta list", raises(ssl.SSLError, client.replace_crl, client, changes).message)
    assert.equal(REVOKED, handshake(client, server).client.error.verify_code)
  end)

  it("keeps the memory of one list, not of all", function()
    local ca = testing.CA()
    local client, server = contexts_of(ca, ca:issue("localhost"))
    for i = 1, 50 do client:replace_crl(list(ca, { this_update = os.time() - 100 + i })) end
    assert.equal(0, client:cert_store_stats().crl)
    assert.is_true(handshake(client, server).ok)
  end)
end)

describe("ssl.crl_keeper", function()
  local function new_keeper(ca, client, more)
    local world = { now = os.time(), asked = {} }
    function world.answer() return list(ca) end
    local options = { context = client, clock = function() return world.now end,
      random = function() return 0.5 end,
      fetch = function(url)
        world.asked[#world.asked + 1] = url
        return world.answer()
      end }
    for key, value in pairs(more or {}) do options[key] = value end
    return ssl.crl_keeper(options), world
  end

  it("fetches the lists, and again in time", function()
    local ca = testing.CA()
    local client, server = contexts_of(ca, ca:issue("localhost"))
    local keeper, world = new_keeper(ca, client, { urls = { "http://crl.test/a" } })
    local wait = keeper:tick()
    assert.is_true(wait > 60 and wait <= HOUR, wait)
    assert.is_true(handshake(client, server).ok)
    assert.equal(wait, keeper:tick())
    assert.same({ "http://crl.test/a" }, world.asked)
    world.now = world.now + wait
    keeper:tick()
    assert.equal(2, #world.asked)
    local status = keeper:status()[1]
    assert.equal("http://crl.test/a", status.url)
    assert.is_true(status["until"] > os.time())
  end)

  it("finds the distribution points of the certificates that the context has", function()
    local ca = testing.CA()
    local child = ca:create_child_ca{ crl = "http://crl.test/root" }
    local mine = child:issue("localhost", { crl = "http://crl.test/child" })
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    mine:configure_cert(ctx)
    ca:configure_trust(ctx)
    local keeper, world = new_keeper(ca, ctx)
    keeper:tick()
    table.sort(world.asked)
    assert.same({ "http://crl.test/child", "http://crl.test/root" }, world.asked)
  end)

  it("keeps the old list, and says so, while a new one cannot be had", function()
    local ca = testing.CA()
    local client, server = contexts_of(ca, ca:issue("localhost"))
    local keeper, world = new_keeper(ca, client, { urls = { "http://crl.test/a" } })
    assert.is_true(keeper:refresh())
    for i, failure in ipairs { function() return nil, "no route" end, function() error("oops") end,
        function() return "rubbish" end, function() return list(testing.CA()) end } do
      world.answer = failure
      local ok, problem = keeper:refresh()
      assert.is_nil(ok)
      assert.is_string(problem)
      assert.equal(i, keeper:status()[1].failures)
      assert.is_true(handshake(client, server).ok)
    end
  end)

  it("refuses a context without lists, and other options", function()
    local ca = testing.CA()
    local client = contexts_of(ca, ca:issue("localhost"))
    local err = raises(ssl.ValueError, ssl.crl_keeper, { context = client })
    assert.matches("give 'urls'", err.message)
    raises(ssl.ValueError, ssl.crl_keeper, { context = client, urls = { 5 } })
    raises(ssl.ValueError, ssl.crl_keeper, { context = client, urls = "http://crl.test/a" })
    raises(ssl.ValueError, ssl.crl_keeper, { urls = { "http://crl.test/a" } })
    badargument(ssl.crl_keeper)
  end)
end)
