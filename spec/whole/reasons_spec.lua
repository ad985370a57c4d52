-- A patch release of OpenSSL may refuse the same thing by another reason. A spec or an
-- example that holds one fails on the next machine.

local reasons = require "support.reasons"

-- The page that explains reasons; its spec asks for no reason that is OpenSSL's to choose.
local explained = { ["docs/errors.md"] = true }

describe("The specs and the examples", function()
  it("hold no reason that is OpenSSL's to choose", function()
    local names, found = reasons.theirs(), {}
    assert.is_true(next(names) ~= nil)
    local pipe <close> = io.popen("find spec docs README.md -name '*.lua' -o -name '*.md'")
    for path in pipe:lines() do
      local number = 0
      for line in io.lines(path) do
        number = number + 1
        for word in line:gmatch('[":] ?([%u%d_]+)["%]]') do
          if names[word] and not explained[path] then
            found[#found + 1] = ("%s:%d: %s"):format(path, number, word)
          end
        end
      end
    end
    assert.same({}, found)
  end)
end)
