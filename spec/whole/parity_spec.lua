local manual = require "tools.manual"
local parity = require "tools.parity"

describe("The list of items", function()
  it("names every item once", function()
    local seen = {}
    for _, row in ipairs(manual.rows()) do
      assert.is_nil(seen[row.name], row.name)
      seen[row.name] = true
    end
  end)

  it("has every name that the reference describes", function()
    local listed, count = {}, 0
    for _, row in ipairs(manual.rows()) do listed[row.name] = true end
    for name in io.lines("spec/reference.txt") do
      if not name:find("^#") then
        count = count + 1
        assert.is_true(listed[name], name)
      end
    end
    assert.is_true(count > 100)
  end)

  for _, row in ipairs(manual.rows()) do
    it(row.name .. " is there, of its kind, and tested", function()
      assert.is_nil((parity.problem(row)))
    end)
  end
end)
