local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"

local raised, raises = errors.raised, errors.raises

describe("What is raised", function()
  it("names the line of the program that failed, not one of the module's", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local err = raised(function() ssl.cert_time_to_seconds("x") end)
    assert.matches("errors_spec.lua:" .. line .. ": time data", tostring(err))
    err = raised(function() ssl.create_default_context(1) end)
    assert.matches("errors_spec.lua:" .. line + 2 .. ": bad argument", err)
  end)

  it("names a program's line even of a neighbour of the module's with a name like its", function()
    local prefix = package.searchpath("ssl", package.path):gsub("%.lua$", "")
    for name, own in pairs({ ["_client.lua"] = true, [".lua.orig"] = true, ["x/y.lua"] = true,
        [".lua"] = false, ["/new.lua"] = false }) do
      local program = load("\n\nlocal ssl = ... ssl.PEM_cert_to_DER_cert('x') return 1",
        "@" .. prefix .. name)
      local text = tostring(raised(program, ssl))
      assert.equal(own, text:find(name .. ":3: ", 1, true) ~= nil, text)
    end
  end)

  it("says, itself or by its cause, what was wrong with a record", function()
    local client, server, down = joined.objects(contexts.new())
    joined.handshake(client, server)
    down:read()  -- tickets
    down:write("\x17\x03\x03\x00\x20" .. ("x"):rep(32))
    local err = raises(ssl.SSLError, client.read, client, 10)
    local first = err.cause or err
    assert.is_true(ssl.isinstance(first, ssl.SSLError))
    assert.is_string(first.reason)
    assert.is_nil(first.cause)
    assert.equal(err.reason ~= first.reason, ssl.OPENSSL_VERSION_NUMBER >= 0x30200000)
  end)

  it("names the file that could not be read once", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local err = raises(ssl.OSError, ctx.load_verify_locations, ctx, "/nowhere/ca.pem")
    assert.is_false(ssl.isinstance(err, ssl.SSLError))
    assert.equal(2, err.errno)
    assert.equal("[Errno 2] No such file or directory", err.message)
    assert.matches("directory: '/nowhere/ca.pem'$", tostring(err))
    err = raised(ctx.set_psk_server_callback, ctx, print)  -- no file
    assert.not_matches("'$", tostring(err))
  end)

  it("names the file that OpenSSL does not understand", function()
    local name = os.tmpname()
    assert(io.open(name, "w")):close()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    local certificate = raised(ctx.load_cert_chain, ctx, name)
    local authorities = raised(ctx.load_verify_locations, ctx, name)
    os.remove(name)
    for _, err in ipairs { certificate, authorities } do
      assert.is_true(ssl.isinstance(err, ssl.SSLError))
      assert.equal(name, err.filename)
      assert.equal(" in PEM in '" .. name .. "'", err.message:sub(-#name - 13))
      assert.equal(err.message, tostring(err):sub(-#err.message))  -- not once more
      assert.not_matches(name, err.strerror, 1, true)
    end
  end)

  it("leaves nothing in OpenSSL's queue, and takes nothing from it", function()
    local _ssl = require "_ssl"
    _ssl._pusherror()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local err = raised(ctx.load_verify_locations, ctx, "/nowhere/ca.pem")
    assert.equal(2, err.errno)
    assert.equal(0, _ssl._counterrors())
  end)
end)
