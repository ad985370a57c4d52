-- The programs of docs/recipes.md, each run as it stands there, in a folder of its own.

local files = require "ssl.testing.files"
local process = require "support.process"
local read = require "support.read"

local M = {}

local chapters = {}
local title
for line in (read("docs/recipes.md")):gmatch("([^\n]*)\n") do
  local heading = line:match("^## (.+)$")
  if heading then
    title = heading
    chapters[#chapters + 1] = title
  elseif line == "```lua" then
    assert(title and not chapters[title], "two programs: " .. tostring(title))
    chapters[title] = {}
  elseif line == "```" then
    chapters[title] = table.concat(chapters[title], "\n") .. "\n"
  elseif type(chapters[title]) == "table" then
    table.insert(chapters[title], line)
  end
end

--- The titles in the order of the page, and the programs by their titles.
M.chapters = chapters

local Kitchen = {}
Kitchen.__index = Kitchen

--- A folder with these files (name to bytes) and the program of a recipe. Clients in it
--- trust the authority in `ca.pem`.
function M.new(name, contents)
  local folder = files.folder()
  local all = { ["recipe.lua"] = assert(chapters[name], name) }
  for file, bytes in pairs(contents or {}) do all[file] = bytes end
  folder:write(all)
  return setmetatable({ folder = folder, path = folder.path }, Kitchen)
end

-- The command, which has the folder as its current one.
function Kitchen:words(...)
  local words = { process.lua, "recipe.lua", ... }
  for i, word in ipairs(words) do words[i] = process.quoted(word) end
  return { "sh", "-c", ("cd '%s' && SSL_CERT_FILE='%s/ca.pem' exec %s"):format(self.path,
    self.path, table.concat(words, " ")) }
end

--- What the program prints, errors included, and its status.
function Kitchen:run(...)
  return process.run(self:words(...))
end

--- The same with what it reads from its standard input.
function Kitchen:feed(input, ...)
  return process.run(self:words(...), input)
end

--- Starts a server, and waits until it tells its port.
function Kitchen:start(...)
  local server = process.start(self:words(...))
  return server, math.tointeger(tonumber(server:expect("^port (%d+)$")))
end

--- A file that the program wrote; nil if there is none.
function Kitchen:read(name)
  local file <close> = io.open(self.path .. "/" .. name, "rb")
  return file and file:read("a")
end

function Kitchen:write(contents) return self.folder:write(contents) end

function Kitchen:__close()
  os.execute(("rm -rf '%s'"):format(self.path))
  self.folder:close()
end

return M
