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
  if busted then
    local list = blocks[#blocks]
    list[#list + 1] = object
  end
  return object
end

return scope
