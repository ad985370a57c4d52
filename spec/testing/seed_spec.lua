local files = require "ssl.testing.files"
local process = require "support.process"
local ssl = require "ssl"
local testing = require "ssl.testing"

-- Everything that an authority makes, as bytes. A day may end between two runs: then
-- the dates differ, and the caller tries again.
local function things(key_type)
  local ca = testing.CA({ key_type = key_type })
  local child = ca:create_child_ca({ key_type = key_type })
  local leaf = child:issue("localhost", { key_type = key_type })
  child:revoke(leaf, "keyCompromise")
  return table.concat({ ca.cert.pem, ca.key.pem, leaf.chain.pem, leaf.key.pem,
    child:crl().pem }, "\n")
end

local function twice(n, m, make, ...)
  local day, first, second
  repeat
    day = os.time() // 86400
    testing.seed(n)
    first = make(...)
    testing.seed(m)
    second = make(...)
  until day == os.time() // 86400
  return first, second
end

describe("testing.seed", function()
  after_each(function() testing.seed(false) end)

  for _, key_type in ipairs({ "P-256", "P-384", "Ed25519", "Ed448", "RSA" }) do
    it("makes the same certificates, keys and lists again: " .. key_type, function()
      local first, second = twice(7, 7, things, key_type)
      assert.equal(first, second)
    end)
  end

  it("makes others for another seed", function()
    local first, second = twice(7, 8, things)
    assert.not_equal(first, second)
  end)

  it("makes others each time without a seed", function()
    assert.not_equal(testing.CA().key.pem, testing.CA().key.pem)
    testing.seed(7)
    assert.not_equal(testing.CA().key.pem, testing.CA().key.pem)
  end)

  it("leaves the random bytes of everything else to OpenSSL", function()
    testing.seed(7)
    testing.CA()
    local first = ssl.RAND_bytes(16)
    testing.seed(7)
    testing.CA()
    assert.not_equal(first, ssl.RAND_bytes(16))
  end)

  it("makes certificates that are valid now", function()
    testing.seed(7)
    local ca = testing.CA()
    local client, server = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca:configure_trust(client)
    ca:configure_crl(client)
    ca:issue("localhost"):configure_cert(server)
    local pair = testing.pair({ client = client, server = server, server_hostname = "localhost" })
    assert.is_true(pair:handshake().ok)
  end)

  it("makes broken identities that are broken in the same way", function()
    testing.seed(7)
    local ca = testing.CA()
    for _, name in ipairs({ "expired", "not_yet_valid", "expired_intermediate", "stale_staple" }) do
      local identity = testing.broken[name](ca, "localhost")
      local client, server = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      ca:configure_trust(client)
      identity:prepare(client)
      identity:configure_cert(server)
      assert.handshake_fails(client, server, { client = identity.expect })
    end
  end)

  it("gives the same random numbers again, in the range that is asked for", function()
    local function numbers()
      local out = {}
      for i = 1, 100 do
        out[i] = testing.random(6)
        assert.is_true(out[i] >= 1 and out[i] <= 6)
        local real, between = testing.random(), testing.random(-5, 5)
        assert.is_true(real >= 0 and real < 1 and between >= -5 and between <= 5)
      end
      return table.concat(out)
    end
    testing.seed(7)
    local first = numbers()
    testing.seed(7)
    assert.equal(first, numbers())
    assert.not_equal(first, numbers())
    assert.error_matches(function() testing.random(2, 1) end, "interval is empty")
  end)

  it("takes the seed of the environment, and returns one that it chose itself", function()
    assert.equal("integer", math.type(testing.seed()))
    local out = process.run({ process.lua, "-e",
      "local t = require 'ssl.testing' print(t.seed(), t.random(1000))" }, nil,
      "SSL_TESTING_SEED=42")
    testing.seed(42)
    assert.equal(("42\t%d\n"):format(testing.random(1000)), out)
    out = process.run({ process.lua, "-e", "require('ssl.testing').seed()" }, nil,
      "SSL_TESTING_SEED=x")
    assert.matches("bad SSL_TESTING_SEED ('x' is no integer)", out, 1, true)
  end)

  it("refuses what is no integer", function()
    assert.error_matches(function() testing.seed("7") end, "integer expected, got string")
  end)
end)

describe("A run of busted with a seed", function()
  local function run(code, more)
    local paths = files.folder():write({ ["seed_spec.lua"] = code, [".busted"] = "return {}" })
    return process.run({ process.lua, "tools/busted.lua", "-o", "plainTerminal",
      "--config-file", paths[".busted"], paths["seed_spec.lua"] }, nil,
      ("LUA_PATH=%s LUA_CPATH=%s %s"):format(process.quoted(package.path),
        process.quoted(package.cpath), more or ""))
  end

  local head = "local testing = require 'ssl.testing' testing.seed(%s)\n"

  it("prints the seed if it fails, and that seed repeats it", function()
    local code = head:format("") .. [[
      it("fails", function() print("key", testing.CA().key.pem) error("no") end)]]
    local out = run(code)
    local seed = out:match("ssl.testing: the seed was (%d+); SSL_TESTING_SEED=%1 repeats the run")
    assert(seed, out)
    local again = run(code, "SSL_TESTING_SEED=" .. seed)
    assert.equal(out:match("BEGIN PRIVATE KEY.-END"), again:match("BEGIN PRIVATE KEY.-END"))
  end)

  it("says nothing if it passes", function()
    local out = run(head:format("7") .. [[it("passes", function() testing.CA() end)]])
    assert.matches("1 success", out)
    assert.not_matches("the seed was", out)
  end)

  it("gives each test a stream of its own, whatever ran before", function()
    local first = head:format("7") .. [[it("first", function() testing.CA() end)]]
    local second = [[it("second", function() print(testing.CA().key.pem) end)]]
    local both = run(first .. "\n" .. second)
    local alone = run(head:format("7") .. second)
    assert.equal(both:match("BEGIN PRIVATE KEY.-END"), alone:match("BEGIN PRIVATE KEY.-END"))
  end)
end)
