-- How many sessions a fleet of any size resumes: a simulation, in which machines have clocks
-- that differ, learn a new secret at different times, and are restarted.
--   lua5.4 examples/fleet/simulation.lua [MACHINES [VISITS [SEED]]]
-- A client comes back to any machine with the ticket that another one gave. The simulation
-- uses the rules of ssl.ticket_ring, not its code: spec/fleet/simulation_spec.lua compares them.

local M = {}

local HOUR = 3600

M.defaults = {
  machines = 1000,
  visits = 100000,          -- of clients that come back
  seed = 1,
  period = 12 * HOUR, keep = 3,
  skew = 1.2 * HOUR,        -- that the rings allow
  clocks = 1,               -- seconds by which clocks are wrong, at most
  lifetime = 2 * HOUR,      -- of a session; OpenSSL's default
  length = 4 * 24 * HOUR,   -- of the simulation
  rotations = {},           -- {at =, known =, used =}: see rotation()
  shared = true,            -- false: each machine has keys of its own, until it restarts
  restarts = 24 * HOUR,     -- seconds between two restarts of a machine, on average
}

-- A change of the secret that begins at `at`. Each machine learns the new secret within `known`
-- seconds, and begins to encrypt with it within `used` seconds: `known` or more after `at` if
-- the change is made in two steps, at the same time as it learns it if `used` is nil.
function M.rotation(at, known, used) return { at = at, known = known, used = used } end

--- The number of the period at that time on a machine's clock.
function M.period(options, time) return time // options.period end

--- Does a machine whose clock says `now` accept a ticket of that period?
function M.accepts(options, now, period)
  return period >= M.period(options, now - options.skew) - options.keep
    and period <= M.period(options, now + options.skew)
end

-- What a machine has to itself: how wrong its clock is, and when it does what.
local function new_machine(options)
  local machine = { offset = (math.random() * 2 - 1) * options.clocks, known = {}, used = {} }
  for i, rotation in ipairs(options.rotations) do
    machine.known[i] = rotation.at + math.random() * rotation.known
    machine.used[i] = rotation.used and rotation.at + rotation.known + math.random() * rotation.used
      or machine.known[i]
  end
  machine.phase = math.random() * options.restarts
  return machine
end

-- How many secrets a machine has learned, or uses, by that time.
local function count(times, time)
  local n = 0
  for _, at in ipairs(times) do
    if at <= time then n = n + 1 end
  end
  return n
end

-- The ticket that the machine gives: what matters of it.
local function ticket(options, machine, time)
  return { made = time, machine = machine, secret = count(machine.used, time),
    period = M.period(options, time + machine.offset),
    start = (time + machine.phase) // options.restarts }
end

-- Does the machine resume the session of the ticket?
local function resumes(options, machine, time, one)
  if time - one.made >= options.lifetime then return false end
  if not options.shared then
    return one.machine == machine and one.start == (time + machine.phase) // options.restarts
  end
  return one.secret <= count(machine.known, time)
    and M.accepts(options, time + machine.offset, one.period)
end

--- The share of the visits that resume a session, among those that come back in its lifetime.
function M.run(changes)
  local options = {}
  for name, value in pairs(M.defaults) do options[name] = value end
  for name, value in pairs(changes or {}) do options[name] = value end
  math.randomseed(options.seed)
  local machines = {}
  for i = 1, options.machines do machines[i] = new_machine(options) end
  local resumed = 0
  for _ = 1, options.visits do
    local time = 1e9 + math.random() * options.length
    local later = time + math.random() * options.lifetime
    local one = ticket(options, machines[math.random(#machines)], time)
    if resumes(options, machines[math.random(#machines)], later, one) then resumed = resumed + 1 end
  end
  return resumed / options.visits
end

--- What docs/fleet.md shows: {what, share} each.
function M.cases(machines, visits, seed)
  local day = 24 * HOUR
  local function case(what, changes)
    changes.machines, changes.visits, changes.seed = machines, visits, seed
    return { what, M.run(changes) }
  end
  local start = 1e9 + 2 * day
  return {
    case("keys of its own on each machine", { shared = false }),
    case("one ring", {}),
    case("one ring, clocks wrong by up to a minute", { clocks = 60 }),
    case("one ring, clocks wrong by up to six hours", { clocks = 6 * HOUR, keep = 0 }),
    case("a new secret each day, known within an hour, used at once", { rotations = {
      M.rotation(start - day, HOUR), M.rotation(start, HOUR), M.rotation(start + day, HOUR) } }),
    case("the same in two steps", { rotations = { M.rotation(start - day, HOUR, HOUR),
      M.rotation(start, HOUR, HOUR), M.rotation(start + day, HOUR, HOUR) } }),
  }
end

local function main(machines, visits, seed)
  for _, case in ipairs(M.cases(tonumber(machines), tonumber(visits), tonumber(seed))) do
    print(("%-62s %8.3f %%"):format(case[1], case[2] * 100))
  end
end

if arg and arg[0] and arg[0]:find("simulation%.lua$") then main(...) end

return M
