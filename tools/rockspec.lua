-- Usage: lua5.4 tools/rockspec.lua
-- Writes the lists of C sources and Lua modules of the tree into the rockspec:
-- after a file was added. Then writes the rockspec of the release that include/lssl.h
-- tells, which has the same lists. spec/whole/rockspec_spec.lua fails while they differ.

local rockspec = "rockspec/lua-ssl-scm-1.rockspec"

local function lines_of(command)
  local out = {}
  local pipe = assert(io.popen("LC_ALL=C " .. command .. " 2>/dev/null"))
  for line in pipe:lines() do out[#out + 1] = line end
  pipe:close()
  return out
end

local function sources(pattern)
  local out = {}
  for _, file in ipairs(lines_of("ls " .. pattern)) do
    out[#out + 1] = ("        %q,\n"):format(file)
  end
  return out
end

local modules = {}
for _, file in ipairs(lines_of("ls lua/*.lua lua/ssl/*.lua lua/ssl/*/*.lua lua/ssl/*/*/*.lua")) do
  local name = file:match("^lua/(.+)%.lua$"):gsub("/", ".")
  if name ~= "ssl" then  -- which is one in C as well: see rockspec/ssl.c
    modules[#modules + 1] = ("    [%q] = %q,\n"):format(name, file)
  end
end

local file = assert(io.open(rockspec))
local text = file:read("a")
file:close()

-- Puts the list between the first `to` after `from`, which begins after `after`.
local function replace(after, from, to, list)
  local _, start = text:find(after, 1, true)
  local _, last = text:find(from, start, true)
  local first = text:find(to, last, true)
  text = text:sub(1, last) .. table.concat(list) .. text:sub(first)
end
replace('["_ssl"]', "sources = {\n", "      },\n",
  sources("src/module.c $(ls src/*/*.c | grep -v -e ^src/host/ -e ^src/testing/)"))
replace('["_ssl_testing"]', "sources = {\n", "      },\n", sources("src/base/*.c src/testing/*.c"))
replace('["ssl"]', "},\n", "  },\n}", modules)

local function write(name, contents)
  file = assert(io.open(name, "w"))
  file:write(contents)
  file:close()
end
write(rockspec, text)

-- The release's, in place of the one before it.
local function release(version)
  local name = ("lua-ssl-%s"):format(version)
  local out = text:gsub('"scm%-1"', ('"%s-1"'):format(version), 1)
  local first, last = out:find("%-%- From a checkout:.-\n\n")
  return ("%s-1"):format(name), out:sub(1, first - 1)
    .. ("-- Beside the release's tarball: luarocks --lua-version=5.4 build %s-1.rockspec\n")
      :format(name)
    .. ('source = { url = "file://%s.tar.gz", dir = "%s" }\n\n'):format(name, name)
    .. out:sub(last + 1)
end

local numbers = {}
for line in io.lines("include/lssl.h") do
  numbers[#numbers + 1] = line:match("^#define LSSL_VERSION_[MP]%u+%s+(%d+)$")
end
local name, contents = release(table.concat(numbers, "."))
for _, old in ipairs(lines_of("ls rockspec/lua-ssl-[0-9]*.rockspec")) do os.remove(old) end
write(("rockspec/%s.rockspec"):format(name), contents)
