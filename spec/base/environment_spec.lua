local _ssl = require "_ssl"

describe("What the prelude asks of the system", function()
  it("is whether a name is a file's, a folder's, something else's or nobody's", function()
    assert.equal("file", _ssl._filetype("spec/base/environment_spec.lua"))
    assert.equal("directory", _ssl._filetype("spec"))
    assert.equal("other", _ssl._filetype("/dev/null"))
    assert.is_nil(_ssl._filetype("spec/no such file"))
  end)

  it("is the number of an error of which LuaSocket gives the text", function()
    local number, text = _ssl._errornumber("connection refused")
    assert.equal("Connection refused", text)
    assert.same({ number, text }, { _ssl._errornumber(text) })
    assert.equal(0, select("#", _ssl._errornumber("no error of the system")))
  end)
end)
