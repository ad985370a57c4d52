-- The manual's examples in a state that a host limits: what they need is made before the
-- limits are set, in the same state. Half of this runs in the spec, half in that state.

local embedder = require "embedder"

local M = {}

-- In the host's state: `prepare` makes the fixtures that an example names, `attempt` runs it
-- and tells how it ended.
local inside = [[
  package.path, package.cpath = ...
  warn = function() end
  ssl = require "ssl"
  fixtures = require "support.fixtures"
  environments = {}

  function prepare(name, source, page)
    local env = fixtures.open(page)
    for word in source:gmatch("[%a_][%w_]*") do local _ = env[word] end
    env.name = "localhost"
    environments[name] = env
  end

  function attempt(name, source)
    local chunk = assert(load(source, "=" .. name, "t", environments[name]))
    local refusals = ssl.counters().refusals
    local ok, err = pcall(chunk)
    if ok then return "free" end
    refusals = ssl.counters().refusals - refusals
    return type(err) == "table" and err.limit or refusals > 0 and "refused"
      or "error: " .. tostring(err)
  end
]]

local function run(host, ...)
  local ok, text = host:run(...)
  if not ok then error(text, 2) end
  return text
end

--- Runs examples, {name = {source, page of the manual}}, under limits; how each ended:
-- "free", the name of the limit that refused it, "refused" where another error told of it,
-- or "error: ...".
function M.outcomes(examples, limits)
  local host <close> = embedder.new("all")
  run(host, inside, package.path, package.cpath)
  for name, example in pairs(examples) do
    run(host, "prepare(...)", name, example[1], example[2])
  end
  host:setlimits(limits)
  local outcomes = {}
  for name, example in pairs(examples) do
    outcomes[name] = run(host, "return attempt(...)", name, example[1])
  end
  run(host, "for _, env in pairs(environments) do pcall(fixtures.close, env) end")
  return outcomes
end

return M
