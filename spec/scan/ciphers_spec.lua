local ciphers = require "ssl.scan.ciphers"
local ssl = require "ssl"

describe("The list of cipher suites", function()
  it("has all that OpenSSL has, with the same bits, as far as TLS registers them", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx:set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    local count = 0
    for _, theirs in ipairs(ctx:get_ciphers()) do
      local ours = ciphers.by_code[theirs.id & 0xFFFF]
      assert(ours, theirs.name)
      -- CCM_8's short tag makes OpenSSL count fewer; GOST's names are its own
      if not theirs.name:find("CCM8") then
        assert.equal(theirs.strength_bits, ours.bits, theirs.name)
      end
      count = count + 1
    end
    assert.is_true(count > 50)
  end)

  it("tells forward secrecy by the key exchange", function()
    local function secret(name) return ciphers.by_name[name].forward_secret end
    assert.is_true(secret("TLS_AES_128_GCM_SHA256"))
    assert.is_true(secret("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
    assert.is_true(secret("TLS_DHE_PSK_WITH_AES_128_CBC_SHA"))
    assert.is_false(secret("TLS_RSA_WITH_AES_128_GCM_SHA256"))
    assert.is_false(secret("TLS_ECDH_RSA_WITH_AES_128_CBC_SHA"))
    assert.is_false(secret("TLS_DH_RSA_WITH_AES_128_CBC_SHA"))
  end)

  it("finds no fault with modern ones, and each fault of old ones", function()
    local function faults(name) return table.concat(ciphers.by_name[name].faults, "; ") end
    assert.equal("", faults("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"))
    assert.equal("", faults("TLS_AES_256_GCM_SHA384"))
    for name, fault in pairs({
      TLS_RSA_WITH_NULL_SHA = "encrypts nothing", TLS_RSA_EXPORT_WITH_RC4_40_MD5 = "40 bits",
      TLS_DH_anon_WITH_AES_128_CBC_SHA = "nobody proves", TLS_RSA_WITH_RC4_128_SHA = "RC4",
      TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA = "64 bits",
      TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA = "padding", TLS_RSA_WITH_AES_128_CCM = "old connections",
    }) do
      assert.matches(fault, faults(name), 1, true)
    end
  end)

  it("gives a name to what nobody has registered", function()
    local suite = ciphers.get(0x7777)
    assert.equal("TLS_UNKNOWN_7777", suite.name)
    assert.is_true(#suite.faults > 0)
  end)
end)
