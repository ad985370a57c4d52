-- Bug classes B6, B26, B28: what is alive when a state or a process ends.

local ssl = require "ssl"
local testing = require "_ssl_testing"
local loopback = require "support.loopback"
local process = require "support.process"
local states = require "support.states"
local system = require "support.system"

local preamble = [[
  local contexts = require "support.contexts"
  local joined = require "support.joined"
  local loopback = require "support.loopback"
  local states = require "support.states"
  local client_context, server_context = contexts.new()
  local client, server = joined.objects(client_context, server_context)
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
         client, server = joined.objects(client_context, server_context)
         states.shake(client, server); error("not reached") ]],
    ["with every object in every state alive"] =
      [[ local net = loopback.new(); kept = {}
         for name, make in pairs(states.states) do kept[name] = table.pack(make(net)) end ]],
    ["with a coroutine that waits for ever"] =
      [[ local net = loopback.new()
         local conn, other = states.states["SSLSocket, established client"](net)
         conn.context.waiter = coroutine.yield
         conn:settimeout(nil)
         kept = coroutine.wrap(function() conn:recv(1) end)
         kept() ]],
  }
  for how, program in pairs(ends) do
    it(how .. ", ends well", function()
      local output, status = process.run_lua(preamble .. program)
      assert.equal("", (output:gsub("Lua warning: [^\n]*\n", "")))
      assert.equal(0, status)
    end)
  end
end)

describe("Lua states", function()
  it("can be opened and closed a thousand times in one process", function()
    local output, status = process.run_lua([[
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
    assert.equal(0, status)
  end)
end)

describe("A child process", function()
  it("has other random bytes than its parent", function()
    if system.windows then return pending("there is no fork") end
    ssl.RAND_bytes(16)
    local child = testing.fork(function(report) report(ssl.RAND_bytes(16)) end, 0)
    local mine = ssl.RAND_bytes(16)
    local theirs = child:read(5000)
    child:close()
    assert.equal(16, #theirs)
    assert.is_not_equal(mine, theirs)
  end)

  it("says nothing on the connections it inherits when it ends", function()
    if system.windows then return pending("there is no fork") end
    local net <close> = loopback.new()
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
