-- Bug classes B6, B26, B28: what is alive when a state or a process ends.

local ssl = require "ssl"
local states = require "support.states"

local testing = require("_ssl")._testing
local interpreter = os.getenv("LUA") or "lua5.4"

-- Runs a program in another interpreter; its output, and how it ended.
local function run(program)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(program)
  file:close()
  local path = "LUA_PATH='./?.lua;./spec/?.lua;'\"$LUA_PATH\""
  local pipe = io.popen(("%s %s %s 2>&1"):format(path, interpreter, name))
  local output = pipe:read("a")
  local ok, how, code = pipe:close()
  os.remove(name)
  return output, ok, how, code
end

local preamble = [[
  local ssl = require "ssl"
  local states = require "support.states"
  local client_context, server_context = states.contexts()
  local client, server, a, b = states.objects(client_context, server_context)
]]

describe("A program that ends", function()
  local ends = {
    ["by os.exit(0, true) with live connections"] =
      [[ assert(states.shake(client, server)); os.exit(0, true) ]],
    ["by os.exit(0, true) inside sni_callback"] =
      [[ server_context.sni_callback = function() os.exit(0, true) end
         states.shake(client, server); error("not reached") ]],
    ["by os.exit(0, false) inside sni_callback"] =
      [[ server_context.sni_callback = function() os.exit(0, false) end
         states.shake(client, server); error("not reached") ]],
    ["by os.exit(0, true) inside _msg_callback"] =
      [[ client_context._msg_callback = function() os.exit(0, true) end
         client, server = states.objects(client_context, server_context)
         states.shake(client, server); error("not reached") ]],
    ["with every object in every state alive"] =
      [[ local net = states.new_net(); kept = {}
         for name, make in pairs(states.states) do kept[name] = table.pack(make(net)) end ]],
    ["with a coroutine that waits for ever"] =
      [[ local net = states.new_net()
         local conn, other = states.states["SSLSocket, established client"](net)
         conn.context.waiter = coroutine.yield
         conn:settimeout(nil)
         kept = coroutine.wrap(function() conn:recv(1) end)
         kept() ]],
  }
  for how, program in pairs(ends) do
    it(how .. ", ends well", function()
      local output, ok, reason, code = run(preamble .. program)
      assert.equal("", (output:gsub("Lua warning: [^\n]*\n", "")))
      assert.is_true(ok, ("%s %s"):format(reason, code))
    end)
  end
end)

describe("Lua states", function()
  it("can be opened and closed a thousand times in one process", function()
    local output, ok = run([[
      local memfail = require "memfail"
      for i = 1, 1000 do
        local hit, loaded, problem = memfail.state(math.maxinteger >> 1, false, "_ssl",
          package.path, package.cpath)
        assert(loaded and not hit and not problem, problem)
        if i == 100 then live = memfail.live() end
      end
      assert(memfail.live() == live, "OpenSSL holds more and more")
      print("done")
    ]])
    assert.equal("done\n", output)
    assert.is_true(ok)
  end)
end)

describe("A child process", function()
  it("has other random bytes than its parent", function()
    ssl.RAND_bytes(16)
    local child = testing.fork(function(report) report(ssl.RAND_bytes(16)) end, 0)
    local mine = ssl.RAND_bytes(16)
    local theirs = child:read(5000)
    child:close()
    assert.equal(16, #theirs)
    assert.is_not_equal(mine, theirs)
  end)

  it("says nothing on the connections it inherits when it ends", function()
    local net <close> = states.new_net()
    local client, server = states.states["SSLSocket, established client"](net)
    local child = testing.fork(function(report)
      client, server = nil, nil  -- luacheck: ignore
      collectgarbage()
      collectgarbage()
      report("done")
    end, client:fileno())
    assert.equal("done", (child:read(5000)))
    child:close()
    client:settimeout(5)
    server:settimeout(5)
    client:sendall("still here")
    assert.equal("still here", server:recv(100))
  end)
end)
