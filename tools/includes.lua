-- Usage: lua5.4 tools/includes.lua
-- Holds the order of includes. The table in CONTRIBUTING.md names the rooms of
-- src/ and which rooms each may include; the list in a room's README.md names its
-- files, and a file may include what stands above it there. Fails, too, when a
-- list and a folder differ.

local complaints = {}
local function complain(...) complaints[#complaints + 1] = string.format(...) end

local function lines_of(command)
  local pipe = assert(io.popen("LC_ALL=C " .. command))
  local out = {}
  for line in pipe:lines() do out[#out + 1] = line end
  pipe:close()
  return out
end

-- {room = {room it may include = true}}, from "| `src/x509/` | ... | base |".
local function read_rooms()
  local rooms = {}
  for line in io.lines("CONTRIBUTING.md") do
    local room, sees = line:match("^| `src/([%w]+)/` |.*| ([%w, ]+) |$")
    if room then
      rooms[room] = {}
      for other in sees:gmatch("%w+") do rooms[room][other] = true end
    end
  end
  return rooms
end

-- {name of a file without its ending = its place}, from "- `class.c`: ...".
local function read_places(room)
  local places, count = {}, 0
  for line in io.lines("src/" .. room .. "/README.md") do
    local name = line:match("^%- `([%w_]+)%.[ch]`:")
    if name then
      count = count + 1
      places[name] = count
    end
  end
  return places
end

local function check_include(file, room, place, rooms, places, other_room, other)
  if other_room ~= room then
    if not rooms[room][other_room] then
      complain("%s includes %s/%s.h: src/%s/ may not include src/%s/", file, other_room, other,
        room, other_room)
    end
  elseif (places[other] or 0) > place then
    complain("%s includes %s.h, which stands below it in the room's README", file, other)
  end
end

local rooms = read_rooms()
for _, folder in ipairs(lines_of("ls -d src/*/")) do
  local room = folder:match("^src/(%w+)/$")
  if not rooms[room] then
    complain("the table in CONTRIBUTING.md does not name %s", folder)
  else
    local places, seen = read_places(room), {}
    for _, file in ipairs(lines_of("ls " .. folder .. "*.[ch]")) do
      local name = file:match("([%w_]+)%.[ch]$")
      if not places[name] and not seen[name] then complain("%s is not in its README", file) end
      seen[name] = true
      for line in io.lines(file) do
        local other_room, other = line:match('^#include "(%w+)/([%w_]+)%.h"')
        if other then
          check_include(file, room, places[name] or 0, rooms, places, other_room, other)
        elseif line:find('^#include "') and line ~= '#include "lssl.h"' then
          complain("%s: an include names its room: %s", file, line)
        end
      end
    end
    for name in pairs(places) do
      if not seen[name] then complain("%sREADME.md names %s, which is not there", folder, name) end
    end
  end
end

table.sort(complaints)
io.write(table.concat(complaints, "\n"), #complaints > 0 and "\n" or "")
os.exit(#complaints == 0)
