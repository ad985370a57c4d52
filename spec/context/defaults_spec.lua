local socket = require "socket"
local ssl = require "ssl"
local errors = require "support.errors"
local loopback = require "support.loopback"
local process = require "support.process"
local python = require "support.python"

local raised, raises = errors.raised, errors.raises

local function settings(ctx)
  return { ctx.protocol, ctx.verify_mode, ctx.check_hostname, ctx.verify_flags, ctx.options }
end

-- The same from Python's contexts.
local function theirs(expression)
  return python.run("import ssl\nc = ssl." .. expression .. [[

result = [int(c.protocol), int(c.verify_mode), c.check_hostname, int(c.verify_flags),
          int(c.options)]
]])
end

-- What lua prints for `code` with these variables set.
local function child(variables, code)
  return (process.run_lua(code, variables):gsub("\n$", ""))
end

local function warned(f, ...)
  return child("", ([[
    local ssl = require "ssl"
    warn("@on")
    pcall(%s)
  ]]):format(table.concat({ f, ... }, ", ")))
end

describe("Purpose", function()
  it("holds the two purposes, with what OpenSSL calls them", function()
    local server, client = ssl.Purpose.SERVER_AUTH, ssl.Purpose.CLIENT_AUTH
    assert.same({ 129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1" },
      { server.nid, server.shortname, server.longname, server.oid })
    assert.same({ 130, "clientAuth", "TLS Web Client Authentication", "1.3.6.1.5.5.7.3.2" },
      { client.nid, client.shortname, client.longname, client.oid })
    assert.equal("Purpose.SERVER_AUTH", tostring(server))
    assert.is_true(server ~= client)
  end)

  it("is the class of the two", function()
    assert.is_true(ssl.isinstance(ssl.Purpose.SERVER_AUTH, ssl.Purpose))
    assert.is_true(ssl.isinstance(ssl.Purpose.SERVER_AUTH, ssl._ASN1Object))
    assert.is_false(ssl.isinstance(ssl._ASN1Object.fromnid(4), ssl.Purpose))
  end)

  it("cannot be changed", function()
    assert.matches("Purpose.SERVER_AUTH is read%-only",
      raised(function() ssl.Purpose.SERVER_AUTH.oid = "1.2.3" end))
  end)
end)

describe("_ASN1Object", function()
  it("finds objects by OID, number and name", function()
    local text = "_ASN1Object(nid=129, shortname='serverAuth', "
      .. "longname='TLS Web Server Authentication', oid='1.3.6.1.5.5.7.3.1')"
    assert.equal(text, tostring(ssl._ASN1Object("1.3.6.1.5.5.7.3.1")))
    assert.equal(text, tostring(ssl._ASN1Object.fromnid(129)))
    assert.equal(text, tostring(ssl._ASN1Object.fromname("serverAuth")))
    assert.is_true(ssl._ASN1Object.fromnid(129) == ssl.Purpose.SERVER_AUTH)
    assert.equal("unknown object 'serverAuth'", raised(ssl._ASN1Object, "serverAuth").message)
  end)
end)

describe("create_default_context", function()
  if python.atleast(3, 13) then
    it("has CPython's settings for both purposes", function()
      assert.same(theirs("create_default_context()"), settings(ssl.create_default_context()))
      assert.same(theirs("create_default_context(ssl.Purpose.CLIENT_AUTH)"),
        settings(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)))
    end)
  else
    pending("is compared with CPython 3.13 or newer only")
  end

  it("verifies certificate and host name in clients", function()
    local ctx = ssl.create_default_context()
    assert.equal(ssl.PROTOCOL_TLS_CLIENT, ctx.protocol)
    assert.equal(ssl.CERT_REQUIRED, ctx.verify_mode)
    assert.is_true(ctx.check_hostname)
    local flags = ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    assert.equal(flags, ctx.verify_flags & flags)
  end)

  it("trusts what it is given, and not the system's authorities as well", function()
    local system = ssl.get_default_verify_paths().cafile
    local pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    raises(ssl.SSLError, ssl.create_default_context, { cadata = pem })
    if not system then return pending("no authorities on this system") end
    local file = assert(io.open(system))
    local first = file:read("a"):match("%-%-%-%-%-BEGIN CERT.-END CERTIFICATE%-%-%-%-%-\n")
    file:close()
    local ctx = ssl.create_default_context({ cadata = first })
    assert.equal(1, ctx:cert_store_stats().x509)
    assert.equal(1, #ssl.create_default_context(nil, nil, nil, first):get_ca_certs())
    assert.is_true(ssl.create_default_context({ cafile = system }):cert_store_stats().x509 > 1)
  end)

  it("loads no authorities for servers, which verify nobody", function()
    local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    assert.equal(ssl.CERT_NONE, ctx.verify_mode)
    assert.equal(0, ctx:cert_store_stats().x509)
  end)

  it("takes nothing but a Purpose", function()
    for _, value in ipairs { 1, "SERVER_AUTH", true, io.stdout } do
      assert.matches("defaults_spec.lua:%d+: bad argument #1 to 'create_default_context' "
        .. "%(Purpose expected, got ", raised(function() ssl.create_default_context(value) end))
    end
    local err = raises(ssl.ValueError, ssl.create_default_context, ssl._ASN1Object.fromname("MD5"))
    assert.equal("_ASN1Object(nid=4, shortname='MD5', longname='md5', oid='1.2.840.113549.2.5')",
      err.message)
  end)

  it("refuses misspelt options", function()
    assert.matches("unexpected keyword argument 'ca_file'",
      raised(ssl.create_default_context, { ca_file = "x" }))
  end)

  it("fails where the authorities cannot be read", function()
    local err = raises(ssl.OSError, ssl.create_default_context, { cafile = "/nowhere/ca.pem" })
    assert.equal(2, err.errno)
    assert.matches("cafile should be a valid filesystem path",
      raised(ssl.create_default_context, { cafile = 5 }))
  end)
end)

describe("_create_unverified_context", function()
  if python.atleast(3, 13) then
    it("has CPython's settings", function()
      assert.same(theirs("_create_unverified_context()"),
        settings(ssl._create_unverified_context()))
      assert.same(theirs("_create_unverified_context(cert_reqs=ssl.CERT_OPTIONAL, "
        .. "check_hostname=True)"), settings(ssl._create_unverified_context({
          cert_reqs = ssl.CERT_OPTIONAL, check_hostname = true })))
    end)
  else
    pending("is compared with CPython 3.13 or newer only")
  end

  it("verifies nothing unless told to", function()
    local ctx = ssl._create_unverified_context()
    assert.equal(ssl.CERT_NONE, ctx.verify_mode)
    assert.is_false(ctx.check_hostname)
    assert.equal(ssl._create_unverified_context, ssl._create_stdlib_context)
  end)

  it("does not let the host name be checked without the certificate", function()
    raises(ssl.ValueError, ssl._create_unverified_context, { check_hostname = true })
  end)

  it("wants a certificate for a key", function()
    assert.equal("certfile must be specified",
      raised(ssl._create_unverified_context, { keyfile = "x" }).message)
  end)
end)

describe("get_default_verify_paths", function()
  it("agrees with CPython on the same OpenSSL", function()
    local _, text = python.version()
    if text ~= ssl.OPENSSL_VERSION then
      return pending("Python runs on " .. tostring(text))
    end
    assert.same(python.run("import ssl; result = ssl.get_default_verify_paths()._asdict()"),
      ssl.get_default_verify_paths())
  end)

  it("prefers what the environment names, where it is of the right kind", function()
    local code = [[
      local paths = require "ssl".get_default_verify_paths()
      io.write(tostring(paths.cafile), " ", tostring(paths.capath))
    ]]
    assert.equal("nil /dev", child("SSL_CERT_FILE=/dev SSL_CERT_DIR=/dev", code))
    local name = os.tmpname()
    assert.equal(name .. " nil", child("SSL_CERT_FILE=" .. name .. " SSL_CERT_DIR=" .. name, code))
    os.remove(name)
  end)
end)

describe("What CPython deprecates", function()
  it("warns", function()
    assert.equal("Lua warning: ssl.match_hostname() is deprecated",
      warned("ssl.match_hostname", "{}", "'x'"))
    assert.equal("Lua warning: ssl.wrap_socket() is deprecated, use SSLContext.wrap_socket()",
      warned("ssl.wrap_socket", "0", "{ keyfile = 'x' }"))
  end)
end)

describe("wrap_socket", function()
  it("wants a certificate for a server, and for a key", function()
    assert.equal("certfile must be specified for server-side operations",
      raised(ssl.wrap_socket, 0, { server_side = true }).message)
    assert.equal("certfile must be specified", raised(ssl.wrap_socket, 0, "key.pem").message)
  end)

  it("takes an empty name for none, as CPython does", function()
    assert.equal("certfile must be specified for server-side operations",
      raised(ssl.wrap_socket, 0, { server_side = true, certfile = "" }).message)
    assert.equal("certfile must be specified",
      raised(ssl.wrap_socket, 0, { keyfile = "key.pem", certfile = "" }).message)
    local conn <close> = ssl.wrap_socket(socket.tcp4(),
      { keyfile = "", certfile = "", ca_certs = "", ciphers = "" })
    assert.is_true(ssl.isinstance(conn, ssl.SSLSocket))
  end)
end)

describe("get_server_certificate", function()
  it("explains a refused connection", function()
    local net <close> = loopback.new()
    local port = net:refusing()
    local err = raises(ssl.OSError, ssl.get_server_certificate, { "127.0.0.1", port })
    assert.equal("[Errno " .. err.errno .. "] Connection refused", err.message)
    err = raised(ssl.get_server_certificate, "127.0.0.1", port)
    assert.equal("Connection refused", err.strerror)
  end)

  it("takes an address and nothing else", function()
    assert.matches("{host, port} expected, got number", raised(ssl.get_server_certificate, 1))
    assert.matches("string expected, got nil", raised(ssl.get_server_certificate, {}))
    assert.matches("integer port expected, got string",
      raised(ssl.get_server_certificate, { "127.0.0.1", "443" }))
    assert.matches("unexpected keyword argument 'cafile'",
      raised(ssl.get_server_certificate, { "127.0.0.1", 443 }, { cafile = "x" }))
  end)
end)
