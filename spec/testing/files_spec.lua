local low = require "_ssl_testing"
local ssl = require "ssl"
local raises = require "support.errors".raises
local process = require "support.process"

describe("The files of a test", function()
  it("say which one could not be made", function()
    local err = raises(ssl.OSError, low.writefile, "/no such folder/key.pem", "key", true)
    assert.same({ 2, "/no such folder/key.pem" }, { err.errno, err.filename })
  end)

  it("say which one could not be written", function()
    if not io.open("/dev/full") then return pending("no device that is full") end
    local err = raises(ssl.OSError, low.writefile, "/dev/full", "key")
    assert.same({ "No space left on device", "/dev/full" }, { err.strerror, err.filename })
  end)

  it("say that the folder for temporary files is none", function()
    local out = process.run({ process.lua, "-e", [[
      local ok, err = pcall(require("_ssl_testing").tempfolder)
      io.write(tostring(ok), " ", err.errno, " ", err.filename)
    ]] }, nil, ("TMPDIR='/no such folder' LUA_PATH=%s LUA_CPATH=%s"):format(
      process.quoted(package.path), process.quoted(package.cpath)))
    assert.equal("false 2 /no such folder", out)
  end)

  it("have names beyond ASCII, for OpenSSL and the key log too", function()
    local identity = require("ssl.testing").CA():issue("localhost")
    local top <close> = require("ssl.testing.files").folder()
    local folder = top.path .. "/schl\u{fc}ssel \u{43a}\u{442}\u{43e}"
    low.makefolder(folder)
    local names = { "/zertifik\u{e4}t.pem", "/k\u{e9}y.pem", "/l\u{f6}g" }
    for i, name in ipairs(names) do names[i] = folder .. name end
    low.writefile(names[1], identity.chain.pem)
    low.writefile(names[2], identity.key.pem, true)
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx:load_cert_chain(names[1], names[2])
    ctx:load_verify_locations(names[1])
    ctx.keylog_filename = names[3]
    ctx.keylog_filename = nil
    local filetype = require("_ssl")._filetype
    assert.equal("directory", filetype(folder))
    for _, name in ipairs(names) do
      assert.equal("file", filetype(name))
      assert.is_true(low.removefile(name))
      assert.is_nil(filetype(name))
    end
    assert.is_true(low.removefile(folder))
    assert.is_false(low.removefile(folder))
  end)
end)
