-- bench/scale/tasks.lua - the tasks of scale.c by this module, in one process:
--   contexts N      names N COUNT      tick N COUNT

local ssl = require "ssl"
local socket = require "socket"

local task, n, count = arg[1], tonumber(arg[2]), tonumber(arg[3]) or 1
local dir = os.getenv("BENCH_DIR")

local function resident()
  collectgarbage()
  collectgarbage()
  local file <close> = io.open("/proc/self/statm")
  return select(2, file:read("n", "n")) * 4096
end

local cpu0, wall0, memory0

local function start()
  memory0 = resident()
  cpu0, wall0 = os.clock(), socket.gettime()
end

local function report()
  local cpu, wall = os.clock() - cpu0, socket.gettime() - wall0
  print(("%.9f %.9f %d"):format(cpu, wall, resident() - memory0))
end

local function server()
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  ctx:load_cert_chain(dir .. "/ecdsa.pem")
  return ctx
end

local function many()
  local list = {}
  for i = 1, n do list[i] = server() end
  return list
end

local tasks = {}

function tasks.contexts()
  start()
  local list = many()
  report()
  return list
end

function tasks.names()
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  client:load_verify_locations(dir .. "/ca.pem")
  client.check_hostname = false  -- all names have one certificate
  local ctx, map = server(), {}
  for i, one in ipairs(many()) do map["host" .. i - 1 .. ".test"] = one end
  ctx.sni_callback = function(conn, name) conn.context = map[name] end
  start()
  for i = 0, count - 1 do
    local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    local a = client:wrap_bio(down, up, { server_hostname = "host" .. i * 7919 % n .. ".test" })
    local b = ctx:wrap_bio(up, down, true)
    pcall(a.do_handshake, a)
    pcall(b.do_handshake, b)
    a:do_handshake()
    b:do_handshake()
  end
  report()
end

-- Tasks of the scheduler that all wait for a byte, and one that asks for turns.
function tasks.tick()
  local scheduler = require("ssl.waiter").scheduler
  local listener = assert(socket.bind("127.0.0.1", 0, 1024))
  local host, port = listener:getsockname()
  local kept = {}
  for i = 1, n, 2 do
    kept[i] = assert(socket.connect(host, port))
    kept[i + 1] = assert(listener:accept())
  end
  for i = 1, n do
    scheduler.spawn(scheduler.wait, kept[i], "read")
  end
  scheduler.spawn(function()
    scheduler.sleep(0)
    start()
    for _ = 1, count do scheduler.sleep(0) end
    report()
    os.exit(0, false)
  end)
  scheduler.run()
end

tasks[task]()
