-- Usage: lua5.4 tools/rockspec.lua
-- Writes the lists of C sources and Lua modules of the tree into the rockspec:
-- after a file was added. spec/rockspec_spec.lua fails while they differ.

local rockspec = "rockspec/lua-ssl-scm-1.rockspec"

local function lines_of(command)
  local out = {}
  local pipe = assert(io.popen(command))
  for line in pipe:lines() do out[#out + 1] = line end
  pipe:close()
  return out
end

local sources, modules = {}, {}
for _, file in ipairs(lines_of("LC_ALL=C ls src/*.c")) do
  sources[#sources + 1] = ("        %q,\n"):format(file)
end
local listing = "LC_ALL=C ls lua/*.lua lua/ssl/*.lua lua/ssl/*/*.lua 2>/dev/null"
for _, file in ipairs(lines_of(listing)) do
  local name = file:match("^lua/(.+)%.lua$"):gsub("/", ".")
  modules[#modules + 1] = ("    [%q] = %q,\n"):format(name, file)
end

local file = assert(io.open(rockspec))
local text = file:read("a")
file:close()

local function replace(from, to, list)
  local _, last = text:find(from, 1, true)
  local first = text:find(to, last, true)
  text = text:sub(1, last) .. table.concat(list) .. text:sub(first)
end
replace("sources = {\n", "      },\n", sources)
replace("$(OPENSSL_LIBDIR)\" },\n    },\n", "  },\n}", modules)

file = assert(io.open(rockspec, "w"))
file:write(text)
file:close()
