-- ssl/store/link.lua - a connection to a store: plain or TLS, and never blocking by
-- itself. What has to wait takes a deadline and a waiter, which may yield.
-- SPDX-License-Identifier: MIT

local socket = require "socket"
local _ssl = require "_ssl"
local Pause = require "ssl.waiter.pause"
local plain = require "ssl.waiter.plain"

-- A line or a value that is longer than these is no answer of a store.
local LONGEST_LINE, LARGEST_VALUE = 4096, 1 << 20

local Link = {}
Link.__index = Link

-- Waits for the socket, by the waiter or by blocking; false at the deadline.
local function ready(sock, event, deadline, wait)
  local left = deadline - socket.gettime()
  if left <= 0 then return false end
  if wait then
    wait(sock, event, left)
  else
    Pause.new(sock, event, left):block()
  end
  return socket.gettime() < deadline
end

-- One attempt at a call of an SSLSocket: its result, or nil and what it waits for, "read"
-- or "write", or else the error.
local function attempt(conn, method, ...)
  local ok, result = pcall(conn[method], conn, ...)
  if ok then return result or true end
  if _ssl.isinstance(result, _ssl.SSLWantReadError) then return nil, "read" end
  if _ssl.isinstance(result, _ssl.SSLWantWriteError) then return nil, "write" end
  return nil, tostring(result)
end

local function handshake(conn, deadline, wait)
  local ok, what
  repeat
    ok, what = attempt(conn, "do_handshake")
    local again = not ok and (what == "read" or what == "write")
      and ready(conn, what, deadline, wait)
  until ok or not again
  return ok, what == "read" and "timeout" or what == "write" and "timeout" or what
end

local function secure(sock, options, deadline, wait)
  local conn = options.tls:wrap_socket(sock, {
    server_hostname = options.server_hostname, do_handshake_on_connect = false, timeout = 0,
  })
  local ok, problem = handshake(conn, deadline, wait)
  if ok then return conn end
  conn:close()
  return nil, problem
end

local function connect(options, deadline, wait)
  local sock = options.path and require("socket.unix")() or socket.tcp()
  sock = plain(sock, function(object, event, left)
    return ready(object, event, socket.gettime() + (left or 0), wait)
  end)
  sock:settimeout(deadline - socket.gettime())
  local ok, problem = sock:connect(options.path or options.host, options.port)
  if ok then return sock.sock end
  sock:close()
  return nil, problem
end

-- Connects as the options say: `path`, or `host` and `port`; `tls`, `server_hostname`.
-- Returns the link; or nil and the problem.
function Link.open(options, deadline, wait)
  local sock, problem = connect(options, deadline, wait)
  if not sock then return nil, problem end
  sock:settimeout(0)
  local conn = sock
  if options.tls then
    conn, problem = secure(sock, options, deadline, wait)
    if not conn then return nil, problem end
  elseif not options.path then
    sock:setoption("tcp-nodelay", true)
  end
  return setmetatable({ conn = conn, tls = options.tls ~= nil, buffer = "", owed = 0 }, Link)
end

function Link:close() self.conn:close() end

-- Sends all of it at once; or nil and the problem, and the link is of no more use.
function Link:send(data)
  if self.tls then
    return attempt(self.conn, "sendall", data)
  end
  local last, problem = self.conn:send(data)
  return last, problem
end

-- Reads what has come into the buffer: true; or nil and what it waits for, or the problem.
function Link:fill()
  if self.tls then
    local data, problem = attempt(self.conn, "recv", 16384)
    if not data then return nil, problem end
    if data == true then return nil, "closed" end
    self.buffer = self.buffer .. data
    return true
  end
  local data, problem, part = self.conn:receive(16384)
  data = data or part
  if data ~= "" then
    self.buffer = self.buffer .. data
    return true
  end
  return nil, problem == "timeout" and "read" or problem
end

-- Reads more before the deadline.
function Link:more(deadline, wait)
  local ok, what
  repeat
    ok, what = self:fill()
    if not ok and what ~= "read" and what ~= "write" then return nil, what end
  until ok or not ready(self.conn, what, deadline, wait)
  return ok, not ok and "timeout" or nil
end

local function cut(self, size, rest)
  local data = self.buffer:sub(1, size)
  self.buffer = self.buffer:sub(size + rest + 1)
  return data
end

-- The next line, without its end; or nil and the problem.
function Link:line(deadline, wait)
  while true do
    local at = self.buffer:find("\r\n", 1, true)
    if at then return cut(self, at - 1, 2) end
    if #self.buffer > LONGEST_LINE then return nil, "a line without an end" end
    local ok, problem = self:more(deadline, wait)
    if not ok then return nil, problem end
  end
end

-- The next `size` bytes and the end of their line; or nil and the problem.
function Link:bytes(size, deadline, wait)
  if not size or size > LARGEST_VALUE then return nil, "a value too large" end
  while #self.buffer < size + 2 do
    local ok, problem = self:more(deadline, wait)
    if not ok then return nil, problem end
  end
  if self.buffer:sub(size + 1, size + 2) ~= "\r\n" then return nil, "a value without an end" end
  return cut(self, size, 2)
end

-- Takes the answers of commands that nobody waits for, as far as they have come: each is
-- a line. `told` gets each.
function Link:settle(told)
  while self.owed > 0 do
    local at = self.buffer:find("\r\n", 1, true)
    if at then
      told(cut(self, at - 1, 2))
      self.owed = self.owed - 1
    else
      local ok, what = self:fill()
      if not ok then return what == "read" or what == "write", what end
      if #self.buffer > LONGEST_LINE * 16 then return false, "a line without an end" end
    end
  end
  return true
end

return Link
