-- Usage: LUA_INIT=@tools/linecount.lua LINECOUNT=folder lua5.4 program ...
--        lua5.4 tools/linecount.lua folder luac lua/ssl.lua lua/ssl/pem.lua ...
-- Counts which lines of lua/ run, in every coroutine of every process started
-- with the first form: each writes "file:line" rows of its own into the folder.
-- The second form compares them with the lines that hold code, and prints the
-- share that ran and the lines that never did.

local folder = os.getenv("LINECOUNT")

local function count()
  local seen, own = {}, {}

  local function hook(_, line)
    local source = debug.getinfo(2, "S").source
    local lines = own[source]
    if lines == nil then
      local name = source:match("^@.*(lua/ssl.*%.lua)$")
      lines = name and (seen[name] or {}) or false
      own[source] = lines
      if name then seen[name] = lines end
    end
    if lines then lines[line] = true end
  end

  -- A hook belongs to one coroutine; new ones start without.
  for _, name in ipairs({ "create", "wrap" }) do
    local make = coroutine[name]
    coroutine[name] = function(f)
      return make(function(...)
        debug.sethook(hook, "l")
        return f(...)
      end)
    end
  end

  local function write()
    debug.sethook()
    local name = os.tmpname()
    os.remove(name)
    local out = assert(io.open(folder .. "/" .. name:match("[^/]+$"), "w"))
    for file, lines in pairs(seen) do
      for line in pairs(lines) do out:write(file, ":", line, "\n") end
    end
    out:close()
  end
  -- Both ways out: the state closed, and os.exit that leaves it open.
  local last = setmetatable({}, { __gc = write })
  local exit = os.exit
  function os.exit(code, close)
    if not close then write() end
    exit(code, close and last ~= nil)
  end

  debug.sethook(hook, "l")
end

-- The lines of 'file' that hold code. A lone `end` or bracket is left out: the
-- compiler puts a return there that often cannot be reached.
local function code_lines(luac, file)
  local texts, lines, count_of = {}, {}, 0
  for text in io.lines(file) do texts[#texts + 1] = text end
  local listing = assert(io.popen(luac .. " -l -p " .. file))
  for row in listing:lines() do
    local line, opcode = row:match("^\t%d+\t%[(%d+)%]%s+(%S+)")
    line = tonumber(line)
    local text = opcode ~= "VARARGPREP" and texts[line]
    if text and not lines[line] and text:find("%w") and not text:find("^%s*end[%s,;)}]*$") then
      lines[line] = true
      count_of = count_of + 1
    end
  end
  assert(listing:close(), "cannot list " .. file .. " with " .. luac)
  return lines, count_of
end

local function ran_lines(from)
  local ran = {}
  local names = assert(io.popen("ls " .. from))
  for name in names:lines() do
    for row in io.lines(from .. "/" .. name) do ran[row] = true end
  end
  names:close()
  return ran
end

-- {1, 2, 3, 7} as "1-3 7".
local function ranges(numbers)
  local parts, first = {}, nil
  for i, number in ipairs(numbers) do
    first = first or number
    if numbers[i + 1] ~= number + 1 then
      parts[#parts + 1] = first == number and tostring(first) or first .. "-" .. number
      first = nil
    end
  end
  return table.concat(parts, " ")
end

local function report(from, luac, ...)
  local ran, all, hit = ran_lines(from), 0, 0
  for _, file in ipairs({ ... }) do
    local lines, number = code_lines(luac, file)
    local missed = {}
    for line in pairs(lines) do
      if ran[file .. ":" .. line] then hit = hit + 1 else missed[#missed + 1] = line end
    end
    all = all + number
    table.sort(missed)
    if missed[1] then print(file .. " never ran: " .. ranges(missed)) end
  end
  print(string.format("Lua: %.1f%% of %d lines ran", all > 0 and 100 * hit / all or 100, all))
end

if folder then count() else report(...) end
