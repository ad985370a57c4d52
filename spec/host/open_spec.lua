-- What a program in C gets: the header, the static library, the one file, and the modules
-- in a state of its own.

local embedder = require "embedder"
local process = require "support.process"
local read = require "support.read"

local build = os.getenv("LSSL_BUILD") or "build"
local strict = "-Wall -Wextra -Werror -fsyntax-only"
local flags = os.getenv("LSSL_HOST_CFLAGS") or ""

-- The functions that a text of C declares as the library's.
local function declared()
  local names = {}
  for name in read("include/lssl.h"):gmatch("\nLSSL_API [^;]-%f[%w_](lssl_%w+) %(") do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function compiles(command, ...)
  local text, ok = process.shell(command, ...)
  assert(ok, text)
  assert.equal("", text)
end

local function has(compiler) return (select(2, process.shell("command -v %s", compiler))) end

-- One test for each compiler that is there.
local function each_compiler(list, title, check)
  local found = 0
  for _, compiler in ipairs(list) do
    if has(compiler) then
      found = found + 1
      it(title .. ": " .. compiler, function() check(compiler) end)
    end
  end
  if found == 0 then pending(title .. ": none of " .. table.concat(list, ", ") .. " is here") end
end

describe("lssl.h", function()
  it("declares what the library shows, and the library shows nothing else", function()
    local text = process.shell("nm -g --defined-only %s/liblssl.a", build)
    local shown = {}
    for name in text:gmatch(" [TDBRCVW] (%S+)") do
      local sanitizer = name:find("^__")
      if not sanitizer then shown[#shown + 1] = name end
    end
    table.sort(shown)
    assert.same(declared(), shown)
  end)

  each_compiler({ "gcc", "clang" }, "is C99 by itself", function(compiler)
    compiles("echo '#include \"lssl.h\"' | %s -std=c99 %s -Wpedantic -Iinclude %s -x c -", compiler,
      strict, flags)
  end)

  each_compiler({ "g++", "clang++" }, "is C++11 by itself", function(compiler)
    compiles("echo '#include \"lssl.h\"' | %s -std=c++11 %s -Wpedantic -Iinclude %s -x c++ -",
      compiler, strict, flags)
  end)

  it("tells its version as the library does, and as a string", function()
    local library, header, text = embedder.version()
    assert.equal(header, library)
    assert.equal(text, ("%d.%d.%d"):format(header >> 16, header >> 8 & 0xff, header & 0xff))
  end)
end)

describe("lssl.c", function()
  each_compiler({ "gcc", "clang" }, "compiles without a warning as C99", function(compiler)
    compiles("%s -std=c99 %s %s %s/lssl.c", compiler, strict, flags, build)
  end)

  each_compiler({ "gcc", "clang" }, "compiles with everything that it may have", function(compiler)
    compiles("%s -std=c99 %s -DLSSL_TESTING %s %s/lssl.c", compiler, strict, flags, build)
  end)

  it("is part of a program that includes it, with nothing shown", function()
    local program = "#define LSSL_API static __attribute__((unused))\n#include \"lssl.c\"\n"
      .. "int main (void) { return lssl_version() != LSSL_VERSION_NUMBER; }"
    compiles("echo '%s' | ${CC:-cc} -std=c99 %s -I%s %s -x c -", program, strict, build, flags)
  end)
end)

describe("A state with lssl_open", function()
  local function result(host, ...)
    local ok, text = host:run(...)
    assert(ok, text)
    return text
  end

  for _, kind in ipairs({ "all", "late" }) do
    it("requires the module from nowhere else: libraries opened " .. kind, function()
      local host <close> = embedder.new(kind)
      local text = result(host, [[
        package.path, package.cpath = "", ""
        local ssl = require "ssl"
        local waiter = require "ssl.waiter"
        assert(type(waiter.plain) == "function" and require "ssl" == ssl)
        return ssl.OPENSSL_VERSION]])
      assert.equal(require("ssl").OPENSSL_VERSION, text)
    end)
  end

  it("needs neither package nor io, os or debug", function()
    local host <close> = embedder.new("few")
    assert.equal("nil", result(host, "return require or io or os or debug or package"))
    assert.is_nil(host:require("ssl", "ssl"))
    assert.equal("true", result(host, [[
      local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
      local client = ssl.create_default_context():wrap_bio(incoming, outgoing, false, "localhost")
      local ok, err = pcall(client.do_handshake, client)
      return not ok and ssl.isinstance(err, ssl.SSLWantReadError) and outgoing.pending > 0]]))
  end)

  it("loads a module once", function()
    local host <close> = embedder.new("few")
    host:require("ssl", "first")
    host:require("ssl", "second")
    assert.equal("true", result(host, "return first == second and first ~= nil"))
  end)

  it("raises for a module that is not the library's", function()
    local host <close> = embedder.new("few")
    assert.matches("'no.such' is not one of this library's", host:require("no.such"), 1, true)
  end)

  it("names the script's line in errors, not one of its own", function()
    local host <close> = embedder.new("few")
    host:require("ssl", "ssl")
    local _, text = host:run("\n\nssl.create_default_context(1)")
    assert.matches("^script:3: ", text)
    _, text = host:run("\nssl.SSLContext(99)")
    assert.matches("^script:2: ", text)
  end)

  it("finds every module that the tree has", function()
    local host <close> = embedder.new("all")
    local list = io.popen("find lua -name '*.lua'")
    local count = 0
    for file in list:lines() do
      local name = file:match("^lua/(.+)%.lua$"):gsub("/", ".")
      if not name:find("^ssl%.testing") and not name:find("^ssl%.scan")
          and not name:find("^ssl%.command%.") then
        count = count + 1
        assert.equal("function", result(host, "return type(package.preload[...])", name))
      end
    end
    list:close()
    assert.is_true(count > 10)
  end)
end)

describe("ssl.__version__", function()
  it("is the version of the header", function()
    assert.equal(select(3, embedder.version()), require("ssl").__version__)
  end)
end)
