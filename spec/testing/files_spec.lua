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
end)
