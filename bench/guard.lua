-- bench/guard.lua - holds what the fast paths cost, in numbers that do not
-- depend on the machine's speed: bytes of garbage per call, instructions per
-- call (counted by valgrind), system calls per MiB (counted by strace).
--   make guard
-- `guard.lua TASK COUNT` runs one task; the whole runs itself so.

local ssl = require "ssl"
local testing = require "ssl.testing"

local RECORD = ("x"):rep(16384)
local LONG = ("x"):rep(65536)

local function contexts()
  local ca = testing.CA()
  local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  ca:issue("localhost"):configure_cert(server_ctx)
  ca:configure_trust(client_ctx)
  return client_ctx, server_ctx
end

-- Two connected SSLSockets of this very program.
local function sockets(client_ctx, server_ctx)
  local socket = require "socket"
  if not client_ctx then client_ctx, server_ctx = contexts() end
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  local near = assert(socket.connect("127.0.0.1", port))
  local far = assert(listener:accept())
  listener:close()
  local lazy = { do_handshake_on_connect = false, server_hostname = "localhost" }
  local client = client_ctx:wrap_socket(near, lazy)
  local server = server_ctx:wrap_socket(far, true, { do_handshake_on_connect = false })
  client:settimeout(0)
  server:settimeout(0)
  local done = {}
  while not (done[client] and done[server]) do
    for _, conn in ipairs({ client, server }) do
      done[conn] = done[conn] or pcall(conn.do_handshake, conn)
    end
  end
  client:settimeout(5)
  server:settimeout(5)
  server:sendall("x")
  assert(client:recv(1) == "x")
  return client, server
end

local function read_fully(conn, buffer, n)
  while n > 0 do
    n = n - conn:recv_into(buffer)
  end
end

-- Each makes `prepare()`, not counted, and `call()`, counted; `every` calls need
-- `prepare` again; counts are multiples of it.
local tasks = {}

local function from_record(every, call)
  return function()
    local client, server = sockets()
    local buffer, rest, left = ssl.bytearray(64), ssl.bytearray(16384), 0
    return {
      every = every,
      prepare = function()
        if left > 0 then read_fully(client, rest, left) end
        server:sendall(RECORD)
        client:recv(64)
        left = 16384 - 64 - every * 64
      end,
      call = function() call(client, buffer) end,
    }
  end
end

tasks.recv = from_record(250, function(client) client:recv(64) end)
tasks.recv_into = from_record(250, function(client, buffer) client:recv_into(buffer) end)

function tasks.want()
  local client = sockets()
  client:settimeout(0)
  return { call = function() pcall(client.recv, client, 64) end }
end

function tasks.pingpong()
  local client, server = sockets()
  local buffer, ping = ssl.bytearray(64), ("x"):rep(64)
  return {
    call = function()
      client:sendall(ping)
      server:recv_into(buffer)
      server:sendall(ping)
      client:recv_into(buffer)
    end,
  }
end

function tasks.long()
  local client, server = sockets()
  local buffer = ssl.bytearray(65536)
  return {
    call = function()
      server:sendall(LONG)
      read_fully(client, buffer, #LONG)
    end,
  }
end

function tasks.handshake()
  local client_ctx, server_ctx = contexts()
  return {
    call = function()
      local client, server = sockets(client_ctx, server_ctx)
      client:close()
      server:close()
    end,
  }
end

local function run(task, count)
  local every, garbage = task.every or count, 0
  local prepare, call = task.prepare, task.call
  local done = 0
  collectgarbage()
  collectgarbage("stop")
  while done < count do
    if prepare then prepare() end
    local before = collectgarbage("count")
    for _ = 1, every do
      call()
    end
    garbage = garbage + (collectgarbage("count") - before) * 1024
    done = done + every
  end
  collectgarbage("restart")
  return garbage / count
end

if arg[1] then
  print(run(tasks[arg[1]](), tonumber(arg[2])))
  os.exit(0, false)
end

-- The whole -------------------------------------------------------------------

local LUA = os.getenv("LUA") or "lua"
local failed = false

local function capture(command)
  local pipe <close> = assert(io.popen(command .. " 2>&1"))
  return pipe:read("a")
end

local function hold(what, unit, value, bound)
  local fine = value <= bound
  failed = failed or not fine
  print(("%-6s %-44s %8.1f %s, at most %g"):format(fine and "fine" or "FAILED", what, value, unit,
    bound))
end

-- Counts the same task twice, so that what happens once cancels out.
local function difference(count, few, many)
  return (count(many) - count(few)) / (many - few)
end

local function instructions(name)
  return function(n)
    local text = capture(("valgrind --tool=callgrind --callgrind-out-file=/dev/null %s %s %s %d")
      :format(LUA, arg[0], name, n))
    return tonumber(text:match("Collected : (%d+)"))
  end
end

local function system_calls(name, call)
  return function(n)
    local text = capture(("strace -f -c -e trace=%s %s %s %s %d"):format(call, LUA, arg[0], name,
      n))
    return tonumber(text:match("%d %s*%d+ %s*(%d+)[ %d]* " .. call .. "\n")) or 0
  end
end

local GARBAGE = { recv = 90, recv_into = 0, want = 0, pingpong = 0, long = 0 }
-- A fifth above what was measured with OpenSSL 3.0, whose part is in them; and
-- so is, for the first two, a 250th of sealing and opening a record.
local INSTRUCTIONS = { recv = 2800, recv_into = 2200, want = 3200 }
local SENDS, RECEIVES, ANSWERS, POLLS = 16, 40, 2, 0
-- The hello, the server's flight, the client's, both tickets, and one byte.
local FLIGHTS = 5
-- What both sides ask about their descriptors; most of the first is LuaSocket's.
local QUESTIONS = { { "fcntl", 14 }, { "getsockopt", 2 }, { "getpeername", 2 } }

for _, name in ipairs({ "recv", "recv_into", "want", "pingpong", "long" }) do
  hold("garbage per call of " .. name, "bytes", run(tasks[name](), 1000), GARBAGE[name])
end
if capture("valgrind --version"):find("^valgrind") then
  for _, name in ipairs({ "recv", "recv_into", "want" }) do
    hold("instructions per call of " .. name, "", difference(instructions(name), 250, 10250),
      INSTRUCTIONS[name])
  end
else
  print("valgrind is not here: no instructions counted")
end
if capture("strace -c true"):find("% time", 1, true) then
  hold("sends per MiB in strings of 64 KiB", "",
    difference(system_calls("long", "sendto"), 16, 176) * 16, SENDS)
  hold("receives per MiB", "",
    difference(system_calls("long", "recvfrom"), 16, 176) * 16, RECEIVES)
  hold("receives per exchange, there and back", "",
    difference(system_calls("pingpong", "recvfrom"), 16, 176), ANSWERS)
  hold("polls per exchange, after the first ones", "",
    difference(system_calls("pingpong", "poll"), 16, 176), POLLS)
  hold("sends per handshake and first byte", "",
    difference(system_calls("handshake", "sendto"), 4, 24), FLIGHTS)
  for _, question in ipairs(QUESTIONS) do
    hold("calls of " .. question[1] .. " per handshake, both sides", "",
      difference(system_calls("handshake", question[1]), 4, 24), question[2])
  end
else
  print("strace is not here or not allowed: no system calls counted")
end
os.exit(not failed, true)
