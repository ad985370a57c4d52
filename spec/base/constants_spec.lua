local python = require "support.python"
local ssl = require "ssl"
local _ssl = require "_ssl"

-- Python's values of what both have: name -> value.
local function theirs(module, prefixes)
  return python.run([[
import importlib
module = importlib.import_module(data[0])
result = {n: getattr(module, n) for n in dir(module)
          if n.startswith(tuple(data[1])) and isinstance(getattr(module, n), (int, str))}
]], { module, prefixes })
end

local function ours(prefix)
  local names = {}
  for name in pairs(ssl) do
    if name:find("^" .. prefix) then names[#names + 1] = name end
  end
  return names
end

local function same_values(prefixes)
  local count = 0
  for name, value in pairs(theirs("ssl", prefixes)) do
    assert.equal(value, ssl[name], name)
    count = count + 1
  end
  return count
end

describe("The constants", function()
  if not python.atleast(3, 10) then
    pending("are compared with CPython 3.10 or newer only")
    return
  end

  it("for verification are CPython's", function()
    assert.is_true(same_values({ "CERT_", "VERIFY_" }) >= 9)
  end)

  it("of protocols are CPython's", function()
    assert.is_true(same_values({ "PROTOCOL_" }) >= 7)
  end)

  it("of options are CPython's", function()
    assert.is_true(same_values({ "OP_" }) >= 14)
  end)

  it("of alerts are CPython's", function()
    assert.is_true(same_values({ "ALERT_DESCRIPTION_" }) >= 27)
  end)

  it("of errors are CPython's", function()
    assert.is_true(same_values({ "SSL_ERROR_" }) >= 9)
  end)

  it("of features are CPython's, as booleans", function()
    for name, value in pairs(theirs("ssl", { "HAS_" })) do
      -- CPython gave NPN up in 3.10; before, it said what OpenSSL has.
      if name ~= "HAS_NPN" then assert.equal(value, ssl[name], name) end
    end
    for _, name in ipairs(ours("HAS_")) do assert.is_boolean(ssl[name], name) end
  end)

  it("of versions of the protocol and of host flags are CPython's", function()
    for name, value in pairs(theirs("_ssl", { "PROTO_", "HOSTFLAG_" })) do
      assert.equal(value, _ssl[name], name)
    end
    for name, value in pairs(python.run(
      "import ssl; result = {n: int(v) for n, v in ssl.TLSVersion.__members__.items()}")) do
      assert.equal(value, ssl.TLSVersion[name], name)
    end
  end)

  it("of sockets are those of Python's module socket", function()
    local known = theirs("socket", { "SO_", "SOL_SOCKET", "SHUT_", "IPPROTO_", "IP_", "IPV6_",
      "TCP_", "SOCK_" })
    local count = 0
    for _, prefix in ipairs { "SO_", "SOL_", "SHUT_", "IPPROTO_", "IP_", "IPV6_", "TCP_",
        "SOCK_" } do
      for _, name in ipairs(ours(prefix)) do
        assert.equal(known[name], ssl[name], name)
        count = count + 1
      end
    end
    assert.is_true(count > 30)
  end)

  it("lack none that CPython has", function()
    local skip = { SOCK_STREAM = true }
    for name in pairs(theirs("ssl", { "CERT_", "VERIFY_", "PROTOCOL_", "OP_", "HAS_",
        "ALERT_DESCRIPTION_", "SSL_ERROR_", "OPENSSL_" })) do
      assert.is_true(skip[name] or ssl[name] ~= nil, name)
    end
  end)

  it("of the messages are CPython's", function()
    for _, enum in ipairs { "_TLSContentType", "_TLSAlertType", "_TLSMessageType" } do
      local members = python.run(
        "import ssl; result = {n: int(v) for n, v in getattr(ssl, data).__members__.items()}",
        enum)
      local copy = {}
      for name, value in pairs(ssl[enum]) do copy[name] = value end
      assert.same(members, copy)
    end
  end)

  it("name the OpenSSL that runs, as CPython does on the same", function()
    local _, text = python.version()
    if text ~= ssl.OPENSSL_VERSION then
      return pending("Python runs on " .. tostring(text))
    end
    assert.same(python.run("import ssl; result = list(ssl.OPENSSL_VERSION_INFO)"),
      ssl.OPENSSL_VERSION_INFO)
    assert.equal(python.run("import ssl; result = ssl.OPENSSL_VERSION_NUMBER"),
      ssl.OPENSSL_VERSION_NUMBER)
  end)

  it("begin with CPython's default ciphers", function()
    if not python.owndefaults() then return pending("Python was built with OpenSSL's ciphers") end
    assert.equal(python.run("import ssl; result = ssl._DEFAULT_CIPHERS"), ssl._DEFAULT_CIPHERS)
  end)

  it("hold the paths that OpenSSL was built with", function()
    local _, text = python.version()
    if text ~= ssl.OPENSSL_VERSION then
      return pending("Python runs on " .. tostring(text))
    end
    assert.same(python.run("import _ssl; result = list(_ssl.get_default_verify_paths())"),
      { _ssl.get_default_verify_paths() })
  end)
end)

describe("The module", function()
  it("takes OpenSSL's version apart as the number says", function()
    local n = ssl.OPENSSL_VERSION_NUMBER
    assert.same({ n >> 28, n >> 20 & 0xff, n >> 12 & 0xff, n >> 4 & 0xff, n & 0xf },
      ssl.OPENSSL_VERSION_INFO)
  end)

  it("has numbers for all of its integer constants", function()
    for _, prefix in ipairs { "CERT_", "VERIFY_", "PROTOCOL_", "OP_", "ALERT_DESCRIPTION_",
        "SSL_ERROR_" } do
      for _, name in ipairs(ours(prefix)) do
        assert.equal("integer", math.type(ssl[name]), name)
      end
    end
  end)

  it("keeps to itself what is private in CPython", function()
    for name in pairs(ssl) do
      assert.is_nil(name:match("^PROTO_"), name)
      assert.is_nil(name:match("^HOSTFLAG_"), name)
      assert.is_nil(name:match("^_alive$") or name:match("^_push"), name)
    end
    assert.is_nil(ssl.txt2obj)
    assert.is_nil(ssl.HAS_TLS_UNIQUE)
  end)

  it("has LuaSec's names as well, and its modules", function()
    for _, name in ipairs { "newcontext", "wrap", "loadcertificate", "config" } do
      assert.is_truthy(ssl[name], name)
    end
    for _, name in ipairs { "context", "x509", "core", "config" } do
      assert.is_table(require("ssl." .. name), name)
    end
  end)

  it("sets no globals", function()
    for name in pairs(_G) do
      assert.is_nil(name:match("^ssl$") or name:match("^_ssl$"))
    end
  end)
end)
