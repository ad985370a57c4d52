-- bench/tasks.lua - the tasks of plain.c for any Lua binding. Usage:
--   lua bench/tasks.lua PEER TASK SIZE COUNT PORT
-- Prints processor seconds, seconds, what was counted, and bytes of garbage.
-- A binding is bench/peers/PEER.lua: a table of functions, called as they are in
-- the loops; what it lacks, it cannot. The task "tasks" prints what it can.

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

local function receive_exactly(conn, n)
  while n > 0 do
    n = n - #peer.recv(conn, n)
  end
end

local tasks = {}

function tasks.receive()
  local conn, recv, total = connected(), peer.recv, 0
  start()
  while true do
    local data = recv(conn, size)
    if not data then break end
    total = total + #data
  end
  report(total)
end

function tasks.into()
  local conn, into, total = connected(), peer.into, 0
  local buffer = peer.buffer(size)
  start()
  repeat
    local n = into(conn, buffer)
    total = total + n
  until n == 0
  report(total)
end

function tasks.send()
  local conn, send = connected(), peer.send
  local data = ("x"):rep(size)
  start()
  for _ = 1, count do
    send(conn, data)
  end
  peer.finish(conn)
  report(size * count)
end

function tasks.pingpong()
  local conn, send, recv = connected(), peer.send, peer.recv
  local data = ("x"):rep(size)
  start()
  for _ = 1, count do
    send(conn, data)
    recv(conn, size)
  end
  report(count)
end

-- A loop over one of the peer's calls, written out as a program would.
local function loop(call)
  local text = "local conn, n, buffer, times = ... for _ = 1, times do %s end"
  return assert(load(text:format(call)))
end

-- What is left of records of 16 KiB, in pieces of 'size' bytes.
local function small(read, argument, call)
  local conn = connected()
  local pieces, spent, garbage, n = 16384 // size - 1, 0, 0, 0
  local run, buffer = loop(call), peer.buffer and peer.buffer(size)
  while (read(conn, argument) or 0) ~= 0 do
    collectgarbage("stop")
    local used, before = collectgarbage("count"), cpu()
    run(conn, size, buffer, pieces)
    spent = spent + (cpu() - before)
    garbage = garbage + (collectgarbage("count") - used) * 1024
    n = n + pieces
    collectgarbage("restart")
  end
  print(("%.9f 0 %d %.3f"):format(spent, n, garbage / n))
end

function tasks.small()
  small(peer.recv, size, peer.calls.recv)
end

function tasks.smallinto()
  small(peer.into, peer.buffer(size), peer.calls.into)
end

function tasks.want()
  local conn, run = connected(), loop(peer.calls.want)
  peer.send(conn, ("x"):rep(size))
  receive_exactly(conn, size)
  peer.nonblocking(conn)
  start()
  collectgarbage("stop")
  local used = collectgarbage("count")
  run(conn, size, nil, count)
  report(count, (collectgarbage("count") - used) * 1024 / count)
end

function tasks.connects()
  local ctx = peer.client()
  for i = 0, count do
    if i == 1 then start() end
    local conn = peer.connect(ctx, port)
    assert(#peer.recv(conn, 1) == 1)
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
    assert(#peer.recv(conn, 1) == 1)
    session = peer.session(conn)
    peer.close(conn)
  end
  report(count)
end

function tasks.accepts()
  local ctx, listener = peer.server(), peer.listen()
  for i = 0, count do
    if i == 1 then start() end
    local conn = peer.accept(ctx, listener)
    peer.send(conn, "x")
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

local function memory(read, argument, length)
  local from, to = peer.pair(peer.client(), peer.server())
  local write, data = peer.write, ("x"):rep(size)
  start()
  for _ = 1, count do
    write(from, data)
    local left = size
    while left > 0 do
      left = left - length(read(to, argument))
    end
  end
  report(size * count)
end

function tasks.memory()
  memory(peer.read, size, function(data) return #data end)
end

function tasks.memoryinto()
  memory(peer.readinto, peer.buffer(size), function(n) return n end)
end

-- What a want-error costs without the system call of a socket's.
function tasks.wantmemory()
  local conn, run = peer.pair(peer.client(), peer.server()), loop(peer.calls.wantmemory)
  run(conn, size, nil, 1)
  start()
  collectgarbage("stop")
  run(conn, size, nil, count)
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
  local ctx = peer.client()
  idle(function(data)
    local conn = peer.connect(ctx, port)
    peer.send(conn, data)
    receive_exactly(conn, size)
    return conn
  end)
end

function tasks.idleserver()
  local ctx, listener = peer.server(), peer.listen()
  idle(function(data)
    local conn = peer.accept(ctx, listener)
    receive_exactly(conn, size)
    peer.send(conn, data)
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
  local conn, get = connected(), peer.peercert
  start()
  for _ = 1, count do
    get(conn)
  end
  report(count)
end

local needs = {
  into = "into", smallinto = "into", want = "nonblocking", resumes = "session", pairs = "pair",
  memory = "pair", memoryinto = "readinto", wantmemory = "pair", contexts = "defaultcontext",
  peercert = "peercert",
}
local function can(task)
  return not needs[task] or peer[needs[task]]
end

if arg[2] == "tasks" then
  for task in pairs(tasks) do
    if can(task) then io.write(task, " ") end
  end
else
  tasks[arg[2]]()
end
