-- Reads tools/doc/outline.txt, and gives each entry of the manual its place.

local M = {}

local FILE = "tools/doc/outline.txt"

local function new_page(pages, head)
  local file, title = head:match("^([%w_.]+): (.+)$")
  local page = { file = file or head, title = title or head, about = {}, sections = {} }
  pages[#pages + 1], pages[page.file] = page, page
  return page
end

--- The pages, in their order and by the names of their files: {file =, title =, about =,
--- sections = {{title =, items =}, ...}}.
function M.pages()
  local pages, page, section = {}, nil, nil
  for line in io.lines(FILE) do
    local head, title = line:match("^= (.+)$"), line:match("^## (.+)$")
    if head then
      page, section = new_page(pages, head), nil
    elseif title then
      section = { title = title, items = {} }
      page.sections[#page.sections + 1] = section
    elseif section then
      for item in line:gmatch("%S+") do section.items[#section.items + 1] = item end
    elseif page and line ~= "" then
      page.about[#page.about + 1] = line
    end
  end
  return pages
end

-- The entries that an item of a section means, of those that have no place yet.
local function meant(item, entries)
  local list, prefix = {}, item:match("^(.*)%*$")
  for _, entry in ipairs(entries) do
    if not entry.section and (entry.name == item or entry.file == item and item:find("/")
        or prefix and entry.text and entry.name:sub(1, #prefix) == prefix) then
      list[#list + 1] = entry
    end
  end
  return list
end

local function put(entry, page, section)
  entry.page, entry.section = page.file, section
  section.entries[#section.entries + 1] = entry
end

-- Each page's sections with what their items mean; whole source files come last.
local function put_items(pages, entries, of_files)
  for _, page in ipairs(pages) do
    for _, section in ipairs(page.sections) do
      section.entries = section.entries or {}
      for _, item in ipairs(section.items) do
        if (item:find("/") ~= nil) == of_files then
          for _, entry in ipairs(meant(item, entries)) do put(entry, page, section) end
        end
      end
    end
  end
end

-- Where an entry belongs that the outline does not name: with the others of its
-- source file, or of its class; else at the end of the first page.
local function neighbour(entry, entries, pages)
  local prefix, found = entry.name:match("^(.*%.)[%w_]+$"), nil
  for _, other in ipairs(entries) do
    if other.section and other.file == entry.file then
      return pages[other.page], other.section
    elseif other.section and prefix and other.name:sub(1, #prefix) == prefix then
      found = pages[other.page]
    end
  end
  found = found or pages[1]
  return found, found.sections[#found.sections]
end

--- The pages with the entries of each section. Each entry gets a `page` (its file) and
--- a `section`.
function M.place(entries)
  local pages = M.pages()
  put_items(pages, entries, false)
  put_items(pages, entries, true)
  for _, entry in ipairs(entries) do
    if not entry.section then put(entry, neighbour(entry, entries, pages)) end
  end
  return pages
end

return M
