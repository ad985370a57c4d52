local http = require "socket.http"
local ssl = require "ssl"
local testing = require "ssl.testing"
local errors = require "support.errors"
local files = require "ssl.testing.files"
local process = require "support.process"

local badargument, raises = errors.badargument, errors.raises

local HOUR, DAY = 3600, 86400
local URL = "http://ocsp.test/"

-- Before the helper counts the objects that a test leaves.
local ca = testing.CA()
local leaf = ca:issue("localhost", { ocsp = URL })
local rsa_ca = testing.CA{ key_type = "RSA" }
local rsa = rsa_ca:issue("localhost", { ocsp = URL, key_type = "RSA" })
local RSA = "rsa_pss_rsae_sha256:rsa_pkcs1_sha256"
local nameless = ca:issue("localhost")

local function server_context(...)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  for _, identity in ipairs { ... } do identity:configure_cert(ctx) end
  ca:configure_trust(ctx)
  rsa_ca:configure_trust(ctx)
  return ctx
end

local function client_context(sigalgs)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  ca:configure_trust(ctx)
  rsa_ca:configure_trust(ctx)
  ctx.ocsp_stapling = ssl.CERT_REQUIRED
  if sigalgs then ctx:set_server_sigalgs(sigalgs) end
  return ctx
end

-- Whether a client that wants a response gets a good one.
local function isstapled(server_ctx, sigalgs)
  local pair = testing.pair{ client = client_context(sigalgs), server = server_ctx,
    server_hostname = "localhost" }
  return pair:handshake().ok
end

-- A stapler with a clock that stands still, and an authority that answers as told.
local function new_stapler(context, more)
  local world = { now = os.time(), asked = 0, random = function() return 0.5 end }
  function world.answer() return ca:ocsp(leaf) end
  local options = { context = context, clock = function() return world.now end,
    random = world.random,
    fetch = function(url, request)
      world.asked, world.url, world.request = world.asked + 1, url, request
      return world.answer(request)
    end }
  for key, value in pairs(more or {}) do options[key] = value end
  return ssl.stapler(options), world
end

