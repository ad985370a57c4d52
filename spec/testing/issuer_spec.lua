local _ssl = require "_ssl"
local der = require "ssl.testing.der"
local raises = require "support.errors".raises
local merged = require "support.merged"

local low = require "_ssl_testing"

local function description(changes)
  local key = low.newkey("P-256")
  local name = der.name({ { "CN", "x" } })
  return merged({ subject = name, issuer = name, version = 3, not_before = 0,
    not_after = 2 ^ 31 | 0, key = key, issuer_key = key, digest = "SHA256" }, changes)
end

describe("A certificate made of parts", function()
  it("is read again as it was written", function()
    local made = low.certificate(description({ extensions = { { "1.2.3", true, "\5\0" } } }))
    assert.equal(made:der(), low.readcertificate(made:pem()):der())
    assert.equal(made:der(), low.readcertificate(made:der()):der())
    assert.equal(made:subject(), low.readcertificate(made:der()):subject())
  end)

  it("is wrong where it is told to be", function()
    local made = low.certificate(description({
      version = 1, serial = "-80", not_after = "491231235959Z",
    }))
    local read = _ssl.decode_certificate(made:der())
    assert.equal(1, read.version)
    assert.equal("-80", read.serialNumber)
  end)

  it("is refused when a part is none", function()
    for _, changes in ipairs({
      { serial = "" }, { serial = "g" }, { not_before = "yesterday" }, { version = 0 },
      { digest = "SHA257" }, { not_after = 2 ^ 62 | 0 },
    }) do
      raises(_ssl.ValueError, low.certificate, description(changes))
    end
    raises(_ssl.SSLError, low.certificate, description({ subject = "x" }))
    local no_oid = { extensions = { { "no oid", false, "" } } }
    raises(_ssl.SSLError, low.certificate, description(no_oid))
    for _, changes in ipairs({
      { key = "x" }, { not_before = {} }, { extensions = { 1 } }, { extensions = { {} } },
      { serial = 1 }, { unknown = 1 },
    }) do
      assert.is_string(select(2, pcall(low.certificate, description(changes))))
    end
  end)
end)

describe("A key", function()
  it("is read again, encrypted or not", function()
    local key = low.newkey("Ed25519")
    assert.equal(key:der(), low.readkey(key:pem()):der())
    assert.equal(key:der(), low.readkey(key:der()):der())
    assert.equal(key:der(), low.readkey(key:pem("secret"), "secret"):der())
    raises(_ssl.SSLError, low.readkey, key:pem("secret"), "wrong")
    raises(_ssl.SSLError, low.readkey, key:pem("secret"))
    raises(_ssl.SSLError, low.readkey, "")
    raises(_ssl.SSLError, low.readkey, "\x30")
  end)

  it("is known by the same identifier however it is made", function()
    for _, kind in ipairs({ "P-256", "RSA-1024", "Ed25519" }) do
      local key = low.newkey(kind)
      assert.equal(20, #key:identifier())
      assert.equal(key:identifier(), low.readkey(key:pem()):identifier())
    end
  end)

  it("is of a type that there is", function()
    for _, kind in ipairs({ "", "RSA-", "RSA-x", "RSA-8", "P-255", "Ed1" }) do
      raises(_ssl.ValueError, low.newkey, kind)
    end
  end)
end)

describe("An address", function()
  it("is of either version, or none", function()
    assert.equal("\127\0\0\1", low.address("127.0.0.1"))
    assert.equal(("\0"):rep(15) .. "\1", low.address("::1"))
    for _, text in ipairs({ "", "1.2.3", "1.2.3.256", "::1::", "x", "1.2.3.4.5" }) do
      assert.is_nil(low.address(text), text)
    end
  end)
end)
