-- Ends what a test leaves behind: whatever is handed to `scope.add` inside a
-- busted test is closed when that test ends, passed or failed; what is made
-- outside of tests, when the enclosing `describe` or file does. Without busted,
-- `<close>`, `:close()` and the collector end things.

local scope = {}

-- One list of closable objects for each block that runs, the innermost last.
local blocks = { {} }

local function close_all(list)
  for i = #list, 1, -1 do
    local ok, err = pcall(list[i].close, list[i])
    if not ok then
      warn("ssl.testing: cannot end " .. tostring(list[i]) .. ": " .. tostring(err))
    end
    list[i] = nil
  end
end

local function enter()
  blocks[#blocks + 1] = {}
  return nil, true
end

-- The first list stays: a block may have begun before this module was loaded.
local function leave()
  close_all(blocks[#blocks])
  if #blocks > 1 then
    blocks[#blocks] = nil
  end
  return nil, true
end

local busted = package.loaded.busted
if type(busted) == "table" and busted.subscribe then
  for _, block in ipairs({ "test", "describe", "file" }) do
    busted.subscribe({ block, "start" }, enter)
    busted.subscribe({ block, "end" }, leave)
  end
else
  busted = nil
end

-- Has `object:close()` called at the end of the test; gives it back.
function scope.add(object)
  if busted or #blocks > 1 then
    local list = blocks[#blocks]
    list[#list + 1] = object
  end
  return object
end

--@ ssl.testing.Scope
-- What `ssl.testing.scope` gives. It may be a `<close>` variable. Since: an addition.
--
-- Type: ssl.testing.Scope = {}
local Scope = { __name = "ssl.testing.Scope" }
Scope.__index = Scope

--@ scope:close()
-- Ends all that was made since the scope began, the last first. A scope that began
-- later, and is still open, ends too. You may call it more than once.
-- Returns nothing. Since: an addition.
--
-- Type: fun()
--
--     local testing = require "ssl.testing"
--     local scope = testing.scope()
--     local server = testing.server()
--     scope:close()
--     assert(not pcall(server.connect, server))
function Scope:close()
  local at
  for i, list in ipairs(blocks) do
    at = list == self.list and i or at
  end
  for i = #blocks, at or #blocks + 1, -1 do
    close_all(blocks[i])
    blocks[i] = nil
  end
end

Scope.__close = Scope.close

--@ ssl.testing.scope()
-- Begins a scope: what the kit makes from now on (servers, folders of files) ends when
-- the scope does. Busted needs none, since each of its tests is one. Under other
-- frameworks, begin one in `setUp` and close it in `tearDown`.
-- Returns a `ssl.testing.Scope`. Since: an addition.
--
-- Type: fun(): ssl.testing.Scope
--
--     local testing = require "ssl.testing"
--     do
--       local _ <close> = testing.scope()
--       local server = testing.server()
--       assert(server:connect():version() == "TLSv1.3")
--     end
function scope.open()
  local list = {}
  blocks[#blocks + 1] = list
  return setmetatable({ list = list }, Scope)
end

return scope
