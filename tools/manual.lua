-- Usage: lua5.4 tools/manual.lua [--check]
-- Writes docs/manual/*.md and types/ from the doc comments of src/ and lua/, by the
-- modules in tools/doc/; --check only says whether the files are up to date. As a
-- module it gives the entries, for the specs.

package.path = "./?.lua;" .. package.path

local comments = require "tools.doc.comments"
local outline = require "tools.doc.outline"
local pages = require "tools.doc.pages"
local types = require "tools.doc.types"

local M = { rows = comments.rows, isshared = comments.isshared }

--- All entries, in the order of the sources.
function M.entries()
  local entries = comments.entries()
  outline.place(entries)
  return entries
end

--- The page that an entry is on.
function M.page(entry) return entry.page end

--- The files: name -> text.
function M.generate()
  local texts = pages.generate(comments.entries())
  for name, text in pairs(types.generate(comments.entries())) do texts[name] = text end
  return texts
end

--- The names of the files that are not as they should be.
function M.outdated()
  local list = {}
  for name, text in pairs(M.generate()) do
    if comments.read(name) ~= text then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

local function main(option)
  local list = M.outdated()
  if option == "--check" then
    if #list > 0 then
      print("out of date, run make manual: " .. table.concat(list, " "))
      os.exit(1, true)
    end
    return
  end
  local texts = M.generate()
  os.execute("mkdir -p docs/manual types/ssl")
  for _, name in ipairs(list) do
    local file = assert(io.open(name, "wb"))
    file:write(texts[name])
    file:close()
  end
end

if arg and arg[0] and arg[0]:find("manual%.lua$") then main(arg[1]) end

return M
