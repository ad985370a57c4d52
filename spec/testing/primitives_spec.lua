-- What a TLS endpoint in Lua is made of, against the values of RFCs and of OpenSSL itself.

local low = require "_ssl_testing"
local ssl = require "ssl"
local errors = require "support.errors"
local keys = require "ssl.testing.messages.keys"
local protection = require "ssl.testing.messages.protection"

local raises = errors.raises

local function hex(bytes)
  return (bytes:gsub(".", function(char) return ("%02x"):format(char:byte()) end))
end

local function unhex(text)
  return (text:gsub("%s", ""):gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

describe("The primitives", function()
  it("have digests and HMAC (RFC 4231, 4.3)", function()
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      hex(low.digest("SHA256", "abc")))
    assert.equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      hex(low.hmac("SHA256", "Jefe", "what do ya want for nothing?")))
    raises(ssl.ValueError, low.digest, "no such digest", "")
    assert.error_matches(function() low.digest(nil, "") end, "bad argument #1 to 'digest'")
  end)

  it("seal a text that only the same key, nonce and additional data open", function()
    for cipher, size in pairs({
      ["AES-128-GCM"] = 16, ["AES-256-GCM"] = 32, ["ChaCha20-Poly1305"] = 32,
    }) do
      local key, nonce = ("k"):rep(size), ("n"):rep(12)
      local sealed = low.seal(cipher, key, nonce, "more", "text")
      assert.equal(4 + 16, #sealed)
      assert.equal("text", low.unseal(cipher, key, nonce, "more", sealed))
      assert.is_nil(low.unseal(cipher, key, nonce, "less", sealed))
      assert.is_nil(low.unseal(cipher, key, ("m"):rep(12), "more", sealed))
      assert.is_nil(low.unseal(cipher, key, nonce, "more", sealed:sub(1, -2)))
      assert.is_nil(low.unseal(cipher, key, nonce, "more", "short"))
      assert.equal("", low.unseal(cipher, key, nonce, "", low.seal(cipher, key, nonce, "", "")))
      raises(ssl.ValueError, low.seal, cipher, key .. "k", nonce, "", "")
    end
    for _, cipher in ipairs({ "AES-128-CBC", "AES-128-CCM", "none" }) do
      raises(ssl.ValueError, low.seal, cipher, ("k"):rep(16), ("n"):rep(12), "", "")
    end
  end)

  it("agree on a secret by any group, and with no share that is none", function()
    for _, group in ipairs({ "X25519", "X448", "P-256", "P-384", "P-521" }) do
      local mine, yours = low.newkey(group), low.newkey(group)
      local secret = low.agree(mine, low.share(yours))
      assert.is_string(secret)
      assert.equal(secret, low.agree(yours, low.share(mine)))
      assert.is_nil(low.agree(mine, ""))
      assert.is_nil(low.agree(mine, low.share(yours) .. "x"))
    end
    raises(ssl.SSLError, low.share, low.newkey("RSA-2048"))
  end)

  it("sign with any key", function()
    assert.equal(256, #low.sign(low.newkey("RSA-2048"), "SHA256", "data", true))
    assert.equal(256, #low.sign(low.newkey("RSA-2048"), "SHA256", "data"))
    assert.is_string(low.sign(low.newkey("P-256"), "SHA256", "data"))
    assert.equal(64, #low.sign(low.newkey("Ed25519"), nil, "data"))
    raises(ssl.SSLError, low.sign, low.newkey("Ed25519"), "SHA256", "data")
  end)
end)

describe("The keys of TLS 1.3", function()
  it("are those of RFC 8448, 3", function()
    local suite = keys.suite("TLS_AES_128_GCM_SHA256")
    local secret = unhex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21")
    local key = protection.of_secret(suite, secret)
    assert.equal("dbfaa693d1762c5b666af5d950258d01", hex(key.key))
    assert.equal("5bd3c71b836e0b76bb73265f", hex(key.iv))
    local none = ("\0"):rep(32)
    local early = keys.extract("SHA256", none, none)
    assert.equal("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a", hex(early))
    assert.equal("6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba",
      hex(keys.derive(suite, early, "derived", low.digest("SHA256", ""))))
  end)

  it("open what they have sealed, in order alone", function()
    local suite = keys.suite("TLS_AES_256_GCM_SHA384")
    local writer = protection.of_secret(suite, ("s"):rep(48))
    local reader = writer:copy()
    local first, second = writer:seal(22, "one"), writer:seal(23, "two")
    assert.is_nil(reader:copy():open(23, 0x0303, second:sub(6)))
    assert.same({ "one", 22 }, { reader:open(23, 0x0303, first:sub(6)) })
    assert.same({ "two", 23 }, { reader:open(23, 0x0303, second:sub(6)) })
  end)

  it("take zeros for padding only at the end, behind the type (RFC 8446, 5.4)", function()
    local suite = keys.suite("TLS_AES_256_GCM_SHA384")
    local writer = protection.of_secret(suite, ("s"):rep(48))
    local function sealed(content)  -- whose last byte stands for the type
      return writer:seal(content:byte(-1), content:sub(1, -2)):sub(6)
    end
    local reader = writer:copy()
    for content, expected in pairs({
      ["text\23\0\0"] = { "text", 23 }, ["\0\0\23"] = { "\0\0", 23 }, ["\22\0"] = { "", 22 },
      ["\0\0"] = { "" },
    }) do
      assert.same(expected, { reader:open(23, 0x0303, sealed(content)) })
    end
  end)
end)
