-- bench/tasks.lua - the tasks of plain.c for any Lua binding. Usage:
--   lua bench/tasks.lua PEER TASK SIZE COUNT PORT
-- Prints processor seconds, seconds, what was counted, and bytes of garbage.
-- A binding is bench/peers/PEER.lua: a table of functions, and of the texts of the
-- calls that loops are made of; what it lacks, it cannot. The task "tasks" prints
-- what it can.

local socket = require "socket"

local folder = arg[0]:match("^(.*/)") or "./"
local peer = dofile(folder .. "peers/" .. arg[1] .. ".lua")
local size, count, port = tonumber(arg[3]), tonumber(arg[4]), tonumber(arg[5])

local cpu, wall = os.clock, socket.gettime
local cpu0, wall0

local function start()
  collectgarbage()
  cpu0, wall0 = cpu(), wall()
end

local function report(n, garbage)
  print(("%.9f %.9f %d %.3f"):format(cpu() - cpu0, wall() - wall0, n, garbage or 0))
end

local function connected()
  return peer.connect(peer.client(), port)
end

-- A piece of program around the peer's calls, as one would write it: `text` with
-- the calls in the place of their names in capitals.
local function program(text)
  text = text:gsub("%u+", function(name) return peer.calls[name:lower()] end)
  return assert(load("local conn, n, data, buffer, times, to = ... " .. text))
end

local recv = program "return RECV"

local function receive_exactly(conn, n)
  while n > 0 do
    n = n - #recv(conn, n)
  end
end

local tasks = {}

function tasks.receive()
  local run, conn = program [[
    local total = 0
    while true do
      local piece = RECV
      if not piece then return total end
      total = total + #piece
    end
  ]], connected()
  start()
  report(run(conn, size))
end

function tasks.lines()
  local run, conn = program "for _ = 1, times do LINE end", connected()
  start()
  run(conn, nil, nil, nil, count)
  report(count)
  peer.close(conn)
end

-- All that a connection brings, without its handshake.
function tasks.all()
  local ctx, once, spent = peer.client(), program "return ALL", 0
  for _ = 1, count do
    local conn = peer.connect(ctx, port)
    local before = cpu()
    local got = #once(conn)
    spent = spent + (cpu() - before)
    assert(got == size)
    peer.close(conn)
  end
  print(("%.9f 0 %d"):format(spent, size * count))
end

function tasks.into()
  local run, conn, buffer = program [[
    local total = 0
    repeat
      local got = INTO
      total = total + got
    until got == 0
    return total
  ]], connected(), peer.buffer(size)
  start()
  report(run(conn, size, nil, buffer))
end

function tasks.send()
  local run, conn = program "for _ = 1, times do SEND end", connected()
  local data = ("x"):rep(size)
  start()
  run(conn, size, data, nil, count)
  peer.finish(conn)
  report(size * count)
end

function tasks.pingpong()
  local run, conn = program "for _ = 1, times do SEND local _ = RECV end", connected()
  local data = ("x"):rep(size)
  start()
  run(conn, size, data, nil, count)
  report(count)
end

-- What is left of records of 16 KiB, in pieces of 'size' bytes.
local function small(call)
  local conn, buffer = connected(), peer.buffer and peer.buffer(size)
  local pieces, spent, garbage, n = 16384 // size - 1, 0, 0, 0
  local once, run = program("return " .. call), program("for _ = 1, times do " .. call .. " end")
  while (once(conn, size, nil, buffer) or 0) ~= 0 do
    collectgarbage("stop")
    local used, before = collectgarbage("count"), cpu()
    run(conn, size, nil, buffer, pieces)
    spent = spent + (cpu() - before)
    garbage = garbage + (collectgarbage("count") - used) * 1024
    n = n + pieces
    collectgarbage("restart")
  end
  print(("%.9f 0 %d %.3f"):format(spent, n, garbage / n))
end

function tasks.small()
  small("RECV")
end

function tasks.smallinto()
  small("INTO")
end

