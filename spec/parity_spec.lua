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

  for _, row in ipairs(manual.rows()) do
    it(row.name .. " is there, of its kind, and tested", function()
      assert.is_nil((parity.problem(row)))
    end)
  end
end)
