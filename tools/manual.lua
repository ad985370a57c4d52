-- Usage: lua5.4 tools/manual.lua [--check]
-- Writes docs/manual/*.md from the doc comments of src/ and lua/ (`/*@ ... */`,
-- `--@`) and the one-line comments of constants, in the order of
-- spec/parity.txt; --check only says whether the files are up to date. As a
-- module it gives the entries, for the spec.

local M = {}

local FOLDER = "docs/manual/"

local function read(name)
  local file = io.open(name, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

-- {title =, lines =, file =, line =} of the doc comments of a C source, and
-- {name =, text =} of its constants.
local function parse_c(file, text, entries, constants)
  local number, open, pending = 0, nil, nil
  for line in text:gmatch("([^\n]*)\n") do
    number = number + 1
    local title = line:match("^/%*@ (.*)$")
    if title then
      open = { title = title, lines = {}, file = file, line = number }
      entries[#entries + 1] = open
    elseif open and line:find("^%*/") then
      open = nil
    elseif open then
      open.lines[#open.lines + 1] = line:gsub("^%*%* ?", "")
    elseif line:find("^%s+/%*@ ") then
      pending = line:match("/%*@ (.-)%s*%*/") or error(("%s:%d: longer than a line"):format(
        file, number))
    elseif pending and not line:find("^#") then
      local name = assert(line:match("[%({]\"?([%w_]+)"), file .. ":" .. number)
      constants[#constants + 1] = { title = "ssl." .. name .. " (constant)", name = name,
        text = pending, file = file, line = number, lines = { pending } }
      entries[#entries + 1] = constants[#constants]
      pending = nil
    end
  end
end

local function parse_lua(file, text, entries)
  local number, open = 0, nil
  for line in text:gmatch("([^\n]*)\n") do
    number = number + 1
    local title = line:match("^%-%-@ (.*)$")
    if title then
      open = { title = title, lines = {}, file = file, line = number }
      entries[#entries + 1] = open
    elseif open and line:find("^%-%-") then
      open.lines[#open.lines + 1] = line:gsub("^%-%- ?", "")
    else
      open = nil
    end
  end
end

local function files()
  local pipe = assert(io.popen("ls src/*/*.c && find lua -name '*.lua' | LC_ALL=C sort"))
  local list = {}
  for name in pipe:lines() do list[#list + 1] = name end
  pipe:close()
  return list
end

-- "ssl.RAND_bytes(num)" is "RAND_bytes", "SSLSocket:read([len])" "SSLSocket.read".
local function name_of(title)
  return (title:match("^[%w_.:]+"):gsub("^ssl%.", ""):gsub(":", "."))
end

--- All entries, in the order of the sources.
function M.entries()
  local entries, constants = {}, {}
  for _, file in ipairs(files()) do
    local parse = file:find("%.c$") and parse_c or parse_lua
    parse(file, read(file), entries, constants)
  end
  for i, entry in ipairs(entries) do
    entry.name, entry.index = name_of(entry.title), i
  end
  return entries
end

--- The rows of spec/parity.txt: {name =, kind =, since =, spec =, section =}.
function M.rows()
  local rows, section = {}, nil
  for line in io.lines("spec/parity.txt") do
    section = line:match("^## (.+)$") or section
    local name, kind, since, spec = line:match("^([%w_.]+)%s+([%w%-]+)%s+(%S+)%s+(%S+)")
    if name then
      rows[#rows + 1] = { name = name, kind = kind, since = since, spec = spec, section = section }
    end
  end
  return rows
end

-- What of SSLSocket is SSLObject's too.
local shared = { ["src/connection/attributes.c"] = true, ["src/connection/peer.c"] = true,
  ["src/connection/negotiated.c"] = true, ["src/connection/binding.c"] = true,
  ["src/connection/overrides.c"] = true,
  ["src/connection/additions.c"] = true }

local pages = {
  { file = "ssl", title = "The module ssl", about = "What `require \"ssl\"` gives." },
  { file = "SSLSocket", title = "SSLSocket" },
  { file = "SSLContext", title = "SSLContext" },
  { file = "SSLObject", title = "SSLObject" },
  { file = "MemoryBIO", title = "MemoryBIO" },
  { file = "SSLSession", title = "SSLSession" },
  { file = "bytearray", title = "bytearray" },
  { file = "luasec", title = "LuaSec's API",
    about = "Connections of `ssl.wrap`, certificates of `ssl.loadcertificate`, and the modules\n"
      .. "`ssl.context` and `ssl.core`, as programs written for LuaSec use them. Functions of\n"
      .. "`ssl` itself are on [its page](ssl.md)." },
  { file = "ssl.https", title = "The module ssl.https",
    about = "What `require \"ssl.https\"` gives: HTTP requests over TLS, as LuaSec's module of\n"
      .. "that name makes them. In one thing it differs on purpose: **it verifies the server's\n"
      .. "certificate and its name**, unless you say `verify = \"none\"`." },
  { file = "ssl.waiter", title = "The module ssl.waiter",
    about = "What `require \"ssl.waiter\"` gives." },
  { file = "ssl.scan", title = "The module ssl.scan",
    about = "What `require \"ssl.scan\"` gives: a look at a TLS server from outside." },
  { file = "ssl.testing", title = "The module ssl.testing",
    about = "What `require \"ssl.testing\"` gives." },
}
local byfile = {}
for _, page in ipairs(pages) do byfile[page.file] = page end

