local ssl = require "ssl"
local fixtures = require "support.fixtures"
local read = require "support.read"
local anchor = require("tools.doc.pages").anchor

local pages = {}
do
  local pipe <close> = assert(io.popen("ls *.md && find docs -name '*.md'"))
  for name in pipe:lines() do pages[name] = read(name) end
end

-- The set of a page's anchors.
local function anchors(text)
  local set = {}
  for heading in ("\n" .. text:gsub("\n```.-\n```", "\n")):gmatch("\n#+ ([^\n]+)") do
    set[anchor(heading)] = true
  end
  return set
end

describe("The documentation", function()
  it("has no link that leads nowhere", function()
    local broken, seen = {}, 0
    for name, text in pairs(pages) do
      for link in text:gsub("\n```.-\n```", "\n"):gmatch("%]%(([^)%s]+)%)") do
        local path, part = link:match("^([^#]*)#?(.*)$")
        local target = path == "" and name or (name:match("^.*/") or "") .. path
        seen = seen + 1
        if not link:find("^https://") and (not os.rename(target, target)
            or part ~= "" and not anchors(pages[target])[part]) then
          broken[#broken + 1] = name .. ": " .. link
        end
      end
    end
    assert.same({}, broken)
    assert.is_true(seen > 20)
  end)

  it("is found from the README", function()
    for name in pairs(pages) do
      local folder = name:match("^docs/manual/") and "docs/manual" or name
      assert(name == "README.md" or pages["README.md"]:find(folder, 1, true), name)
    end
  end)
end)

describe("The page for those who come from Python", function()
  local page = pages["docs/python.md"]

  it("has code that runs", function()
    local count = 0
    for code in page:gmatch("\n```lua\n(.-)```") do
      local env = fixtures.open()
      local ok, err = pcall(assert(load(code, "=docs/python.md", "t", env)))
      fixtures.close(env)
      assert(ok, err)
      count = count + 1
    end
    assert.equal(3, count)
  end)

  it("names every class of errors, the base classes with what they are the base of", function()
    local tree = page:match("\n```\n(ssl%.Error.-)```")
    for name in pairs(ssl) do
      assert(not name:find("Error$") or name == "CertificateError"
        or tree:find("ssl%." .. name .. "%f[%W]"), name)
    end
    for base, names in pairs({
      Error = { "OSError", "ValueError", "NotImplementedError" },
      OSError = { "TimeoutError", "SSLError" },
      SSLError = { "SSLZeroReturnError", "SSLWantReadError", "SSLWantWriteError",
        "SSLSyscallError", "SSLEOFError", "SSLCertVerificationError" },
      ValueError = { "SSLCertVerificationError" },
    }) do
      for _, name in ipairs(names) do
        assert(ssl.isinstance(ssl[name]("text"), ssl[base]), name)
      end
    end
  end)
end)

describe("The page for those who come from LuaSec", function()
  local page = pages["docs/luasec.md"]

  it("has code that runs", function()
    local count = 0
    for code in page:gmatch("\n```lua\n(.-)```") do
      local env = fixtures.open(code:find("https", 1, true) and "ssl.https" or nil)
      local ok, err = pcall(assert(load(code, "=docs/luasec.md", "t", env)))
      fixtures.close(env)
      assert(ok, err)
      count = count + 1
    end
    assert.equal(3, count)
  end)

  it("names methods in its table of old and new that there are", function()
    local methods = require "_ssl"._methods
    local own, theirs = methods("SSLSocket"), methods("luasec.connection")
    local context, seen = methods("SSLContext"), 0
    for row in page:match("## Old and new(.-)\n## "):gmatch("\n(| `[^\n]+)") do
      local old, new = row:match("^| (.-) | (.*)$")
      for name in old:gmatch("conn:([%w_]+)") do
        seen = seen + 1
        assert.is_function(theirs[name], name)
      end
      for kind, name in new:gmatch("(%a+):([%w_]+)%(") do
        seen = seen + 1
        assert.is_function((kind == "ctx" and context or own)[name], name)
      end
    end
    assert.is_true(seen > 30, seen)
  end)
end)

describe("The list of bug classes", function()
  it("names every class once, and specs that there are", function()
    local count = 0
    for line in pages["docs/bug-classes.md"]:gmatch("[^\n]+") do
      local number, rest = line:match("^| B(%d+) |(.*)$")
      if number then
        count = count + 1
        assert.equal(count, tonumber(number))
        local named, path = 0, nil
        for mark, text in rest:gmatch("([`\"])(.-)%1") do
          if mark == "`" then
            path = text
          else
            assert.is_truthy(read(path):find('"' .. text, 1, true), path .. ": " .. text)
            named = named + 1
          end
        end
        assert.is_true(named > 0, "B" .. number)
      end
    end
    assert.equal(34, count)
  end)
end)
