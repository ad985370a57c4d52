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

-- The lines of a diagram that are the same with every OpenSSL, without sizes.
local function diagram_lines(diagram)
  local lines = {}
  for line in diagram:gmatch("[^\n]+") do
    local words = line:match("^  |([<%-=].-)|$") or line:match("^  |    ([%l ]+: .-) +|$")
    if words and not words:find("^other") and not words:find("^signature")
      and not words:find("^ciphers") then
      lines[#lines + 1] = words:gsub("%d+ bytes", "bytes"):gsub("%-%-+", "--"):gsub(" +$", "")
    end
  end
  return lines
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

  it("has the diagram that its own spec prints", function()
    local code = text:match("## See what was said\n.-```lua\n(.-\n)```")
    local out = run_spec(code)
    local lines = diagram_lines(out)
    assert.equal(6, #lines)
    assert.same(diagram_lines(text:match("```text\n(.-)```")), lines)
  end)

  it("has a spec for each kind of program", function()
    assert.equal(7, count)
    assert.equal(count, select(2, text:gsub("```lua", "")))
  end)
end)
