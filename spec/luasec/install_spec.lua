-- LuaSec and this module on one machine: in one tree of LuaRocks, installed in either order,
-- and with the system's LuaSec before or behind ours. LUASEC=folder names another LuaSec
-- than the system's.

local process = require "support.process"
local testing = require "ssl.testing"

local shell, quoted = process.shell, process.quoted
local BUILD = os.getenv("LSSL_BUILD") or "build"
local OUTSIDE = "env -u LUA_PATH -u LUA_CPATH "

-- LuaSec's files, of its folder or of the system.
local function find_luasec()
  local folder = os.getenv("LUASEC")
  local found, fine = shell("%s %s %s -e %s", OUTSIDE,
    folder and ("LUA_PATH='%s/?.lua;;' LUA_CPATH='%s/?.so;;'"):format(folder, folder) or "",
    process.lua, quoted([[
      for _, name in ipairs({ "ssl", "ssl.https" }) do
        print((assert(package.searchpath(name, package.path))))
      end
      print((assert(package.searchpath("ssl", package.cpath))))
      assert(not package.searchpath("ssl.luasec.luasec", package.path))]]))
  local ssl, https, core = found:match("^(%S+)\n(%S+)\n(%S+)\n$")
  return fine and { ssl = ssl, https = https, core = core }
end

local luasec = find_luasec()
local version = _VERSION:match("%d+%.%d+")
-- LuaRocks is the system's program, and looks for Lua's headers beside the interpreter that it
-- finds first: none of the variables for ours are its business.
local LUAROCKS = OUTSIDE .. "-u LD_PRELOAD PATH=/usr/local/bin:/usr/bin:/bin luarocks"
local rocks = select(2, shell("%s --lua-version=%s list", LUAROCKS, version))

-- A rock's folder: its files, and a file that tells LuaRocks of them.
local function write_rockspec(folder, name, build)
  local file <close> = assert(io.open(("%s/%s.rockspec"):format(folder, name), "w"))
  local package, release = name:match("^(.*)%-(%w[%w.]*%-%d)$")
  file:write(('rockspec_format = "3.0"\npackage, version = %q, %q\n'
    .. 'source = { url = "git+file://." }\nbuild = %s\n'):format(package, release, build))
end

local function luasec_rock(folder)
  assert(select(2, shell("mkdir -p %s/luasec && cd %s/luasec && cp %s ssl.lua && cp %s https.lua "
    .. "&& cp %s ssl.so", folder, folder, luasec.ssl, luasec.https, luasec.core)))
  write_rockspec(folder .. "/luasec", "luasec-1.3.2-1", [[{ type = "builtin", modules = {},
    install = { lib = { "ssl.so" }, lua = { "ssl.lua", ["ssl.https"] = "https.lua" } } }]])
end

-- Ours as its rockspec says, but for what takes long to compile, which the build has.
local function our_rock(folder)
  assert(select(2, shell("mkdir -p %s/ours && cp -r lua bin rockspec %s/*.so %s/ours",
    folder, BUILD, folder)))
  local rock = {}
  assert(loadfile("rockspec/lua-ssl-scm-1.rockspec", "t", rock))()
  local modules = {}
  for name, source in pairs(rock.build.modules) do
    if type(source) == "string" then
      modules[#modules + 1] = ("[%q] = %q"):format(name, source)
    elseif name ~= "_ssl" and name ~= "_ssl_testing" then
      modules[#modules + 1] = ("[%q] = { sources = { %q } }"):format(name,
        table.concat(source.sources, '", "'))
    end
  end
  shell("rm %s/ours/rockspec/*.rockspec", folder)
  write_rockspec(folder .. "/ours", "lua-ssl-scm-1", ([[{ type = "builtin", modules = { %s },
    install = { lib = { "_ssl.so", "_ssl_testing.so" }, lua = { ssl = %q } } }]]):format(
    table.concat(modules, ", "), rock.build.install.lua.ssl))
end

-- What a program with the tree in its path says of the module that it gets.
local QUESTION = quoted([[
  local ssl, https = require "ssl", require "ssl.https"
  local core = require "ssl.core"
  assert(ssl.newcontext({ mode = "client", protocol = "any", verify = "none" }))
  assert(https.request and core.SOCKET_INVALID)
  print(ssl.create_default_context and "ours" or "LuaSec", ssl._VERSION)]])

local function ask(tree)
  return shell("LUA_PATH='%s/share/lua/%s/?.lua;/usr/share/lua/%s/?.lua' "
    .. "LUA_CPATH=\"%s/lib/lua/%s/?.so;$(%s %s -e 'print(package.cpath)')\" %s -e %s", tree,
    version, version, tree, version, OUTSIDE, process.lua, process.lua, QUESTION)
end

describe("Beside LuaSec,", function()
  local folder

  local function luarocks(where, command)
    local text, fine = shell("cd %s && %s --lua-version=%s --tree=%s %s", where, LUAROCKS, version,
      folder .. "/tree", command)
    return assert(fine and text, text)
  end
  local function install(name)
    luarocks(("%s/%s"):format(folder, name), "make --deps-mode=none *.rockspec")
  end
  local function remove(name) luarocks(folder, "remove --deps-mode=none " .. name) end

  setup(function()
    if not (luasec and rocks) then return end
    folder = os.tmpname()
    os.remove(folder)
    assert(select(2, shell("mkdir %s", folder)))
    luasec_rock(folder)
    our_rock(folder)
  end)
  teardown(function() if folder then shell("rm -r %s", folder) end end)
  after_each(function() if folder then shell("rm -rf %s/tree", folder) end end)

  for _, order in ipairs({ { "luasec", "ours" }, { "ours", "luasec" } }) do
    local names = table.concat(order, ", then ")
    it("in one tree of LuaRocks, ours is what programs get: " .. names, function()
      if not (luasec and rocks) then return pending("LuaRocks or LuaSec is not installed") end
      install(order[1])
      install(order[2])
      assert.matches("^ours\t1%.3%.2\n$", (ask(folder .. "/tree")))
      remove("luasec")
      assert.matches("^ours\t1%.3%.2\n$", (ask(folder .. "/tree")))
    end)

    it("LuaRocks gives LuaSec back where ours is removed: " .. names, function()
      if not (luasec and rocks) then return pending("LuaRocks or LuaSec is not installed") end
      install(order[1])
      install(order[2])
      remove("lua-ssl")
      assert.matches("^LuaSec\t", (ask(folder .. "/tree")))
    end)
  end

  it("a program that finds LuaSec's ssl.lua first has it run on our connections", function()
    if not luasec then return pending("LuaSec is not installed") end
    local server <close> = testing.https({ ["/"] = "page" })
    local path = luasec.ssl:gsub("ssl%.lua$", "?.lua")
    local text = shell("LUA_PATH=%s\";$LUA_PATH\" %s -e %s", quoted(path), process.lua, quoted(([[
      local ssl, socket = require "ssl", require "socket"
      assert(not ssl.create_default_context and package.searchpath("ssl.core", package.path))
      local tcp = assert(socket.connect("127.0.0.1", %d))
      local conn = assert(ssl.wrap(tcp, { mode = "client", protocol = "any", verify = "none" }))
      assert(conn:dohandshake())
      conn:send("GET / HTTP/1.0\r\n\r\n")
      print((conn:receive("*a"):match("page$")))
      conn:close()
      local body, code = require "ssl.https".request({ url = %q, verify = "none" })
      print(body, code)]]):format(server.port, server.url)))
    assert.equal("page\n1\t200\n", text)
  end)
end)
