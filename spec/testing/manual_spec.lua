-- The specs on the page "Test your TLS code" are whole, and pass where nothing
-- of ours but the modules is around them.

local files = require "ssl.testing.files"
local process = require "support.process"

local page = assert(io.open("docs/testing.md"))
local text = page:read("a")
page:close()

local function run_spec(code)
  local paths = files.folder():write({ ["page_spec.lua"] = code, [".busted"] = "return {}" })
  return process.run({ process.lua, "tools/busted.lua", "-o", "plainTerminal",
    "--config-file", paths[".busted"], paths["page_spec.lua"] }, nil,
    ("LUA_PATH=%s LUA_CPATH=%s"):format(process.quoted(package.path),
      process.quoted(package.cpath)))
end

describe("The page \"Test your TLS code\"", function()
  local count = 0
  for title, code in text:gmatch("\n## ([^\n]+)\n[^#]-\n```lua\n(.-)\n```") do
    count = count + 1
    it(("has a spec that passes: %s"):format(title), function()
      local out, status = run_spec(code)
      assert.equal(0, status, out)
      assert.matches("[1-9]%d* success%a* / 0 failures / 0 errors / 0 pending", out)
    end)
  end

  it("has a spec for each kind of program", function()
    assert.equal(5, count)
    assert.equal(count, select(2, text:gsub("```lua", "")))
  end)
end)
