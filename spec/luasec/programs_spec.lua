-- Of the programs that `make luasec` tries, those that need nothing which the suite does
-- not need anyway.

local process = require "support.process"
local testing = require "ssl.testing"

describe("Of programs written for LuaSec,", function()
  for _, what in ipairs({ "page", "redirect", "sink", "lines" }) do
    it("LuaSocket's http runs: " .. what, function()
      local server <close> = testing.https({
        ["/page"] = "a page\n",
        ["/moved/page"] = { status = 302, headers = { Location = "/page" } },
      })
      local files <close> = server.ca:files()
      local text, status = process.run({ process.lua, "tools/luasec/luasocket.lua", what }, nil,
        ("pages_url=%s SSL_CERT_FILE=%s"):format(server.url, files.ca))
      assert.equal(0, status, text)
    end)
  end

  it("LuaSocket's http refuses a server whose authority nobody trusts", function()
    local server <close> = testing.https({ ["/page"] = "a page\n" })
    local text, status = process.run({ process.lua, "tools/luasec/luasocket.lua", "refused" }, nil,
      "pages_url=" .. server.url)
    assert.equal(0, status, text)
    assert.matches("certificate verify failed", text)
  end)
end)
