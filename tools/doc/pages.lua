-- Writes the pages of docs/manual/ from the entries and the outline.

local comments = require "tools.doc.comments"
local outline = require "tools.doc.outline"

local M = {}

--- The address of a heading on its page, as GitHub and others make it.
function M.anchor(title)
  return (title:lower():gsub("[^%w_ -]", ""):gsub(" ", "-"))
end

local anchor = M.anchor

-- Markdown of the text of an entry.
local function body(entry)
  local out, list = {}, false
  local code
  for _, line in ipairs(entry.lines) do
    if line:find("^    ") then
      if not code then
        out[#out + 1] = "```lua"
        code = true
      end
      out[#out + 1] = line:sub(5)
    elseif code and line == "" then
      out[#out + 1] = ""
    else
      if line:find("^%- ") and not list then
        out[#out + 1] = ""
        list = true
      elseif not line:find("^[%- ]") and (list or #out > 0 and line:find("^Returns ")) then
        if out[#out] ~= "" then out[#out + 1] = "" end
        list = false
      end
      out[#out + 1] = line
    end
  end
  while out[#out] == "" do out[#out] = nil end
  if code then out[#out + 1] = "```" end
  return table.concat(out, "\n")
end

local function constants(group)
  local rows = { "| constant | |\n|---|---|" }
  for _, entry in ipairs(group) do
    rows[#rows + 1] = ("| `%s` | %s |"):format(entry.name, (entry.text:gsub("|", "\\|")))
  end
  return table.concat(rows, "\n")
end

-- The entries of a section, tables of constants between them.
local function add_entries(out, entries)
  local group = {}
  for i, entry in ipairs(entries) do
    if entry.text then
      group[#group + 1] = entry
      if not (entries[i + 1] and entries[i + 1].text) then
        out[#out + 1] = constants(group)
        group = {}
      end
    else
      out[#out + 1] = "### `" .. entry.title .. "`"
      out[#out + 1] = body(entry)
    end
  end
end

-- "SSLSocket.recv" is "recv" on the page of SSLSocket.
local function short(page, entry)
  local name = entry.name
  for _, prefix in ipairs({ page.file .. ".", page.file:gsub("^ssl%.", "") .. "." }) do
    if name:sub(1, #prefix) == prefix then return name:sub(#prefix + 1) end
  end
  return name
end

-- Each section of a page, with its functions and methods by links.
local function contents(page)
  local lines = {}
  for _, section in ipairs(page.sections) do
    local links = {}
    for _, entry in ipairs(section.entries) do
      if not entry.text then
        links[#links + 1] = ("[%s](#%s)"):format(short(page, entry), anchor(entry.title))
      end
    end
    local title = ("- [%s](#%s)"):format(section.title, anchor(section.title))
    lines[#lines + 1] = #links > 0 and title .. ":\n  " .. table.concat(links, ",\n  ") or title
  end
  return table.concat(lines, "\n")
end

-- What SSLObject has of SSLSocket's, by links.
local function add_shared(out, socket)
  out[#out + 1] = "## As in SSLSocket"
  local lines = {}
  for _, section in ipairs(socket.sections) do
    for _, entry in ipairs(section.entries) do
      if comments.isshared(entry) then
        local title = entry.title:gsub("^SSLSocket", "SSLObject")
        lines[#lines + 1] = ("- [`%s`](SSLSocket.md#%s)"):format(title, anchor(entry.title))
      end
    end
  end
  out[#out + 1] = "These have the same meaning for both classes; their text is on the page of\n"
    .. "[SSLSocket](SSLSocket.md).\n\n" .. table.concat(lines, "\n")
end

local function page_text(page, pages)
  local out = { "# " .. page.title, table.concat(page.about, "\n"), contents(page) }
  for _, section in ipairs(page.sections) do
    if #section.entries > 0 then
      out[#out + 1] = "## " .. section.title
      add_entries(out, section.entries)
    end
  end
  if page.file == "SSLObject" then add_shared(out, pages.SSLSocket) end
  return table.concat(out, "\n\n") .. "\n"
end

-- The index -------------------------------------------------------------------

-- What one wants to do, by what the titles of its sections begin with.
local TASKS = {
  { "Make a context", "make a context" }, { "Connect", "connect to a server" },
  { "Serve", "serve clients" }, { "Trust", "decide whom to trust" },
  { "Identify", "show who you are" }, { "Choose", "choose versions, algorithms, protocols" },
  { "Send", "send and receive" }, { "End", "end a connection" },
  { "Resume", "resume earlier sessions" }, { "Wait", "wait, or not" },
  { "Inspect", "inspect what goes on" },
}

local function links_of_task(words, pages)
  local links = {}
  for _, page in ipairs(pages) do
    for _, section in ipairs(page.sections) do
      if section.title:sub(1, #words) == words and not page.file:find("^luasec") then
        links[#links + 1] = ("[%s: %s](%s.md#%s)"):format(page.file, section.title, page.file,
          anchor(section.title))
      end
    end
  end
  return table.concat(links, "<br>")
end

-- All functions, methods and attributes, by their first letter.
local function index_of_names(pages)
  local names = {}
  for _, page in ipairs(pages) do
    for _, section in ipairs(page.sections) do
      for _, entry in ipairs(section.entries) do
        local name = entry.title:match("^[%w_.:]+")
        if not entry.text then
          names[#names + 1] = { name = name, key = name:match("%a[%w_]*$"):lower(),
            link = ("[%s](%s.md#%s)"):format(name, page.file, anchor(entry.title)) }
        end
      end
    end
  end
  table.sort(names, function(a, b)
    if a.key ~= b.key then return a.key < b.key end
    return a.name < b.name
  end)
  local lines, last = {}, nil
  for _, item in ipairs(names) do
    local letter = item.key:sub(1, 1):upper()
    local begin = letter == last and "  " or "- **" .. letter .. "**: "
    lines[#lines + 1] = begin .. item.link .. ","
    last = letter
  end
  return (table.concat(lines, "\n"):gsub(",\n%- ", "\n- "):gsub(",$", ""))
end

local function index(pages)
  local out = { "# Manual", "`make manual` writes these pages from the doc comments of the\n"
    .. "sources. A test runs the example of each entry.", "## By what you want to do" }
  local rows = { "| you want to | sections |\n|---|---|" }
  for _, task in ipairs(TASKS) do
    rows[#rows + 1] = ("| %s | %s |"):format(task[2], links_of_task(task[1], pages))
  end
  out[#out + 1] = table.concat(rows, "\n")
  out[#out + 1] = "## Pages"
  local list = {}
  for _, page in ipairs(pages) do
    list[#list + 1] = ("- [%s](%s.md). %s"):format(page.title, page.file,
      table.concat(page.about, "\n  "))
  end
  out[#out + 1] = table.concat(list, "\n")
  out[#out + 1] = "## Names"
  out[#out + 1] = index_of_names(pages)
  return table.concat(out, "\n\n") .. "\n"
end

--- The files: name -> text.
function M.generate(entries)
  local pages, texts = outline.place(entries), {}
  for _, page in ipairs(pages) do
    texts["docs/manual/" .. page.file .. ".md"] = page_text(page, pages)
  end
  texts["docs/manual/README.md"] = index(pages)
  return texts
end

return M
