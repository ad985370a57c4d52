-- SSLContext.dane: TLSA records in place of authorities.

local ssl = require "ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local joined = require "support.joined"
local process = require "support.process"

local leaf, authority = contexts.identity()

-- The digest of a certificate's DER by the openssl command: no code of ours.
local function sha256(der)
  local out = process.run({ "openssl", "dgst", "-sha256", "-r" }, der)
  return (out:match("^%x+"):gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

local function client(records)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  ctx.dane = records
  return ctx
end

-- Whether both are connected, the client to a name; and the client's error.
local function joins(ctx, server, name)
  local down, up = ssl.MemoryBIO(), ssl.MemoryBIO()
  local err = joined.handshake(ctx:wrap_bio(down, up, { server_hostname = name }),
    server:wrap_bio(up, down, true))
  return err == false, err
end

-- The same with a server that has our certificate.
local function connects(ctx, name)
  local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  leaf:configure_cert(server)
  return joins(ctx, server, name or "localhost")
end

describe("SSLContext.dane", function()
  it("takes the server that a record names, with no authority trusted", function()
    assert.is_true((connects(client({ { 3, 0, 1, sha256(leaf.cert.der) } }))))
    assert.is_true((connects(client({ { 3, 0, 0, ssl.bytearray(leaf.cert.der) } }))))
    assert.is_true((connects(client({ { 2, 0, 1, ("x"):rep(32) },
      { 3, 0, 1, sha256(leaf.cert.der) } }))))
  end)

  it("refuses another", function()
    local ok, err = connects(client({ { 3, 0, 1, sha256(authority.cert.der) } }))
    assert.is_false(ok)
    assert.is_true(ssl.isinstance(err, ssl.SSLCertVerificationError))
    assert.is_false((connects(client(nil))))
    assert.is_false((connects(client({}))))
  end)

  it("checks the name, unless a record of the server's own key makes that needless", function()
    local record = { 3, 0, 1, sha256(leaf.cert.der) }
    assert.is_false((connects(client({ record }), "elsewhere.test")))
    assert.is_true((connects(client({ record, no_ee_namechecks = true }), "elsewhere.test")))
    assert.is_false((connects(client({ record, no_ee_namechecks = false }), "elsewhere.test")))
  end)

  it("is what was set", function()
    local ctx = client({ { 3, 1, 1, ("\0"):rep(32) }, no_ee_namechecks = true })
    assert.same({ { 3, 1, 1, ("\0"):rep(32) }, no_ee_namechecks = true }, ctx.dane)
    ctx.dane = {}
    assert.same({ no_ee_namechecks = false }, ctx.dane)
    ctx.dane = nil
    assert.is_nil(ctx.dane)
    assert.is_nil(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).dane)
  end)

  it("leaves out a record whose meaning OpenSSL does not know", function()
    assert.is_true((connects(client({ { 3, 0, 255, "x" }, { 3, 0, 1, sha256(leaf.cert.der) } }))))
    local ctx = client({ { 3, 0, 255, "x" } })
    assert.is_false((connects(ctx)))
    authority:configure_trust(ctx)  -- with no record left, authorities count
    assert.is_true((connects(ctx)))
  end)

  it("refuses what is no record, and stays as it was", function()
    local ctx = client({ { 3, 0, 1, ("x"):rep(32) } })
    for _, wrong in ipairs({ { 5 }, { {} }, { { 3, 1, 1 } }, { { 3, 1, 1, 5 } },
        { { 300, 1, 1, "x" } }, { { -1, 1, 1, "x" } }, { { "3", 1, 1, "x" } },
        { { 3, 1, 1.5, "x" } } }) do
      local ok, err = pcall(function() ctx.dane = wrong end)
      assert.is_false(ok)
      assert.is_true(ssl.isinstance(err, ssl.ValueError))
      assert.matches("TLSA record 1 ", err.message, 1, true)
    end
    for _, wrong in ipairs({ { { 3, 0, 1, "too short" } }, { { 3, 0, 0, "no certificate" } } }) do
      local ok, err = pcall(function() ctx.dane = wrong end)
      assert.is_false(ok)
      assert.is_true(ssl.isinstance(err, ssl.SSLError))
    end
    for _, wrong in ipairs({ 5, "x", true }) do
      assert.has_error(function() ctx.dane = wrong end)
    end
    assert.equal(1, #ctx.dane)
  end)

  it("checks the name as before where new records are refused", function()
    local ctx = client({ { 3, 0, 1, sha256(leaf.cert.der) } })
    assert.is_false((pcall(function()
      ctx.dane = { { 3, 0, 1, "too short" }, no_ee_namechecks = true }
    end)))
    assert.is_false(ctx.dane.no_ee_namechecks)
    assert.is_false((connects(ctx, "elsewhere.test")))
  end)

  it("needs a name to be about", function()
    local ctx = client({ { 3, 0, 1, sha256(leaf.cert.der) } })
    ctx.check_hostname = false
    local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    local ok, err = pcall(ctx.wrap_bio, ctx, up, down)
    assert.is_false(ok)
    assert.matches("server_hostname", err.message, 1, true)
  end)

  it("is nothing to a server", function()
    local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.dane = { { 3, 0, 1, ("x"):rep(32) } }
    leaf:configure_cert(server)
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority:configure_trust(ctx)
    assert.is_true((joins(ctx, server, "localhost")))
  end)

  it("takes an authority that a record names, which the server sends", function()
    local child = testing.CA():create_child_ca()
    local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    child:issue("localhost"):configure_cert(server)
    local ctx = client({ { 2, 0, 1, sha256(child.cert.der) } })
    assert.is_true((joins(ctx, server, "localhost")))
    assert.is_false((joins(ctx, server, "elsewhere.test")))
  end)
end)
