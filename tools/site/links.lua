-- Links between the pages of the site: from the sources' paths to the pages', and from the
-- names in the text to their entries in the manual.

local comments = require "tools.doc.comments"
local outline = require "tools.doc.outline"
local anchor = require("tools.doc.pages").anchor

local M = {}

-- "docs/manual/../x.md" is "docs/x.md".
local function normal(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do
    if part == ".." then parts[#parts] = nil
    elseif part ~= "." then parts[#parts + 1] = part end
  end
  return table.concat(parts, "/") .. (path:find("/$") and "/" or "")
end

--- The way from one page to another, or to a file beside the pages.
function M.relative(from, to)
  local up = from:gsub("[^/]+", ".."):gsub("%.%.$", "")
  return up .. to
end

-- The page, or the file to copy, that a path in the text of a source means.
local function destination(source, path, pages)
  local full = normal((source:match("^.*/") or "") .. path)
  local page = pages[full] or pages[full .. "/"] or pages[full .. "/README.md"]
  return page and page.target or full
end

--- The HTML of a page with its links led to pages; `copied` collects other files.
function M.lead(html, page, pages, copied)
  return (html:gsub('(%f[%w]%l+)="([^"]*)"', function(attribute, link)
    if attribute ~= "href" and attribute ~= "src" or link:find("^%l+:") or link:find("^#") then
      return nil
    end
    local path, part = link:match("^([^#]*)(.*)$")
    local target = destination(page.source, path, pages)
    if not target:find("%.html$") then copied[target] = true end
    return ('%s="%s"'):format(attribute, M.relative(page.target, target) .. part)
  end))
end

--- The addresses of the manual's entries, by the names that texts have for them.
function M.names()
  local entries, names = comments.entries(), {}
  outline.place(entries)
  for _, entry in ipairs(entries) do
    if not entry.text then
      local name = entry.title:match("^[%w_.:]+")
      names[name] = { target = "docs/manual/" .. entry.page .. ".html",
        part = "#" .. anchor(entry.title) }
      if name:find(":") then names[name:gsub(":", ".")] = names[name] end
    end
  end
  return names
end

--- Makes links of the names of entries, where they stand as code in the text.
function M.name(html, page, names)
  local function linked(text)
    return (text:gsub("<code>([%w_.:]+)</code>", function(name)
      local found = names[name]
      if not found then return nil end
      local link = found.target == page.target and "" or M.relative(page.target, found.target)
      return ('<a class="name" href="%s%s"><code>%s</code></a>'):format(link, found.part, name)
    end))
  end
  local out, at = {}, 1
  while true do  -- what is a link already, a heading, or a program stays as it is
    local first, _, tag = html:find("<(%l%d?)%f[%s>]", at)
    while first and not (tag == "a" or tag:find("^h%d$")) do
      first, _, tag = html:find("<(%l%d?)%f[%s>]", first + 1)
    end
    if not first then break end
    local _, last = html:find("</" .. tag .. ">", first, true)
    out[#out + 1] = linked(html:sub(at, first - 1))
    out[#out + 1] = html:sub(first, last)
    at = last + 1
  end
  out[#out + 1] = linked(html:sub(at))
  return table.concat(out)
end

--- The problems with the links of a site: hrefs of files, and of headings in them, that are
--- not there. `files` maps the names of pages to their HTML, and of others to true.
function M.check(files)
  local problems, ids = {}, {}
  for name, html in pairs(files) do
    ids[name] = {}
    if html ~= true then
      for id in html:gmatch('%sid="([^"]*)"') do ids[name][id] = true end
    end
  end
  for name, html in pairs(files) do
    for attribute, link in (html == true and "" or html):gmatch('(%l+)="([^"]*)"') do
      if (attribute == "href" or attribute == "src") and not link:find("^%l+:") then
        local path, part = link:match("^([^#]*)#?(.*)$")
        local target = path == "" and name or normal((name:match("^.*/") or "") .. path)
        if not files[target] or part ~= "" and not ids[target][part] then
          problems[#problems + 1] = name .. ": " .. link
        end
      end
    end
  end
  table.sort(problems)
  return problems
end

return M
