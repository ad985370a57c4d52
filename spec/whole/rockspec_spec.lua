local function files(pattern)
  local list = {}
  local pipe = assert(io.popen("LC_ALL=C ls " .. pattern .. " 2>/dev/null"))
  for name in pipe:lines() do list[#list + 1] = name end
  pipe:close()
  return list
end

local function load_rockspec()
  local rock = {}
  assert(loadfile("rockspec/lua-ssl-scm-1.rockspec", "t", rock))()
  return rock
end

describe("The rockspec", function()
  it("builds the C sources that the tree has, no more and no fewer", function()
    local modules = load_rockspec().build.modules
    local kit = files("src/base/*.c src/testing/*.c")
    assert.is_true(#kit > 0)
    assert.same(kit, modules._ssl_testing.sources)
    assert.same(files("src/module.c $(ls src/*/*.c | grep -v -e ^src/host/ -e ^src/testing/)"),
      modules._ssl.sources)
  end)

  it("installs every Lua module of the tree under the name it is required by", function()
    local expected = {}
    for _, file in ipairs(files("lua/*.lua lua/ssl/*.lua lua/ssl/*/*.lua lua/ssl/*/*/*.lua")) do
      expected[file:match("^lua/(.+)%.lua$"):gsub("/", ".")] = file
    end
    local modules = load_rockspec().build.modules
    modules._ssl, modules._ssl_testing = nil, nil
    assert.same({ sources = { "rockspec/ssl.c" } }, modules.ssl)
    modules.ssl = load_rockspec().build.install.lua.ssl
    assert.same(expected, modules)
  end)

  it("lets the compiler find every header of ours", function()
    for name, module in pairs(load_rockspec().build.modules) do
      local compiled = type(module) == "table" and module.incdirs
      for _, source in ipairs(compiled and module.sources or {}) do
        for header in require("support.read")(source):gmatch('\n#include "([^"]+)"') do
          local found
          for _, folder in ipairs(module.incdirs) do
            found = found or os.rename(folder .. "/" .. header, folder .. "/" .. header)
          end
          assert(found, ("%s: %s includes %s"):format(name, source, header))
        end
      end
    end
  end)

  it("is named after its package and version", function()
    local rock = load_rockspec()
    assert.equal("lua-ssl-scm-1", rock.package .. "-" .. rock.version)
  end)
end)
