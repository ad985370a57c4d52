local ssl = require "ssl"
local testing = require "ssl.testing"
local wincerts = require "ssl.context.wincerts"
local raises = require "support.errors".raises
local system = require "support.system"

local SERVER, CLIENT = ssl.Purpose.SERVER_AUTH.oid, ssl.Purpose.CLIENT_AUTH.oid

local ca = testing.CA({ common_name = "An authority in a store" })
local der = ssl.PEM_cert_to_DER_cert(ca.cert.pem)

local function count(context) return context:cert_store_stats().x509 end

describe("enum_certificates and enum_crls", function()
  it("are there on Windows alone", function()
    local expected = system.windows and "function" or "nil"
    assert.equal(expected, type(ssl.enum_certificates))
    assert.equal(expected, type(ssl.enum_crls))
  end)

  it("compile without a warning for Windows", function()
    if system.windows then return pending("they are compiled already") end
    local _, _, status = os.execute("command -v x86_64-w64-mingw32-gcc >/dev/null 2>&1")
    if status ~= 0 then return pending("no MinGW-w64 compiler") end
    local pipe = io.popen("make -s mingw 2>&1; echo $?")
    local output = pipe:read("a")
    pipe:close()
    assert.equal("0", output:match("(%d+)%s*$"), output)
  end)
end)

describe("What Windows trusts", function()
  local context

  before_each(function() context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) end)
  after_each(function() context = nil end)

  local function add(entry, oid)
    entry.cert_bytes = entry.cert_bytes or der
    entry.encoding_type = entry.encoding_type or "x509_asn"
    wincerts.add(context, { entry }, oid)
    return count(context)
  end

  it("for every purpose is trusted", function()
    assert.equal(1, add({ trust = true }, SERVER))
  end)

  it("for some purposes is trusted for those", function()
    assert.equal(0, add({ trust = { [CLIENT] = true } }, SERVER))
    assert.equal(0, add({ trust = {} }, SERVER))
    assert.equal(1, add({ trust = { [CLIENT] = true, [SERVER] = true } }, SERVER))
  end)

  it("in another encoding is no certificate of an authority", function()
    assert.equal(0, add({ trust = true, encoding_type = "pkcs_7_asn" }, SERVER))
  end)

  it("but OpenSSL cannot read, is passed over with a warning", function()
    local warnings = {}
    local warn = _G.warn
    _G.warn = function(text) warnings[#warnings + 1] = text end
    finally(function() _G.warn = warn end)
    assert.equal(0, add({ trust = true, cert_bytes = "\x30\x03abc" }, SERVER))
    assert.equal(1, #warnings)
    assert.matches("^Bad certificate in Windows certificate store: ", warnings[1])
  end)
end)

if not system.windows then return end

-- Puts certificates into a store, for the specs: spec/native/wincertstore.c.
local store = require "wincertstore"

local function entry_of(entries, bytes)
  for _, entry in ipairs(entries) do
    if entry.cert_bytes == bytes then return entry end
  end
end

describe("A store of Windows", function()
  local context

  before_each(function() context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) end)
  after_each(function() context = nil end)

  it("has certificates, and what they are trusted for", function()
    for _, name in ipairs({ "ROOT", "CA" }) do
      for _, entry in ipairs(ssl.enum_certificates(name)) do
        assert.equal(entry.cert_bytes, entry[1])
        assert.equal(entry.encoding_type, entry[2])
        assert.equal(entry.trust, entry[3])
        assert.equal("x509_asn", entry.encoding_type)
        assert.is_true(entry.trust == true or type(entry.trust) == "table")
        assert.equal(0x30, entry.cert_bytes:byte())
      end
    end
    assert.is_true(#ssl.enum_certificates("ROOT") > 10)
  end)

  it("has a certificate from when it is added until it is removed", function()
    assert.is_nil(entry_of(ssl.enum_certificates("ROOT"), der))
    assert.is_true(store.add("ROOT", der))
    finally(function() store.remove("ROOT", der) end)
    assert.is_true(entry_of(ssl.enum_certificates("ROOT"), der).trust)
    context:load_default_certs()
    assert.is_true(store.remove("ROOT", der))
    assert.is_nil(entry_of(ssl.enum_certificates("ROOT"), der))
    local without = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    without:load_default_certs()
    assert.equal(1, count(context) - count(without))
    assert.is_true(count(without) > 10)
  end)

  it("has one certificate for what Windows trusts it for", function()
    assert.is_true(store.add("ROOT", der, CLIENT))
    finally(function() store.remove("ROOT", der) end)
    assert.same({ [CLIENT] = true }, entry_of(ssl.enum_certificates("ROOT"), der).trust)
    for _, purpose in ipairs({ ssl.Purpose.SERVER_AUTH, ssl.Purpose.CLIENT_AUTH }) do
      context:load_default_certs(purpose)
      local found = false
      for _, bytes in ipairs(context:get_ca_certs(true)) do found = found or bytes == der end
      assert.equal(purpose == ssl.Purpose.CLIENT_AUTH, found)
    end
  end)

  it("makes a server trusted by the context that create_default_context makes", function()
    local server <close> = testing.server({ ca = ca })
    local refused = ssl.create_default_context()
    raises(ssl.SSLCertVerificationError, server.connect, server, refused)
    assert.is_true(store.add("ROOT", der))
    finally(function() store.remove("ROOT", der) end)
    local conn <close> = server:connect(ssl.create_default_context())
    assert.equal("TLSv1.3", conn:version())
  end)

  it("has revocation lists", function()
    local list = ca:crl().der
    assert.is_true(store.addcrl("CA", list))
    finally(function() store.remove("CA", list) end)
    local entry = entry_of(ssl.enum_crls("CA"), list)
    assert.same({ list, "x509_asn" }, { entry[1], entry[2] })
    assert.equal("x509_asn", entry.encoding_type)
    assert.is_true(store.remove("CA", list))
    assert.is_nil(entry_of(ssl.enum_crls("CA"), list))
  end)

  it("is named by a text", function()
    assert.has_error(function() ssl.enum_certificates() end)
    raises(ssl.ValueError, ssl.enum_certificates, "RO\0OT")
    raises(ssl.ValueError, ssl.enum_crls, "RO\0OT")
  end)
end)
