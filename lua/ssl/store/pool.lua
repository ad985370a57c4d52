-- ssl/store/pool.lua - connections to one store, and how long to leave a store alone that
-- has failed: a handshake may wait for it now and then, but not each one.
-- SPDX-License-Identifier: MIT

local socket = require "socket"
local Link = require "ssl.store.link"

-- Seconds that a store is left alone after its first failure; each doubles them.
local FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1

-- And for how long it may leave a sign of life owing.
local LONGEST_WAIT = 10

-- The least wait for an answer, as a share of the timeout.
local LEAST_WAIT = 0.2

local Pool = {}
Pool.__index = Pool

-- `options`: Link.open's, `timeout` and `connections`; `protocol`: what differs between
-- stores: greet(link, deadline, wait), iserror(line), and `question`, a command whose
-- answer, a line, matches `answer`.
function Pool.new(options, protocol)
  return setmetatable({ options = options, protocol = protocol, idle = {}, open = 0,
    pause = 0, till = 0, trying = false, late = false, failures = 0 }, Pool)
end

local function drop(self, link)
  self.open = self.open - 1
  link:close()
end

-- What becomes of a link whose call does not return: dropped, unless `guard.link` is nil.
local Guard = {}

function Guard.__close(guard)
  if guard.link then drop(guard.pool, guard.link) end
end

local function guarded(self, link) return setmetatable({ pool = self, link = link }, Guard) end

function Pool:close()
  for i = #self.idle, 1, -1 do
    drop(self, table.remove(self.idle, i))
  end
  if self.probe then
    drop(self, self.probe)
    self.probe = nil
  end
end

-- Leaves the store alone for some time, and raises. Of many calls that fail together one
-- counts for that.
local function fail(self, problem)
  self.failures = self.failures + 1
  if self.pause == 0 or self.trying then
    self.pause = math.min(math.max(self.pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
    self.till, self.trying = socket.gettime() + self.pause, false
  end
  self:close()
  error(problem, 0)
end

-- Keeps the place of a connection that is being made.
local Place = { close = function() end }

-- A new link, that is ready for commands.
local function connect(self, deadline, wait)
  if self.open >= self.options.connections then
    self.failures = self.failures + 1
    error("all connections to the store are in use", 0)
  end
  self.open = self.open + 1
  local guard <close> = guarded(self, Place)
  local link, problem = Link.open(self.options, deadline, wait)
  if not link then fail(self, problem) end
  guard.link = link
  local greeted
  greeted, problem = self.protocol.greet(link, deadline, wait)
  if not greeted then fail(self, problem) end
  guard.link = nil
  return link
end

-- The store has answered.
local function recover(self)
  self.pause, self.trying, self.late = 0, false, false
end

-- Counts what a command has come to that nobody waits for.
local function told(self, line)
  if self.protocol.iserror(line) then
    self.failures = self.failures + 1
  else
    recover(self)
  end
end

-- Is an idle link still good? Takes the answers that it was owed.
local function settle(self, link)
  return link:settle(function(line) told(self, line) end)
end

-- Has the probe been answered, as it should? Drops one that never will be.
local function answered(self)
  local link, right = self.probe, nil
  local good = link:settle(function(line) right = line:find(self.protocol.answer) ~= nil end)
  if right then
    self.idle[#self.idle + 1], self.probe = link, nil
    recover(self)
  elseif not good or right == false or socket.gettime() > link.asked + LONGEST_WAIT then
    self.probe, self.trying = nil, true
    drop(self, link)
    pcall(fail, self, "")
  end
  return right
end

-- Asks the store for a sign of life, for which nobody waits: later calls look for it.
local function ask_for_life(self, wait)
  local now = socket.gettime()
  self.till, self.trying = now + self.options.timeout, true
  local link = connect(self, now + self.options.timeout, wait)
  if link:send(self.protocol.question) then
    link.owed, link.asked = 1, now
    self.probe = link
  else
    drop(self, link)
    fail(self, "closed")
  end
end

-- Raises while the store is to be left alone, and looks whether it is back.
local function check(self, wait)
  if self.pause == 0 then return end
  if not self.probe and socket.gettime() >= self.till then ask_for_life(self, wait) end
  if self.probe and answered(self) then return end
  self.failures = self.failures + 1
  error("the store has failed: left alone for now", 0)
end

-- A link that was used before, or nil.
local function reuse(self)
  while #self.idle > 0 do
    local link = table.remove(self.idle)
    if settle(self, link) then return link end
    drop(self, link)
  end
end

local function give(self, guard)
  self.idle[#self.idle + 1], guard.link = guard.link, nil
end

-- How long to wait for an answer: as long as earlier ones make likely (as RFC 6298 does for
-- packets), within the timeout. So a store that freezes is found out soon.
local function patience(self)
  local longest = self.options.timeout
  if not self.usual then return longest end
  return math.min(longest, math.max(LEAST_WAIT * longest, self.usual + 8 * self.spread))
end

local function learn(self, took)
  if not self.usual then
    self.usual, self.spread = took, took / 2
  else
    self.spread = 0.75 * self.spread + 0.25 * math.abs(took - self.usual)
    self.usual = 0.875 * self.usual + 0.125 * took
  end
end

-- Sends the command and reads the answer by `read(link, deadline, wait)`; true and it, or
-- false and the problem.
local function exchange(self, link, command, read, deadline, wait)
  local guard <close> = guarded(self, link)
  local start = socket.gettime()
  local sent, problem = link:send(command)
  if not sent then return false, problem end
  while link.owed > 0 do
    local line
    line, problem = link:line(deadline, wait)
    if not line then return false, problem end
    told(self, line)
    link.owed = link.owed - 1
  end
  local answer, wrong = read(link, deadline, wait)
  if wrong then return false, wrong end
  give(self, guard)
  recover(self)
  learn(self, socket.gettime() - start)
  return true, answer
end

-- What the store answers to a command, which `read` reads: it returns the answer, or nil
-- and a problem. May yield by the waiter. Raises.
function Pool:ask(command, read, wait)
  check(self, wait)
  local now = socket.gettime()
  local deadline = now + self.options.timeout
  local link = reuse(self)
  if link then
    local ok, answer = exchange(self, link, command, read, now + patience(self), wait)
    if ok then return answer end
    if answer == "timeout" and not self.late then  -- one late answer proves nothing
      self.failures, self.late = self.failures + 1, true
      error(answer, 0)
    elseif answer ~= "closed" then  -- else the store was started anew
      fail(self, answer)
    end
  end
  link = connect(self, deadline, wait)
  local ok, answer = exchange(self, link, command, read, deadline, wait)
  if not ok then fail(self, answer) end
  return answer
end

-- Sends on the link, whose answer nobody waits for: true; or nil and the problem.
local function post(self, link, command)
  local guard <close> = guarded(self, link)
  local sent, problem = link:send(command)
  if not sent then return nil, problem end
  link.owed = link.owed + 1
  give(self, guard)
  return true
end

-- Sends a command whose answer, a line, nobody waits for. Never yields; blocks only to
-- connect, and no longer than the timeout. Raises.
function Pool:tell(command)
  check(self)
  local link = reuse(self)
  if link then
    local ok, problem = post(self, link, command)
    if ok then return end
    if problem ~= "closed" then fail(self, problem) end
  end
  link = connect(self, socket.gettime() + self.options.timeout)
  local ok, problem = post(self, link, command)
  if not ok then fail(self, problem) end
end

return Pool
