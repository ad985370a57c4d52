local ssl = require "_ssl"
local testing = require "ssl.testing"
local files = require "ssl.testing.files"
local errors = require "support.errors"

local raised = errors.raised

local PASSWORD = "correct horse"

local ca, identity, other, folder, path

local function context() return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) end

-- A certificate can only be seen by its key's fit.
local function holds(ctx, which)
  return (pcall(ctx.load_key_uri, ctx, "file:" .. path[which]))
end

-- The certificate, as DER, that a client gets from a server with this context.
local function shown(ctx)
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  client.check_hostname = false
  client.verify_mode = ssl.CERT_NONE
  local pair = testing.pair({ client = client, server = ctx, server_hostname = "localhost" })
  assert.is_true(pair:handshake().ok)
  return pair.client:getpeercert(true)
end

local function load(...)
  local ctx = context()
  ctx:load_pkcs12(...)
  return ctx
end

describe("SSLContext.load_pkcs12", function()
  setup(function()
    ca = testing.CA()
    identity, other = ca:issue("localhost"), ca:issue("localhost")
    folder = files.folder()
    path = folder:write({
      ["cert.pem"] = identity.chain.pem, ["key.pem"] = identity.key.pem,
    })
  end)

  teardown(function()
    folder:close()
    ca, identity, other, folder, path = nil, nil, nil, nil, nil
  end)

  it("takes certificate, key and chain", function()
    local p12 = identity:pkcs12(PASSWORD)
    assert.is_true(holds(load(p12, PASSWORD), "key.pem"))
    local ctx = load(ssl.bytearray(p12), { password = function() return PASSWORD end })
    assert.equal(identity.cert.der, shown(ctx))
  end)

  it("refuses a wrong password and broken data, and changes nothing", function()
    local ctx, p12 = context(), other:pkcs12(PASSWORD)
    ctx:load_cert_chain(path["cert.pem"], path["key.pem"])
    local function fails(...) return raised(ctx.load_pkcs12, ctx, ...) end
    assert.equal("MAC_VERIFY_FAILURE", fails(p12, "wrong").reason)
    assert.equal("MAC_VERIFY_FAILURE", fails(p12).reason)
    assert.equal("embedded null byte", fails(p12, PASSWORD .. "\0x").message)
    assert.equal("password cannot be longer than 1024 bytes",
      fails(p12, ("x"):rep(1025)).message)
    assert.equal("boo", fails(p12, function() error("boo", 0) end))
    for _, data in ipairs { "", "x", "0", p12:sub(1, 99) } do
      assert.is_true(ssl.isinstance(fails(data, PASSWORD), ssl.SSLError))
    end
    local weak = ca:issue("localhost", { key_type = "P-256" }):pkcs12(PASSWORD)
    ctx:set_ciphers("ALL:@SECLEVEL=4")
    assert.equal("EE_KEY_TOO_SMALL", fails(weak, PASSWORD).reason)
    assert.is_true(holds(ctx, "key.pem"))
  end)
end)