function tasks.want()
  local run, conn = program "for _ = 1, times do WANT end", connected()
  program "SEND" (conn, size, ("x"):rep(size))
  receive_exactly(conn, size)
  peer.nonblocking(conn)
  start()
  collectgarbage("stop")
  local used = collectgarbage("count")
  run(conn, size, nil, nil, count)
  report(count, (collectgarbage("count") - used) * 1024 / count)
end

function tasks.connects()
  local ctx = peer.client()
  for i = 0, count do
    if i == 1 then start() end
    local conn = peer.connect(ctx, port)
    receive_exactly(conn, 1)
    peer.close(conn)
  end
  report(count)
end

function tasks.resumes()
  local ctx, session = peer.client()
  for i = 0, count do
    if i == 1 then start() end
    local conn = peer.connect(ctx, port, session)
    assert(peer.reused(conn) == (i > 0), "not resumed")
    receive_exactly(conn, 1)
    session = peer.session(conn)
    peer.close(conn)
  end
  report(count)
end

function tasks.accepts()
  local ctx, listener = peer.server(), peer.listen()
  local greet = program "SEND"
  for i = 0, count do
    if i == 1 then start() end
    local conn = peer.accept(ctx, listener)
    greet(conn, 1, "x")
    peer.close(conn)
  end
  report(count)
end

function tasks.pairs()
  local client, server = peer.client(), peer.server()
  for i = 0, count do
    if i == 1 then start() end
    peer.pair(client, server)
  end
  report(count)
end

-- `got`: how many bytes the call has read.
local function memory(got)
  local run = program(([[
    for _ = 1, times do
      WRITE
      local left = n
      repeat left = left - %s until left == 0
    end
  ]]):format(got))
  local from, to = peer.pair(peer.client(), peer.server())
  local data, buffer = ("x"):rep(size), peer.buffer(size)
  start()
  run(from, size, data, buffer, count, to)
  report(size * count)
end

function tasks.memory()
  memory("#READ")
end

function tasks.memoryinto()
  memory("FILL")
end

-- What a want-error costs without the system call of a socket's.
function tasks.wantmemory()
  local run = program "for _ = 1, times do WANTMEMORY end"
  local conn = peer.pair(peer.client(), peer.server())
  run(conn, size, nil, nil, 1)
  start()
  collectgarbage("stop")
  run(conn, size, nil, nil, count)
  report(count)
end

local function resident()
  collectgarbage()
  collectgarbage()
  local file <close> = io.open("/proc/self/statm")
  return select(2, file:read("n", "n")) * 4096
end

-- Bytes of memory per connection that 'open' makes.
local function idle(open)
  local kept, data, before = {}, ("x"):rep(size), nil
  for i = 1, count + 20 do
    if i == 21 then before = resident() end
    kept[i] = open(data)
  end
  print(("0 0 %d"):format((resident() - before) // (#kept - 20)))
  os.exit(0, false)
end

-- After 'size' bytes each way.
function tasks.idle()
  local ctx, send = peer.client(), program "SEND"
  idle(function(data)
    local conn = peer.connect(ctx, port)
    send(conn, size, data)
    receive_exactly(conn, size)
    return conn
  end)
end

function tasks.idleserver()
  local ctx, listener = peer.server(), peer.listen()
  local send = program "SEND"
  idle(function(data)
    local conn = peer.accept(ctx, listener)
    receive_exactly(conn, size)
    send(conn, size, data)
    return conn
  end)
end

function tasks.contexts()
  for i = 0, count do
    if i == size then start() end
    peer.defaultcontext()
    if i == 0 and size == 0 then return report(1) end
  end
  report(count)
end

function tasks.peercert()
  local run, conn = program "for _ = 1, times do PEERCERT end", connected()
  start()
  run(conn, nil, nil, nil, count)
  report(count)
end

local needs = {
  into = "buffer", smallinto = "buffer", want = "nonblocking", resumes = "session", pairs = "pair",
  memory = "pair", memoryinto = "pair", wantmemory = "pair", contexts = "defaultcontext",
  peercert = "peercert", lines = "line", all = "all",
}
local function can(task)
  return not needs[task] or peer[needs[task]] or peer.calls[needs[task]]
end

if arg[2] == "tasks" then
  for task in pairs(tasks) do
    if can(task) then io.write(task, " ") end
  end
else
  tasks[arg[2]]()
end