describe("SSLContext.get_cert_chains", function()
  it("lists a chain for each kind of key, with the issuer if that is trusted", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert.same({}, ctx:get_cert_chains())
    leaf:configure_cert(ctx)
    rsa:configure_cert(ctx)
    local chains = ctx:get_cert_chains()
    assert.equal(2, #chains)
    assert.equal(1, #chains[1])
    ca:configure_trust(ctx)
    rsa_ca:configure_trust(ctx)
    local ders = {}
    for _, chain in ipairs(ctx:get_cert_chains()) do
      ders[chain[1]] = true
      assert.equal(2, #chain)
    end
    assert.is_true(ders[ssl.PEM_cert_to_DER_cert(leaf.cert.pem)])
    assert.is_true(ders[ssl.PEM_cert_to_DER_cert(rsa.cert.pem)])
  end)

  it("adds nothing above a root", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    local own = testing.CA():create_child_ca():issue("localhost")
    own:configure_cert(ctx)
    assert.equal(2, #ctx:get_cert_chains()[1])
  end)
end)

describe("SSLSocket.get_certificate", function()
  it("is what this side shows", function()
    local server_ctx = server_context(leaf, rsa)
    for accepted, identity in pairs { ecdsa_secp256r1_sha256 = leaf, [RSA] = rsa } do
      local client_ctx = client_context(accepted)
      client_ctx.ocsp_stapling = ssl.CERT_NONE
      local pair = testing.pair{ client = client_ctx, server = server_ctx,
        server_hostname = "localhost" }
      assert.is_true(pair:handshake().ok)
      assert.equal(ssl.PEM_cert_to_DER_cert(identity.cert.pem), pair.server:get_certificate())
      assert.equal(pair.client:getpeercert(true), pair.server:get_certificate())
      assert.is_nil(pair.client:get_certificate())
    end
  end)
end)

describe("ssl.stapler", function()
  it("staples what the authority has answered", function()
    local ctx = server_context(leaf)
    local stapler, world = new_stapler(ctx)
    assert.is_false(isstapled(ctx))
    assert.is_true(stapler:refresh())
    assert.equal(URL, world.url)
    assert.equal(ssl.ocsp_request(leaf.cert.pem .. ca.cert.pem), world.request)
    assert.is_true(isstapled(ctx))
    local status = stapler:status()[1]
    assert.is_true(status.stapled)
    assert.equal("good", status.status)
    assert.equal(0, status.failures)
    assert.is_nil(status.problem)
  end)

  it("never staples what is out of date", function()
    local ctx = server_context(leaf)
    local stapler, world = new_stapler(ctx)
    stapler:tick()
    world.now = stapler:status()[1]["until"] - 1
    assert.is_true(isstapled(ctx))
    world.now = world.now + 1
    assert.is_false(isstapled(ctx))
    assert.is_false(stapler:status()[1].stapled)
  end)

  it("asks again halfway to the end, at least every hour", function()
    local stapler, world = new_stapler(server_context(leaf))
    local wait = stapler:tick()
    assert.is_true(wait > 2000 and wait <= HOUR, wait)
    assert.equal(wait, stapler:tick())
    assert.equal(1, world.asked)
    world.now = world.now + wait
    world.answer = function()
      return ca:ocsp(leaf, { this_update = world.now - 60, next_update = world.now + 400 })
    end
    wait = stapler:tick()
    assert.equal(2, world.asked)
    assert.is_true(wait > 100 and wait <= 200, wait)
  end)

  it("keeps a good answer through the authority's failures, and waits longer each time", function()
    local ctx = server_context(leaf)
    local stapler, world = new_stapler(ctx)
    stapler:tick()
    local failures = { function() return nil, "no route" end, function() error("oops") end,
      function() return "rubbish" end, function() return ca:ocsp(nameless) end,
      function() return testing.CA():ocsp(leaf) end, function() end,
      function() return ca:ocsp(leaf, { this_update = 5, next_update = 6 }) end,
      function() return ca:ocsp(leaf, { this_update = world.now + DAY,
        next_update = world.now + 2 * DAY }) end }
    local last = 0
    for i, failure in ipairs(failures) do
      world.answer = failure
      local ok, problem = stapler:refresh()
      assert.is_nil(ok)
      assert.is_string(problem)
      assert.equal(i, stapler:status()[1].failures)
      local wait = stapler:tick()
      assert.is_true(wait >= last and wait <= HOUR * 1.25, wait)
      last = wait
      assert.is_true(isstapled(ctx))
    end
    world.answer = function() return ca:ocsp(leaf) end
    assert.is_true(stapler:refresh())
    assert.equal(0, stapler:status()[1].failures)
  end)

  it("stops at once when the certificate is revoked", function()
    local theirs = testing.CA()
    local mine = theirs:issue("localhost", { ocsp = URL })
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    mine:configure_cert(ctx)
    theirs:configure_trust(ctx)
    local stapler, world = new_stapler(ctx)
    world.answer = function() return theirs:ocsp(mine) end
    assert.is_true(stapler:refresh())
    assert.is_true(stapler:status()[1].stapled)
    world.answer = function() return theirs:ocsp(mine, { status = "revoked" }) end
    local _, problem = stapler:refresh()
    assert.matches("revoked", problem)
    assert.is_false(stapler:status()[1].stapled)
    assert.equal("revoked", stapler:status()[1].status)
  end)

  it("has a response for each certificate", function()
    local ctx = server_context(leaf, rsa)
    local stapler, world = new_stapler(ctx)
    world.answer = function(request)
      local of_rsa = request == ssl.ocsp_request(rsa.cert.pem .. rsa_ca.cert.pem)
      return of_rsa and rsa_ca:ocsp(rsa) or ca:ocsp(leaf)
    end
    stapler:tick()
    assert.equal(2, world.asked)
    assert.is_true(isstapled(ctx, "ecdsa_secp256r1_sha256"))
    assert.is_true(isstapled(ctx, RSA))
  end)

  it("asks once at a time, although fetch yields", function()
    local stapler, world = new_stapler(server_context(leaf))
    world.answer = function()
      coroutine.yield()
      return ca:ocsp(leaf)
    end
    local one = coroutine.wrap(function() return stapler:refresh() end)
    one()
    local ok, problem = stapler:refresh()
    assert.is_nil(ok)
    assert.matches("under way", problem)
    assert.equal(1, world.asked)
    assert.is_true(one())
    assert.is_true(stapler:status()[1].stapled)
  end)

  it("needs a certificate, its issuer and a responder", function()
    local empty = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert.matches("no certificate",
      raises(ssl.ValueError, ssl.stapler, { context = empty }).message)
    leaf:configure_cert(empty)
    assert.matches("no issuer", raises(ssl.ValueError, ssl.stapler, { context = empty }).message)
    local silent = server_context(nameless)
    assert.matches("no OCSP responder",
      raises(ssl.ValueError, ssl.stapler, { context = silent }).message)
    assert.is_nil(silent.ocsp_response)
    local stapler, world = new_stapler(silent, { url = "http://here.test/" })
    world.answer = function() return ca:ocsp(nameless) end
    assert.is_true(stapler:refresh())
    assert.equal("http://here.test/", world.url)
  end)

  it("refuses other options", function()
    badargument(ssl.stapler, nil)
    raises(ssl.ValueError, ssl.stapler, { context = server_context(leaf), period = 5 })
    raises(ssl.ValueError, ssl.stapler, { context = server_context(leaf), fetch = "http" })
    raises(ssl.ValueError, ssl.stapler, { context = io.stdout })
    raises(ssl.ValueError, ssl.stapler, {})
  end)
end)

describe("ssl.stapler and openssl's responder", function()
  -- An authority's index for `openssl ocsp`, with one good certificate.
  local function start_responder(theirs, identity)
    local info = ssl.decode_certificate(identity.cert.pem)
    local folder = files.folder()
    local paths = folder:write({
      ["index.txt"] = ("V\t350101000000Z\t\t%s\tunknown\t/CN=x\n"):format(info.serialNumber),
      ["ca.pem"] = theirs.cert.pem, ["key.pem"] = theirs.key.pem,
    })
    return process.start({ "timeout", "60", "openssl", "ocsp", "-index", paths["index.txt"],
      "-CA", paths["ca.pem"], "-rsigner", paths["ca.pem"], "-rkey", paths["key.pem"],
      "-port", "0", "-ndays", "1", "-nmin", "5" }), folder
  end

  it("get on with each other over HTTP", function()
    local theirs = testing.CA()
    local mine = theirs:issue("localhost")
    local responder <close> = start_responder(theirs, mine)
    local port = responder:expect("ACCEPT .*:(%d+)")
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    mine:configure_cert(ctx)
    theirs:configure_trust(ctx)
    local stapler = ssl.stapler{ context = ctx, url = ("http://127.0.0.1:%s/"):format(port) }
    local ok, problem = stapler:refresh()
    assert.is_true(ok, problem)
    local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs:configure_trust(client)
    client.ocsp_stapling = ssl.CERT_REQUIRED
    local pair = testing.pair{ client = client, server = ctx, server_hostname = "localhost" }
    assert.is_true(pair:handshake().ok)
  end)

  it("say so when nobody answers, or with another status", function()
    local net <close> = require("support.loopback").new()
    local stapler = ssl.stapler{ context = server_context(leaf),
      url = ("http://127.0.0.1:%d/"):format(net:refusing()) }
    local ok, problem = stapler:refresh()
    assert.is_nil(ok)
    assert.matches("refused", problem)
    local real = http.request
    finally(function() http.request = real end)
    http.request = function() return 1, 503 end
    problem = select(2, stapler:refresh())
    assert.matches("HTTP status 503", problem)
  end)
end)
