-- Usage: lua tools/soak.lua [SECONDS]      make soak TIME=120
-- Makes connections in one process for some time (20 seconds by default), over the
-- loopback interface and in memory: full and resumed ones, some dropped, collected
-- or abandoned on the way, half of them hostile. Memory and descriptors must stay
-- flat, no object and no byte be lost. Prints one line for each tenth of the time
-- and a summary; exits with 1 if something drifts.

local _ssl = require "_ssl"
local ssl = require "ssl"
local socket = require "socket"
local testing = require "ssl.testing"
local scheduler = require("ssl.waiter").scheduler

local SECONDS = tonumber(arg[1]) or 20
local WORKERS, ROUNDS, WARM = 8, 10, 3
-- What may be added after the first rounds: allocators keep what was free once.
local MOST_LUA, MOST_RSS = 256, 4096  -- KiB

math.randomseed(tonumber(os.getenv("SEED")) or 1)

local counts, failures = {}, {}

local function count(name) counts[name] = (counts[name] or 0) + 1 end

local function fail(...)
  if #failures < 20 then failures[#failures + 1] = string.format(...) end
end

-- --- Contexts ----------------------------------------------------------------

local ca = testing.CA()
local identity, guest = ca:issue("localhost"), ca:issue("guest")

local function new_server(version, extra)
  local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  identity:configure_cert(ctx)
  ctx.maximum_version = version
  ctx.waiter = scheduler.wait
  if extra then
    ca:configure_trust(ctx)
    ctx.verify_mode = ssl.CERT_OPTIONAL
    ctx:set_alpn_protocols({ "soak" })
    ctx.sni_callback = function(conn) conn.context = ctx end
  end
  return ctx
end

local function new_client(trusts)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  if trusts then ca:configure_trust(ctx) end
  guest:configure_cert(ctx)
  ctx:set_alpn_protocols({ "other", "soak" })
  ctx.waiter = scheduler.wait
  return ctx
end

local V2, V3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
local servers = { new_server(V3), new_server(V2), new_server(V3, true), new_server(V2, true) }
local client, stranger = new_client(true), new_client(false)

-- --- Servers -----------------------------------------------------------------

local begun, ended = 0, 0

local function echo(ctx, sock)
  local conn <close> = ctx:wrap_socket(sock, { server_side = true, timeout = 0.3 })
  repeat
    local data = conn:recv(16384)
    if data then conn:sendall(data) end
  until not data
  conn:unwrap():close()
end

local function serve(ctx, sock)
  begun = begun + 1
  local ok, err = pcall(echo, ctx, sock)
  sock:close()
  ended = ended + 1
  if not ok and not ssl.isinstance(err, ssl.OSError) then fail("server: %s", err) end
end

local function listen(ctx)
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(0)
  local task = scheduler.spawn(function()
    while true do
      local sock = listener:accept()
      if sock then
        sock:settimeout(0)
        scheduler.spawn(serve, ctx, sock)
      else
        scheduler.wait(listener, "read")
      end
    end
  end)
  local _, port = listener:getsockname()
  return { port = port, task = task, listener = listener, context = ctx }
end

-- --- Clients -----------------------------------------------------------------

local function tcp(server)
  local sock = assert(socket.connect("127.0.0.1", server.port))
  sock:settimeout(0)
  return sock
end

local function connect(server, ctx, session)
  return (ctx or client):wrap_socket(tcp(server),
    { server_hostname = "localhost", session = session, timeout = 10 })
end

