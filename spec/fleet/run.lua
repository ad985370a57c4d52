-- Usage: lua5.4 spec/fleet/run.lua [CLIENTS [CONNECTIONS [SECONDS [PARTS]]]]
-- Tries examples/fleet/: three instances of four workers behind HAProxy, with Redis as their
-- store; CLIENTS (50) make CONNECTIONS (1000) each, while the secret is changed, an instance
-- is killed, and certificates are replaced; then Redis is stopped, frozen, and answers rubbish, for
-- SECONDS (10) each. It says what it sees, and fails if that is not what docs/fleet.md promises.
-- PARTS chooses: "day", "store", "costs", or several of them; all by default. `make fleet` runs
-- it. Where HAProxy, Redis or luv is missing, it says so and does nothing.

if not pcall(require, "luv") then
  print("fleet: left out, since luv is not installed")
  os.exit(0)
end

local lab = require "spec.fleet.lab"
local report = require "spec.fleet.report"
local uv = require "luv"

local clients = tonumber(arg[1] or 50)
local connections = tonumber(arg[2] or 1000)
local seconds = tonumber(arg[3] or 10)
local parts = arg[4] or "day store costs"

io.stdout:setvbuf("line")

local broken = 0

local function say(text, ...) print(text:format(...)) end

local function check(ok, text, ...)
  say("%s %s", ok and "ok    " or "BROKEN", text:format(...))
  if not ok then broken = broken + 1 end
end

local KINDS = { "ticket13", "ticket12", "id12" }

-- Half of the clients have tickets of TLS 1.3, a quarter those of TLS 1.2, and a quarter
-- sessions by their ID, which are in Redis.
local function start_mixed(fleet, count, pause, said)
  local quarter, processes = clients // 4, {}
  for i, kind in ipairs(KINDS) do
    local number = i == 1 and clients - 2 * quarter or quarter
    processes[i] = fleet:start_clients(kind, number, count, pause, fleet.ports[7],
      function(line) said:add(line, kind) end)
  end
  return processes
end

local function all_ended(processes)
  for _, process in ipairs(processes) do
    if not (process.ended and process.silent) then return false end
  end
  return true
end

local function hang_up(fleet)
  for i in ipairs(fleet.instances) do lab.signal(fleet.instances[i], "sighup") end
end

-- Waits until all workers of all instances are new.
local function reload(fleet)
  local before = {}
  for i in ipairs(fleet.instances) do before[i] = fleet:counters(i).fleet_reloads end
  hang_up(fleet)
  for i in ipairs(fleet.instances) do
    lab.wait("a reload", function()
      local counts = fleet:counters(i)
      return counts.fleet_reloads > before[i] and counts.fleet_workers_current == 4
    end)
  end
end

-- Everything happens while the clients are at it --------------------------------

