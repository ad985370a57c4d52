local command = require "ssl.testing.command"
local files = require "ssl.testing.files"
local process = require "support.process"
local read = require "support.read"
local testing = require "ssl.testing"

local folder

-- Runs it in the test's folder: the status, what it printed, what it complained of.
local function run(...)
  local out, err = {}, {}
  local status = command({ "--dir", folder, ... }, function(text) out[#out + 1] = text end,
    function(text) err[#err + 1] = text end)
  return status, table.concat(out), table.concat(err)
end

local function shell(line, ...)
  return process.shell("cd " .. folder .. " && " .. line, ...)
end

local function write(path, contents)
  local file <close> = assert(io.open(path, "wb"))
  file:write(contents)
end

local function list()
  return (shell("ls | tr '\\n' ' '"))
end

describe("lua-ssl-cert", function()
  local parent

  before_each(function()
    parent = files.folder()
    folder = parent.path .. "/certs"
  end)

  after_each(function()
    os.execute("rm -rf " .. folder)
    parent:close()
  end)

  it("makes an authority and a certificate that openssl accepts for each name", function()
    local status, out, err = run("--ca", "--names", "localhost, 127.0.0.1,*.example.test")
    assert.equal(0, status, err)
    assert.equal("ca-key.pem ca.pem cert.pem chain.pem key.pem ", list())
    assert.matches("key.pem (private)", out, 1, true)
    for _, check in ipairs({ "-verify_hostname localhost", "-verify_ip 127.0.0.1",
      "-verify_hostname www.example.test" }) do
      local text, ok = shell("openssl verify -x509_strict -CAfile ca.pem %s cert.pem", check)
      assert.is_true(ok, text)
    end
    assert.equal("600\n600\n", (shell("stat -c %%a key.pem ca-key.pem")))
  end)

  it("keeps the authority it made, for certificates to come", function()
    run("--ca")
    assert.equal("ca-key.pem ca.pem ", list())
    local before = shell("cat ca.pem ca-key.pem")
    assert.equal(0, (run("--names=one.test")))
    assert.equal(0, (run("--ca", "--names=two.test")))
    assert.equal(before, (shell("cat ca.pem ca-key.pem")))
    local out, ok = shell("openssl verify -CAfile ca.pem -verify_hostname two.test cert.pem")
    assert.is_true(ok, out)
  end)

  it("does what its options say", function()
    local status, _, err = run("--ca", "--names=me@example.test", "--days=2", "--key-type=RSA-2048",
      "--common-name", "Me", "--organization", "Us", "--client", "--password", "secret",
      "--pkcs12", "other")
    assert.equal(0, status, err)
    local text = shell("openssl x509 -in cert.pem -noout -text")
    for _, part in ipairs({ "email:me@example.test", "(2048 bit)", "CN = Me", "O = Us",
      "TLS Web Client Authentication\n" }) do
      assert.matches(part, (text:gsub("([A-Z]+)=(%w)", "%1 = %2")), 1, true)
    end
    assert.is_true(select(2, shell("openssl x509 -in cert.pem -checkend 172000")))
    assert.is_nil(select(2, shell("openssl x509 -in cert.pem -checkend 173000")))
    assert.is_true(select(2, shell("openssl pkey -in key.pem -passin pass:secret -noout")))
    assert.is_true(select(2, shell("openssl pkcs12 -in cert.p12 -passin pass:other -noout")))
  end)

  it("tells what is wrong and makes nothing", function()
    for _, case in ipairs({
      { "give --names or --ca" }, { "unknown option '--cat'", "--cat" },
      { "unknown option 'x'", "x" }, { "--names needs a value", "--names" },
      { "--days needs a positive number", "--days=0", "--ca" },
      { "--days needs a positive number", "--days=many", "--ca" },
      { "--names needs a name", "--ca", "--names=," }, { "--names needs a name", "--names", "" },
      { "'a.test b.test' is no name; commas separate them", "--ca", "--names=a.test b.test" },
      { "'' is no name; commas separate them", "--ca", "--names=a.test, ,b.test" },
    }) do
      local status, out, err = run(table.unpack(case, 2))
      assert.equal(2, status)
      assert.equal("", out)
      assert.equal(("lua-ssl-cert: %s; --help tells more\n"):format(case[1]), err)
    end
    assert.is_nil(os.rename(folder, folder))
  end)

  it("fails without an authority, and with half of one", function()
    local status, _, err = run("--names=x.test")
    assert.equal(1, status)
    assert.matches("has no authority: give --ca to make one", err, 1, true)
    run("--ca")
    os.remove(folder .. "/ca-key.pem")
    status, _, err = run("--ca")
    assert.equal(1, status)
    assert.matches("has only one of ca.pem and ca-key.pem", err, 1, true)
    status, _, err = run("--ca", "--dir=/proc/nowhere")
    assert.equal(1, status)
    assert.matches("No such file or directory: '/proc/nowhere'", err, 1, true)
  end)

  it("says which of the authority's files is broken, and how", function()
    run("--ca")
    local good = { ["ca.pem"] = read(folder .. "/ca.pem"),
      ["ca-key.pem"] = read(folder .. "/ca-key.pem") }
    local other = testing.CA()
    local locked = other.key:encrypted("secret")
    for _, case in ipairs({
      { "ca-key.pem", "junk", "has no private key that can be read: " },
      { "ca-key.pem", "", "has no private key that can be read: it is empty" },
      { "ca-key.pem", locked, "has no private key that can be read: it is encrypted" },
      { "ca.pem", "junk", "has no certificate that can be read: " },
      { "ca.pem", good["ca.pem"]:sub(1, 100), "has no certificate that can be read: " },
    }) do
      local path = folder .. "/" .. case[1]
      write(path, case[2])
      local status, out, err = run("--names=x.test")
      assert.equal(1, status)
      assert.equal("", out)
      assert.matches(("lua-ssl-cert: '%s' %s"):format(path, case[3]), err, 1, true)
      write(path, good[case[1]])
    end
    write(folder .. "/ca-key.pem", other.key.pem)
    local _, _, err = run("--names=x.test")
    assert.matches(("the private key in '%s/ca-key.pem' is not that of the certificate in "
      .. "'%s/ca.pem'"):format(folder, folder), err, 1, true)
    os.remove(folder .. "/ca-key.pem")
    os.execute("mkdir " .. folder .. "/ca-key.pem")
    _, _, err = run("--ca")
    assert.matches(("cannot read '%s/ca-key.pem': Is a directory"):format(folder), err, 1, true)
  end)

  it("is a program", function()
    local text, status = process.run({ process.lua, "bin/lua-ssl-cert", "--help" })
    assert.matches("^Usage: lua%-ssl%-cert", text)
    assert.equal(0, status)
    assert.equal(2, select(2, process.run({ process.lua, "bin/lua-ssl-cert" })))
  end)
end)
