-- Usage: LUA_INIT=@tools/linecount.lua LINECOUNT=folder lua5.4 program ...
--        lua5.4 tools/linecount.lua folder luac lua/ssl.lua lua/ssl/x509/pem.lua ...
-- Counts which lines of lua/ run, in every coroutine of every process started
-- with the first form: each writes "file:line" rows into the folder.
-- The second form compares them with the lines that hold code, and prints the
-- share that ran and the lines that never did.

local folder = os.getenv("LINECOUNT")

-- A line is written when it first runs: a process may be killed at any time, and
-- a forked one has its own notion of what is open.
local function count()
  local name = os.tmpname()
  os.remove(name)
  local rows = folder .. "/" .. name:match("[^/]+$")
  local own = {}  -- by source: its lines that ran; false where it is not ours
  local open = io.open

  local function names(source)
    local file = source:match("^@.*(lua/ssl.*%.lua)$")
    return file and { file = file } or false
  end

  local function hook(_, line)
    local source = debug.getinfo(2, "S").source
    local lines = own[source]
    if lines == nil then
      lines = names(source)
      own[source] = lines
    end
    if lines and not lines[line] then
      local out = open(rows, "a")
      if not out then return end  -- a spec took all descriptors
      out:write(lines.file, ":", line, "\n")
      out:close()
      lines[line] = true
    end
  end

  -- A hook belongs to one coroutine; new ones start without.
  for _, way in ipairs({ "create", "wrap" }) do
    local make = coroutine[way]
    coroutine[way] = function(f)
      return make(function(...)
        debug.sethook(hook, "l")
        return f(...)
      end)
    end
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
  print(("Lua lines %.1f %% of %d"):format(all > 0 and 100 * hit / all or 100, all))
end

if folder then count() else report(...) end
