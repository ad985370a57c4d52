-- Clients of the fleet, for run.lua: each connects again and again, offers the session that
-- it got last, and says how it went, one line for each connection:
--   client.lua KIND CLIENTS CONNECTIONS PAUSE HOST PORT CAFILE
-- KIND is "ticket13", "ticket12" or "id12": what resumes its sessions, in which version of
-- TLS; or "full12", which resumes none. PAUSE is in seconds; CONNECTIONS may be "inf", until
-- the process is ended. A line has the start and the length of the handshake in seconds,
-- whether a session was offered and was resumed (0 or 1), the instance and the worker; or
-- "failed", start, length and the error.

local socket = require "socket"
local ssl = require "ssl"
local uv = require "luv"
local waiter = require "ssl.waiter"

local kind, clients, connections, pause, host, port, cafile = table.unpack(arg)
connections = connections == "inf" and math.huge or tonumber(connections)
pause = tonumber(pause)

local wait = waiter.luv

local ctx = ssl.create_default_context({ cafile = cafile })
if kind ~= "ticket13" then ctx.maximum_version = ssl.TLSVersion.TLSv1_2 end
if kind == "id12" or kind == "full12" then ctx.options = ctx.options | ssl.OP_NO_TICKET end
ctx.waiter = wait

local function now() return uv.hrtime() / 1e9 end

local function read_all(conn)
  local parts = {}
  repeat
    local part = conn:recv(4096)
    parts[#parts + 1] = part
  until not part
  return table.concat(parts)
end

-- One connection: the session afterwards, and the time and what the server said.
local function visit(session)
  local start = now()
  local tcp = waiter.plain(socket.tcp4(), wait)
  tcp:settimeout(10)
  assert(tcp:connect(host, tonumber(port)))
  tcp:setoption("tcp-nodelay", true)
  local conn <close> = ctx:wrap_socket(tcp, { server_hostname = "localhost", session = session,
    timeout = 10 })
  local length = now() - start
  conn:sendall("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
  local text = read_all(conn)
  local instance, worker = text:match("instance=(%S+) worker=(%d+)")
  assert(instance, "no answer")
  return conn.session, length, conn.session_reused, instance, worker
end

local function sleep(seconds)
  local co, timer = coroutine.running(), uv.new_timer()
  timer:start(math.ceil(seconds * 1000), 0, function()
    timer:close()
    assert(coroutine.resume(co))
  end)
  coroutine.yield()
end

local function client()
  if pause > 0 then sleep(math.random() * pause) end
  local session
  local done = 0
  while done < connections do
    done = done + 1
    local start = now()
    local ok, after, length, reused, instance, worker = pcall(visit, session)
    if ok then
      io.write(("ok %.6f %.6f %d %d %s %s\n"):format(start, length, session and 1 or 0,
        reused and 1 or 0, instance, worker))
      session = kind ~= "full12" and after or nil
    else
      local problem = tostring(after):gsub("\n", " ")
      io.write(("failed %.6f %.6f %s\n"):format(start, now() - start, problem))
    end
    if pause > 0 then sleep(pause) end
  end
end

io.stdout:setvbuf("line")
math.randomseed(uv.os_getpid())
for _ = 1, tonumber(clients) do
  coroutine.wrap(client)()
end
uv.run()
