local ssl = require "_ssl"
local testing = require "ssl.testing"
local files = require "ssl.testing.files"
local errors = require "support.errors"
local process = require "support.process"
local read = require "support.read"
local system = require "support.system"

local raised, raises = errors.raised, errors.raises

local PASSWORD = "correct horse"

local ca, identity, other, folder, path

local function context() return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) end

-- A certificate can only be seen by its key's fit.
local function holds(ctx, which)
  return (pcall(ctx.load_key_uri, ctx, system.uri(path[which])))
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

-- What `openssl pkcs12 -export` makes of the identity; nil where it cannot.
local function export(options, who)
  local name = folder.path .. "/made.p12"
  who = who or ""
  local done = os.execute(("openssl pkcs12 -export -iter 1 -passout 'pass:%s' -in '%s' -inkey '%s' "
    .. "%s -out '%s' 2>/dev/null"):format(PASSWORD, path[who .. "cert.pem"],
      path[who .. "key.pem"], options, name))
  return done and read(name)
end

-- Here is OpenSSL's legacy provider? Debian has it in a package of its own since 13.
local function haslegacy()
  return os.execute("openssl list -providers -provider legacy >/dev/null 2>&1")
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
    local rsa = ca:issue("localhost", { key_type = "RSA" })
    folder = files.folder()
    path = folder:write({
      ["cert.pem"] = identity.chain.pem, ["key.pem"] = identity.key.pem,
      ["othercert.pem"] = other.cert.pem, ["otherkey.pem"] = other.key.pem,
      ["rsacert.pem"] = rsa.chain.pem, ["rsakey.pem"] = rsa.key.pem, ["rsakey.der"] = rsa.key.der,
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
    assert.equal("PKCS12", fails(p12, "wrong").library)
    assert.matches(": wrong password, or damaged data$", fails(p12, "wrong").message)
    assert.equal("PKCS12", fails(p12).library)
    assert.matches(": data has a password: give it$", fails(p12).message)
    assert.equal("embedded null byte", fails(p12, PASSWORD .. "\0x").message)
    assert.equal("password cannot be longer than 1024 bytes",
      fails(p12, ("x"):rep(1025)).message)
    assert.equal("boo", fails(p12, function() error("boo", 0) end))
    for _, data in ipairs { "", "x", "0", p12:sub(1, 99) } do
      local err = fails(data, PASSWORD)
      assert.is_true(ssl.isinstance(err, ssl.SSLError))
      assert.matches(": data is not PKCS#12, or damaged", err.message)
    end
    assert.matches(": data is PEM, not PKCS#12: load_cert_chain takes it as certdata$",
      fails(identity.cert.pem, PASSWORD).message)
    local weak = ca:issue("localhost", { key_type = "P-256" }):pkcs12(PASSWORD)
    ctx:set_ciphers("ALL:@SECLEVEL=4")
    assert.equal("EE_KEY_TOO_SMALL", fails(weak, PASSWORD).reason)
    assert.is_true(holds(ctx, "key.pem"))
  end)

  it("refuses data without a certificate and its key", function()
    for _, options in ipairs { "-nokeys", "-nocerts" } do
      local err = raises(ssl.SSLError, load, export(options), PASSWORD)
      assert.equal("no certificate with its key in data", err.message)
    end
  end)

  describe("without a MAC", function()
    it("takes what the password opens, of each kind of key", function()
      assert.equal(identity.cert.der, shown(load(export("-nomac"), PASSWORD)))
      for _, kind in ipairs { "RSA", "P-384", "Ed25519", "Ed448" } do
        local made = ca:issue("localhost", { key_type = kind })
        local names = folder:write({ ["xcert.pem"] = made.chain.pem, ["xkey.pem"] = made.key.pem })
        path["xcert.pem"], path["xkey.pem"] = names["xcert.pem"], names["xkey.pem"]
        assert.equal(made.cert.der, shown(load(export("-nomac", "x"), PASSWORD)), kind)
      end
    end)

    it("says that the password is wrong, or missing", function()
      local data = export("-nomac")
      assert.matches(": wrong password, or damaged data$", raises(ssl.SSLError, load, data, "wrong")
        .message)
      assert.matches(": data has a password: give it$", raises(ssl.SSLError, load, data).message)
    end)

    it("takes what is not encrypted, as from a file in PEM", function()
      local data = export("-nomac -keypbe NONE -certpbe NONE")
      for _, arguments in ipairs { { data }, { data, "" }, { data, "needless" } } do
        assert.equal(identity.cert.der, shown(load(table.unpack(arguments))))
      end
    end)

    it("says that OpenSSL does not know the kind of the key", function()
      local made = ca:issue("localhost", { key_type = "Ed25519" })
      local names = folder:write({ ["edcert.pem"] = made.chain.pem, ["edkey.pem"] = made.key.pem })
      path["edcert.pem"], path["edkey.pem"] = names["edcert.pem"], names["edkey.pem"]
      local data = export("-nomac -keypbe NONE -certpbe NONE", "ed")
      local strange = data:gsub("\x06\x03%\x2b\x65\x70", "\x06\x03\x2b\x65\x77")
      local err = raises(ssl.SSLError, load, strange)
      assert.matches(": this OpenSSL does not know the kind of the private key in data$",
        err.message)
    end)

    it("refuses a private key that was tampered with", function()
      local data = export("-nomac -keypbe NONE -certpbe NONE", "rsa")
      local tail = read(path["rsakey.der"]):sub(-20)  -- of the last of the numbers for RSA-CRT
      local first, last = data:find(tail, 1, true)
      assert.is_truthy(first)
      load(data)
      local bent = data:sub(1, last - 1) .. string.char(data:byte(last) ~ 1) .. data:sub(last + 1)
      local err = raises(ssl.SSLError, load, bent)
      assert.equal("data has no MAC, and its private key is damaged", err.message)
    end)
  end)

  describe("of data that wants OpenSSL's legacy provider", function()
    local old = { "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-40",
      "-keypbe PBE-SHA1-RC2-40 -certpbe PBE-SHA1-RC2-40",
      "-nomac -keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-3DES" }

    local function each()
      if not haslegacy() then return pending("openssl has no legacy provider here") end
      local list = {}
      for i, options in ipairs(old) do
        list[i] = assert(export(options .. " -provider default -provider legacy"))
      end
      return list
    end

    it("names the algorithm, and says how to convert the file", function()
      for _, data in ipairs(each() or {}) do
        local err = raises(ssl.SSLError, load, data, PASSWORD)
        assert.matches("RC[24]", err.message)
        assert.is_truthy(err.message:find("openssl pkcs12 -legacy -in", 1, true), err.message)
        assert.is_truthy(err.message:find("legacy = true", 1, true))
        assert.is_nil(err.message:find(PASSWORD, 1, true))
      end
    end)

    it("loads it with legacy = true, into a context like any other", function()
      for _, data in ipairs(each() or {}) do
        local ctx = load({ data = data, password = PASSWORD, legacy = true })
        collectgarbage()
        assert.equal(identity.cert.der, shown(ctx))
        assert.is_true(holds(ctx, "key.pem"))
        assert.matches(": wrong password, or damaged data$",
          raises(ssl.SSLError, load, data, "wrong", true).message)
        assert.matches(": data has a password: give it$",
          raises(ssl.SSLError, load, { data = data, legacy = true }).message)
      end
    end)

    it("leaves the rest of the process without the old algorithms", function()
      local list = each() or {}
      if list[1] then
        local name = folder.path .. "/rc2.pem"
        assert(os.execute(("openssl pkcs8 -topk8 -in '%s' -v1 PBE-SHA1-RC2-40 -provider default "
          .. "-provider legacy -passout 'pass:%s' -out '%s'"):format(path["key.pem"], PASSWORD,
            name)))
        local ctx = load(list[1], { password = function()
          raises(ssl.SSLError, load, list[1], PASSWORD)  -- amid a call that may
          return PASSWORD
        end, legacy = true })
        raises(ssl.SSLError, load, list[1], PASSWORD)
        local err = raises(ssl.SSLError, ctx.load_cert_chain, ctx, path["cert.pem"], name, PASSWORD)
        assert.is_truthy(err.message:find("OpenSSL's default provider cannot decrypt the private "
          .. "key in '" .. name .. "'", 1, true), err.message)
      end
    end)

    it("takes new data as well", function()
      if haslegacy() then
        assert.equal(identity.cert.der, shown(load(identity:pkcs12(PASSWORD), PASSWORD, true)))
        raises(ssl.SSLError, load, "x", PASSWORD, true)
        assert.equal("boo", raised(load, identity:pkcs12("x"), function() error("boo", 0) end,
          true))
      end
    end)

    it("raises NotImplementedError where the provider is not installed", function()
      local program = [[
        local ssl = require "_ssl"
        local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        local ok, err = pcall(ctx.load_pkcs12, ctx, { data = "x", legacy = true })
        assert(not ok and ssl.isinstance(err, ssl.NotImplementedError), tostring(err))
        assert(require("_ssl")._counterrors() == 0)
        io.write(err.message)]]
      local output = process.run({ process.lua, "-e", program }, nil,
        ("OPENSSL_MODULES='%s'"):format(folder.path))
      assert.matches("^OpenSSL's legacy provider is not installed beside OpenSSL %d+%.%d+%.%d+",
        output)
    end)
  end)
end)
