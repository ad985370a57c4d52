-- Reads the doc comments of src/ and lua/ (`/*@ ... */`, `--@`) and the one-line
-- comments of constants. CONTRIBUTING.md describes their form.

local M = {}

--- The contents of a file; nil if it cannot be opened.
function M.read(name)
  local file = io.open(name, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

-- Adds to `entries` the {title =, lines =, file =, line =} of the doc comments of a
-- C source, and its constants, which have a `text` too.
local function parse_c(file, text, entries)
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
      entries[#entries + 1] = { title = "ssl." .. name .. " (constant)", text = pending,
        file = file, line = number, lines = { pending } }
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

-- Moves the statements of `Type:` paragraphs from the lines into `types`; a line that
-- is indented goes on with the statement before it.
local function take_types(entry)
  local lines, types, inside = {}, {}, false
  for _, line in ipairs(entry.lines) do
    local statement = line:match("^Type: (.*)$")
    if statement then
      types[#types + 1] = statement
      inside = true
    elseif inside and line:find("^  %S") then
      types[#types] = types[#types] .. " " .. line:sub(3)
    elseif inside and line == "" and lines[#lines] == "" then
      inside = false
    else
      inside = false
      lines[#lines + 1] = line
    end
  end
  while lines[#lines] == "" do lines[#lines] = nil end
  entry.lines, entry.types = lines, types
end

--- All entries, in the order of the sources.
function M.entries()
  local entries = {}
  for _, file in ipairs(files()) do
    local parse = file:find("%.c$") and parse_c or parse_lua
    parse(file, M.read(file), entries)
  end
  for i, entry in ipairs(entries) do
    entry.name, entry.index = name_of(entry.title), i
    take_types(entry)
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

-- The sources whose entries of SSLSocket are SSLObject's too.
local shared = { ["src/connection/attributes.c"] = true, ["src/connection/peer.c"] = true,
  ["src/connection/negotiated.c"] = true, ["src/connection/binding.c"] = true,
  ["src/connection/overrides.c"] = true, ["src/connection/additions.c"] = true,
  ["src/connection/earlydata.c"] = true,
  ["src/connection/observed.c"] = true, ["src/connection/datagram.c"] = true }

--- The name of a method or attribute of SSLSocket's that SSLObject has too; else nil.
function M.isshared(entry)
  return shared[entry.file] and entry.name:match("^SSLSocket%.(.*)")
end

return M
