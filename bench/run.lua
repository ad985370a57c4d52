-- bench/run.lua - what TLS costs here, side by side with other ways to it.
--   make bench                          every row, five rounds of the best of three tries
--   make bench ROWS='send,recv(64)'     only rows whose names contain one of these
--   make bench ROUNDS=1 TRIES=1 PEERS=plain,ours
--   make bench PEERS=dropin,luasec LUASEC=folder    LuaSec's API, here and there
--   make bench QUIET=600                wait until the machine is quiet, 600 s a row at most
-- Each round tries each row for each peer in turn, so that what disturbs the
-- machine disturbs all alike; the best try counts, since what disturbs only adds.
-- Writes build/bench/results.json and chart.svg.

local folder = arg[0]:match("^(.*/)") or "./"
local rows = dofile(folder .. "rows.lua")
local report = dofile(folder .. "report.lua")
local quiet = dofile(folder .. "quiet.lua")

local OUT = "build/bench"
local LUA = os.getenv("LUA") or "lua"
local PYTHON = os.getenv("PYTHON") or "python3"
local LUASEC = os.getenv("LUASEC")  -- a folder with another LuaSec than the system's
local FOREIGN = "env -u LUA_PATH -u LUA_CPATH "
  .. (LUASEC and ("LUA_PATH='%s/?.lua;;' LUA_CPATH='%s/?.so;;' "):format(LUASEC, LUASEC) or "")
  .. LUA .. " bench/tasks.lua "

-- Name, and how to run a task.
local PEERS = {
  { name = "plain", title = "plain C", command = OUT .. "/plain plain " },
  { name = "tuned", title = "tuned C", command = OUT .. "/plain tuned " },
  { name = "ours", title = "this module", command = LUA .. " bench/tasks.lua ours " },
  { name = "dropin", title = "this, by LuaSec's API", command = LUA .. " bench/tasks.lua dropin " },
  { name = "luasec", title = "LuaSec", command = FOREIGN .. "luasec " },
  { name = "luaossl", title = "luaossl + cqueues", command = FOREIGN .. "luaossl " },
  { name = "cpython", title = "CPython", command = PYTHON .. " bench/peers/cpython.py - " },
}

local function capture(command)
  local pipe <close> = assert(io.popen(command .. " 2>>" .. OUT .. "/log"))
  return pipe:read("a")
end

assert(os.execute(("mkdir -p %s && : > %s/log"):format(OUT, OUT)))

-- One program to a core, where there are two.
local pin = { peer = "", partner = "" }
if (tonumber(capture("nproc")) or 1) > 1 and capture("taskset -c 1 echo fine") == "fine\n" then
  pin = { peer = "taskset -c 1 ", partner = "taskset -c 0 " }
end

local function make_certificates()
  local ca = require("ssl.testing").CA()
  local rsa = { key_type = "RSA-2048" }
  local function write(name, ...)
    local file <close> = assert(io.open(OUT .. "/" .. name .. ".pem", "w"))
    file:write(...)
  end
  local leaf, other = ca:issue("localhost"), ca:issue("localhost", rsa)
  write("ca", ca.cert.pem)
  write("ecdsa", leaf.chain.pem, leaf.key.pem)
  write("rsa", other.chain.pem, other.key.pem)
end

local function build()
  local cc = (os.getenv("CC") or "cc") .. " -std=gnu99 -O2 -Wall -Wextra "
  for _, name in ipairs({ "plain", "partner" }) do
    assert(os.execute(("%s -o %s/%s bench/%s.c -lssl -lcrypto"):format(cc, OUT, name, name)))
  end
end

-- The partner's and the peer's commands; one writes its port for the other.
local function commands(row, peer)
  local env = ("BENCH_DIR=%s BENCH_CIPHER=%s BENCH_CERT=%s "):format(OUT, row.cipher, row.cert)
  local own = ("%stimeout 60 %s%s%s %d %d "):format(env, pin.peer, peer.command, row.task,
    row.size, row.count)
  local partner = env .. pin.partner .. OUT .. "/partner "
  local count = row.count + (row.extra or 0)
  if row.partner == "dial" or row.partner == "stay" then
    return own .. "0", ("%s%s %d %d "):format(partner, row.partner, row.size, count), true
  elseif row.partner then
    return ("%s%s %d %d"):format(partner, row.partner, row.partner_size or row.size, count),
      own, false
  end
  return nil, own .. "0", false
