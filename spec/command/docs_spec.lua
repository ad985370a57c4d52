local command = require "support.command"
local files = require "ssl.testing.files"
local read = require "support.read"
local testing = require "ssl.testing"

local page = read("docs/command.md")

-- The same each day and on each run.
local function steady(text)
  return (text:gsub("%d%d%d%d%-%d%d%-%d%d", "2026-11-28"):gsub("localhost:%d+", "localhost:8443")
    :gsub("%f[%x]%x%x%x%x%x%x%x%x%f[%X]", "5f0c1d2e"):gsub("%s+$", ""))
end

-- The blocks of the page that begin with a command.
local function blocks(pattern)
  local out = {}
  for block in page:gmatch("```console\n(.-)```") do
    if block:find(pattern) then out[#out + 1] = block end
  end
  return out
end

describe("The page on the command", function()
  for _, name in ipairs({ "expired", "wrong_host", "self_signed", "missing_intermediate",
    "weak_key", "revoked_staple" }) do
    it("shows what connect says of a server that is " .. name, function()
      local ca, folder <close> = testing.CA(), files.folder()
      local server <close> = testing.server({ identity = testing.broken[name](ca, "localhost") })
      local out, err, status = command.shell("LC_ALL=C.UTF-8 " .. command.line("connect",
        "localhost:" .. server.port, "--report", "--cafile",
        folder:write({ ca = ca.cert.pem }).ca))
      assert.same({ "", 1 }, { err, status })
      local shown = {}
      for _, block in ipairs(blocks("^%$ lua%-ssl connect")) do
        shown[#shown + 1] = steady(block:match("^[^\n]*\n(.*)$"))
      end
      assert.is_true(#shown >= 6)
      assert.matches(steady(out), table.concat(shown, "\n\0\n"), 1, true)
    end)
  end

  it("has commands that the command understands", function()
    local main, options = require "ssl.command.main", require "ssl.command.options"
    local count = 0
    for line in page:gmatch("lua%-ssl (%l[^\n`|<]*)") do
      local words = {}
      for word in line:gmatch("%S+") do words[#words + 1] = word end
      local known = main.find(table.remove(words, 1))
      local values, problem = options.parse(known or { options = {} }, words)
      assert(known and values, line .. ": " .. tostring(problem))
      count = count + 1
    end
    assert.is_true(count >= 15)
  end)
end)
