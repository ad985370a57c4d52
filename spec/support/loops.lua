-- The event loops that ssl.waiter knows, each behind the same names: `wait` (the
-- waiter), `contexts()` of both sides that wait by it, `spawn(f)`, `sleep(seconds)` and
-- `run()`, which returns when all that was spawned has ended and raises what went wrong
-- in it. And what tasks in them begin with.

local socket = require "socket"
local contexts = require "support.contexts"

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

--- The loop of that name; nil if it is not installed.
function loops.new(name)
  local loaded = load(name)
  if not loaded then return nil end
  local start, turn = how[name]()
  local running, failed = 0, {}
  local loop = { wait = type(loaded) == "table" and loaded.wait or loaded }
  function loop.contexts()
    local client, server = contexts.new()
    client.waiter, server.waiter = loop.wait, loop.wait
    return client, server
  end
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

--- A listening SSLSocket, and its port; `options` are wrap_socket's.
function loops.listen(server_ctx, options)
  local tcp = assert(socket.bind("127.0.0.1", 0, 256))
  options = options or {}
  options.server_side = true
  local listener = server_ctx:wrap_socket(tcp, options)
  return listener, select(2, listener:getsockname())
end

--- A client, connected to that port.
function loops.connect(client_ctx, port)
  local conn = client_ctx:wrap_socket(socket.tcp4(), { server_hostname = "localhost" })
  conn:connect("127.0.0.1", port)
  return conn
end

--- Makes a describe block for each loop; those that are not installed say so.
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
