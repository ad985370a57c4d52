-- Usage: make bench-scale [ROUNDS=3]
-- What grows with numbers, by this module and by plain C doing the same, in turns:
-- handshakes in 1, 2 and 4 threads and processes, contexts, names, and
-- one turn of an event loop. Prints the best of all rounds and the ratio to plain C.
-- BIG=1 takes ten times as many contexts and names.

local rounds = tonumber(arg[1]) or 3
local big = os.getenv("BIG") and 10 or 1
local OUT = "build/bench"
local LUA = os.getenv("LUA") or "lua"
local HANDSHAKES = 300

local ENV = ("BENCH_DIR=%s BENCH_CERT=ecdsa "):format(OUT)
local C = ENV .. OUT .. "/scale "
local OURS = ENV .. LUA .. " bench/scale/tasks.lua "

local function write_certificates()
  local ca = require("ssl.testing").CA()
  local leaf = ca:issue("localhost")
  local function write(name, ...)
    local file <close> = assert(io.open(OUT .. "/" .. name .. ".pem", "w"))
    file:write(...)
  end
  write("ca", ca.cert.pem)
  write("ecdsa", leaf.chain.pem, leaf.key.pem)
end

-- What a command's lines tell: sums of processor seconds and memory, the longest time.
local function run(command)
  local pipe <close> = assert(io.popen(command))
  local sum = { cpu = 0, wall = 0, memory = 0 }
  for line in pipe:lines() do
    local cpu, wall, memory = line:match("^(%S+) (%S+) (%S+)")
    sum.cpu = sum.cpu + assert(tonumber(cpu), line)
    sum.wall = math.max(sum.wall, tonumber(wall))
    sum.memory = sum.memory + tonumber(memory)
  end
  return sum
end

-- `n` of a command at the same time.
local function together(n, command)
  return ("(" .. command .. " & "):rep(n) .. "wait" .. (")"):rep(n)
end

local rows = {}

-- `value(result)` makes the number of what `plain` and `ours` (commands) print.
local function row(name, unit, plain, ours, value, more)
  rows[#rows + 1] = { name = name, unit = unit, commands = { plain, ours }, value = value,
    more = more, best = {} }
end

for _, n in ipairs({ 1, 2, 4 }) do
  local function rate(r) return n * HANDSHAKES / r.wall end
  local function cost(r) return r.cpu / (n * HANDSHAKES) * 1e6 end
  local plain, ours = C .. ("plain %d %d"):format(n, HANDSHAKES),
    C .. ("lua %d %d"):format(n, HANDSHAKES)
  row(("handshakes, %d threads"):format(n), "1/s", plain, ours, rate, true)
  row(("one of them, %d threads"):format(n), "us", plain, ours, cost)
  plain, ours = together(n, C .. ("plain 1 %d"):format(HANDSHAKES)),
    together(n, C .. ("lua 1 %d"):format(HANDSHAKES))
  row(("handshakes, %d processes"):format(n), "1/s", plain, ours, rate, true)
  row(("one of them, %d processes"):format(n), "us", plain, ours, cost)
end

for _, n in ipairs({ 100, 1000 * big }) do
  local plain, ours = C .. "contexts " .. n, OURS .. "contexts " .. n
  row(("a context of %d"):format(n), "us", plain, ours,
    function(r) return r.cpu / n * 1e6 end)
  row(("its memory, of %d"):format(n), "KiB", plain, ours,
    function(r) return r.memory / n / 1024 end)
end

for _, n in ipairs({ 1, 100, 1000 * big }) do
  row(("handshake, %d names"):format(n), "us", C .. ("names %d %d"):format(n, HANDSHAKES),
    OURS .. ("names %d %d"):format(n, HANDSHAKES),
    function(r) return r.cpu / HANDSHAKES * 1e6 end)
end

for _, n in ipairs({ 10, 100, 1000, 8000 }) do
  local turns = math.max(10, 40000 // n)
  row(("a turn, %d idle sockets"):format(n), "us", C .. ("tick %d %d"):format(n, turns),
    OURS .. ("tick %d %d"):format(n, turns),
    function(r) return r.cpu / turns * 1e6 end)
end

write_certificates()
for i = 1, rounds do
  io.stderr:write("round ", i, "\n")
  for _, r in ipairs(rows) do
    for peer, command in ipairs(r.commands) do
      local value, best = r.value(run(command)), r.best[peer]
      if not best or (r.more and value > best or not r.more and value < best) then
        r.best[peer] = value
      end
    end
  end
end
for _, r in ipairs(rows) do
  print(("%-28s %4s  plain C %10.1f  this module %10.1f  x%.2f"):format(r.name, r.unit,
    r.best[1], r.best[2], r.best[2] / r.best[1]))
end
