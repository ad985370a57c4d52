-- STARTTLS as SMTP has it (RFC 3207), server and client in straight-line code under
-- the scheduler of ssl.waiter: plain, then TLS, then plain again. Usage:
--   lua examples/starttls.lua [inject]
-- prints the session as the client sees it. With `inject` a command is slipped in
-- behind STARTTLS, in plain: the server refuses to take it for one of the client's.

local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local waiter = require "ssl.waiter"

local scheduler = waiter.scheduler

-- The next line of a connection, plain or TLS. Byte by byte, so that nothing is read
-- ahead that belongs to the next layer.
local function line(conn)
  local read = conn.recv or conn.receive
  local text = ""
  repeat
    text = text .. (read(conn, 1) or error("the connection ended", 0))
  until text:find("\n$")
  return (text:gsub("\r?\n$", ""))
end

local function say(conn, text)
  (conn.sendall or conn.send)(conn, text .. "\r\n")
end

-- LuaSocket reads ahead into a buffer of its own: what is in it before the handshake
-- was not protected, and whoever wrote it is not known.
local function start_tls(ctx, tcp, options)
  if tcp:dirty() then
    error("bytes before the handshake", 0)
  end
  return ctx:wrap_socket(tcp, options)
end

local function serve(ctx, conn)
  say(conn, "220 mail.test ESMTP")
  local tls = false
  while true do
    local command = line(conn)
    if command:find("^EHLO ") then
      say(conn, tls and "250 AUTH PLAIN" or "250 STARTTLS")
    elseif command == "STARTTLS" and not tls then
      if conn:dirty() then
        say(conn, "501 no commands after STARTTLS")
        return conn:close()
      end
      say(conn, "220 go ahead")
      conn, tls = start_tls(ctx, conn, { server_side = true }), true
    elseif command == "XPLAIN" and tls then  -- not SMTP's: TLS ends, the session does not
      say(conn, "220 in plain")
      conn, tls = conn:unwrap(), false
    elseif command == "QUIT" then
      say(conn, "221 bye")
      return conn:close()
    else
      say(conn, "500 what")
    end
  end
end

local function client(ctx, conn, inject)
  local function ask(command)
    say(conn, command)
    print("C: " .. command)
    local answer = line(conn)
    print("S: " .. answer)
    return answer
  end
  print("S: " .. line(conn))
  ask("EHLO client.test")
  if inject then  -- who sits between client and server can do that
    ask("STARTTLS\r\nRCPT TO:<mallory@test>")
    return conn:close()
  end
  ask("STARTTLS")
  conn = start_tls(ctx, conn, { server_hostname = "mail.test" })
  print("   " .. conn:version())
  ask("EHLO client.test")
  ask("XPLAIN")
  conn = conn:unwrap()
  print("   plain")
  ask("EHLO client.test")
  ask("QUIT")
  conn:close()
end

local ca = testing.CA()
local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ca:issue("mail.test"):configure_cert(server_ctx)
local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ca:configure_trust(client_ctx)
server_ctx.waiter, client_ctx.waiter = scheduler.wait, scheduler.wait

local listener = waiter.plain(assert(socket.bind("127.0.0.1", 0)), scheduler.wait)
scheduler.spawn(function()
  local conn = listener:accept()
  listener:close()
  serve(server_ctx, conn)
end)
scheduler.spawn(function()
  local conn = waiter.plain(socket.tcp4(), scheduler.wait)
  assert(conn:connect("127.0.0.1", (select(2, listener:getsockname()))))
  client(client_ctx, conn, arg[1] == "inject")
end)
scheduler.run()
