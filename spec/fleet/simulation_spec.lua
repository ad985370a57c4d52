local ssl = require "ssl"
local contexts = require "support.contexts"
local joined = require "support.joined"

local simulation = dofile("examples/fleet/simulation.lua")

describe("The simulation of a fleet", function()
  local small = { machines = 200, visits = 5000 }

  local function run(changes)
    for name, value in pairs(small) do changes[name] = value end
    return simulation.run(changes)
  end

  it("accepts what a ring of ticket keys accepts", function()
    local now
    local options = { period = 100, keep = 2, skew = 10 }
    local client_ctx, server_ctx = contexts.new()
    server_ctx:set_ticket_keys(ssl.ticket_ring({ secret = ("a secret"):rep(5), period = 100,
      keep = 2, skew = 10, clock = function() return now end }))
    math.randomseed(7)
    local accepted = 0
    for _ = 1, 60 do
      local made = 1000000 + math.random(0, 99)
      now = made
      local session = joined.connect(client_ctx, server_ctx).session
      now = made + math.random(-150, 450)
      local expected = simulation.accepts(options, now, simulation.period(options, made))
      assert.equal(expected, joined.connect(client_ctx, server_ctx, session).session_reused)
      if expected then accepted = accepted + 1 end
    end
    assert.is_true(accepted > 5 and accepted < 55)
  end)

  it("gives the same for the same seed, and something else for another", function()
    local changes = { rotations = { simulation.rotation(1e9, 1e6) } }
    local one = run(changes)
    assert.equal(one, run(changes))
    changes.seed = 2
    assert.not_equal(one, run(changes))
  end)

  it("resumes everything with one ring, and next to nothing with keys apart", function()
    assert.equal(1, run({}))
    assert.equal(1, run({ clocks = 60 }))
    assert.is_true(run({ shared = false }) < 0.02)
  end)

  it("loses sessions where clocks differ by more than the rings allow", function()
    assert.is_true(run({ clocks = 6 * 3600, keep = 0 }) < 1)
  end)

  it("loses none where a new secret is known before it is used", function()
    local at = 1e9 + 86400
    assert.is_true(run({ rotations = { simulation.rotation(at, 3600) } }) < 1)
    assert.equal(1, run({ rotations = { simulation.rotation(at, 3600, 3600) } }))
  end)
end)