local testing = { ca = true, identity = true, key = true, pair = true, server = true,
  assert = true, testing = true, tap = true, chain = true, cert = true }

local luasec = { connection = true, certificate = true, context = true, core = true }

--- The page that an entry is on.
function M.page(entry)
  local first = entry.name:match("^[%w_]+")
  if entry.title:find("^ssl%.waiter") then return "ssl.waiter" end
  if entry.title:find("^ssl%.scan") then return "ssl.scan" end
  if testing[first] then return "ssl.testing" end
  if luasec[first] then return "luasec" end
  if first == "https" then return "ssl.https" end
  return byfile[first] and first or "ssl"
end

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

local function add_constants(out, group)
  out[#out + 1] = "| constant | |\n|---|---|"
  for _, entry in ipairs(group) do
    out[#out] = out[#out] .. ("\n| `%s` | %s |"):format(entry.name, (entry.text:gsub("|", "\\|")))
  end
end

-- The entries of a page, tables of constants between them.
local function add_entries(out, entries)
  local group, section
  for _, entry in ipairs(entries) do
    if entry.section ~= section then
      if group then add_constants(out, group) end
      group, section = nil, entry.section
      out[#out + 1] = "## " .. section
    end
    if entry.text then
      group = group or {}
      group[#group + 1] = entry
    else
      if group then add_constants(out, group) end
      group = nil
      out[#out + 1] = "### `" .. entry.title .. "`"
      out[#out + 1] = body(entry)
    end
  end
  if group then add_constants(out, group) end
end

-- The address of an entry's heading on its page, as GitHub and others make it.
local function anchor(title)
  return (title:lower():gsub("[^%w_ -]", ""):gsub(" ", "-"))
end

-- The functions and methods of a page, by links in their order.
local function contents(page, entries)
  local links, prefix = {}, page.file:gsub("^ssl%.", "") .. "."
  for _, entry in ipairs(entries) do
    if not entry.text then
      local own = entry.name:sub(1, #prefix) == prefix
      local name = own and entry.name:sub(#prefix + 1) or entry.name
      links[#links + 1] = ("[%s](#%s)"):format(name, anchor(entry.title))
    end
  end
  return table.concat(links, ",\n")
end

-- What SSLObject has of SSLSocket's, by links.
local function add_shared(out, entries)
  out[#out + 1] = "## As in SSLSocket"
  local lines = {}
  for _, entry in ipairs(entries) do
    local title = entry.title:gsub("^SSLSocket", "SSLObject")
    lines[#lines + 1] = ("- [`%s`](SSLSocket.md#%s)"):format(title, anchor(entry.title))
  end
  out[#out + 1] = "These have the same meaning for both classes; their text is on the page of\n"
    .. "[SSLSocket](SSLSocket.md).\n\n" .. table.concat(lines, "\n")
end

-- In the order of the list of items; what is not in it follows, in the order of
-- the sources.
local function arrange(entries)
  local place = {}
  for i, row in ipairs(M.rows()) do
    place[row.name] = place[row.name] or { i, row.section }
  end
  for _, entry in ipairs(entries) do
    local found = place[entry.name]
    entry.place = found and found[1] or 100000 + entry.index
    entry.section = M.page(entry) == "ssl"
      and (found and found[2] or entry.text and "Constants of sockets" or "Others") or nil
  end
  table.sort(entries, function(a, b) return a.place < b.place end)
end

--- The files: name -> text.
function M.generate()
  local entries, texts = M.entries(), {}
  arrange(entries)
  local index = {}
  for _, page in ipairs(pages) do
    local own, borrowed = {}, {}
    for _, entry in ipairs(entries) do
      if M.page(entry) == page.file then own[#own + 1] = entry end
      if page.file == "SSLObject" and shared[entry.file] and entry.name:find("^SSLSocket") then
        borrowed[#borrowed + 1] = entry
      end
    end
    if #own > 0 then
      local out = { "# " .. page.title, page.about }
      out[#out + 1] = contents(page, own)
      add_entries(out, own)
      if #borrowed > 0 then add_shared(out, borrowed) end
      texts[page.file .. ".md"] = table.concat(out, "\n\n") .. "\n"
      index[#index + 1] = ("- [%s](%s.md)"):format(page.title, page.file)
    end
  end
  texts["README.md"] = "# Manual\n\nGenerated from the sources by `make manual`.\n\n"
    .. table.concat(index, "\n") .. "\n"
  return texts
end

--- The names of the files that are not as they should be.
function M.outdated()
  local list = {}
  for name, text in pairs(M.generate()) do
    if read(FOLDER .. name) ~= text then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

-- Which entry names what of SSLSocket's is SSLObject's too.
function M.isshared(entry)
  return shared[entry.file] and entry.name:match("^SSLSocket%.(.*)")
end

local function main(option)
  if option == "--check" then
    local list = M.outdated()
    if #list > 0 then
      print("out of date, run make manual: " .. table.concat(list, " "))
      os.exit(1, true)
    end
    return
  end
  os.execute("mkdir -p " .. FOLDER)
  for name, text in pairs(M.generate()) do
    local file = assert(io.open(FOLDER .. name, "wb"))
    file:write(text)
    file:close()
  end
end

if arg and arg[0] and arg[0]:find("manual%.lua$") then main(arg[1]) end

return M
