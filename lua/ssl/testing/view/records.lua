-- The wires of a server's last connections: in memory, or, if the server is a process
-- of its own, in files that both processes know.

local low = require "_ssl_testing"
local recording = require "ssl.testing.view.recording"

-- How many connections are kept.
local KEPT <const> = 16

local Records = {}
Records.__index = Records

-- All that are open, for the messages of assertions.
local open = setmetatable({}, { __mode = "k" })

local function new()
  local self = setmetatable({ wires = {}, count = 0 }, Records)
  open[self] = true
  return self
end

-- Keeps the wires in files from now on, for a child process to write them. Where a
-- host of this Lua state forbids files, nobody is told.
function Records:share()
  local ok, folder = pcall(low.tempfolder)
  self.folder = ok and folder or nil
end

function Records:path(n)
  return ("%s/wire%d"):format(self.folder, n % KEPT)
end

-- A wire that writes into the file of connection `n`, which no earlier one holds; the
-- server goes on if there can be none.
local function into_file(self, n)
  local path = self:path(n)
  low.removefile(path)
  local file = pcall(low.writefile, path, "", true) and io.open(path, "wb")
  if not file then
    return recording.new()
  end
  file:setvbuf("no")
  file:write(string.pack("<I8", n))
  return recording.new(file)
end

-- The function that makes the wire of each connection of the server.
function Records:recorder()
  return function()
    self.count = self.count + 1
    if self.folder then
      return into_file(self, self.count)
    end
    local wire = recording.new()
    self.wires[self.count] = wire
    self.wires[self.count - KEPT] = nil
    return wire
  end
end

-- From the number of a connection to its wire, and the highest number.
local function read_files(self)
  local wires, last = {}, 0
  for slot = 1, KEPT do
    local file = io.open(self:path(slot), "rb")
    local bytes = file and file:read("a") or ""
    if file then
      file:close()
    end
    if #bytes >= 8 then
      local n = string.unpack("<I8", bytes)
      wires[n], last = recording.replay(bytes:sub(9)), math.max(last, n)
    end
  end
  return wires, last
end

-- The wire of connection `n`, the last by default; nil if there is none.
function Records:get(n)
  local wires, last = self.wires, self.count
  if self.folder then
    wires, last = read_files(self)
  end
  return wires[n or last]
end

-- What is in memory can still be read.
function Records:close()
  if self.folder then
    for slot = 1, KEPT do
      low.removefile(self:path(slot))
    end
    low.removefile(self.folder)
    self.folder = nil
  end
  open[self] = nil
end

Records.__gc = Records.close

return { new = new, open = open }
