-- ssl/command/starttls.lua - the words by which protocols go over to TLS. What a server
-- says before TLS is anybody's word: lines and packets are short, or refused.
-- SPDX-License-Identifier: MIT

local socket = require "socket"
local ssl = require "ssl"

local M = {}

local MOST_LINE, MOST_LINES, MOST_PACKET = 4096, 200, 65536

local Plain = {}
Plain.__index = Plain

local function refuse(format, ...)
  error(ssl.OSError(format:format(...)))
end

function Plain:fail(text)
  if text == "timeout" then
    error(ssl.TimeoutError("the server did not answer in time, before TLS"))
  elseif text == "closed" then
    refuse("the server closed the connection before TLS: does it speak %s here?", self.protocol)
  end
  refuse("before TLS: %s", text)
end

function Plain:limit()
  self.sock:settimeout(math.max(self.deadline - socket.gettime(), 0))
end

function Plain:send(bytes)
  self:limit()
  local ok, text = self.sock:send(bytes)
  if not ok then self:fail(text) end
end

function Plain:bytes(count)
  self:limit()
  local bytes, text = self.sock:receive(count)
  if not bytes then self:fail(text) end
  return bytes
end

-- A line without its end. Byte by byte, so that no more is read than the line.
function Plain:line()
  local out = {}
  repeat
    local byte = self:bytes(1)
    out[#out + 1] = byte
    if #out > MOST_LINE then refuse("the server's line is too long before TLS") end
  until byte == "\n"
  return (table.concat(out):gsub("\r?\n$", ""))
end

-- Bytes up to and with a text; at most a packet's.
function Plain:upto(text)
  local bytes = ""
  repeat
    bytes = bytes .. self:bytes(1)
    if #bytes > MOST_PACKET then refuse("the server says too much before TLS") end
  until bytes:sub(-#text) == text
  return bytes
end

-- Reads lines until one that `last` matches; that one must match `good`, too.
function Plain:answer(last, good)
  for _ = 1, MOST_LINES do
    local line = self:line()
    if line:find(last) then
      if line:find(good) then return line end
      refuse("the server does not start TLS for %s: it says '%s'", self.protocol, line:sub(1, 200))
    end
  end
  refuse("the server says too much before TLS")
end

-- Protocols whose answers are lines with three digits.
local function numbered(greeting, hello, command, good)
  return function(plain)
    plain:answer("^%d%d%d ", "^" .. greeting)
    if hello then
      plain:send(hello .. "\r\n")
      plain:answer("^%d%d%d ", "^2")
    end
    plain:send(command .. "\r\n")
    plain:answer("^%d%d%d ", "^" .. good)
  end
end

local function tagged(plain)  -- RFC 9051
  plain:answer("^%* ", "^%* OK")
  plain:send("a STARTTLS\r\n")
  plain:answer("^a ", "^a OK")
end

local function pop3(plain)  -- RFC 2595
  plain:answer("^[%+%-]", "^%+OK")
  plain:send("STLS\r\n")
  plain:answer("^[%+%-]", "^%+OK")
end

local function sieve(plain)  -- RFC 5804
  plain:answer("^%u%u", "^OK")
  plain:send("STARTTLS\r\n")
  plain:answer("^%u%u", "^OK")
end

local function postgres(plain)
  plain:send(string.pack(">I4I2I2", 8, 1234, 5679))
  local answer = plain:bytes(1)
  if answer ~= "S" then
    refuse("the server does not start TLS for postgres: it says '%s'", answer)
  end
end

local CLIENT_SSL = 0x800  -- of MySQL's capabilities

local function mysql(plain)
  local size = string.unpack("<I3", plain:bytes(4))
  local packet = plain:bytes(math.max(1, math.min(size, MOST_PACKET)))
  local at = packet:byte() == 10 and select(2, packet:find("^\10[^\0]*\0............."))
  local capabilities = at and #packet >= at + 2 and string.unpack("<I2", packet, at + 1)
  if not capabilities or capabilities & CLIENT_SSL == 0 then
    refuse("the server does not offer TLS for mysql")
  end
  plain:send(string.pack("<I3BI4I4B", 32, 1, CLIENT_SSL | 0x8201, 1 << 24, 33) .. ("\0"):rep(23))
end

local function xmpp(namespace)  -- RFC 6120
  return function(plain)
    plain:send(("<?xml version='1.0'?><stream:stream xmlns='%s' version='1.0' to='%s' "
      .. "xmlns:stream='http://etherx.jabber.org/streams'>"):format(namespace, plain.name))
    plain:upto("</stream:features>")
    plain:send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    local answer = plain:upto(">")
    if not answer:find("<proceed") then
      refuse("the server does not start TLS for xmpp: it says '%s'", answer:sub(1, 200))
    end
  end
end

local LDAP_STARTTLS = "\x30\x1D\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"

local function ldap(plain)  -- RFC 4511, 4.14
  plain:send(LDAP_STARTTLS)
  local head = plain:bytes(2)
  local size = head:byte(2)
  if size >= 0x80 then  -- the long form
    size = string.unpack(">I" .. math.max(1, math.min(size & 0x7F, 4)),
      plain:bytes(math.max(1, math.min(size & 0x7F, 4))))
  end
  local body = plain:bytes(math.max(1, math.min(size, MOST_PACKET)))
  if head:byte() ~= 0x30 or not body:find("^\2\1\1\x78[^\n][^\n]-\10\1\0") then
    refuse("the server does not start TLS for ldap")
  end
end

local protocols = {
  smtp = numbered("220", "EHLO lua-ssl", "STARTTLS", "220"),  -- RFC 3207
  lmtp = numbered("220", "LHLO lua-ssl", "STARTTLS", "220"),
  ftp = numbered("220", nil, "AUTH TLS", "234"),              -- RFC 4217
  nntp = numbered("20", nil, "STARTTLS", "382"),              -- RFC 4642
  imap = tagged, pop3 = pop3, sieve = sieve, postgres = postgres, mysql = mysql, ldap = ldap,
  xmpp = xmpp("jabber:client"), ["xmpp-server"] = xmpp("jabber:server"),
}

--- The names of the protocols, and the port of each.
M.PORTS = { smtp = 25, lmtp = 24, ftp = 21, nntp = 119, imap = 143, pop3 = 110, sieve = 4190,
  postgres = 5432, mysql = 3306, ldap = 389, xmpp = 5222, ["xmpp-server"] = 5269 }

M.NAMES = {}
for name in pairs(protocols) do M.NAMES[#M.NAMES + 1] = name end
table.sort(M.NAMES)

--- Leads a connected LuaSocket object to where TLS begins. `name` is the host's.
--- Raises OSError and TimeoutError.
function M.start(protocol, sock, name, deadline)
  local plain = setmetatable({ sock = sock, name = name, protocol = protocol,
    deadline = deadline }, Plain)
  protocols[protocol](plain)
  if sock:dirty() then
    refuse("the server, or somebody on the way, has sent bytes in the clear where TLS should begin")
  end
end

return M
