local ssl = require "_ssl"
local testing = require "ssl.testing"
local files = require "ssl.testing.files"
local errors = require "support.errors"
local python = require "support.python"
local system = require "support.system"

local badargument, raised, raises = errors.badargument, errors.raised, errors.raises

local CRL_CHECK_LEAF = 0x4

local function context() return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) end

local function stats(ctx)
  local n = ctx:cert_store_stats()
  return ("%d %d %d"):format(n.x509, n.x509_ca, n.crl)
end

describe("SSLContext.load_verify_locations", function()
  local ca, other, ctx, folder, path
  before_each(function()
    ca, other, ctx = testing.CA(), testing.CA(), context()
    folder = files.folder()
    path = folder:write({ ["ca.pem"] = ca.cert.pem, ["empty"] = "", ["junk"] = "junk\n",
      ["two.pem"] = ca.cert.pem .. other.cert.pem, ["key.pem"] = ca.key.pem,
      ["ca.der"] = ca.cert.der })
  end)
  after_each(function()
    folder:close()
    ca, other, ctx, folder, path = nil, nil, nil, nil, nil
  end)

  it("adds every certificate of a file, and none twice", function()
    ctx:load_verify_locations(path["two.pem"])
    ctx:load_verify_locations(path["ca.pem"])
    ctx:load_verify_locations({ cadata = other.cert.der })
    assert.equal("2 2 0", stats(ctx))
  end)

  it("takes PEM, DER and bytearrays as cadata, several at once", function()
    for _, data in ipairs {
      ca.cert.pem .. "between\n" .. other.cert.pem .. "after", ca.cert.der .. other.cert.der,
      ssl.bytearray(other.cert.der .. ca.cert.der),
    } do
      local fresh = context()
      fresh:load_verify_locations(nil, nil, data)
      assert.equal("2 2 0", stats(fresh))
    end
  end)

  it("raises an OSError that names the file which cannot be read", function()
    local unreadable = { [folder.path .. "/none"] = 2, [folder.path] = system.errno.OFFOLDER }
    for name, errno in pairs(unreadable) do
      local err = raises(ssl.OSError, ctx.load_verify_locations, ctx, name)
      assert.is_false(ssl.isinstance(err, ssl.SSLError))
      assert.equal(errno, err.errno)
      assert.equal(name, err.filename)
      assert.is_nil(err.message:find(name, 1, true))
    end
  end)

  it("raises an SSLError for files without a certificate", function()
    for _, name in ipairs { "empty", "junk", "key.pem", "ca.der" } do
      local err = raises(ssl.SSLError, ctx.load_verify_locations, ctx, path[name])
      assert.equal("X509", err.library)
      assert.is_string(err.reason)
    end
    assert.equal("0 0 0", stats(ctx))
  end)

  it("raises what CPython does for cadata that is no certificate", function()
    local der = ca.cert.der
    local none = ": cadata does not contain a certificate"
    for data, message in pairs {
      [""] = "Empty certificate data", ["broken"] = "no start line" .. none,
      ["\x30"] = "not enough data" .. none, [der:sub(1, -2)] = "not enough data" .. none,
      [ca.key.pem] = "no start line" .. none,
    } do
      local err = raised(ctx.load_verify_locations, ctx, nil, nil, data)
      assert.equal(message, err.strerror or err.message)
    end
    local err = raised(ctx.load_verify_locations, ctx, { cadata = ssl.bytearray("broken") })
    assert.equal("not enough data" .. none, err.strerror)
    assert.equal(0, err.errno)
    assert.equal("0 0 0", stats(ctx))
  end)

  it("raises what OpenSSL says of cadata that goes on with something else", function()
    for data, library in pairs {
      [ca.cert.der .. "x"] = "ASN1", [ca.cert.der .. "\x30\x84\x7f\xff\xff\xff"] = "ASN1",
      [ca.cert.pem .. "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"] = "PEM",
    } do
      local err = raises(ssl.SSLError, ctx.load_verify_locations, ctx, nil, nil, data)
      assert.equal(library, err.library)
      assert.matches(("[%s: %s] "):format(library, err.reason), err.message, 1, true)
    end
    assert.equal("0 0 0", stats(ctx))
  end)

  it("says what is damaged, behind CPython's text", function()
    local pem = ca.cert.pem
    local cut = folder:write({ ["cut.pem"] = pem:sub(1, 200), ["tail.pem"] = pem .. pem:sub(1, 200),
      ["nothing.pem"] = "junk" })
    for name, file in pairs(cut) do
      local err = raised(ctx.load_verify_locations, ctx, file)
      local advice = name == "nothing.pem" and ("none in PEM in '%s'"):format(file)
        or ("a certificate or CRL in '%s' is damaged: "):format(file)
      assert.equal(#err.strerror + 3, (err.message:find(advice, 1, true)))
    end
    local err = raised(ctx.load_verify_locations, ctx, { cadata = pem:sub(1, 200) })
    assert.matches("^no start line: cadata does not contain a certificate: what is there is "
      .. "another thing, or damaged %(.+%)$", err.message)
    err = raised(ctx.load_verify_locations, ctx, { cadata = pem .. pem:sub(1, 200) })
    assert.equal("a certificate in cadata is damaged", err.message:sub(#err.strerror + 3))
  end)

  it("adds nothing if one of its arguments cannot be used", function()
    for _, arguments in ipairs {
      { path["ca.pem"], nil, other.cert.der .. "x" }, { path["ca.pem"], "" },
      { folder.path .. "/none", nil, other.cert.der },
    } do
      raised(ctx.load_verify_locations, ctx, table.unpack(arguments, 1, 3))
      assert.equal("0 0 0", stats(ctx))
    end
  end)

  it("does not look at capath before it is needed", function()
    ctx:load_verify_locations(nil, folder.path .. "/none")
    ctx:load_verify_locations(nil, path["junk"])
    local err = raises(ssl.SSLError, ctx.load_verify_locations, ctx, { capath = "" })
    assert.equal("X509", err.library)
  end)

  it("tells wrong types apart in CPython's words", function()
    for text, arguments in pairs {
      ["cafile, capath and cadata cannot be all omitted"] = {},
      ["cafile should be a valid filesystem path"] = { 1 },
      ["capath should be a valid filesystem path"] = { nil, true },
      ["cadata should be an ASCII string or a bytes-like object"] = { nil, nil, 1 },
    } do
      local err = raised(ctx.load_verify_locations, ctx, table.unpack(arguments, 1, 3))
      assert.is_string(err)
      assert.is_truthy(err:find("'load_verify_locations' (" .. text .. ")", 1, true))
    end
    local err = raised(ctx.load_verify_locations, ctx, "a\0b")
    assert.equal("embedded null byte", err.message)
    assert.is_true(ssl.isinstance(err, ssl.ValueError))
    assert.is_truthy(raised(ctx.load_verify_locations, ctx, { ca = "x" }):find("'ca'", 1, true))
  end)

  it("is not misled by what stands in OpenSSL's error queue", function()
    ssl._pusherror()
    ctx:load_verify_locations(path["ca.pem"])
    ssl._pusherror()
    assert.equal("X509", raised(ctx.load_verify_locations, ctx, path["empty"]).library)
    ssl._pusherror()
    assert.equal(2, raised(ctx.load_verify_locations, ctx, "/nonexistent").errno)
  end)
end)

describe("SSLContext.load_crl", function()
  it("adds lists in PEM and DER, several at once", function()
    local ca, other = testing.CA(), testing.CA()
    for _, data in ipairs {
      ca:crl().pem .. other:crl().pem, ca:crl().der .. other:crl().der,
      ssl.bytearray(ca:crl().der .. other:crl().der),
    } do
      local ctx = context()
      ctx:load_crl(data)
      ctx.verify_flags = ctx.verify_flags | CRL_CHECK_LEAF
      assert.equal("0 0 2", stats(ctx))
    end
  end)

  it("adds none if one of them is not right", function()
    local crl, ctx = testing.CA():crl(), context()
    for _, data in ipairs {
      "x", crl.der .. "x", crl.der:sub(1, -2), "0",
      crl.pem .. "-----BEGIN X509 CRL-----\nx\n-----END X509 CRL-----\n",
      testing.CA().cert.pem,
    } do
      raises(ssl.SSLError, ctx.load_crl, ctx, data)
    end
    assert.matches(": no CRL in PEM in data$", raised(ctx.load_crl, ctx, "x").message)
    assert.matches(": a CRL in data is damaged: .+$", raised(ctx.load_crl, ctx, crl.der .. "0")
      .message)
    assert.equal("Empty CRL data", raised(ctx.load_crl, ctx, "").message)
    badargument(ctx.load_crl, ctx, 1)
    assert.equal("0 0 0", stats(ctx))
  end)
end)

describe("SSLContext.get_ca_certs", function()
  it("lists authorities only, as tables and as DER", function()
    local ca, ctx = testing.CA({ common_name = "Root" }), context()
    ca:configure_trust(ctx)
    ctx:load_verify_locations({ cadata = ca:issue("localhost").cert.pem })
    assert.equal("2 1 0", stats(ctx))
    assert.same({ ca.cert.der }, ctx:get_ca_certs(true))
    assert.same({ ca.cert.der }, ctx:get_ca_certs({ binary_form = true }))
    assert.same({ ssl.decode_certificate(ca.cert.der) }, ctx:get_ca_certs())
    assert.same({}, context():get_ca_certs())
  end)
end)

describe("SSLContext.load_default_certs", function()
  it("takes a Purpose, or nothing", function()
    local purposes = require("ssl.context.defaults").Purpose
    assert.is_table(purposes)
    local ctx = context()
    ctx:load_default_certs()
    ctx:load_default_certs(purposes.SERVER_AUTH)
    ctx:load_default_certs(purposes.CLIENT_AUTH)
    for _, wrong in ipairs { "x", 1, true, {} } do
      local err = raised(ctx.load_default_certs, ctx, wrong)
      assert.is_truthy(err:find("'load_default_certs' (" .. tostring(wrong) .. ")", 1, true))
    end
  end)

  it("trusts the same as Python does", function()
    local ctx = context()
    local _, cafile = ssl.get_default_verify_paths()
    ctx:set_default_verify_paths()
    assert.same(python.run([[
import os, ssl
os.environ.setdefault("SSL_CERT_FILE", data)  # this Python's OpenSSL may have another
ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ctx.set_default_verify_paths()
result = ctx.cert_store_stats()
]], cafile), ctx:cert_store_stats())
  end)
end)
