-- ssl/waiter/plain.lua - a LuaSocket TCP object that waits by a waiter.
-- SPDX-License-Identifier: MIT

local socket = require "socket"

local Plain = {}

-- Other methods are LuaSocket's own.
function Plain:__index(name)
  local method = Plain[name]
  if method == nil and type(self.sock[name]) == "function" then
    method = function(this, ...)
      return this.sock[name](this.sock, ...)
    end
  end
  return method
end

function Plain:__tostring()
  return tostring(self.sock)
end

Plain.__close = function(self) self.sock:close() end

-- Waits until the deadline; whether it is worth another attempt.
local function again(self, event, deadline)
  local left = deadline and deadline - socket.gettime()
  return (not left or left > 0) and self.wait(self.sock, event, left) ~= false
end

local function deadline(self)
  return self.timeout and socket.gettime() + self.timeout
end

function Plain:settimeout(seconds)
  self.timeout = seconds and seconds >= 0 and seconds or nil
  return 1
end

function Plain:gettimeout()
  return self.timeout or -1, -1
end

-- On Windows a second connect does not tell how the first one ended, but tries again.
local ASKS = package.config:sub(1, 1) == "\\"

-- One address; LuaSocket's results.
local function connect(self, host, port, over)
  local ok, err = self.sock:connect(host, port)
  while not ok and (err == "timeout" or err == "Operation already in progress") do
    if not again(self, "write", over) then
      return nil, "timeout"
    end
    local failed = ASKS and self.sock:getoption("error")
    if failed then
      return nil, failed
    end
    ok, err = self.sock:connect(host, port)
  end
  if ok or err == "already connected" then
    return 1
  end
  return nil, err
end

-- The addresses of a host one by one; LuaSocket itself tries only the first of a
-- socket that does not block, and keeps its family: hence another socket for each.
function Plain:connect(host, port)
  local over, agnostic = deadline(self), self.sock:getfd() < 0
  local found = agnostic and socket.dns.getaddrinfo(host) or { { addr = host } }
  local ok, err
  for i, entry in ipairs(found) do
    if i > 1 then
      self.sock:close()
      self.sock = socket.tcp()
      self.sock:settimeout(0)
    end
    ok, err = connect(self, entry.addr, port, over)
    if ok or err == "timeout" then
      break
    end
  end
  return ok, err
end

function Plain:accept()
  local over = deadline(self)
  local sock, err = self.sock:accept()
  while not sock and err == "timeout" and again(self, "read", over) do
    sock, err = self.sock:accept()
  end
  return sock and Plain.new(sock, self.wait), err
end

function Plain:receive(pattern, prefix)
  local over = deadline(self)
  local data, err, part = self.sock:receive(pattern, prefix)
  while not data and err == "timeout" and again(self, "read", over) do
    data, err, part = self.sock:receive(pattern, part)
  end
  return data, err, part
end

function Plain:send(data, i, j)
  local over = deadline(self)
  local last, err, sent = self.sock:send(data, i, j)
  while not last and err == "timeout" and again(self, "write", over) do
    last, err, sent = self.sock:send(data, sent + 1, j)
  end
  return last, err, sent
end

-- Without a waiter LuaSocket itself blocks.
function Plain.new(sock, wait)
  local self = setmetatable({ sock = sock, wait = wait }, Plain)
  if wait then
    sock:settimeout(0)
    return self
  end
  return sock
end

return Plain.new
