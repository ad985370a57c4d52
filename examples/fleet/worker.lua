-- A worker of an instance: serves HTTPS on a listening socket that master.lua has opened, and
-- resumes sessions that any other worker, on any machine with the same secret, has begun.
-- The master starts it with the socket as descriptor 3 and a pipe as descriptor 4.

local socket = require "socket"
local ssl = require "ssl"
local stores = require "ssl.store"
local uv = require "luv"
local waiter = require "ssl.waiter"

local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/?.lua;" .. package.path
local metrics = require "metrics"

local config = dofile(arg[1])
local wait = waiter.luv

local LISTENER, PIPE = 3, 4
local LONGEST = 8192   -- bytes of a request's head
local SECONDS = 10     -- for the handshake, and for each request

local draining = false
local active = 0       -- open connections

local function new_context()
  local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  ctx:load_cert_chain(config.certfile, config.keyfile)
  local ring
  if config.secretfile then
    ring = ssl.ticket_ring{ secretfile = config.secretfile, period = config.period }
    ctx:set_ticket_keys(ring)
  end
  if config.redis then
    local options = { ring = ring }
    for name, value in pairs(config.redis) do options[name] = value end
    ctx.session_store = stores.redis(options)
  end
  ctx.waiter = wait
  return ctx
end

-- The head of the next request and what follows it; nil at the end.
local function read_head(conn, buffer)
  while true do
    local _, last = buffer:find("\r\n\r\n", 1, true)
    if last then return buffer:sub(1, last), buffer:sub(last + 1) end
    local part = #buffer <= LONGEST and conn:recv(4096)
    if not part then return nil end
    buffer = buffer .. part
  end
end

local function answer(conn, head)
  local close = draining or head:lower():find("\nconnection: *close") ~= nil
  local body = ("instance=%s worker=%d version=%s resumed=%s\n"):format(config.name, uv.os_getpid(),
    conn:version(), conn.session_reused)
  conn:sendall(("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n%s")
    :format(#body, close and "Connection: close\r\n" or "", body))
  return close
end

local function serve(ctx, tcp)
  local conn <close> = ctx:wrap_socket(tcp, { server_side = true, do_handshake_on_connect = false,
    timeout = SECONDS })
  conn:do_handshake()
  local head, buffer, close
  repeat
    head, buffer = read_head(conn, buffer or "")
    close = not head or answer(conn, head)
  until close
  conn:send_close_notify()
end

local function accept(ctx, listener)
  local tcp = listener:accept()  -- nil if the client has gone
  if tcp then
    active = active + 1
    coroutine.wrap(function()
      pcall(serve, ctx, tcp)  -- clients come and go as they like
      active = active - 1
    end)()
  end
end

-- Ends the process once the last connection has ended, or its time is over.
local function drain(listening)
  if draining then return end
  draining = true
  listening:stop()
  local left = config.drain * 10
  uv.new_timer():start(100, 100, function()
    left = left - 1
    if active == 0 or left <= 0 then os.exit(0, false) end
  end)
end

-- The master's socket as an object.
local function inherit()
  local listener = assert(socket.tcp4())
  listener:close()
  listener:setfd(LISTENER)
  listener:listen(1024)
  listener:settimeout(0)
  return listener
end

local function report(pipe)
  pipe:write(metrics.line(ssl.counters()) .. "\n")
end

local function main()
  local ctx = new_context()
  local listener = inherit()
  local listening = uv.new_poll(LISTENER)
  local pipe = uv.new_pipe(false)
  pipe:open(PIPE)
  pipe:read_start(function(_, data)
    if not data then drain(listening) end  -- the master is gone
  end)
  uv.new_signal():start("sigterm", function() drain(listening) end)
  uv.new_timer():start(200, 500, function() report(pipe) end)
  listening:start("r", function() accept(ctx, listener) end)
  pipe:write("ready\n")
end

main()
uv.run()
