-- Usage: lua5.4 tools/memfail.lua [-s STRIDE] [-v] [-t] [-n N -m MODE] [scenario ...]
-- Lets the n-th allocation fail, for n = 1, 2, ... until none does, in each
-- scenario: Lua's alone, OpenSSL's alone, one of either, and all from one on.
-- After each: what was raised is an error that says so, no object of the module,
-- no descriptor and no block of OpenSSL's is left, its error queue is empty, and
-- the same works again. Several scenarios run in a process each: what one leaves
-- in OpenSSL's tables, or dies of, is not the next one's. -s tries every STRIDE-th
-- only; -t shows where each failure was (under AddressSanitizer); -n and -m pick
-- one. `make memfail` builds and runs it.

-- Before anything uses OpenSSL.
local memfail = require "memfail"

local stride, verbose, only_n, only_mode = 1, false, nil, nil
local wanted, flags = {}, {}

local i = 1
while arg[i] do
  if arg[i] == "-s" then
    i = i + 1
    stride = assert(math.tointeger(arg[i]))
  elseif arg[i] == "-n" then
    i = i + 1
    only_n = assert(math.tointeger(arg[i]))
  elseif arg[i] == "-m" then
    i = i + 1
    only_mode = arg[i]
  elseif arg[i] == "-v" then
    verbose = true
  elseif arg[i] == "-t" then
    memfail.trace(true)
  else
    wanted[#wanted + 1] = arg[i]
  end
  if #wanted == 0 then flags = table.move(arg, 1, i, 1, {}) end
  i = i + 1
end

-- Each scenario in a process of its own, with the same options; never returns.
local function each(names)
  local tried, problems = 0, 0
  for _, name in ipairs(names) do
    local command = table.move(flags, 1, #flags, 3, { os.getenv("LUA") or arg[-1], arg[0] })
    command[#command + 1] = name
    for k, word in ipairs(command) do command[k] = ("'%s'"):format(word) end
    local pipe <close> = assert(io.popen(table.concat(command, " ")))
    local made, found
    for line in pipe:lines() do
      print(line)
      made, found = line:match("(%d+) failures made, (%d+) problems")
    end
    local ok, how, code = pipe:close()
    if not ok and (found or "0") == "0" then
      print(("memfail: %s: ended by %s %d"):format(name, how, code))
      found = 1
    end
    tried, problems = tried + (made or 0), problems + (found or 0)
  end
  print(("memfail: %d failures made, %d problems"):format(tried, problems))
  os.exit(problems == 0, true)
end

if #wanted == 0 then
  wanted[1] = "loading"
  for _, s in ipairs(require "spec.native.scenarios") do wanted[#wanted + 1] = s.name end
end
if #wanted > 1 then each(wanted) end

local LUA, OPENSSL = 1, 2
local modes = {
  { name = "lua", who = LUA, all = false },
  { name = "lua-all", who = LUA, all = true },
  { name = "openssl", who = OPENSSL, all = false },
  { name = "openssl-all", who = OPENSSL, all = true },
  { name = "both-all", who = LUA | OPENSSL, all = true },
}

local problems, tried = 0, 0

local function problem(...)
  problems = problems + 1
  print("memfail: " .. string.format(...))
end

-- Loading the module, in new states.
local function loading()
  for _, all in ipairs({ false, true }) do
    local n = 1
    repeat
      local hit, ok, message = memfail.state(n, all, "ssl", package.path, package.cpath)
      tried = tried + 1
      if not hit and not ok then problem("loading fails by itself") end
      if hit and message then problem("loading, %d: not loaded afterwards: %s", n, message) end
      n = n + (n < 20 and 1 or stride)
    until not hit
  end
end

local ssl

local function collect()
  collectgarbage()
  collectgarbage()
end

-- What is left, once all that can go is gone: objects, descriptors, blocks.
-- OpenSSL's queue keeps the memory of an entry's text for its next text: here, every
-- entry has one.
local function settle()
  collect()
  for _ = 1, 32 do ssl._pusherror() end
  ssl._counterrors()
  return ssl._alive(), memfail.descriptors(), memfail.live()
end

-- Does the message say what it is? A callback's is the cause of another.
local function fits(err)
  return err == "not enough memory" or type(err) == "string" and err:find("memory")
    or ssl.isinstance(err, ssl.Error) and not ssl.isinstance(err, ssl.SSLWantReadError)
end

local seen = {}

local function check(name, mode, n, ok, err)
  if ok then return end
  if not fits(err) then problem("%s, %s %d: raised %s", name, mode.name, n, tostring(err)) end
  local text = mode.name:gsub("%-.*", "") .. ": " .. tostring(err):gsub("^%S+:%d+: ", "")
  seen[text] = (seen[text] or 0) + 1
end

-- How many blocks the same failure adds each time: what OpenSSL makes once and
-- keeps is no leak.
local function leaked(f, mode, n)
  local least = math.huge
  for _ = 1, 3 do
    local _, _, before = settle()
    memfail.run(mode.who, n, mode.all, f)
    ssl._counterrors()
    local _, _, after = settle()
    least = math.min(least, after - before)
  end
  return least
end

-- Returns whether an allocation was made to fail. What was raised, which may
-- hold objects, is forgotten with it.
local function attempt(name, f, mode, n)
  local hit, ok, err = memfail.run(mode.who, n, mode.all, f)
  tried = tried + 1
  check(name, mode, n, ok, err)
  if not hit and not ok then problem("%s, %s %d: broken: %s", name, mode.name, n, tostring(err)) end
  local errors = ssl._counterrors()
  if errors > 0 then problem("%s, %s %d: %d errors queued", name, mode.name, n, errors) end
  return hit
end

-- As that, and looks at what is left, compared with `was`.
local function try(name, f, mode, n, was)
  local hit = attempt(name, f, mode, n)
  local alive, descriptors, live = settle()
  if alive ~= was.alive then
    problem("%s, %s %d: %d objects left", name, mode.name, n, alive - was.alive)
  end
  if descriptors ~= was.descriptors then
    problem("%s, %s %d: %d descriptors left", name, mode.name, n, descriptors - was.descriptors)
  end
  local blocks = live > was.live and leaked(f, mode, n) or 0
  if blocks > 0 then
    problem("%s, %s %d: %d blocks of OpenSSL left", name, mode.name, n, blocks)
  end
  was.live = math.max(live, was.live)
  return hit
end

local function run(name, make, only)
  local f = make()
  -- OpenSSL makes much once and keeps it.
  for _ = 1, 3 do f() end
  for _, mode in ipairs(modes) do
    if (only_mode or mode.name) == mode.name and (only ~= "lua" or mode.who == LUA) then
      local was = {}
      was.alive, was.descriptors, was.live = settle()
      local n = only_n or 1
      local hit
      repeat
        hit = try(name, f, mode, n, was)
        n = n + stride
      until not hit or only_n
      local ok, err = pcall(f)
      if not ok then problem("%s: broken after %s: %s", name, mode.name, tostring(err)) end
      if verbose then print(("%-24s %-12s %6d"):format(name, mode.name, n - stride)) end
    end
  end
end

local name, began = wanted[1], os.time()
if name == "loading" then
  loading()
else
  ssl = require "_ssl"
  memfail.spareloader()
  local scenario
  for _, s in ipairs(require "spec.native.scenarios") do
    if s.name == name then scenario = s end
  end
  assert(scenario, "no such scenario")
  run(name, scenario.make, scenario.only)
end

if verbose then
  local list = {}
  for text, times in pairs(seen) do list[#list + 1] = ("%6d %s"):format(times, text) end
  table.sort(list)
  print(table.concat(list, "\n"))
end
print(("memfail: %s: %d failures made, %d problems, %d s"):format(name, tried, problems,
  os.time() - began))
os.exit(problems == 0, true)
