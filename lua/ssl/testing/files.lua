-- Certificates and keys as files: in a folder of the caller's, or in one that
-- goes with the test.

local low = require "_ssl_testing"
local scope = require "ssl.testing.scope"

local files = {}

-- Writes `contents` (name to bytes) into `folder`; names that `private` has are
-- readable by their owner only. Returns a table from name to path.
local function write(folder, contents, private)
  local paths = {}
  for name, bytes in pairs(contents) do
    local path = folder .. "/" .. name
    low.writefile(path, bytes, private[name])
    paths[name] = path
  end
  return paths
end

function files.write(folder, contents, private)
  low.makefolder(folder)
  return write(folder, contents, private)
end

local Folder = { __name = "ssl.testing.Folder" }
Folder.__index = Folder

function Folder:close()
  local files_there = self.files
  self.files = {}
  for path in pairs(files_there) do
    low.removefile(path)
  end
  if self.path then
    low.removefile(self.path)
    self.path = nil
  end
end

Folder.__close = Folder.close
Folder.__gc = Folder.close

-- Writes into the folder; returns a table from name to path.
function Folder:write(contents, private)
  local paths = write(self.path, contents, private or {})
  for _, path in pairs(paths) do
    self.files[path] = true
  end
  return paths
end

-- A new folder that vanishes, with all that was written through it, when the
-- test ends.
function files.folder()
  local folder = setmetatable({ files = {} }, Folder)
  folder.path = low.tempfolder()
  return scope.add(folder)
end

return files