local function busy_day(fleet)
  local said = report.new()
  local start = lab.now()
  local processes = start_mixed(fleet, connections, 0, said)
  local total = clients * connections
  local events = {}
  local function at(share, what, f)
    lab.wait(what, function() return said:count() >= share * total or all_ended(processes) end, 900)
    local began = lab.now()
    f()
    events[#events + 1] = { what = what, began = began, over = lab.now() }
  end
  at(0.15, "the new secret, known to all", function()
    fleet:write_secrets(1, 2)
    reload(fleet)
  end)
  at(0.30, "the new secret, in use", function()
    fleet:write_secrets(2, 1)
    reload(fleet)
  end)
  local killed
  at(0.50, "instance two, killed", function()
    killed = lab.now()
    lab.signal(fleet.instances[2], "sigkill", true)
    lab.wait("its end", function() return fleet.instances[2].ended end)
    lab.sleep(1)
    fleet:start_instance(2)
    lab.wait("instance two", function() return fleet:well(2) end)
  end)
  at(0.75, "new certificates", function()
    fleet:new_certificate()
    reload(fleet)
  end)
  lab.wait("the clients", function() return all_ended(processes) end, 900)
  local length = lab.now() - start
  say("%d connections in %.0f s, %.0f a second: %s", said:count(), length, said:count() / length,
    said:spread())
  local share, offered = said:resumed()
  check(share >= 0.99, "%.3f %% of %d sessions resumed, on whichever instance", share * 100,
    offered)
  for _, kind in ipairs(KINDS) do
    local part, number = said:resumed(nil, nil, kind)
    say("       %s: %.3f %% of %d", kind, part * 100, number)
  end
  local failures = said:failures()
  local explained, shown = 0, 0
  for _, one in ipairs(failures) do
    if one.start <= killed + 0.05 and one.start + one.length >= killed then
      explained = explained + 1
    elseif shown < 10 then
      shown = shown + 1
      say("       failed at %+.3f s from the kill, after %.3f s: %s", one.start - killed,
        one.length, one.problem)
    end
  end
  check(#failures == explained and explained <= clients, "%d failed connections, %d of them open "
    .. "in the killed instance", #failures, explained)
  for i, event in ipairs(events) do
    local till = events[i + 1] and events[i + 1].began or math.huge
    local during = said:resumed(event.began, event.over + 1)
    local after, number = said:resumed(event.over + 1, till)
    check(after >= 0.99 or number == 0, "%s: %.2f %% resumed meanwhile, %.3f %% of %d from a "
      .. "second later on", event.what, during * 100, after * 100, number)
  end
end

-- Redis fails, in one way after the other -------------------------------------------

-- Answers rubbish on Redis' socket.
local function rubbish(fleet)
  os.remove(fleet:path("redis.sock"))
  local server = uv.new_pipe(false)
  assert(server:bind(fleet:path("redis.sock")))
  server:listen(128, function()
    local client = uv.new_pipe(false)
    server:accept(client)
    client:read_start(function(problem, data)
      if problem or not data then
        if not client:is_closing() then client:close() end
      else
        client:write("$12\r\nall rubbish!\r\n$7\r\n")
      end
    end)
  end)
  return server
end

local function store_failures(fleet)
  local failures = 0
  for i in ipairs(fleet.instances) do
    local counts = fleet:counters(i)
    failures = failures + (counts.ssl_store_failures_total or 0)
      + (counts.ssl_store_rejections_total or 0)
  end
  return failures
end

local function bad_store(fleet)
  local said = report.new()
  local processes
  local function start(kind)
    processes = {}
    for i = 1, 2 do
      processes[i] = fleet:start_clients(kind, clients // 2, "inf", 0.4, fleet.ports[7],
        function(line) said:add(line, kind) end)
    end
    lab.sleep(2)
    return lab.now()
  end
  local function stop()
    for _, process in ipairs(processes) do lab.finish(process, "sigkill") end
  end
  -- What full handshakes take while Redis is well: more than resumed ones on a busy machine.
  local began = start("full12")
  lab.sleep(seconds)
  say("       full handshakes: p99 %.1f ms", said:p99(began) * 1000)
  stop()
  start("id12")  -- sessions by ID alone: each handshake asks the store
  local function watch(what, bad, good)
    local normal = lab.now()
    lab.sleep(seconds)
    began = lab.now()
    local before = store_failures(fleet)
    bad()
    lab.sleep(seconds)
    local over = lab.now()
    good()
    lab.sleep(2)
    local usual, median, number = said:p99(normal, began)
    local p99, _, meanwhile = said:p99(began, over)
    check(#said:failures(normal) == 0, "%s: %d failed handshakes of %d", what,
      #said:failures(normal), number + meanwhile)
    for i, one in ipairs(said:failures(normal)) do
      if i <= 10 then say("       %s", one.problem) end
    end
    check(p99 <= 2 * usual, "%s: p99 %.1f ms, normally %.1f ms (median %.1f ms)", what, p99 * 1000,
      usual * 1000, median * 1000)
    say("       %.1f %% resumed before, %.1f %% meanwhile, %.1f %% two seconds later; %d failures "
      .. "counted", said:resumed(normal, began) * 100, said:resumed(began, over) * 100,
      said:resumed(over + 1.5) * 100, store_failures(fleet) - before)
  end
  watch("Redis stopped", function() lab.finish(fleet.redis, "sigkill") end,
    function()
      os.remove(fleet:path("redis.sock"))
      fleet:start_redis()
    end)
  watch("Redis frozen", function() lab.signal(fleet.redis, "sigstop") end,
    function() lab.signal(fleet.redis, "sigcont") end)
  local server
  watch("Redis answers rubbish", function()
    lab.finish(fleet.redis, "sigkill")
    server = rubbish(fleet)
  end, function()
    server:close()
    os.remove(fleet:path("redis.sock"))
    fleet:start_redis()
  end)
  stop()
end

-- What sharing costs --------------------------------------------------------------

-- Connections that resume, for some time: their number, the seconds, and the CPU seconds.
local function measure(fleet, i, length)
  local said = report.new()
  local process = fleet:start_clients("ticket13", 20, "inf", 0, fleet.ports[i],
    function(line) said:add(line) end)
  lab.sleep(0.5)
  local cpu, start, before = fleet:cpu(i), lab.now(), said:count()
  lab.sleep(length)
  local used, took, number = fleet:cpu(i) - cpu, lab.now() - start, said:count() - before
  local share = said:resumed(start)
  lab.finish(process, "sigkill")
  return { number = number, took = took, used = used, share = share }
end

local CASES = {
  { what = "one worker alone", options = { workers = 1, alone = true } },
  { what = "one worker with the ring and the store", options = { workers = 1 } },
  { what = "four workers with them", options = { workers = 4 } },
}

-- By turns, so that what else the machine does falls on all of them.
local function costs(fleet)
  local sums = {}
  for i, kind in ipairs(CASES) do
    fleet:start_instance(i, kind.options)
    sums[i] = { number = 0, took = 0, used = 0, share = 1 }
    lab.wait("an instance", function() return fleet:well(i) end)
  end
  for _ = 1, 8 do
    for i, sum in ipairs(sums) do
      local one = measure(fleet, i, math.max(1, seconds / 4))
      for _, name in ipairs({ "number", "took", "used" }) do sum[name] = sum[name] + one[name] end
      sum.share = math.min(sum.share, one.share)
    end
  end
  for i, kind in ipairs(CASES) do
    local sum = sums[i]
    sum.cost = sum.used / sum.number
    check(sum.share > 0.98, "%s: %.0f connections a second, %.0f for each worker, %.1f %% resumed; "
      .. "%.3f ms of CPU each", kind.what, sum.number / sum.took,
      sum.number / sum.took / kind.options.workers, sum.share * 100, sum.cost * 1000)
  end
  check(sums[2].cost / sums[1].cost < 1.05, "sharing costs a worker %.1f %% of CPU more",
    (sums[2].cost / sums[1].cost - 1) * 100)
  say("       with four workers a connection costs %.1f %% more than with one; they and the "
    .. "clients share %d processors", (sums[3].cost / sums[2].cost - 1) * 100,
    uv.available_parallelism())
end

local function main()
  for _, program in ipairs({ "haproxy", "redis-server" }) do
    if not lab.has(program) then
      say("fleet: left out, since %s is not installed", program)
      return
    end
  end
  do
    local fleet <close> = lab.new()
    fleet:start_redis()
    for i = 1, 3 do fleet:start_instance(i) end
    for i = 1, 3 do lab.wait("an instance", function() return fleet:well(i) end) end
    fleet:start_haproxy()
    lab.sleep(1)  -- for its first checks
    local ok, problem = xpcall(function()
      if parts:find("day") then busy_day(fleet) end
      if parts:find("store") then bad_store(fleet) end
    end, debug.traceback)
    if not ok then
      fleet:show_log()
      error(problem, 0)
    end
    for i = 1, 3 do lab.finish(fleet.instances[i]) end
    local counts = 0
    for i = 1, 3 do if fleet.instances[i].ended then counts = counts + 1 end end
    check(counts == 3, "%d instances ended by SIGTERM", counts)
    if parts:find("costs") then costs(fleet) end
  end
  say(broken == 0 and "fleet: all is as promised" or "fleet: %d promises broken", broken)
  os.exit(broken == 0, false)  -- luv may crash while it takes down what is left
end

main()