end

-- Runs a row for a peer; nil if the peer has no such thing.
local function measure(row, peer)
  if not peer.tasks[row.task] then return nil end
  local first, second, peer_first = commands(row, peer)
  local pipe, text
  if first then
    pipe = assert(io.popen(first .. " 2>>" .. OUT .. "/log"))
    local port = pipe:read("l")
    if not tonumber(port) then return nil end
    second = second .. " " .. port
  end
  text = capture(second)
  if peer_first then
    text = pipe:read("a")
  end
  if pipe then pipe:close() end
  local cpu, wall, n, garbage = text:match("^(%S+) (%S+) (%S+) ?(%S*)")
  if not tonumber(n) then return nil end
  return { cpu = tonumber(cpu), wall = tonumber(wall), n = tonumber(n),
    garbage = tonumber(garbage) }
end

local function chosen(name, list)
  if list == nil or list == "" then return true end
  for part in list:gmatch("[^,]+") do
    if name:find(part, 1, true) then return true end
  end
  return false
end

local function select_peers()
  local list = {}
  for _, peer in ipairs(PEERS) do
    if chosen(peer.name, os.getenv("PEERS")) then
      peer.tasks = {}
      local names = capture("BENCH_DIR=" .. OUT .. " BENCH_CERT=ecdsa " .. peer.command
        .. "tasks 0 0 0")
      for task in names:gmatch("%a+") do
        peer.tasks[task] = true
      end
      if next(peer.tasks) then
        list[#list + 1] = peer
      else
        print(peer.title .. " is not here: skipped")
      end
    end
  end
  return list
end

local function select_rows()
  local list = {}
  for _, row in ipairs(rows) do
    if chosen(row.name, os.getenv("ROWS")) then list[#list + 1] = row end
  end
  return list
end

-- The best that a row makes of some tries, and its unit.
local function best(row, tries)
  local found, unit
  for _, result in ipairs(tries) do
    local value
    value, unit = row.value(result)
    if value and (not found or (row.more and value > found or not row.more and value < found)) then
      found = value
    end
  end
  return found, unit
end

-- A row's tries, by peer: all peers in turn, forwards and backwards by turns, since
-- what runs after a pause or a hard worker may run at another speed.
local backwards = false

local function try(row, peers, times)
  local tries = {}
  for _ = 1, times do
    for i = 1, #peers do
      local peer = peers[backwards and #peers + 1 - i or i]
      tries[peer.name] = tries[peer.name] or {}
      table.insert(tries[peer.name], measure(row, peer))
    end
    backwards = not backwards
  end
  return tries
end

-- Waits for quiet as long as QUIET allows. Without it, the table says how busy it was.
local function await_quiet()
  local seconds = tonumber(os.getenv("QUIET")) or 0
  if seconds <= 0 then return end
  local probe = ("BENCH_DIR=%s BENCH_CERT=ecdsa %s%s/plain plain pairs 1 100 0"):format(OUT,
    pin.peer, OUT)
  quiet.wait(function() return tonumber(capture(probe):match("^%S+")) end, seconds,
    function(n) os.execute("sleep " .. n) end, function(text) io.stderr:write(text, "\n") end)
end

-- One round: adds a number to each row and peer of `results`.
local function round(list, peers, results, times)
  local done = {}
  for _, row in ipairs(list) do
    local key = table.concat({ row.task, row.size, row.cipher, row.cert }, " ")
    if not done[key] then await_quiet() end
    done[key] = done[key] or try(row, peers, row.once and 1 or times)
    for _, peer in ipairs(peers) do
      local value, unit = best(row, done[key][peer.name])
      if value then
        local entry = results[row.name]
        entry.unit = unit
        entry[peer.name] = entry[peer.name] or {}
        table.insert(entry[peer.name], value)
      end
    end
  end
end

build()
make_certificates()
local peers, list, results = select_peers(), select_rows(), {}
for _, row in ipairs(list) do
  results[row.name] = {}
end
local times = tonumber(os.getenv("TRIES")) or 3
for i = 1, tonumber(os.getenv("ROUNDS")) or 5 do
  io.stderr:write("round ", i, "\n")
  round(list, peers, results, times)
  report.json(OUT .. "/results.json", list, peers, results)
end
report.text(list, peers, results)
report.svg(OUT .. "/chart.svg", list, peers, results)
