local files = require "ssl.testing.files"
local ssl = require "_ssl"
local errors = require "support.errors"
local system = require "support.system"

local badargument, raised, raises = errors.badargument, errors.raised, errors.raises

local function context() return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) end

describe("SSLContext.set_ecdh_curve", function()
  it("takes one curve by its short name", function()
    local ctx = context()
    ctx:set_ecdh_curve("prime256v1")
    ctx:set_ecdh_curve("X25519")
    for _, name in ipairs { "nope", "", "P-256", "X25519:prime256v1" } do
      local err = raises(ssl.ValueError, ctx.set_ecdh_curve, ctx, name)
      assert.equal("unknown elliptic curve name '" .. name .. "'", err.message)
    end
    assert.equal("embedded null byte", raised(ctx.set_ecdh_curve, ctx, "prime256v1\0").message)
    raises(ssl.SSLError, ctx.set_ecdh_curve, ctx, "SHA256")
    badargument(ctx.set_ecdh_curve, ctx, 1)
  end)
end)

describe("SSLContext.set_groups", function()
  it("takes several, and none that is unknown", function()
    local ctx = context()
    ctx:set_groups("X25519:P-256")
    for _, list in ipairs { "nope", "X25519:nope" } do
      assert.equal("unrecognized group", raised(ctx.set_groups, ctx, list).message)
    end
  end)
end)

describe("SSLContext.get_groups", function()
  it("lists names, or raises NotImplementedError where OpenSSL cannot tell", function()
    local ctx = context()
    local ok, result = pcall(ctx.get_groups, ctx)
    if ok then
      assert.is_true(#ctx:get_groups({ include_aliases = true }) > #result)
    else
      assert.is_true(ssl.isinstance(result, ssl.NotImplementedError))
      assert.is_true(ssl.OPENSSL_VERSION_NUMBER < 0x30500000)
    end
  end)
end)

describe("SSLContext.load_dh_params", function()
  local ctx, folder
  before_each(function() ctx, folder = context(), files.folder() end)
  after_each(function()
    folder:close()
    ctx, folder = nil, nil
  end)

  local function write(contents) return folder:write({ ["dh.pem"] = contents })["dh.pem"] end

  -- ffdhe2048 (RFC 7919) by its name, as the command line makes it.
  local function parameters(group)
    local pipe = assert(io.popen("openssl genpkey -genparam -algorithm DH -pkeyopt group:" ..
      group))
    local out = pipe:read("a")
    pipe:close()
    return out
  end

  it("takes parameters in PEM", function()
    ctx:load_dh_params(write(parameters("ffdhe2048")))
    ctx:load_dh_params(write("before\n" .. parameters("dh_2048_256")))
  end)

  it("raises an OSError that names the file which cannot be read", function()
    for name, errno in pairs { ["/nonexistent"] = 2, [folder.path] = system.errno.OFFOLDER } do
      local err = raised(ctx.load_dh_params, ctx, name)
      assert.same({ errno, name }, { err.errno, err.filename })
      assert.is_truthy(err.message:find(name, 1, true))
    end
  end)

  it("raises an SSLError for other contents", function()
    for _, contents in ipairs { "", "junk" } do
      local err = raises(ssl.SSLError, ctx.load_dh_params, ctx, write(contents))
      assert.equal("PEM", err.library)
      assert.matches(": no parameters of Diffie%-Hellman in PEM in '[^']+/dh.pem'$", err.message)
      assert.matches("/dh.pem$", err.filename)
    end
    local good = parameters("ffdhe2048")
    local err = raises(ssl.SSLError, ctx.load_dh_params, ctx, write(good:sub(1, 120) .. "\n"))
    assert.equal("PEM", err.library)
    err = raises(ssl.SSLError, ctx.load_dh_params, ctx,
      write("-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n"))
    assert.matches(": the parameters in '[^']+/dh.pem' are damaged$", err.message)
  end)

  it("refuses parameters too weak for the security level", function()
    local weak = write(parameters("ffdhe2048"))
    ctx:set_ciphers("ALL:@SECLEVEL=4")
    local err = raises(ssl.SSLError, ctx.load_dh_params, ctx, weak)
    assert.matches(": the parameters in '[^']+/dh.pem' are too small for security level 4$",
      err.message)
    ctx:set_ciphers("ALL:@SECLEVEL=2")
    ctx:load_dh_params(weak)
  end)
end)

describe("A handshake with the defaults", function()
  it("agrees on X25519MLKEM768 where OpenSSL has it: since 3.5", function()
    if ssl.OPENSSL_VERSION_NUMBER < 0x30500000 then
      return pending("OpenSSL before 3.5 has no ML-KEM")
    end
    local testing = require "ssl.testing"
    local ca = testing.CA()
    local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca:configure_trust(client)
    ca:issue("localhost"):configure_cert(server)
    local pair = testing.pair({ client = client, server = server, server_hostname = "localhost" })
    assert.is_true(pair:handshake().ok)
    assert.equal("X25519MLKEM768", pair.client:group())
    assert.equal("X25519MLKEM768", pair.server:group())
    local listed = table.concat(client:get_groups(), ":")
    assert.matches("X25519MLKEM768", listed, 1, true)
  end)
end)
