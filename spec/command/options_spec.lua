local options = require "ssl.command.options"

local command = {
  name = "try", summary = "try", arguments = "FILE", text = { "Tries." },
  options = {
    { name = "loud", help = "be loud" },
    { name = "file", value = "FILE", help = "a file" },
    { name = "count", value = "N", number = true, default = 3, help = "how often" },
    { name = "when", value = "WHEN", choices = { "now", "never" }, help = "when" },
  },
}

describe("The words of a command line", function()
  it("are options, written in either way, and others", function()
    assert.same({ loud = true, file = "a", count = 7, when = "now", "one", "-", "two" },
      options.parse(command, { "one", "--file", "a", "--loud", "-", "--count=7", "--when=now",
        "two" }))
    assert.same({ file = "", count = 3 }, options.parse(command, { "--file=" }))
    assert.same({ count = 3, help = true }, options.parse(command, { "-h" }))
    assert.same({ file = "--loud", count = 3 }, options.parse(command, { "--file", "--loud" }))
  end)

  it("are no options after --", function()
    assert.same({ count = 3, "--loud", "--" }, options.parse(command, { "--", "--loud", "--" }))
  end)

  it("are refused with the reason", function()
    for _, case in ipairs({
      { "unknown option '--low'", "--low" }, { "unknown option '-x'", "-x" },
      { "unknown option '--=x'", "--=x" },
      { "--loud takes no value", "--loud=yes" }, { "--file needs a value", "--file" },
      { "--count needs a positive number, not 'x'", "--count", "x" },
      { "--count needs a positive number, not '0'", "--count=0" },
      { "--count needs a positive number, not 'nan'", "--count=nan" },
      { "--when needs one of now, never, not 'later'", "--when", "later" },
    }) do
      local values, problem = options.parse(command, table.pack(table.unpack(case, 2)))
      assert.is_nil(values or nil, case[1])
      assert.equal(case[1], problem)
    end
  end)
end)

describe("An option that the British and the Americans spell differently", function()
  it("has both names, and one value", function()
    local show = require("ssl.command.main").find("show")
    for _, name in ipairs({ "colour", "color" }) do
      assert.equal("never", options.parse(show, { "--" .. name .. "=never" }).colour)
    end
  end)
end)

describe("The help of a command", function()
  it("names each option in lines of at most 80 columns", function()
    for _, name in ipairs(require("ssl.command.main").NAMES) do
      local known = require("ssl.command.main").find(name)
      local text = options.usage(known)
      for _, option in ipairs(options.all(known)) do
        assert.matches("\n  " .. options.written(option), text, 1, true)
      end
      for line in text:gmatch("[^\n]+") do assert.is_true(#line <= 80, line) end
    end
  end)
end)
