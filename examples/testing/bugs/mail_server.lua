-- A mail server of a few commands, which has the fault that many had: what it has read
-- before the handshake stays in its buffer, and is taken for the client's afterwards.
-- Usage: lua mail_server.lua [careful], which prints its port. With `careful` it ends a
-- connection that has something in the buffer when TLS begins.

local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"

local ANSWERS = { RSET = "250 reset", NOOP = "250 nothing", QUIT = "221 bye" }

local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
testing.CA():issue("localhost"):configure_cert(ctx)

-- Some bytes of a connection, plain or TLS; nil at its end.
local function receive(conn)
  if conn.recv then
    return conn:recv(1000)
  end
  local first = conn:receive(1)
  conn:settimeout(0)
  local _, _, rest = conn:receive("*a")
  conn:settimeout(5)
  return first and first .. rest
end

local function serve(conn)
  local buffer = ""
  local function say(text)
    (conn.sendall or conn.send)(conn, text .. "\r\n")
  end
  say("220 mail.test")
  repeat
    while not buffer:find("\r\n") do
      buffer = buffer .. (receive(conn) or error("the client has gone"))
    end
    local command
    command, buffer = buffer:match("^(.-)\r\n(.*)$")
    if command == "STARTTLS" and buffer ~= "" and arg[1] == "careful" then
      error("a command before TLS")
    elseif command == "STARTTLS" then
      say("220 go ahead")
      conn = ctx:wrap_socket(conn, { server_side = true })
    else
      say(ANSWERS[command] or "500 what?")
    end
  until command == "QUIT"
  conn:close()
end

local listener = assert(socket.bind("127.0.0.1", 0))
print((select(2, listener:getsockname())))
io.stdout:flush()
while true do
  local sock = listener:accept()
  sock:settimeout(5)
  pcall(serve, sock)
  sock:close()
end
