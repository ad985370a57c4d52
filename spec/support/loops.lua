-- The event loops that ssl.waiter knows, each behind the same three names: `wait`
-- (the waiter), `spawn(f)` and `run()`, which returns when all that was spawned has
-- ended and raises what went wrong in it.

local socket = require "socket"

local loops = {}

-- Debian files copas, which is pure Lua, under 5.1 only.
local function load(name)
  local path = package.path
  if name == "copas" then
    package.path = path .. ";/usr/share/lua/5.1/?.lua"
  end
  local ok, wait = pcall(require("ssl.waiter").load, name)
  package.path = path
  return ok and wait or nil
end

-- How a function becomes a coroutine of the loop, and one turn of the loop.
local how = {
  copas = function()
    local copas = require "copas"
    return copas.addthread, function() copas.step() end
  end,
  cqueues = function()
    require("cqueues").poll(0)  -- opens, once, the descriptors of what is outside of loops
    local cq = require("cqueues").new()
    return function(f) cq:wrap(f) end, function() assert(cq:step()) end
  end,
  luv = function()
    local uv = require "luv"
    uv.update_time()  -- opens, once, the descriptors of the loop
    return function(f) coroutine.wrap(f)() end, function() uv.run("once") end
  end,
  scheduler = function()
    local scheduler = require("ssl.waiter").scheduler
    return scheduler.spawn, scheduler.run
  end,
}

function loops.new(name)
  local loaded = load(name)
  if not loaded then return nil end
  local start, turn = how[name]()
  local running, failed = 0, {}
  local loop = { wait = type(loaded) == "table" and loaded.wait or loaded }
  function loop.spawn(f)
    running = running + 1
    start(function()
      local ok, err = xpcall(f, function(e)
        return type(e) == "string" and debug.traceback(e) or e
      end)
      running = running - 1
      if not ok then failed[#failed + 1] = err end
    end)
  end
  -- With a descriptor of its own, since one that is waited for may not be closed.
  function loop.sleep(seconds)
    local idle = socket.udp4()
    loop.wait(idle, "read", seconds)
    idle:close()
  end
  function loop.run()
    while running > 0 do turn() end
    if #failed > 0 then error(failed[1], 0) end
  end
  return loop
end

loops.names = { "copas", "cqueues", "luv", "scheduler" }

-- Makes a describe block for each loop; those that are not installed say so.
function loops.each(busted, f)
  for _, name in ipairs(loops.names) do
    busted.describe("under " .. name, function()
      if loops.new(name) then
        f(name, function() return loops.new(name) end)
      else
        busted.pending(name .. " is not installed")
      end
    end)
  end
end

return loops
