-- Runs examples/client.lua three times side by side under an event loop, or one
-- after the other without. Usage:
--   lua examples/any_loop.lua [blocking|copas|cqueues|luv|scheduler]
-- It prints "3 clients under NAME: 9 lines came back".

-- Debian files copas, which is pure Lua, under 5.1 only.
package.path = package.path .. ";/usr/share/lua/5.1/?.lua"

local testing = require "ssl.testing"
local waiter = require "ssl.waiter"

local name = arg[1] or "scheduler"
local client = dofile(arg[0]:gsub("[^/]*$", "client.lua", 1))

-- How a function becomes a coroutine of the loop, and how the loop is run.
local loops = {
  blocking = function() return nil, function(f) f() end, function() end end,
  copas = function(count)
    local copas = require "copas"
    return waiter.copas, copas.addthread, function() while count() < 3 do copas.step() end end
  end,
  cqueues = function()
    local cq = require("cqueues").new()
    return waiter.cqueues, function(f) cq:wrap(f) end, function() assert(cq:loop()) end
  end,
  luv = function()
    return waiter.luv, function(f) coroutine.wrap(f)() end, require("luv").run
  end,
  scheduler = function()
    return waiter.scheduler.wait, waiter.scheduler.spawn, waiter.scheduler.run
  end,
}

if not loops[name] then
  io.stderr:write("usage: any_loop.lua [blocking|copas|cqueues|luv|scheduler]\n")
  os.exit(1, true)
end
local server <close> = testing.server()
local files <close> = server.identity:files()
local done, lines = 0, 0
local wait, spawn, run = loops[name](function() return done end)
for i = 1, 3 do
  spawn(function()
    local got = client("localhost", server.port, files.ca, wait, { "one", "two", "number " .. i })
    assert(got[3] == "number " .. i)
    done, lines = done + 1, lines + #got
  end)
end
run()
print(("%d clients under %s: %d lines came back"):format(done, name, lines))
