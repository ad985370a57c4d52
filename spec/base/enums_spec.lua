local ssl = require "ssl"
local raised = require "support.errors".raised

describe("An enum", function()
  it("holds the constants of its kind, and no others", function()
    for enum, prefix in pairs { VerifyMode = "CERT_", VerifyFlags = "VERIFY_", Options = "OP_",
        AlertDescription = "ALERT_DESCRIPTION_", SSLErrorNumber = "SSL_ERROR_",
        Protocol = "PROTOCOL_" } do
      local count = 0
      for name, value in pairs(ssl[enum]) do
        assert.equal(ssl[name], value)
        assert.equal(prefix, name:sub(1, #prefix))
        count = count + 1
      end
      for name in pairs(ssl) do
        if name:sub(1, #prefix) == prefix then count = count - 1 end
      end
      assert.equal(0, count, enum)
    end
  end)

  it("turns each number back into a name of that number", function()
    for _, enum in ipairs { "VerifyMode", "VerifyFlags", "Options", "AlertDescription",
        "SSLErrorNumber", "Protocol", "TLSVersion", "_TLSAlertType", "_TLSContentType",
        "_TLSMessageType" } do
      for name, value in pairs(ssl[enum]) do
        local shown = ssl[enum]:name(value)
        assert.equal(value, ssl[enum][shown], name)
      end
    end
    assert.equal("CERT_REQUIRED", ssl.VerifyMode:name(2))
    assert.equal("TLSv1_3", ssl.TLSVersion:name(0x304))
    assert.equal("MAXIMUM_SUPPORTED", ssl.TLSVersion:name(-1))
  end)

  it("shows the current name where an old one has the same number", function()
    assert.equal("PROTOCOL_TLS", ssl.Protocol:name(ssl.PROTOCOL_SSLv23))
    assert.equal("OP_NO_SSLv2", ssl.Options:name(0))
  end)

  it("has no name for a number that is none of its own", function()
    for _, number in ipairs { 3, -1, 2.5, "2", math.mininteger } do
      assert.is_nil(ssl.VerifyMode:name(number))
    end
    assert.is_nil(ssl.VerifyMode:name(nil))
    assert.is_nil(ssl.VerifyMode.OP_ALL)
  end)

  it("lists the flags of a combination by their numbers", function()
    assert.same({ "VERIFY_X509_STRICT", "VERIFY_X509_PARTIAL_CHAIN" },
      ssl.VerifyFlags:names(ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT))
    assert.same({}, ssl.Options:names(0))
    assert.same({ "OP_NO_TICKET" }, ssl.Options:names(ssl.OP_NO_TICKET))
  end)

  it("names a constant of several bits once all of them are set", function()
    local names = table.concat(ssl.Options:names(ssl.OP_ALL | ssl.OP_NO_TICKET), " ")
    assert.equal("OP_NO_TICKET OP_ALL", names)
    assert.is_nil(table.concat(ssl.Options:names(ssl.OP_ALL & ~0x10), " "):find("OP_ALL"))
    assert.same({ "VERIFY_CRL_CHECK_LEAF", "VERIFY_CRL_CHECK_CHAIN" },
      ssl.VerifyFlags:names(ssl.VERIFY_CRL_CHECK_CHAIN))
  end)

  it("loses no bit that it has no name for", function()
    assert.same({ "OP_NO_TICKET", "0x8000000000000001" },
      ssl.Options:names(ssl.OP_NO_TICKET | math.mininteger | 1))
  end)

  it("cannot be added to", function()
    assert.matches("enums_spec.lua:%d+: ssl.Options is read%-only",
      raised(function() ssl.Options.OP_MORE = 1 end))
    assert.is_nil(ssl.Options.OP_MORE)
  end)

  it("of protocols goes by Python's private name too", function()
    assert.equal(ssl.Protocol, ssl._SSLMethod)
  end)
end)

describe("get_protocol_name", function()
  it("names protocols, and calls others unknown", function()
    assert.equal("PROTOCOL_TLS_CLIENT", ssl.get_protocol_name(ssl.PROTOCOL_TLS_CLIENT))
    assert.equal("PROTOCOL_TLS", ssl.get_protocol_name(ssl.PROTOCOL_TLS))
    assert.equal("<unknown>", ssl.get_protocol_name(99))
  end)
end)
