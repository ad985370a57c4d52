-- Servers that begin in the clear and go over to TLS, as each protocol has it, for a test:
-- each in a process of its own, for any number of clients.

local low = require "_ssl_testing"
local socket = require "socket"
local ssl = require "ssl"

local function line(conn) return (assert(conn:receive("*l")):gsub("\r$", "")) end

-- Waits for a command, answers the others with what `others` says.
local function until_command(conn, command, others)
  while true do
    local said = line(conn)
    if said:upper():find(command) then return said end
    conn:send(others(said))
  end
end

local function numbered(greeting, command, answer)
  return function(conn)
    conn:send(greeting)
    until_command(conn, command, function()
      return "250-plain.test\r\n250-SIZE\r\n250 STARTTLS\r\n"
    end)
    conn:send(answer)
  end
end

local function imap(conn)
  conn:send("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
  local said = until_command(conn, "STARTTLS$", function(text)
    return "* CAPABILITY IMAP4rev1 STARTTLS\r\n" .. text:match("^%S+") .. " OK done\r\n"
  end)
  conn:send(said:match("^%S+") .. " OK begin\r\n")
end

local function pop3(conn)
  conn:send("+OK ready\r\n")
  until_command(conn, "^STLS", function() return "-ERR\r\n" end)
  conn:send("+OK begin\r\n")
end

local function sieve(conn)
  conn:send('"IMPLEMENTATION" "test"\r\n"STARTTLS"\r\nOK "ready"\r\n')
  until_command(conn, "^STARTTLS", function() return "NO\r\n" end)
  conn:send('OK "begin"\r\n')
end

local function postgres(conn)
  assert(conn:receive(8) == "\0\0\0\8\4\210\22\47")
  conn:send("S")
end

local function mysql(conn)
  local greeting = "\10" .. "8.0\0" .. "\1\0\0\0" .. "12345678" .. "\0" .. "\x01\xAA" .. "\33"
    .. "\2\0" .. "\0\0" .. "\21" .. ("\0"):rep(10) .. "123456789012\0" .. "mysql_native_password\0"
  conn:send(string.pack("<I3B", #greeting, 0) .. greeting)
  local request = assert(conn:receive(36))
  assert(string.unpack("<I3B", request) == 32 and string.unpack("<I4", request, 5) & 0x800 ~= 0)
end

local function xmpp(conn)
  local function upto(text)
    local seen = ""
    repeat seen = seen .. assert(conn:receive(1)) until seen:find(text)
    return seen
  end
  local head = upto("stream:stream[^>]*>")
  conn:send(("<?xml version='1.0'?><stream:stream xmlns='%s' id='1' version='1.0' from='x' "
    .. "xmlns:stream='http://etherx.jabber.org/streams'>"):format(head:match("jabber:%w+"))
    .. "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>")
  upto("<starttls[^>]*>")
  conn:send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
end

local function ldap(conn)
  local head = assert(conn:receive(2))
  local request = assert(conn:receive(head:byte(2)))
  assert(request:find("1.3.6.1.4.1.1466.20037", 1, true))
  conn:send("\x30\x0C\2\1\1\x78\7\10\1\0\4\0\4\0")
end

local dialogs = {
  smtp = numbered("220-plain.test\r\n220 ready\r\n", "^STARTTLS", "220 begin\r\n"),
  lmtp = numbered("220 ready\r\n", "^STARTTLS", "220 begin\r\n"),
  ftp = numbered("220 ready\r\n", "^AUTH TLS", "234 begin\r\n"),
  nntp = numbered("200 ready\r\n", "^STARTTLS", "382 begin\r\n"),
  imap = imap, pop3 = pop3, sieve = sieve, postgres = postgres, mysql = mysql,
  xmpp = xmpp, ["xmpp-server"] = xmpp, ldap = ldap,
}

local Server = {}
Server.__index = Server

function Server:__close() self.process:close() end

-- TLS by hand: LuaSocket may have read ahead what a client says right after its request.
local function echo(ctx, conn)
  local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  local tls = ctx:wrap_bio(incoming, outgoing, true)
  local function run(method, ...)
    while true do
      local ok, result = pcall(tls[method], tls, ...)
      conn:send(outgoing:read())
      if ok then return result end
      assert(ssl.isinstance(result, ssl.SSLWantReadError), result)
      incoming:write((assert(conn:receive(1))))
    end
  end
  run("do_handshake")
  for data in function() return run("read", 1000) end do run("write", data) end
  run("unwrap")
end

local function serve(listener, dialog, ctx)
  while true do
    local conn = assert(listener:accept())
    conn:settimeout(10)
    pcall(function()
      dialog(conn)
      echo(ctx, conn)
    end)
    pcall(conn.close, conn)
  end
end

--- Starts one that speaks `protocol` (a name, or a function that gets the connection) and
--- then TLS with the identity, sending back what it gets. `configure` (function) may change
--- its context. It has a `port`, and is to be closed. Unlike a server of ssl.testing, it tells
--- nobody of its connections, so there can be thousands of them.
return function(protocol, identity, configure)
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  local process = low.fork(function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if configure then configure(ctx) end
    identity:configure_cert(ctx)
    serve(listener, dialogs[protocol] or protocol, ctx)
  end, listener:getfd())
  listener:close()
  return setmetatable({ process = process, port = math.tointeger(tonumber(port)) }, Server)
end
