-- Randomness that a test can repeat: a seed for the kit's keys, certificates and
-- schedules.

local _ssl = require "_ssl"
local low = require "_ssl_testing"

local seed = {}

local VARIABLE = "SSL_TESTING_SEED"
local DAY = 86400

-- The run's seed, and the one of the test that runs now.
local chosen, stream

-- One step of SplitMix64, a generator of 64-bit numbers: small, and the same everywhere.
-- Returns the next state, and a number.
local function step(state)
  state = state + 0x9E3779B97F4A7C15
  local z = state
  z = (z ~ z >> 30) * 0xBF58476D1CE4E5B9
  z = (z ~ z >> 27) * 0x94D049BB133111EB
  return state, z ~ z >> 31
end

local function next_number()
  local number
  stream, number = step(stream)
  return number
end

-- A float from 0 to 1 of 64 random bits.
local function to_float(number)
  return (number >> 11) * 2.0 ^ -53
end

-- A function of `m` that gives integers from 1 to `m`, or floats from 0 to 1 without `m`,
-- always the same for the same `state`.
function seed.generator(state)
  return function(m)
    local number
    state, number = step(state)
    return m and 1 + (number >> 1) % m or to_float(number)
  end
end

-- Begins the streams of a seed anew. `name` sets those of tests apart.
local function begin(name)
  low.seed(("%d %s"):format(chosen, name or ""))
  stream = chosen
  for byte in (name or ""):gmatch(".") do
    stream = stream * 31 + byte:byte()
  end
end

--@ ssl.testing.seed([n])
-- Chooses what the kit takes for random, so that a run can be repeated: with the same
-- seed, the same calls make the same keys, serial numbers, signatures and certificates,
-- and a server in the test's own process wakes its connections in the same order. The
-- connections' own random bytes stay OpenSSL's: nothing makes TLS itself predictable.
-- - `n` (integer): the seed. By default it is that of the variable `SSL_TESTING_SEED`
--   of the environment, or a new one.
-- Returns the seed. Under busted each test begins the seed's stream anew, so it gets the
-- same whatever ran before, and a run that fails prints the seed. Dates are those of the
-- day, not of the second: two runs make the same certificate only on the same day (UTC),
-- and with the same release of OpenSSL. An OCSP response tells the second at which it was
-- made, and is never the same. The seed holds for the process until another
-- call; `ssl.testing.seed(false)` ends it. Raises a string error if the variable has no
-- integer, and `NotImplementedError` if OpenSSL was built without what 3.0 deprecated.
-- Since: an addition.
--
-- Type: fun(n?: integer|false): integer?
--
--     local testing = require "ssl.testing"
--     testing.seed(7)
--     local first = testing.CA():issue("localhost").cert.pem
--     testing.seed(7)
--     assert(testing.CA():issue("localhost").cert.pem == first)
--     testing.seed(false)
function seed.seed(n)
  if n == false then
    chosen, stream = nil, nil
    low.seed(nil)
    return nil
  elseif n == nil then
    local text = os.getenv(VARIABLE)
    n = text and (math.tointeger(tonumber(text))
      or error(("bad %s ('%s' is no integer)"):format(VARIABLE, text), 2))
      or string.unpack("<I4", _ssl.RAND_bytes(4))
  elseif math.type(n) ~= "integer" then
    error(("bad argument #1 to 'seed' (integer expected, got %s)"):format(type(n)), 2)
  end
  chosen = n
  begin()
  return n
end

--@ ssl.testing.random([m [, n]])
-- A random number of the seed's stream, as `math.random` gives: a float from 0 to 1, an
-- integer from 1 to `m`, or one from `m` to `n`. Without a seed it is `math.random`'s.
-- - `m`, `n` (integers).
-- Since: an addition.
--
-- Type: fun(m?: integer, n?: integer): number
--
--     local testing = require "ssl.testing"
--     testing.seed(7)
--     local first = testing.random(1000)
--     testing.seed(7)
--     assert(testing.random(1000) == first)
--     testing.seed(false)
function seed.random(m, n)
  if not chosen then
    return m and (n and math.random(m, n) or math.random(m)) or math.random()
  elseif not m then
    return to_float(next_number())
  end
  local low_end, high_end = n and m or 1, n or m
  if high_end < low_end then
    error("bad argument to 'random' (interval is empty)", 2)
  end
  return low_end + (next_number() >> 1) % (high_end - low_end + 1)
end

-- Random bytes: of the seed's stream, or the system's without a seed.
function seed.bytes(count)
  if not chosen then
    return _ssl.RAND_bytes(count)
  end
  local out = {}
  for i = 1, count do
    out[i] = string.char(seed.random(0, 255))
  end
  return table.concat(out)
end

-- Puts an array into the seed's order; it stays as it is without a seed.
function seed.shuffle(list)
  if chosen then
    for i = #list, 2, -1 do
      local j = seed.random(i)
      list[i], list[j] = list[j], list[i]
    end
  end
  return list
end

-- The time for dates in certificates: with a seed, that at which the day began.
function seed.now()
  local now = os.time()
  return chosen and now - now % DAY or now
end

-- Under busted: each test has a stream of its own, and a failing run tells its seed.
local busted = package.loaded.busted
if type(busted) == "table" and busted.subscribe then
  local failed
  busted.subscribe({ "test", "start" }, function(element, parent)
    if chosen then
      -- not the file's name, which may be another on another machine
      local block = parent and parent.descriptor ~= "file" and parent.name or ""
      begin(block .. " " .. element.name)
    end
    return nil, true
  end)
  for _, kind in ipairs({ "failure", "error" }) do
    busted.subscribe({ kind }, function()
      failed = failed or chosen
      return nil, true
    end)
  end
  busted.subscribe({ "suite", "end" }, function()
    if failed then
      io.stderr:write(("ssl.testing: the seed was %d; %s=%d repeats the run\n"):format(failed,
        VARIABLE, failed))
    end
    return nil, true
  end)
end

return seed