-- Sends and gets back; the other side reads while we write.
local function transfer(conn)
  for _ = 1, math.random(3) do
    local data = string.rep(string.char(math.random(0, 255)), math.random(1, 40000))
    local parts, got = {}, 0
    conn:sendall(data)
    while got < #data do
      local part = assert(conn:recv(16384), "an end too early")
      parts[#parts + 1], got = part, got + #part
    end
    if table.concat(parts) ~= data then fail("bytes were lost or changed") end
  end
end

local honest, hostile = {}, {}

function honest.full(server)
  local conn <close> = connect(server)
  transfer(conn)
  server.session = conn.session
  conn:unwrap():close()
end

function honest.resumed(server)
  local conn <close> = connect(server, nil, server.session)
  if conn.session_reused then count("really resumed") end
  transfer(conn)
  server.session = conn.session
  conn:unwrap():close()
end

function honest.memory(server)
  local pair = testing.pair({
    client = client, server = server.context, server_hostname = "localhost",
  })
  if not pair:handshake().ok then fail("in memory: no handshake") end
  local data = ("m"):rep(math.random(20000))
  if pair:transfer(data) ~= data then fail("in memory: bytes were lost") end
  pair:unwrap()
end

function hostile.drops(server)
  local conn = connect(server)
  conn:sendall("x")
  conn:close()
end

function hostile.forgets(server)  -- for the collector to close
  local conn = connect(server)
  conn:sendall("x")
end

function hostile.abandons(server)  -- in the middle of whatever it is
  local task = scheduler.spawn(function()
    local conn <close> = connect(server)
    transfer(conn)
  end)
  scheduler.sleep(math.random() * 0.005)
  coroutine.close(task)
end

function hostile.mistrusts(server)
  local ok, err = pcall(connect, server, stranger)
  if ok or not ssl.isinstance(err, ssl.SSLCertVerificationError) then
    fail("a stranger was trusted: %s", err)
  end
end

function hostile.garbage(server)
  local sock = tcp(server)
  sock:send(("\22\3\1\xff\xffGET /\r\n"):rep(math.random(2000)):sub(math.random(10)))
  sock:close()
end

-- A ClientHello that ends anywhere, by an end or by a reset.
function hostile.cuts(server)
  local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  local object = client:wrap_bio(incoming, outgoing, { server_hostname = "localhost" })
  pcall(object.do_handshake, object)
  local hello = outgoing:read()
  local sock = tcp(server)
  sock:send(hello:sub(1, math.random(0, #hello)))
  if math.random(2) == 1 then sock:setoption("linger", { on = true, timeout = 0 }) end
  sock:close()
end

function hostile.stalls(server)  -- until the server has enough
  local sock = tcp(server)
  sock:send("\22\3\1")
  scheduler.wait(sock, "read", 5)
  sock:close()
end

function hostile.corrupts(server)
  local at = math.random(2500)
  local pair = testing.pair({
    client = client, server = server.context, server_hostname = "localhost",
    tap = function(record)
      at = at - #record.bytes
      if at <= 0 and at > -#record.bytes then
        return testing.tap.alter(nil, at - 1, 1 << math.random(0, 7))(record)
      end
    end,
  })
  pair:handshake()
  local ok, err = pcall(pair.transfer, pair, "corrupted")
  if ok and err ~= "corrupted" and err ~= "" and err ~= nil then fail("a false byte: %q", err) end
  if not ok and not ssl.isinstance(err, ssl.OSError) then fail("corrupted: %s", err) end
end

local function names(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local good, bad = names(honest), names(hostile)

local function worker(ports, deadline)
  local turn = math.random(1000)
  repeat
    turn = turn + 1
    local server = ports[math.random(#ports)]
    local set, list = honest, good
    if turn % 2 == 0 then set, list = hostile, bad end
    local name = list[turn // 2 % #list + 1]
    local ok, err = pcall(set[name], server)
    count(name)
    -- A connection may fail only where something was done to it.
    if not ok and (set == honest or not ssl.isinstance(err, ssl.OSError)) then
      fail("%s: %s", name, err)
    end
    scheduler.sleep(0)
  until socket.gettime() >= deadline
end

-- --- Measuring ---------------------------------------------------------------

local function descriptors()
  local ok, lfs = pcall(require, "lfs")
  if not ok or not lfs.attributes("/proc/self/fd", "mode") then return 0 end
  local n = 0
  for name in lfs.dir("/proc/self/fd") do
    if tonumber(name) then n = n + 1 end
  end
  return n
end

local function resident()
  local file <close> = io.open("/proc/self/status")
  return file and tonumber(file:read("a"):match("VmRSS:%s*(%d+)")) or 0
end

local function measure()
  for _ = 1, 3 do collectgarbage() end
  return {
    lua = collectgarbage("count"), rss = resident(), descriptors = descriptors(),
    alive = _ssl._alive(),
  }
end

-- One round: all workers until the deadline, then nobody is left.
local function round(deadline)
  local ports, left = {}, WORKERS
  for i, ctx in ipairs(servers) do ports[i] = listen(ctx) end
  for _ = 1, WORKERS do
    scheduler.spawn(function()
      worker(ports, deadline)
      left = left - 1
    end)
  end
  local limit
  scheduler.run(function()
    if left > 0 then return false end
    limit = limit or socket.gettime() + 10
    collectgarbage()  -- what was forgotten ends, and its server's side
    return begun == ended or socket.gettime() > limit
  end)
  for _, server in ipairs(ports) do
    coroutine.close(server.task)
    server.listener:close()
  end
  scheduler.run()
  if begun ~= ended then fail("%d connections of servers never ended", begun - ended) end
end

local function total()
  local n = 0
  for _, name in ipairs(good) do n = n + (counts[name] or 0) end
  for _, name in ipairs(bad) do n = n + (counts[name] or 0) end
  return n
end

local start, before, first, last = socket.gettime(), measure(), nil, nil
print("  time  connections  Lua KiB  RSS KiB  descriptors  objects")
for i = 1, ROUNDS do
  round(start + SECONDS * i / ROUNDS)
  last = measure()
  if i == WARM then first = last end
  print(("%5.0fs %12d %8.0f %8d %12d %8d"):format(socket.gettime() - start, total(), last.lua,
    last.rss, last.descriptors, last.alive))
  if last.descriptors ~= before.descriptors then fail("descriptors: %d", last.descriptors) end
  if last.alive ~= before.alive then fail("objects: %d", last.alive) end
end
if last.lua - first.lua > MOST_LUA then fail("Lua grew by %.0f KiB", last.lua - first.lua) end
if last.rss - first.rss > MOST_RSS then fail("the process grew by %d KiB", last.rss - first.rss) end

local parts = {}
for _, name in ipairs(names(counts)) do parts[#parts + 1] = name .. " " .. counts[name] end
print(table.concat(parts, ", "))
for _, text in ipairs(failures) do print("FAILED " .. text) end
print(("soak: %s after %d connections, %d of servers, in %.0f s"):format(
  #failures == 0 and "flat" or "NOT flat", total(), begun, socket.gettime() - start))
os.exit(#failures == 0, true)
