-- The master of an instance: listens on a port, and has workers serve HTTPS there:
--   lua5.4 examples/fleet/master.lua CONFIG
-- It starts a new worker for one that has died. SIGHUP replaces all workers: the new ones read
-- the code, the certificates and the secrets anew, and no connection is lost. SIGTERM lets
-- the workers finish what they have begun. The port `metrics` has a page of counters, and
-- /health, which a load balancer can ask.
--
-- Workers are new processes that inherit a listening socket. So a reload runs new code, and no
-- worker has a copy of another's memory. Each worker has a socket of its own on the one port
-- (SO_REUSEPORT): with a common one, each connection would wake up all that are idle. The
-- master keeps the sockets open, so what waits in one goes to the next worker that has it.

local socket = require "socket"
local uv = require "luv"

local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/?.lua;" .. package.path
local metrics = require "metrics"

local path = arg[1]
if not path then
  io.stderr:write("usage: master.lua CONFIG\n")
  os.exit(1, true)
end
local config = dofile(path)
local lua = os.getenv("LUA") or arg[-1]  -- what runs the workers
local counters = metrics.new(config.name)

-- pid -> {place =, number =, reloads =, handle =, pipe =, started =, ready =, retired =}
local workers = {}
local state = { stopping = false, spawned = 0, restarts = 0, reloads = 0 }

local function log(text, ...)
  io.stderr:write(("%s: %s\n"):format(config.name, text:format(...)))
end

-- Waits for the port: this instance may have been killed, and its workers not yet be gone.
local function wait_for_port()
  local listener, problem
  for _ = 1, 100 do
    listener, problem = socket.bind(config.address, config.port)
    if listener then return listener:close() end
    uv.sleep(100)
  end
  error(("cannot listen on port %d: %s"):format(config.port, problem), 0)
end

local function listen()
  local listener = assert(socket.tcp4())
  listener:setoption("reuseaddr", true)
  assert(listener:setoption("reuseport", true))
  assert(listener:bind(config.address, config.port))
  assert(listener:listen(1024))
  config.port = math.tointeger(tonumber((select(2, listener:getsockname()))))
  return listener
end

if config.port ~= 0 then wait_for_port() end
local listeners = {}    -- one for each place of a worker
for place = 1, config.workers do listeners[place] = listen() end
local spawn

local function after(milliseconds, f)
  local timer = uv.new_timer()
  timer:start(milliseconds, 0, function()
    timer:close()
    f()
  end)
end

local function alive()
  local n = 0
  for _ in pairs(workers) do n = n + 1 end
  return n
end

-- Has the place a worker that is not on its way out?
local function taken(place)
  for _, worker in pairs(workers) do
    if worker.place == place and not worker.retired then return true end
  end
  return false
end

local function gone(pid, code, signal)
  local worker = workers[pid]
  workers[pid] = nil
  counters:forget(pid)
  worker.pipe:close()
  worker.handle:close()
  if state.stopping then
    if alive() == 0 then os.exit(0, true) end
  elseif not worker.retired then
    log("worker %d has died (%d, signal %d)", pid, code, signal)
    state.restarts = state.restarts + 1
    after(uv.now() - worker.started < 1000 and 1000 or 0, function()
      if not state.stopping and not taken(worker.place) then spawn(worker.place) end
    end)
  end
end

local function retire(worker)
  worker.retired = true
  worker.handle:kill("sigterm")
end

-- What a worker says: "ready", whereupon older ones of its place go; or its counters.
local function heard(pid, line)
  local worker = workers[pid]
  if line ~= "ready" then return counters:report(pid, line) end
  worker.ready = true
  for _, other in pairs(workers) do
    if other.place == worker.place and other.number < worker.number and not other.retired then
      retire(other)
    end
  end
end

function spawn(place)
  local pipe, buffer = uv.new_pipe(false), ""
  local handle, pid
  handle, pid = uv.spawn(lua, {
    args = { here .. "/worker.lua", path },
    stdio = { 0, 1, 2, listeners[place]:getfd(), pipe },
  }, function(code, signal) gone(pid, code, signal) end)
  if not handle then
    log("cannot start a worker: %s", pid)
    return
  end
  state.spawned = state.spawned + 1
  workers[pid] = { place = place, number = state.spawned, reloads = state.reloads,
    handle = handle, pipe = pipe, started = uv.now() }
  pipe:read_start(function(_, data)
    buffer = buffer .. (data or "")
    for line in buffer:gmatch("([^\n]*)\n") do
      if workers[pid] then heard(pid, line) end
    end
    buffer = buffer:match("[^\n]*$")
  end)
end

-- A new worker for each place. An old one goes on until its successor is ready: so one
-- that does not start, since a file is wrong, leaves things as they are.
local function reload()
  state.reloads = state.reloads + 1
  for place in ipairs(listeners) do spawn(place) end
end

-- The load balancer gets some time to see that this instance is leaving.
local function stop()
  if state.stopping then return end
  state.stopping = true
  after(config.grace or 500, function()
    for _, listener in ipairs(listeners) do listener:close() end
    if alive() == 0 then os.exit(0, true) end
    for _, worker in pairs(workers) do retire(worker) end
  end)
end

-- The page of counters ------------------------------------------------------------

-- How many workers serve; how many of them have been started since the last reload.
local function ready()
  local all, current = 0, 0
  for _, worker in pairs(workers) do
    if worker.ready and not worker.retired then
      all = all + 1
      if worker.reloads == state.reloads then current = current + 1 end
    end
  end
  return all, current
end

local function respond(request)
  local target = request:match("^GET (%S+)")
  if target == "/health" then
    local well = ready() > 0 and not state.stopping
    return well and "200 OK" or "503 Service Unavailable", well and "well\n" or "not now\n"
  elseif target == "/metrics" then
    local all, current = ready()
    return "200 OK", counters:page({ { "workers", all }, { "workers_current", current },
      { "restarts", state.restarts }, { "reloads", state.reloads } })
  end
  return "404 Not Found", "see /metrics\n"
end

local function serve_page(server)
  local client = uv.new_tcp()
  server:accept(client)
  client:read_start(function(problem, data)
    if problem or not data then
      if not client:is_closing() then client:close() end
      return
    end
    local status, body = respond(data)
    client:write(("HTTP/1.0 %s\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %d"
      .. "\r\n\r\n%s"):format(status, #body, body), function()
      if not client:is_closing() then client:close() end
    end)
    client:read_stop()
  end)
end

local server = uv.new_tcp()
assert(server:bind("127.0.0.1", config.metrics))
assert(server:listen(128, function() serve_page(server) end))
print(("port %d, counters on port %d"):format(config.port, server:getsockname().port))
io.stdout:flush()

uv.new_signal():start("sighup", reload)
uv.new_signal():start("sigterm", stop)
for place = 1, config.workers do spawn(place) end
uv.run()
