-- ssl/context/keeper.lua - keeps what is fetched from an authority up to date: when to
-- fetch again, and how long to wait after a failure. For ssl.stapler and ssl.crl_keeper.
-- SPDX-License-Identifier: MIT

local prelude = require "ssl.base.prelude"

local M = {}

-- Seconds: the shortest and the longest time between two fetches, of failures too.
local SHORTEST, LONGEST = 60, 3600

-- What an answer without an end is good for.
local DAY = 86400

-- How much of a body is read, and how long one fetch may take in each step.
local BODY, PATIENCE = 20 * 1024 * 1024, 10

-- The default `fetch`: LuaSocket's http. Returns the body, or nil and a text.
function M.fetch(url, request)
  local http, ltn12 = require "socket.http", require "ltn12"
  local parts, size = {}, 0
  local _, code = http.request{
    url = url, method = request and "POST" or "GET", redirect = request == nil,
    headers = request and { ["content-type"] = "application/ocsp-request",
      ["content-length"] = #request } or nil,
    source = request and ltn12.source.string(request) or nil,
    create = function()
      local tcp = require("socket").tcp()
      tcp:settimeout(PATIENCE)
      return tcp
    end,
    sink = function(part)
      size = size + #(part or "")
      if size > BODY then return nil, "the answer is too long" end
      parts[#parts + 1] = part
      return 1
    end,
  }
  if code ~= 200 then
    return nil, type(code) == "number" and ("HTTP status %d"):format(code) or tostring(code)
  end
  return table.concat(parts)
end

local options = { context = "userdata", fetch = "function", clock = "function",
  random = "function", urls = "table", url = "string" }

-- The options of a call, checked; `accepted` are those that the call has.
function M.options(name, given, accepted)
  if type(given) ~= "table" then prelude.typeerror(1, name, "table", given) end
  local known = {}
  for word in accepted:gmatch("%w+") do known[word] = true end
  for key, value in pairs(given) do
    if not known[key] then
      prelude.valueerror("unexpected option '%s' for '%s'", tostring(key), name)
    elseif type(value) ~= options[key] then
      prelude.valueerror("option '%s' of '%s' has to be a %s", key, name, options[key])
    end
  end
  return given
end

local Keeper = {}
Keeper.__index = Keeper

-- A keeper of one thing. `work()` fetches it, and returns since when and until when (nil: not
-- said) it holds, or nil and a text. What it raises is a failure like another.
function M.new(work, settings)
  return setmetatable({ work = work, clock = settings.clock or os.time,
    random = settings.random or math.random, at = 0, failures = 0 }, Keeper)
end

-- Seconds until the next fetch; 0 if that is due.
function Keeper:due()
  return math.max(0, self.at - self.clock())
end

local function bounded(seconds)
  return math.min(math.max(seconds, SHORTEST), LONGEST)
end

-- After a failure: a minute, two, four, up to an hour, and half of that more or less, so that
-- many servers do not come back at once.
local function pause(failures, random)
  local seconds = bounded(SHORTEST * 2 ^ math.min(failures - 1, 10))
  return seconds * (0.75 + random() / 2)
end

-- Halfway to the end, at the latest in an hour, for many fetch what they need early.
local function rest(now, since, till, random)
  local half = ((till or since + DAY) - now) / 2
  return bounded(half) * (0.75 + random() / 4)
end

-- Fetches now, unless another coroutine does. Returns true, or nil and a text.
function Keeper:refresh()
  if self.busy then return nil, "already under way" end
  self.busy = true
  local ok, since, till = pcall(self.work)
  self.busy = nil
  local now = self.clock()
  if ok and since then
    self.failures, self.problem = 0, nil
    self.at = math.ceil(now + rest(now, since, till, self.random))
    return true
  end
  self.failures = self.failures + 1
  self.problem = tostring(ok and till or since)
  self.at = math.ceil(now + pause(self.failures, self.random))
  return nil, self.problem
end

-- Several keepers as one ------------------------------------------------------------

-- Refreshes them all: true, or nil and the first text of a failure.
function M.refresh(keepers)
  local problem
  for _, keeper in ipairs(keepers) do
    local ok, text = keeper:refresh()
    if not ok then problem = problem or text end
  end
  return problem == nil or nil, problem
end

-- Refreshes those that are due; seconds until the next one is.
function M.tick(keepers)
  local wait = LONGEST
  for _, keeper in ipairs(keepers) do
    if keeper:due() == 0 then keeper:refresh() end
    wait = math.min(wait, keeper:due())
  end
  return wait
end

return M
