-- States that come and go, and what OpenSSL allocates for them.

local border = require "support.border"
local process = require "support.process"

local build = os.getenv("LSSL_BUILD") or "build"

-- What spec/native/states.c says, and its errors.
local function states(threads, rounds, memory, script)
  local identity, authority = border.identity(), os.tmpname()
  local file = assert(io.open(authority, "w"))
  file:write(border.authority().cert.pem)
  file:close()
  local text, status = process.run({ build .. "/states", threads, rounds, memory,
    script or "spec/native/states.lua", identity, authority })
  os.remove(identity)
  os.remove(authority)
  local failed, left, peak, grown = text:match("failed (%d) left (%d+) peak (%d+) grown (%-?%d+)")
  assert(failed, text)
  return { status = status, text = text, failed = failed == "1", left = tonumber(left),
    peak = tonumber(peak), grown = tonumber(grown) }
end

-- Runs a script of its own.
local function with_script(source, f)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(source)
  file:close()
  local result = f(name)
  os.remove(name)
  return result
end

describe("A Lua state", function()
  it("gives back every byte of Lua's, and what OpenSSL held for it, in threads too", function()
    local outcome = states(2, 60, 0)
    assert.is_false(outcome.failed, outcome.text)
    assert.equal(0, outcome.left)
    assert.is_true(outcome.peak > 50000)
    -- a leak of one connection a state would be two megabytes and more
    if not build:find("/") then assert.is_true(outcome.grown < 1500, outcome.text) end
  end)

  it("works within a limit of OpenSSL's memory that is enough", function()
    -- two runs differ by what the collector has got to when most is held
    local enough = states(1, 1, 0).peak * 5 // 4
    local limited = states(1, 1, enough)
    assert.is_false(limited.failed, limited.text)
    assert.is_true(limited.peak <= enough)
  end)

  it("is refused what is over the limit, at whatever it is doing then", function()
    local free = states(1, 1, 0)
    for part = 1, 9 do
      local limit = free.peak * part // 10
      local limited = states(1, 1, limit)
      assert.is_true(limited.failed, limited.text)
      assert.matches("the host's limit 'memory': OpenSSL may hold " .. limit, limited.text, 1, true)
      assert.is_true(limited.peak <= limit)
      assert.equal(0, limited.left)
    end
  end)

  it("is refused memory without end, and goes on when there is less to hold", function()
    local outcome = with_script([[
      local ssl = require "ssl"
      local bio, n = ssl.MemoryBIO(), 0
      local ok, err
      repeat
        ok, err = pcall(bio.write, bio, ("x"):rep(10000))
        n = n + 1
      until not ok or n > 1000
      assert(n < 200 and ssl.isinstance(err, ssl.PermissionError) and err.limit == "memory")
      bio:read()
      assert(bio:write("more") == 4)
      assert(ssl.counters().refusals == 1)]], function(name) return states(1, 1, 1000000, name) end)
    assert.is_false(outcome.failed, outcome.text)
  end)
end)
