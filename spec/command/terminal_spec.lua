local clean = require("ssl.command.terminal").clean
local command = require "support.command"
local json = require "ssl.command.json"

describe("What strangers say is printed", function()
  it("as it is where it is text", function()
    for _, text in ipairs({ "plain", "Zürich", "東京", "a\\b", "" }) do
      assert.equal(text, clean(text))
    end
  end)

  it("without what a terminal or a reader could take for more", function()
    for given, shown in pairs({
      ["\27[31mred\27[0m"] = "\\x1B[31mred\\x1B[0m", ["a\nb\r\tc\0"] = "a\\x0Ab\\x0D\\x09c\\x00",
      ["\u{9B}31m"] = "\\u{9B}31m", ["\u{202E}txt"] = "\\u{202E}txt", ["\127"] = "\\x7F",
      ["\u{FEFF}\u{200B}"] = "\\u{FEFF}\\u{200B}", ["\u{E0041}"] = "\\u{E0041}",
      ["\xFF\x1B]0;t\7é"] = "\\xFF\\x1B]0;t\\x07\\xC3\\xA9", ["\u{2028}"] = "\\u{2028}",
    }) do
      assert.equal(shown, clean(given))
    end
  end)
end)

describe("JSON", function()
  it("is read back as what it was made of", function()
    local value = { list = { 1, 2.5, "x" }, none = json.array(), yes = true, no = false,
      text = "q\"\\/\n\t\27\127é\u{1F600}\u{2028}", inner = { a = { b = "c" } }, nothing = {} }
    local text = json.encode(value)
    assert.is_nil(text:find("[^\n\x20-\x7E]"))
    value.none = {}
    assert.same(value, command.decode(text))
    assert.matches('"none": []', text, 1, true)
    assert.matches('"nothing": {}', text, 1, true)
  end)

  it("replaces bytes that are no UTF-8", function()
    assert.equal("a\u{FFFD}b", command.decode(json.encode({ x = "a\xFFb" })).x)
  end)
end)
