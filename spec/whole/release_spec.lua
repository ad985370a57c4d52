local files = require "ssl.testing.files"
local process = require "support.process"
local read = require "support.read"
local ssl = require "ssl"

-- The version of include/lssl.h, the one place that says it.
local numbers = {}
for number in read("include/lssl.h"):gmatch("#define LSSL_VERSION_[MP]%u+%s+(%d+)\n") do
  numbers[#numbers + 1] = number
end
local version = table.concat(numbers, ".")

local function load_rockspec(name)
  local rock = {}
  assert(loadfile("rockspec/" .. name .. ".rockspec", "t", rock))()
  return rock
end

describe("The version of a release", function()
  it("is the same wherever it is said", function()
    assert.equal(3, #numbers)
    assert.equal(version, ssl.__version__)
    assert.matches(("lua\\-ssl %s"):format(version), read("share/man/man1/lua-ssl.1"), 1, true)
    local makefile = process.shell("make -s -n -p -o all dist 2>/dev/null | grep '^VERSION :='")
    assert.equal("VERSION := " .. version .. "\n", makefile)
    local newest = read("CHANGELOG.md"):match("\n## (%d[%d.]* %- %d%d%d%d%-%d%d%-%d%d)\n")
    assert.matches("^" .. version:gsub("%.", "%%.") .. " ", newest)
    local rock = load_rockspec("lua-ssl-" .. version .. "-1")
    assert.equal(version .. "-1", rock.version)
    assert.same({ url = ("file://lua-ssl-%s.tar.gz"):format(version), dir = "lua-ssl-" .. version },
      rock.source)
  end)

  it("has one rockspec, which differs from a checkout's in nothing else", function()
    local list = process.shell("ls rockspec/*.rockspec")
    assert.equal(("rockspec/lua-ssl-%s-1.rockspec\nrockspec/lua-ssl-scm-1.rockspec\n"):format(
      version), list)
    local release, checkout = load_rockspec("lua-ssl-" .. version .. "-1"),
      load_rockspec("lua-ssl-scm-1")
    release.version, release.source = checkout.version, checkout.source
    assert.same(checkout, release)
  end)
end)

describe("make dist", function()
  it("packs what was committed, the same bytes each time", function()
    local _, tracked = process.shell("git rev-parse HEAD")
    if not tracked then return pending("this is no checkout") end
    local folder <close> = files.folder()
    local name = ("%s/dist/lua-ssl-%s.tar.gz"):format(folder.path, version)
    local function make()
      local text, ok = process.shell("make -s dist OUT=%s", folder.path)
      assert(ok, text)
      return read(name)
    end
    local first = make()
    assert.is_true(first == make())
    local text, ok = process.shell("cd %s/dist && sha256sum -c SHA256SUMS", folder.path)
    assert(ok, text)
    local packed = process.shell("tar -tzf %s | sed 's|^[^/]*/||' | grep -v -e '/$' -e '^$' | sort",
      name)
    local committed = process.shell("git ls-tree -r --name-only HEAD | grep -v '^debian/' | sort")
    assert.equal(committed, packed)
    os.execute(("rm -r %s/dist"):format(folder.path))
  end)
end)

describe("The Debian package", function()
  local changelog = io.open("debian/changelog")
  if changelog then changelog:close() end

  local function debian(name)
    if not changelog then return pending("a tarball has no debian/") end
    return read("debian/" .. name)
  end

  it("is of this version", function()
    assert.equal(version, debian("changelog"):match("^lua%-ssl %(([%d.]+)%-%d+%) "))
  end)

  it("holds every file that make install puts somewhere", function()
    local folder <close> = files.folder()
    local root = folder.path .. "/root"
    local text, ok = process.shell("make -s -o all -o static install OUT=%s DESTDIR=%s PREFIX=/usr "
      .. "LIBDIR=/usr/lib/here", os.getenv("LSSL_BUILD") or "build", root)  -- what is built
    assert(ok, text)
    local patterns = {}
    for _, name in ipairs({ "lua-ssl", "lua-ssl-dev", "lua-ssl-tools" }) do
      for line in debian(name .. ".install"):gmatch("[^\n]+") do
        patterns[#patterns + 1] = "^" .. line:gsub("[%-.]", "%%%0"):gsub("%*", "[^/]*")
      end
    end
    local left = {}
    for path in process.shell("cd %s && find . -type f | sed 's|^./||'", root):gmatch("[^\n]+") do
      local found = false
      for _, pattern in ipairs(patterns) do found = found or path:find(pattern) end
      if not found then left[#left + 1] = path end
    end
    os.execute("rm -r " .. root)
    assert.same({}, left)
  end)
end)
