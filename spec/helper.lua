-- For every spec, by .busted: a test that leaves objects, descriptors or entries
-- in OpenSSL's error queue behind fails, and is told what and by whom held.

local busted = require "busted"
local _, ssl = pcall(require, "_ssl")
local _, lfs = pcall(require, "lfs")
-- Between files busted forgets what was loaded; luv, loaded again, uses a loop
-- that is gone. What is loaded here stays.
pcall(require, "luv")

-- A generation that survived one cycle with a finalizer dies in the next.
local function collect()
  collectgarbage()
  collectgarbage()
end

local windows = package.config:sub(1, 1) == "\\"

-- Programs are started by Unix's shell, but for Lua's: support/process.lua.
if windows then
  local popen, pending = io.popen, nil
  package.preload["support.popen"] = function() return popen end
  busted.subscribe({ "test", "start" }, function(element)
    pending = element.env and element.env.pending
    return nil, true
  end)
  local function needs_shell()
    (pending or error)("starts a program by Unix's shell")
  end
  rawset(io, "popen", needs_shell)
  rawset(os, "execute", needs_shell)
end

local function descriptors()
  local open = {}
  if windows then return open end  -- under wine /proc is there, and tells of wine's own
  if not lfs.attributes("/proc/self/fd", "mode") then return open end
  for name in lfs.dir("/proc/self/fd") do
    local target = tonumber(name) and lfs.symlinkattributes("/proc/self/fd/" .. name, "target")
    -- the folder just read is among them, but closed by now
    if target and not target:find("/fd$") then open[tonumber(name)] = target end
  end
  return open
end

local function classname(value)
  local meta = type(value) == "userdata" and debug.getmetatable(value)
  local name = meta and rawget(meta, "__name")
  return type(name) == "string" and name:match("^ssl%.[%a.]+$") and name ~= "ssl.box" and name
end

-- What a value refers to: visit(child, how).
local function children(value, visit)
  local meta = debug.getmetatable(value)
  if meta and type(value) ~= "string" then visit(meta, " metatable") end
  if type(value) == "table" then
    local mode = meta and rawget(meta, "__mode")
    for key, item in next, value do
      if not (mode and tostring(mode):find("v")) then visit(item, "." .. tostring(key)) end
      if not (mode and tostring(mode):find("k")) then visit(key, " key") end
    end
  elseif type(value) == "function" then
    local info = debug.getinfo(value, "S")
    for i = 1, 255 do
      local name, item = debug.getupvalue(value, i)
      if not name then break end
      visit(item, (" upvalue '%s' of %s:%d"):format(name, info.short_src, info.linedefined))
    end
  elseif type(value) == "userdata" then
    for i = 1, 8 do
      local item, has = debug.getuservalue(value, i)
      if not has then break end
      visit(item, " user value " .. i)
    end
  end
end

-- The module's objects that can be reached from the registry: object -> how.
local function walk()
  local found, seen, queue, how = {}, {}, { debug.getregistry() }, { "registry" }
  seen[queue[1]] = true
  local i = 1
  while queue[i] ~= nil do
    local value, here = queue[i], how[i]
    children(value, function(child, step)
      local t = type(child)
      if (t == "table" or t == "function" or t == "userdata") and not seen[child] then
        seen[child] = true
        queue[#queue + 1] = child
        how[#how + 1] = (step:find("upvalue") and "" or here) .. step
        if classname(child) then found[child] = classname(child) .. " in" .. how[#how] end
      end
    end)
    i = i + 1
  end
  return found
end

-- A hook that counts lines makes the walk last for minutes.
local function reachable()
  local hook, mask, count = debug.gethook()
  debug.sethook()
  local found = walk()
  debug.sethook(hook, mask, count)
  return found
end

local function names()
  local list = {}
  for _, how in pairs(reachable()) do list[#list + 1] = how end
  table.sort(list)
  return #list > 0 and table.concat(list, "; ") or "held by no Lua value"
end

local function note(complaints, ...) complaints[#complaints + 1] = string.format(...) end

local function same(a, b)
  for key, value in pairs(a) do if b[key] ~= value then return false end end
  for key in pairs(b) do if not a[key] then return false end end
  return true
end

-- Which descriptors were opened or closed from `before` to `now`.
local function compare_descriptors(complaints, before, now)
  for fd, target in pairs(now) do
    if not before[fd] then note(complaints, "descriptor %d (%s) is still open", fd, target) end
  end
  for fd, target in pairs(before) do
    if not now[fd] then note(complaints, "descriptor %d (%s) was closed", fd, target) end
  end
end

if type(ssl) == "table" then
  local test, alive, open
  local first = descriptors()

  busted.subscribe({ "test", "start" }, function(element, parent)
    test = (parent and parent.name or "") .. " " .. element.name
    return nil, true
  end)

  busted.before_each(function()
    ssl._counterrors()
    open = descriptors()
    if not same(open, first) then  -- some may only wait to be collected
      collect()
      open = descriptors()
    end
    alive = ssl._alive()
  end)

  busted.after_each(function()
    local complaints = {}
    local errors = ssl._counterrors()
    local now = descriptors()
    -- A whole collection costs as much as many tests: only where there is a reason.
    if ssl._alive() > alive or not same(open, now) then
      collect()
      now = descriptors()
    end
    local left = ssl._alive() - alive
    if left > 0 then note(complaints, "%d object(s) left: %s", left, names()) end
    if errors > 0 then note(complaints, "%d entries left in OpenSSL's error queue", errors) end
    compare_descriptors(complaints, open, now)
    if #complaints > 0 then
      error(("after '%s': %s"):format(test, table.concat(complaints, "\n")), 0)
    end
  end)
end
