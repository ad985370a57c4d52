-- Usage: lua5.4 tools/uncovered.lua tools/uncovered.txt x.c.gcov ...
-- Prints the lines of C that never ran and that the first file gives no reason
-- for, what that file explains in vain, and the share of the lines and branches
-- that ran. Fails if there is a line without a reason. The others come from
-- `gcov -b -c`.

-- Reads the reasons: unindented paragraphs, each followed by indented rows
-- "file function: text of the line"; without text, the whole of the function.
-- Returns how often each row is there.
local function read_reasons(name)
  local reasons = {}
  for line in io.lines(name) do
    local row = line:match("^ +(%S.*)$")
    if row then reasons[row] = (reasons[row] or 0) + 1 end
  end
  return reasons
end

-- Calls visit(function, count, number, text) for each line that holds code, and
-- branch(taken) for each branch.
local function read_gcov(name, visit, branch)
  local current = "?"
  for line in io.lines(name) do
    local count, number, text = line:match("^ *([^:]+): *(%d+):(.*)$")
    if not count then
      current = line:match("^function (%S+)") or current
      local taken = line:match("^branch +%d+ (.*)$")
      if taken then branch(taken:find("^taken [1-9]") ~= nil) end
    elseif count ~= "-" and number ~= "0" then
      visit(current, count, number, text:match("^%s*(.-)%s*$"))
    end
  end
end

-- Takes one of the reasons for this line of the function 'at'.
local function explained(reasons, used, at, text)
  local row = at .. ": " .. text
  if reasons[at] then
    used[at] = 1
    return true
  end
  used[row] = (used[row] or 0) + 1
  return used[row] <= (reasons[row] or 0)
end

local function report(name, ...)
  local reasons, used = read_reasons(name), {}
  local lines, hit, branches, taken, bare = 0, 0, 0, 0, 0

  local function branch(ran)
    branches = branches + 1
    if ran then taken = taken + 1 end
  end

  for _, file in ipairs({ ... }) do
    local source = file:match("[^/]+$"):gsub("%.gcov$", ""):gsub("#", "/")
    read_gcov(file, function(f, count, number, text)
      lines = lines + 1
      if not count:find("^[#=]") then
        hit = hit + 1
      elseif not explained(reasons, used, source .. " " .. f, text) then
        bare = bare + 1
        print(("%s:%s never ran, without a reason: %s: %s"):format(source, number, f, text))
      end
    end, branch)
  end
  for row, times in pairs(reasons) do
    if (used[row] or 0) < times then print("explained, but ran: " .. row) end
  end
  print(("C lines %.1f %% of %d"):format(100 * hit / lines, lines))
  print(("C branches %.1f %% of %d"):format(100 * taken / branches, branches))
  return bare
end

os.exit(report(...) == 0)
