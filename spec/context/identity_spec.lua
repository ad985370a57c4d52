local mime = require "mime"
local ssl = require "_ssl"
local testing = require "ssl.testing"
local files = require "ssl.testing.files"
local errors = require "support.errors"
local process = require "support.process"
local system = require "support.system"

local raised, raises = errors.raised, errors.raises

local TLSv1_2 = 0x303
local PASSWORD = "correct horse"

local function context() return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) end

-- What a program prints that runs with this as its standard input.
local function child(code, input)
  local lua = process.lua
  local pipe = assert(io.popen(("%s -e '%s' %s 2>&1"):format(lua, code, input)))
  local out = pipe:read("a")
  pipe:close()
  return out
end

local ca, identity, other, folder, path

-- The certificate a context has can only be seen by its key's fit.
local function holds(ctx, which)
  return (pcall(ctx.load_key_uri, ctx, system.uri(path[which])))
end

-- The certificate, as DER, that a client gets from a server with this context.
local function shown(ctx, ciphers)
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  client.check_hostname = false
  client.verify_mode = ssl.CERT_NONE
  if ciphers then
    client.maximum_version = TLSv1_2
    client:set_ciphers(ciphers)
  end
  local pair = testing.pair({ client = client, server = ctx, server_hostname = "localhost" })
  assert.is_true(pair:handshake().ok)
  return pair.client:getpeercert(true)
end

