-- Every error of docs/errors.md, provoked and compared with the page: its class, its
-- reason, and our part of its message.

local failures = require "support.failures"
local read = require "support.read"
local reasons = require "support.reasons"
local ssl = require "ssl"

local page = read("docs/errors.md")
local theirs = reasons.theirs()

-- Each heading with the lines of its example.
local chapters = {}
do
  local current
  for line in page:gmatch("([^\n]*)\n") do
    local heading = line:match("^###+ (.+)$")
    if heading then
      assert(not chapters[heading] or heading:find("^verify_code"), heading)
      current = {}
      chapters[heading] = current
    elseif current and line:find("^    %S") then
      current[#current + 1] = line:sub(5)
    end
  end
end

-- Does the text have the form of a line of the page? "…" stands for anything.
local function fits(line, text)
  local pattern = line:gsub("%p", "%%%0"):gsub("…", ".*")
  return text:find("^" .. pattern .. "$") ~= nil
end

-- An error as the page shows it.
local function shown(err)
  if type(err) == "string" then return (err:gsub("^%S+:%d+: ", "")) end
  return getmetatable(err).__name .. ": " .. err.message
end

-- Does a line show an error whose text OpenSSL has written otherwise? Then it has the same
-- class and the same advice.
local function resembles(line, err)
  if type(err) == "string" then return false end
  local advice = err.message:sub(#(err.strerror or err.message) + 1)
  local class = line:match("^(ssl%.%w+): ")
  return class == getmetatable(err).__name and line:sub(-#advice - 1):find(advice, 1, true) ~= nil
end

local function matches(lines, err)
  for _, line in ipairs(lines) do
    if fits(line, shown(err)) or resembles(line, err) then return true end
  end
  return false
end

-- Chapters whose error no one can provoke here and now.
local unprovoked = {
  RECORD_LAYER_FAILURE = "OpenSSL 3.2 and newer",
  PermissionError = "not as root; spec/host has those of a host's limits",
  NotImplementedError = "depends on OpenSSL",
}

local codes = {}

describe("The page of errors explains", function()
  for heading, functions in pairs(failures.provoke) do
    it(heading, function()
      local lines = assert(chapters[heading], "no chapter")
      assert.is_true(#lines > 0 and #functions > 0)
      for _, provoke in ipairs(functions) do
        local err = provoke()
        assert(matches(lines, err), shown(err))
        local reason = type(err) == "table" and err.reason
        if reason and not theirs[reason] then
          assert.is_truthy(chapters[reason], reason)
        end
        if reason and heading == heading:upper() and not theirs[heading] then
          assert.equal(heading, reason)
        end
        if type(err) == "table" and err.verify_code then
          assert.is_truthy(chapters["verify_code " .. err.verify_code], err.message)
          codes[err.verify_code] = true
        end
      end
    end)
  end

  it("no code of a refusal that does not come up", function()
    for heading in pairs(chapters) do
      local code = heading:match("^verify_code (%d+)$")
      assert(not code or codes[tonumber(code)], heading)
    end
  end)

  it("nothing that the spec does not provoke, or says why not", function()
    for heading in pairs(chapters) do
      assert(failures.provoke[heading] or unprovoked[heading] or heading:find("^verify_code"),
        heading)
    end
  end)

  it("classes that there are", function()
    for class in page:gmatch("    ssl%.(%w+): ") do assert.is_table(ssl[class], class) end
  end)

  it("a reason under the address that the reason makes", function()
    for heading in pairs(failures.provoke) do
      if heading == heading:upper() then
        assert.is_truthy(heading:lower():find("^[%l%d_]+$"), heading)
      end
    end
  end)
end)
