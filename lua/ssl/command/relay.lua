-- ssl/command/relay.lua - standard input to a connection, and the connection to standard
-- output, both at once.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local scheduler = require "ssl.waiter".scheduler
local terminal = require "ssl.command.terminal"

local MOST = 16384

local windows = package.config:sub(1, 1) == "\\"

local input = { getfd = function() return 0 end }

-- What standard input has next; nil at its end. Windows cannot wait for it: there the whole
-- of it is read first.
local function next_input()
  if windows then
    local data = io.stdin:read("a")
    return data ~= "" and data or nil
  end
  scheduler.wait(input, "read")
  return _ssl._readinput(MOST)
end

-- Sends the input. Returns whether the server's answer is still to be waited for.
local function send(conn, half_close)
  local sent = 0
  for data in next_input do
    if data ~= "" then conn:sendall(data) end
    sent = sent + #data
  end
  if half_close then
    conn:send_close_notify()
  end
  return half_close or sent > 0 and not _ssl._isterminal(0)
end

local function receive(conn)
  for data in function() return conn:recv(MOST) end do
    if not io.stdout:write(data) or not io.stdout:flush() then
      error(terminal.CLOSED, 0)
    end
  end
end

--- Runs until the server ends the connection. At the end of the input it goes on to read,
--- unless nothing was sent or the input is a terminal; with `half_close` the server is told
--- of the end. Raises what the connection raises.
return function(conn, half_close)
  local over = false
  local receiver = scheduler.spawn(function()
    receive(conn)
    over = true
  end)
  local sender = scheduler.spawn(function()
    if not send(conn, half_close) then over = true end
  end)
  scheduler.run(function() return over end)
  coroutine.close(sender)
  coroutine.close(receiver)
end
