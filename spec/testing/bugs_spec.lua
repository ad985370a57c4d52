-- The specs of examples/testing/bugs/ find real bugs of the past, each in a program that
-- has it, and find nothing where it is mended.

local process = require "support.process"
local read = require "support.read"
local system = require "support.system"

local BUGS = "examples/testing/bugs/"

-- Whether a spec passes, with a variable of the environment.
local function passes(spec, variable, value)
  local environment = ("LUA_PATH=%s LUA_CPATH=%s %s=%s"):format(process.quoted(package.path),
    process.quoted(package.cpath), variable, process.quoted(value))
  local out, status = process.run({ process.lua, "tools/busted.lua", "-o", "plainTerminal",
    BUGS .. spec }, nil, environment)
  assert.matches("%d+ success%a* / %d+ failures? / 0 errors / 0 pending", out)
  return status == 0, out
end

if system.windows then
  return describe("The specs of examples/testing/bugs/", function()
    pending("need servers in other processes")
  end)
end

local has_python = os.execute("python3 --version >/dev/null 2>&1")

describe("A spec of at most 20 lines", function()
  for _, name in ipairs({ "host_name", "starttls", "truncation" }) do
    it("is what finds the bug: " .. name, function()
      local lines = 0
      for line in read(BUGS .. name .. "_spec.lua"):gmatch("[^\n]+") do
        lines = lines + (line:find("^%-%-") and 0 or 1)
      end
      assert.is_true(lines <= 20, lines)
    end)
  end

  it("finds a client that checks no host name", function()
    local client = process.lua .. " " .. BUGS .. "luasec_client.lua"
    local ok, out = passes("host_name_spec.lua", "CLIENT", client)
    assert.is_false(ok)
    assert.matches("1 success / 1 failure", out, 1, true)
    assert.matches("trusts no server that has another name", out, 1, true)
    assert.is_true((passes("host_name_spec.lua", "CLIENT", client .. " check")))
  end)

  it("finds a server that goes on in plain after STARTTLS", function()
    for _, careful in ipairs({ false, "careful" }) do
      local server <close> = process.start({ process.lua, BUGS .. "mail_server.lua",
        careful or nil })
      local port = server:expect("^(%d+)$")
      assert.equal(careful and true or false, (passes("starttls_spec.lua", "PORT", port)))
    end
  end)

  ;(has_python and it or pending)("finds a client that takes an end of stream for complete",
    function()
      local client = "python3 " .. BUGS .. "fetch.py"
      assert.is_false((passes("truncation_spec.lua", "CLIENT", client)))
      assert.is_true((passes("truncation_spec.lua", "CLIENT", client .. " check")))
    end)
end)