describe("SSLContext.load_cert_chain", function()
  local load, ctx

  setup(function()
    ca = testing.CA()
    identity, other = ca:issue("localhost"), ca:issue("localhost")
    folder = files.folder()
    path = folder:write({
      ["cert.pem"] = identity.chain.pem, ["key.pem"] = identity.key.pem,
      ["both.pem"] = identity.cert.pem .. identity.key.pem, ["othercert.pem"] = other.cert.pem,
      ["otherkey.pem"] = other.key.pem, ["locked.pem"] = identity.key:encrypted(PASSWORD),
      ["empty"] = "", ["junk"] = "junk\n", ["cert.der"] = identity.cert.der,
      ["lockednul.pem"] = identity.key:encrypted("a\0b"),
    })
  end)
  teardown(function()
    folder:close()
    ca, identity, other, folder, path = nil, nil, nil, nil, nil
  end)

  before_each(function()
    ctx = context()
    load = function(...) return ctx:load_cert_chain(...) end
  end)
  after_each(function() ctx, load = nil, nil end)

  -- CPython's text is `strerror`; the message goes on with advice.
  local function sslerror(library, reason, text, ...)
    local err = raises(ssl.SSLError, load, ...)
    assert.same({ library, reason, text }, { err.library, err.reason, err.strerror })
    return err.message:match("^" .. text:gsub("%p", "%%%0") .. ": (.+)$")
  end

  it("takes one file, or two, or data, in PEM and DER", function()
    for _, arguments in ipairs {
      { path["both.pem"] }, { path["cert.pem"], path["key.pem"] },
      { { certdata = identity.cert.pem .. identity.key.pem } },
      { { certdata = identity.chain.pem, keydata = identity.key.pem } },
      { { certdata = identity.cert.der, keydata = ssl.bytearray(identity.key.der) } },
      { { certdata = ssl.bytearray(identity.cert.pem), keyfile = path["key.pem"] } },
      { path["cert.pem"], { keydata = identity.key.der } },
    } do
      ctx = context()
      load(table.unpack(arguments))
      assert.equal(identity.cert.der, shown(ctx))
    end
  end)

  it("refuses a key of another kind than the certificate's, and keeps what it has", function()
    load(path["cert.pem"], path["key.pem"])
    local rsa = ca:issue("localhost", { key_type = "RSA" })
    sslerror("SSL", "NO_CERTIFICATE_ASSIGNED",
      "[SSL: NO_CERTIFICATE_ASSIGNED] no certificate assigned",
      { certdata = other.cert.pem, keydata = rsa.key.pem })
    assert.equal(identity.cert.der, shown(ctx))
  end)

  it("raises an OSError that names the file which cannot be read", function()
    local unreadable = { [folder.path .. "/none"] = 2, [folder.path] = system.errno.OFFOLDER }
    for name, errno in pairs(unreadable) do
      for _, arguments in ipairs { { name }, { path["cert.pem"], name } } do
        local err = raised(load, table.unpack(arguments))
        assert.is_false(ssl.isinstance(err, ssl.SSLError))
        assert.same({ errno, name }, { err.errno, err.filename })
      end
    end
  end)

  it("raises PEM lib for files of other things", function()
    for _, name in ipairs { "empty", "junk", "key.pem", "cert.der" } do
      assert.equal(("no certificate in PEM in '%s'"):format(path[name]),
        sslerror("SSL", nil, "[SSL] PEM lib", path[name]))
    end
    for _, name in ipairs { "empty", "junk", "cert.pem", "cert.der" } do
      assert.equal(("no readable private key in PEM in '%s'"):format(path[name]),
        sslerror("SSL", nil, "[SSL] PEM lib", path["cert.pem"], path[name]))
    end
    sslerror("SSL", nil, "[SSL] PEM lib", path["cert.pem"])
    sslerror("SSL", nil, "[SSL] PEM lib", path["key.pem"], path["cert.pem"])
  end)

  it("says which certificate or key is damaged", function()
    local cut = folder:write({
      ["cut.pem"] = identity.cert.pem:sub(1, 200),
      ["gap.pem"] = identity.cert.pem:gsub("\n[^\n]+", "", 1),
      ["tail.pem"] = identity.cert.pem .. other.cert.pem:sub(1, 200),
      ["gapkey.pem"] = identity.key.pem:gsub("\n[^\n]+", "", 1),
    })
    for _, name in ipairs { "cut.pem", "gap.pem", "tail.pem" } do
      local err = raises(ssl.SSLError, load, cut[name], path["key.pem"])
      assert.is_truthy(err.message:find(("a certificate in '%s' is damaged"):format(cut[name]), 1,
        true), err.message)
      assert.equal(cut[name], err.filename)
    end
    local err = raises(ssl.SSLError, load, path["cert.pem"], cut["gapkey.pem"])
    assert.is_truthy(err.message:find(("private key in '%s'"):format(cut["gapkey.pem"]), 1, true)
      or err.message:find(("private key in PEM in '%s'"):format(cut["gapkey.pem"]), 1, true))
    err = raises(ssl.SSLError, load, { certdata = identity.cert.pem .. other.cert.pem:sub(1, 200) })
    assert.is_truthy(err.message:find("a certificate in certdata is damaged", 1, true))
  end)

  it("says that OpenSSL does not know the kind of a key", function()
    local der = ca:issue("localhost", { key_type = "Ed25519" }).key.der
    local strange, found = der:gsub("\x06\x03%\x2b\x65\x70", "\x06\x03\x2b\x65\x77", 1)
    assert.equal(1, found)
    local text = ("-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"):format(
      (mime.b64(strange)))
    local name = folder:write({ ["strange.pem"] = text })["strange.pem"]
    local kind = ": this OpenSSL does not know the kind of the private key in "
    for where, err in pairs {
      [kind .. "'" .. name .. "'"] = raises(ssl.SSLError, load, path["cert.pem"], name),
      [kind .. "keydata"] = raises(ssl.SSLError, load, path["cert.pem"], { keydata = strange }),
      [": no readable private key in '" .. system.uri(name) .. "'"] = raises(ssl.SSLError,
        ctx.load_key_uri, ctx, system.uri(name), nil, path["cert.pem"]),
    } do
      assert.equal(where, err.message:sub(-#where))
    end
  end)

  it("raises an SSLError for data of other things", function()
    local cert, key = identity.cert.pem, identity.key.pem
    for _, data in ipairs {
      { "junk", key }, { cert, "junk" }, { cert, "" }, { cert }, { key, cert },
      { identity.cert.der .. "x", key },
    } do
      raises(ssl.SSLError, load, { certdata = data[1], keydata = data[2] })
    end
    assert.equal("Empty certificate data", raised(load, { certdata = "" }).message)
  end)

  it("refuses a key that is not the certificate's", function()
    local message = "[X509: KEY_VALUES_MISMATCH] key values mismatch"
    for _, name in ipairs { "cert.pem", "both.pem" } do
      assert.equal(("the private key in '%s' is not that of the certificate in '%s'"):format(
        path["otherkey.pem"], path[name]),
        sslerror("X509", "KEY_VALUES_MISMATCH", message, path[name], path["otherkey.pem"]))
    end
    assert.equal("the private key in keydata is not that of the certificate in certdata",
      sslerror("X509", "KEY_VALUES_MISMATCH", message,
        { certdata = identity.cert.pem, keydata = other.key.pem }))
  end)

  it("leaves the context as it was if it raises", function()
    load(path["othercert.pem"], path["otherkey.pem"])
    for _, arguments in ipairs {
      { path["cert.pem"], path["otherkey.pem"] }, { path["cert.pem"] },
      { path["cert.pem"], path["locked.pem"], "wrong" }, { path["key.pem"] },
      { { certdata = identity.cert.pem, keydata = other.key.pem } },
    } do
      raised(load, table.unpack(arguments))
      assert.is_true(holds(ctx, "otherkey.pem"))
      assert.is_false(holds(ctx, "key.pem"))
    end
    load(path["cert.pem"], path["key.pem"])
    assert.is_true(holds(ctx, "key.pem"))
    assert.is_false(holds(ctx, "otherkey.pem"))
  end)

  it("keeps one certificate per kind of key", function()
    local rsa = testing.CA():issue("localhost", { key_type = "RSA" })
    load(path["othercert.pem"], path["otherkey.pem"])
    rsa:configure_cert(ctx)
    load(path["cert.pem"], path["key.pem"])
    assert.equal(identity.cert.der, shown(ctx, "aECDSA"))
    assert.equal(rsa.cert.der, shown(ctx, "aRSA"))
  end)

  it("refuses keys too weak for the security level, and takes them below it", function()
    local ok, weak = pcall(ca.issue, ca, "localhost", { key_type = "RSA-1024" })
    if not ok then
      weak = ca:issue("localhost", { key_type = "P-256" })
      ctx:set_ciphers("ALL:@SECLEVEL=4")
    end
    local err = raised(weak.configure_cert, weak, ctx)
    assert.equal("EE_KEY_TOO_SMALL", err.reason)
    ctx:set_ciphers("ALL:@SECLEVEL=0")
    weak:configure_cert(ctx)
  end)

  it("opens encrypted keys with a string, a bytearray or a function", function()
    for _, password in ipairs {
      PASSWORD, ssl.bytearray(PASSWORD), function() return PASSWORD end,
      function() return ssl.bytearray(PASSWORD) end,
      setmetatable({}, { __call = function() return PASSWORD end }),
    } do
      ctx = context()
      load(path["cert.pem"], path["locked.pem"], password)
      assert.is_true(holds(ctx, "key.pem"))
      ctx = context()
      load({ certdata = identity.cert.pem, keydata = io.open(path["locked.pem"]):read("a"),
             password = password })
      assert.is_true(holds(ctx, "key.pem"))
    end
    collectgarbage()  -- the files opened just now
  end)

  it("raises for a wrong password, having asked once", function()
    local calls = 0
    local function wrong()
      calls = calls + 1
      io.open(folder.path .. "/none")  -- leaves an errno
      return "wrong"
    end
    local text = ("wrong password for the private key in '%s', or a damaged key"):format(
      path["locked.pem"])
    assert.equal(text,
      sslerror("SSL", nil, "[SSL] PEM lib", path["cert.pem"], path["locked.pem"], wrong))
    assert.equal(1, calls)
    for _, password in ipairs { "wrong", "" } do
      assert.equal(text,
        sslerror("SSL", nil, "[SSL] PEM lib", path["cert.pem"], path["locked.pem"], password))
    end
    local err = raises(ssl.SSLError, load, { certdata = identity.cert.pem,
      keydata = identity.key:encrypted(PASSWORD), password = wrong })
    assert.is_truthy(err.message:find(": wrong password for the private key in keydata", 1, true))
    assert.equal(2, calls)
    err = raises(ssl.SSLError, ctx.load_key_uri, ctx, system.uri(path["locked.pem"]), "wrong",
      path["cert.pem"])
    assert.is_truthy(err.message:find(": wrong password for the private key in 'file:", 1, true))
  end)

  it("says that an encrypted key needs a password, if none is given", function()
    local certfile = path["cert.pem"]
    for where, err in pairs {
      ["'" .. path["locked.pem"] .. "'"] = raised(load, certfile, path["locked.pem"]),
      keydata = raised(load, { certdata = identity.cert.pem,
        keydata = identity.key:encrypted(PASSWORD) }),
      ["'" .. system.uri(path["locked.pem"]) .. "'"] = raised(ctx.load_key_uri, ctx,
        system.uri(path["locked.pem"]), nil, certfile),
    } do
      assert.is_true(ssl.isinstance(err, ssl.SSLError))
      assert.equal(("the private key in %s is encrypted: give its password"):format(where),
        err.message)
    end
    assert.equal(0, require "_ssl"._counterrors())
    sslerror("SSL", nil, "[SSL] PEM lib", certfile, path["locked.pem"], "")  -- one was given
  end)

  it("takes passwords of up to 1024 bytes, and cuts none", function()
    for _, length in ipairs { 0, 1023, 1024 } do
      sslerror("SSL", nil, "[SSL] PEM lib", path["cert.pem"], path["locked.pem"],
        ("x"):rep(length))
    end
    local long = ("x"):rep(1025)
    for _, password in ipairs { long, ssl.bytearray(long), function() return long end } do
      local err = raises(ssl.ValueError, load, path["cert.pem"], path["locked.pem"], password)
      assert.equal("password cannot be longer than 1024 bytes", err.message)
    end
    load(path["cert.pem"], path["key.pem"], long)
    sslerror("SSL", nil, "[SSL] PEM lib", path["cert.pem"], path["locked.pem"],
      PASSWORD .. "\0junk")
    load(path["cert.pem"], path["lockednul.pem"], "a\0b")
    sslerror("SSL", nil, "[SSL] PEM lib", path["cert.pem"], path["lockednul.pem"], "a")
  end)

  it("gives out what the password function raises, unchanged", function()
    local value, calls = {}, 0
    local function failing()
      calls = calls + 1
      error(value)
    end
    assert.equal(value, raised(load, path["cert.pem"], path["locked.pem"], failing))
    assert.equal(value, raised(load, { certdata = identity.cert.pem, password = failing,
      keydata = identity.key:encrypted(PASSWORD) }))
    assert.equal(2, calls)
    -- Lua 5.5 makes text of a nil that is raised.
    assert.equal(select(2, pcall(error)),
      raised(load, path["cert.pem"], path["locked.pem"], function() error() end))
  end)

  it("does not call the function for a key that is not encrypted", function()
    load(path["cert.pem"], path["key.pem"], error)
    assert.is_true(holds(ctx, "key.pem"))
  end)

  it("refuses passwords and results of other types", function()
    for _, result in ipairs { 3, true, {} } do
      local err = raised(load, path["cert.pem"], path["locked.pem"], function() return result end)
      assert.is_truthy(err:find("bad return value from 'password callback' " ..
        "(password callback must return a string)", 1, true))
    end
    for _, password in ipairs { 3, true } do
      assert.is_truthy(raised(load, path["cert.pem"], path["key.pem"], password)
        :find("(password should be a string or callable)", 1, true))
    end
  end)

  it("is not upset by a password function that yields, collects or loads", function()
    local co = coroutine.wrap(function()
      return pcall(load, path["cert.pem"], path["locked.pem"], coroutine.yield)
    end)
    assert.is_false((co()))
    load(path["cert.pem"], path["locked.pem"], function()
      collectgarbage()
      load(path["othercert.pem"], path["otherkey.pem"])
      return PASSWORD
    end)
    assert.is_true(holds(ctx, "key.pem"))
  end)

  it("never asks at the terminal", function()
    local code = ([[local c = require("_ssl").SSLContext(17)
      print(pcall(c.load_cert_chain, c, %q, %q))]]):format(path["cert.pem"], path["locked.pem"])
    for _, input in ipairs { "</dev/null", "<&-" } do
      local out = child(code, input)
      assert.is_truthy(out:find("^false.*give its password"), out)
      assert.is_nil(out:find("Enter", 1, true))
    end
  end)

  it("tells wrong arguments apart", function()
    assert.is_truthy(raised(load):find("(certfile should be a valid filesystem path)", 1, true))
    assert.is_truthy(raised(load, 1):find("(certfile should be a valid filesystem path)", 1, true))
    assert.is_truthy(raised(load, "x", 1):find("(keyfile should be a valid filesystem path)", 1,
      true))
    assert.equal("embedded null byte", raised(load, "a\0b").message)
    raises(ssl.ValueError, load, { certfile = "x", certdata = "x" })
    raises(ssl.ValueError, load, "x", "x", { keydata = "x" })
    assert.is_truthy(raised(load, { certdata = 1 }):find("bytes-like", 1, true))
  end)

  describe("and load_key_uri", function()
    it("take a key from a file's URI", function()
      local uri = system.uri(path["key.pem"])
      ctx:load_key_uri({ uri = uri, certfile = path["cert.pem"] })
      assert.equal(identity.cert.der, shown(ctx))
      ctx:load_key_uri(uri)
      ctx:load_key_uri(system.uri(path["locked.pem"]), PASSWORD)
      assert.equal(identity.cert.der, shown(ctx))
      ctx = context()
      ctx:load_key_uri({ uri = uri, certdata = identity.cert.der })
      assert.equal(identity.cert.der, shown(ctx))
    end)

    it("refuse what is no key, or not the certificate's", function()
      assert.equal("there is no certificate for this key",
        raised(ctx.load_key_uri, ctx, system.uri(path["key.pem"])).message)
      local function fails(name)
        return raised(ctx.load_key_uri, ctx, system.uri(path[name]), nil, path["cert.pem"])
      end
      assert.equal("KEY_VALUES_MISMATCH", fails("otherkey.pem").reason)
      assert.equal(("no readable private key in '%s'"):format(system.uri(path["cert.pem"])),
        fails("cert.pem").message)
      assert.is_true(ssl.isinstance(fails("locked.pem"), ssl.SSLError))
      assert.is_true(ssl.isinstance(fails("empty"), ssl.SSLError))
      local err = raised(ctx.load_key_uri, ctx, "file:/nonexistent", nil, path["cert.pem"])
      assert.same({ 2, "file:/nonexistent" }, { err.errno, err.filename })
      assert.equal("certfile and certdata cannot both be given", raised(ctx.load_key_uri, ctx, {
        uri = system.uri(path["key.pem"]), certfile = path["cert.pem"], certdata = "x",
      }).message)
    end)
  end)

  describe("and load_key_uri", function()
    it("say that no provider knows such a URI, and keep its PIN to themselves", function()
      local err = raises(ssl.SSLError, ctx.load_key_uri, ctx,
        "pkcs11:object=x?pin-value=12345&pin-value=;12345", nil, path["cert.pem"])
      local uri = "pkcs11:object=x?pin-value=...&pin-value=..."
      assert.equal(uri, err.filename)
      for _, text in ipairs { err.message, tostring(err) } do
        assert.is_truthy(text:find("no provider that is loaded knows what kind of URI '" .. uri, 1,
          true), text)
        assert.is_nil(text:find("12345", 1, true))
      end
    end)

    it("show no path that OpenSSL's explanation has", function()
      local err = raised(ctx.load_key_uri, ctx, "file:./nowhere/key.pem", nil, path["cert.pem"])
      assert.is_nil(err.message:find("nowhere", 1, true), err.message)
      assert.equal("file:./nowhere/key.pem", err.filename)
    end)
  end)

  describe("and load_cert_chain", function()
    it("take an encrypted key as DER", function()
      local made = testing.CA():issue("localhost")
      local lines = made.key:encrypted(PASSWORD):gsub("%-%-%-%-%-[^\n]*\n", "")
      local data = { certdata = made.cert.pem, keydata = (mime.unb64(lines)) }
      data.password = PASSWORD
      ctx:load_cert_chain(data)
      assert.equal(made.cert.der, shown(ctx))
      data.password = "wrong"
      raises(ssl.SSLError, ctx.load_cert_chain, ctx, data)
    end)
  end)
end)
