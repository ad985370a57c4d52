-- Usage: lua5.4 tools/includes.lua
-- Fails when a file of src/ includes one that stands below it in the map in
-- CONTRIBUTING.md, or when the map and the folder differ.

local place, count = {}, 0
for line in io.lines("CONTRIBUTING.md") do
  local name = line:match("^%- `([%w_]+)%.[ch]`:")
  if name then
    count = count + 1
    place[name] = count
  end
end

local complaints, seen = {}, {}
local function complain(...) complaints[#complaints + 1] = string.format(...) end

local names = assert(io.popen("LC_ALL=C ls src/*.[ch]"))
for file in names:lines() do
  local name = file:match("([%w_]+)%.[ch]$")
  if not place[name] and not seen[name] then complain("%s is not in the map", file) end
  seen[name] = true
  for line in io.lines(file) do
    local other = line:match('^#include "([%w_]+)%.h"')
    if other and place[other] and place[name] and place[other] > place[name] then
      complain("%s includes %s.h, which stands below it in the map", file, other)
    end
  end
end
names:close()
for name in pairs(place) do
  if not seen[name] then complain("the map names %s, which is not in src/", name) end
end

table.sort(complaints)
io.write(table.concat(complaints, "\n"), #complaints > 0 and "\n" or "")
os.exit(#complaints == 0)
