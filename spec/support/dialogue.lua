-- Servers that speak in plain before TLS begins, each in a process of its own and for
-- one client: SMTP, IMAP, PostgreSQL, FTP.

local low = require "_ssl_testing"
local socket = require "socket"

local M = {}

-- Goes on under TLS: calls f with the connection and a file of it.
local function secure(ctx, tcp, f)
  local conn <close> = ctx:wrap_socket(tcp, { server_side = true })
  conn:settimeout(10)
  local file <close> = conn:makefile("rw")
  f(file)
  pcall(conn.recv, conn)  -- the client's end, or a reset
end

local function expect(reader, wanted)
  local line = reader() or "nothing"
  assert(line:upper():find(wanted), "not " .. wanted .. ": " .. line)
  return line
end

local function lines_of(tcp)
  return function() return (tcp:receive()) end
end

local function lines_of_file(file)
  return function()
    local line = file:read("l")
    return line and line:gsub("\r$", "")
  end
end

function M.smtp(ctx, tcp)
  local line = lines_of(tcp)
  tcp:send("220-mail.test\r\n220 ESMTP\r\n")
  expect(line, "^EHLO ")
  tcp:send("250-mail.test\r\n250 STARTTLS\r\n")
  expect(line, "^STARTTLS$")
  tcp:send("220 go ahead\r\n")
  secure(ctx, tcp, function(file)
    expect(lines_of_file(file), "^EHLO ")
    file:write("250 AUTH PLAIN\r\n")
  end)
end

function M.imap(ctx, tcp)
  local line = lines_of(tcp)
  tcp:send("* OK ready\r\n")
  local tag = expect(line, "^%w+ STARTTLS$"):match("^%w+")
  tcp:send(tag .. " OK begin\r\n")
  secure(ctx, tcp, function(file)
    expect(lines_of_file(file), "^%w+ CAPABILITY$")
    file:write("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
  end)
end

function M.postgresql(ctx, tcp)
  local length, code = string.unpack(">I4I4", (tcp:receive(8)))
  assert(length == 8 and code == 80877103)
  tcp:send("S")
  ctx:set_alpn_protocols({ "postgresql" })
  local conn <close> = ctx:wrap_socket(tcp, { server_side = true })
  assert(conn:selected_alpn_protocol() == "postgresql")
  pcall(conn.recv, conn)
end

function M.postgresql_without(_, tcp)
  tcp:receive(8)
  tcp:send("N")
  tcp:receive(1)
end

-- The dialogue of a client that lists a folder. A data connection that does not resume the
-- session of the control connection is refused.
local function list_folder(ctx, file)
  local line = lines_of_file(file)
  local function answer(wanted, text)
    expect(line, wanted)
    file:write(text, "\r\n")
  end
  answer("^USER ", "331 password")
  answer("^PASS ", "230 welcome")
  answer("^PBSZ 0$", "200 fine")
  answer("^PROT P$", "200 fine")
  local listener = assert(socket.bind("127.0.0.1", 0))
  answer("^EPSV$", ("229 here (|||%d|)"):format((select(2, listener:getsockname()))))
  local data = assert(listener:accept())
  listener:close()
  answer("^LIST$", "150 here it comes")
  local list = ctx:wrap_socket(data, { server_side = true })
  assert(list.session_reused, "522 another client")
  list:sendall("one.txt\r\ntwo.txt\r\n")
  list:unwrap():close()
  file:write("226 done\r\n")
end

function M.ftp(ctx, tcp)
  tcp:send("220 ready\r\n")
  expect(lines_of(tcp), "^AUTH TLS$")
  tcp:send("234 go ahead\r\n")
  secure(ctx, tcp, function(file) list_folder(ctx, file) end)
end

local Server = {}
Server.__index = Server

function Server:__close() self.process:close() end

--- What ended the server: "done", or its error.
function Server:outcome()
  return (assert(self.process:read(10000)))
end

--- Starts a server of this name, for one client. The object has a `port`, and is to be
--- closed.
function M.start(name, ctx)
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  local process = low.fork(function(tell)
    local tcp = assert(listener:accept())
    tcp:settimeout(10)
    local ok, err = pcall(M[name], ctx, tcp)
    tell(ok and "done" or tostring(err))
  end, listener:getfd())
  listener:close()
  return setmetatable({ port = math.tointeger(tonumber(port)), process = process }, Server)
end

return M
