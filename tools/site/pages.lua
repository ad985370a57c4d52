-- Which sources become which pages of the site, and in what order the menu has them.

local M = {}

-- {group, source, source, ...}; "*" stands for the texts of a folder that are named nowhere, and
-- a folder for a page that lists its programs.
local MENU = {
  { "Start", "README.md", "docs/recipes.md", "docs/errors.md", "docs/command.md",
    "docs/python.md", "docs/luasec.md" },
  { "Manual", "docs/manual/README.md", "docs/manual/ssl.md", "docs/manual/SSLContext.md",
    "docs/manual/SSLSocket.md", "docs/manual/SSLObject.md", "docs/manual/*" },
  { "Guides", "docs/handshake.md", "docs/event-loops.md", "docs/dtls.md", "docs/testing.md",
    "docs/embedding.md", "docs/*", "examples/", "docs/windows.md", "docs/macos.md" },
  { "Inside", "docs/architecture.md", "docs/performance.md", "docs/conformance.md",
    "docs/bug-classes.md", "docs/peers.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md" },
}

-- What the menu says, where the page's own title is too long.
local SHORT = {
  ["README.md"] = "Overview", ["docs/manual/README.md"] = "Index",
  ["docs/bug-classes.md"] = "Bug classes", ["examples/"] = "Examples",
  ["docs/luasec.md"] = "Coming from LuaSec", ["docs/python.md"] = "Coming from Python",
  ["docs/errors.md"] = "Errors",
}

local function lines_of(command)
  local list, pipe = {}, assert(io.popen("LC_ALL=C " .. command))
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  return list
end

--- The contents of a file of the tree; nil if it cannot be opened.
function M.read(name)
  local file <close> = io.open(name, "rb")
  return file and file:read("a")
end

--- The page of a source: "docs/manual/README.md" is "docs/manual/index.html".
function M.target(source)
  if source:find("/$") then return source .. "index.html" end
  local name = source:gsub("README%.md$", "index.md"):gsub("%.md$", "")
  return name .. ".html"
end

-- The programs in a folder, and the folders in it.
local function programs_of(folder)
  return lines_of("ls -d " .. folder .. "*.lua " .. folder .. "*.[ch] " .. folder .. "*.cfg "
    .. folder .. "*/ 2>/dev/null")
end

-- What a program says of itself: the first sentences of its first comment.
local function about(text)
  local words = {}
  for line in text:gmatch("([^\n]*)\n") do
    local comment = line:match("^%-%- ?(.*)$") or line:match("^%*%* ?(.*)$")
      or line:match("^# (.*)$")
    if line ~= "/*" then
      if not comment or comment == "" or comment:find("^  ") or comment:find("SPDX") then break end
      words[#words + 1] = comment
    end
  end
  return (table.concat(words, " "):gsub("%s*Usage:.*$", ""):gsub(":$", ".")
    :gsub("^[%w_]+%.c %- ", ""):gsub("<", "\\<"))
end

-- A page of the programs in a folder.
local function list_of_programs(folder)
  local out = { folder == "examples/" and "# Examples" or "# " .. folder,
    "Programs to start from. Each says in its first lines how to run it.", "" }
  for _, name in ipairs(programs_of(folder)) do
    local short = name:sub(#folder + 1)
    local text = name:find("/$") and "a folder of programs that belong together."
      or about(M.read(name))
    out[#out + 1] = ("- [%s](%s): %s"):format(short, short, text)
  end
  return table.concat(out, "\n") .. "\n"
end

local function program_text(source)
  local kind = source:match("%.(%l+)$")
  local language = ({ h = "c", cfg = "" })[kind] or kind
  return ("# %s\n\n```%s\n%s```\n"):format(source, language, M.read(source))
end

-- The Markdown of a source.
local function markdown(source)
  if source:find("/$") then return list_of_programs(source) end
  if source:find("%.md$") then return M.read(source) end
  return program_text(source)
end

local function new(source, group)
  local text = markdown(source)
  local title = text:match("^# ([^\n]+)"):gsub("`", "")
  return { source = source, target = M.target(source), text = text, title = title, group = group,
    short = SHORT[source] or title:gsub("^The module ", "") }
end

local function add(pages, source, group)
  if not pages[source] and (source:find("/$") or M.read(source)) then
    local page = new(source, group)
    pages[#pages + 1], pages[source] = page, page
  end
end

--- All pages, in the order of the menu and by their sources: {source =, target =, text =,
--- title =, short =, group =}. Programs have no group, and no place in the menu.
function M.all()
  local pages = {}
  for _, list in ipairs(MENU) do
    for _, source in ipairs(list) do
      if source:find("%*$") then
        for _, name in ipairs(lines_of("ls " .. source:gsub("%*$", "*.md"))) do
          local named = false
          for _, other in ipairs(MENU) do
            for _, item in ipairs(other) do named = named or item == name end
          end
          if not named then add(pages, name, list[1]) end
        end
      elseif source ~= list[1] then
        add(pages, source, list[1])
      end
    end
  end
  local function add_programs(folder)
    for _, name in ipairs(programs_of(folder)) do
      add(pages, name, nil)
      if name:find("/$") then add_programs(name) end
    end
  end
  add_programs("examples/")
  add(pages, "include/lssl.h", nil)
  return pages
end

return M
