-- HTTPS through an HTTPS proxy: one TLS connection inside another. Usage:
--   lua examples/tls_in_tls.lua
-- starts an origin and a proxy and prints what the origin says through the proxy.

local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"

-- A TLS client whose bytes are sent and received by another connection.
local Tunnel = {}
Tunnel.__index = Tunnel

function Tunnel.new(ctx, outer, server_hostname)
  local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  local inner = ctx:wrap_bio(incoming, outgoing, { server_hostname = server_hostname })
  return setmetatable({ outer = outer, inner = inner, incoming = incoming, outgoing = outgoing },
    Tunnel)
end

-- Calls a method of the inner connection until it has what it wants.
function Tunnel:call(method, ...)
  while true do
    local ok, result = pcall(self.inner[method], self.inner, ...)
    if self.outgoing.pending > 0 then
      self.outer:sendall(self.outgoing:read())
    end
    if ok then
      return result
    elseif not ssl.isinstance(result, ssl.SSLWantReadError) then
      error(result, 0)
    end
    local data = self.outer:recv(16384)
    if data then
      self.incoming:write(data)
    else
      self.incoming:write_eof()
    end
  end
end

-- The head of an HTTP message, read byte by byte: what follows it is not ours.
local function head(conn)
  local text = ""
  while not text:find("\r\n\r\n$") do
    text = text .. (conn:recv(1) or error("the connection ended"))
  end
  return text
end

-- A proxy that joins what says CONNECT to where it wants to go.
local function proxy(conn)
  local port = head(conn):match("^CONNECT localhost:(%d+) ")
  local origin = assert(socket.connect("127.0.0.1", tonumber(port)))
  conn:sendall("HTTP/1.1 200 Connection established\r\n\r\n")
  local raw = { getfd = function() return origin:getfd() end }
  origin:settimeout(0)
  while true do
    local ready = socket.select({ conn, raw })
    local from = ready[conn] and "client" or "origin"
    if from == "client" then
      local data = conn:recv(16384)
      if not data then break end
      origin:settimeout(10)
      origin:send(data)
      origin:settimeout(0)
    else
      local data, err, part = origin:receive(16384)
      data = data or part
      if data ~= "" then conn:sendall(data) end
      if err == "closed" then break end
    end
  end
  origin:close()
end

local ca = testing.CA()
local origin <close> = testing.https({ ["/"] = "Hello through two tunnels.\n" }, { ca = ca })
local proxy_server <close> = testing.server({ ca = ca, handler = proxy })

local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ca:configure_trust(ctx)

local tcp = assert(socket.connect("127.0.0.1", proxy_server.port))
local outer <close> = ctx:wrap_socket(tcp, { server_hostname = "localhost" })
outer:sendall(("CONNECT localhost:%d HTTP/1.1\r\nHost: localhost\r\n\r\n"):format(origin.port))
assert(head(outer):find("^HTTP/1.1 200 "))

local tunnel = Tunnel.new(ctx, outer, "localhost")
tunnel:call("do_handshake")
tunnel:call("write", "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
local parts = {}
repeat
  parts[#parts + 1] = tunnel:call("read", 16384)
  local text = table.concat(parts)
  local length = tonumber(text:match("[Cc]ontent%-[Ll]ength: (%d+)"))
until length and #text:match("\r\n\r\n(.*)") >= length
print(outer:version() .. " around " .. tunnel.inner:version())
io.write(table.concat(parts):match("\r\n\r\n(.*)"))
