-- The drawings in docs/diagrams/ show what their texts say, and the rooms are the tree's.

local read = require "support.read"

local FOLDER = "docs/diagrams/"

local function names(kind)
  local list, pipe <const> = {}, io.popen("ls " .. FOLDER .. "*." .. kind)
  for name in pipe:lines() do list[#list + 1] = name end
  pipe:close()
  return list
end

-- The words of a text without its form.
local function plain(text)
  return (text:gsub("<[^>]*>", " "):gsub("&quot;", '"'):gsub("&#39;", "'"):gsub("&amp;", "&")
    :gsub("&#45;", "-"):gsub("%s+", " "))
end

-- The set of the rooms that a room reaches by arrows.
local function reached(arrows, room, set)
  set = set or {}
  for _, other in ipairs(arrows[room] or {}) do
    set[other] = true
    reached(arrows, other, set)
  end
  return set
end

describe("The drawings", function()
  it("have all words of their texts", function()
    local seen = 0
    for _, kind in ipairs({ "dot", "msc" }) do
      for _, name in ipairs(names(kind)) do
        local drawing = plain(read((name:gsub("%l+$", "svg"))))
        for label in read(name):gmatch('label = "(.-[^\\])"') do
          for line in label:gsub('\\"', '"'):gsub("\\n", "\n"):gmatch("[^\n]+") do
            seen = seen + 1
            assert(drawing:find(line, 1, true), name .. ": " .. line)
          end
        end
      end
    end
    assert.is_true(seen > 40, seen)
  end)

  it("are shown in light and dark, and on some page", function()
    local pipe <close> = io.popen("cat docs/*.md")
    local pages = pipe:read("a")
    local all = names("svg")
    assert.is_true(#all >= 5)
    for _, name in ipairs(all) do
      assert.matches("prefers-color-scheme: dark", read(name), 1, true)
      assert.matches("](" .. name:match("diagrams/.*$") .. ")", pages, 1, true)
    end
  end)

  it("have the arrows of the rooms that the table in CONTRIBUTING.md has", function()
    local arrows, text = {}, read(FOLDER .. "rooms.dot")
    for from, to in text:gmatch("\n  (%w+) %-> (%w+)") do
      arrows[from] = arrows[from] or {}
      table.insert(arrows[from], to)
    end
    local count = 0
    local rows = "\n| `src/(%w+)/` | [^\n]* | ([%w, ]+) |"
    for room, allowed in read("CONTRIBUTING.md"):gmatch(rows) do
      local expected, found = {}, reached(arrows, room)
      for name in allowed:gmatch("%w+") do
        if name ~= room then expected[name] = true end
      end
      assert.same(expected, found, room)
      count = count + 1
    end
    assert.is_true(count >= 8)
  end)
end)
