local ssl = require "_ssl"
local files = require "ssl.testing.files"
local process = require "support.process"

-- macOS has no way to replace one function of a library.
local it = process.shell("uname"):find("Darwin", 1, true) and pending or it

-- OpenSSL's number of a version: 0xMNN00PP0.
local function number(major, minor, patch) return major << 28 | minor << 20 | patch << 4 end

describe("The module, built for one release of OpenSSL", function()
  local major, minor, _, patch = table.unpack(ssl._OPENSSL_API_VERSION)
  local folder, library

  -- A library whose function programs find before OpenSSL's.
  setup(function()
    folder = files.folder()
    library = folder.path .. "/version.so"
    local source = folder:write({ ["version.c"] = [[
      #include <stdlib.h>
      unsigned long OpenSSL_version_num (void);
      unsigned long OpenSSL_version_num (void) {
        return strtoul(getenv("LSSL_VERSION"), NULL, 10);
      }
    ]] })["version.c"]
    local text, ok = process.shell("${CC:-cc} -shared -fPIC -o %s %s", library, source)
    assert(ok, text)
  end)
  teardown(function() folder:close() end)

  -- What a program prints that loads the module where OpenSSL says it is of this version.
  local function loaded(version)
    return (process.run_lua(([[
      assert(package.loadlib(%q, "*"))
      local ok, problem = pcall(require, "_ssl")
      io.write(ok and "loaded" or problem)
    ]]):format(library), "LSSL_VERSION=" .. version))
  end

  it("loads on each patch release of it, older ones included", function()
    for _, other in ipairs { 0, math.max(patch - 1, 0), patch, patch + 1 } do
      assert.equal("loaded", loaded(number(major, minor, other)))
    end
  end)

  it("loads on a newer minor release", function()
    assert.equal("loaded", loaded(number(major, minor + 1, 0)))
  end)

  it("refuses an older minor release, and says what it was built for", function()
    local older = minor > 0 and number(major, minor - 1, 99) or number(major - 1, 9, 99)
    assert.matches(("_ssl was built for OpenSSL %d.%d.%d"):format(major, minor, patch)
      .. "[^\n]*, but runs on the older OpenSSL ", loaded(older))
  end)
end)
