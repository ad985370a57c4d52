-- The kit under other frameworks than the one of this suite: the template repository of
-- examples/testing, run by busted's own command, by LuaUnit, and by Lua alone.

local process = require "support.process"
local system = require "support.system"
local testing = require "ssl.testing"

local TEMPLATE = "examples/testing"

-- The interpreter's modules and ours, for a program that runs in another folder.
local function environment(more)
  local function absolute(path)
    local here = process.run({ "pwd" }):gsub("\n$", "")
    return (path:gsub("[^;]+", function(part)
      return part:find("^[%a]*:?[/\\]") and part or here .. "/" .. part:gsub("^%./", "")
    end))
  end
  return ("cd %s && env LUA_PATH=%s LUA_CPATH=%s %s"):format(process.quoted(TEMPLATE),
    process.quoted(absolute(package.path)), process.quoted(absolute(package.cpath)), more or "")
end

local function run(words, more)
  return process.run(words, nil, environment(more))
end

local function has(module)
  return package.searchpath(module, package.path) ~= nil
end

if system.windows then
  return
end

describe("The template repository", function()
  it("passes under busted", function()
    local out, status = run({ process.lua, "-e", "require 'busted.runner'({ standalone = false })",
      "/dev/null", "-o", "plainTerminal", "--config-file", ".busted", "spec" })
    assert.equal(0, status, out)
    assert.matches("7 successes / 0 failures / 0 errors / 0 pending", out)
  end)

  it("passes under LuaUnit", function()
    if not has("luaunit") then
      return pending("luaunit is not installed")
    end
    local out, status = run({ process.lua, "test/fetch_luaunit.lua" })
    assert.equal(0, status, out)
    assert.matches("Ran 2 tests .* 2 successes, 0 failures", out)
  end)

  it("passes under Lua alone", function()
    local out, status = run({ process.lua, "test/fetch_plain.lua" })
    assert.equal(0, status, out)
    assert.matches("all is well", out)
  end)

  it("passes in several processes at a time", function()
    local started = {}
    for i = 1, 3 do
      started[i] = process.start({ "sh", "-c", environment() .. process.quoted(process.lua)
        .. " test/fetch_plain.lua && echo passed" })
    end
    for _, one in ipairs(started) do
      one:expect("^passed$")
      one:stop()
    end
  end)
end)

describe("testing.scope", function()
  local function listens(server)
    local conn = require("socket").connect("127.0.0.1", server.port)
    return conn and conn:close() and true or false
  end

  it("ends what was made in it, and nothing else", function()
    local before = testing.server()
    local scope = testing.scope()
    local inside = testing.server()
    assert.is_true(listens(inside))
    scope:close()
    assert.is_false(listens(inside))
    assert.is_true(listens(before))
  end)

  it("ends scopes that began in it, and may be closed again", function()
    local outer = testing.scope()
    local inner = testing.scope()
    local server = testing.server()
    outer:close()
    assert.is_false(listens(server))
    inner:close()
    outer:close()
  end)

  it("ends with its block, also after an error", function()
    local server
    pcall(function()
      local _ <close> = testing.scope()
      server = testing.server()
      error("something else")
    end)
    assert.is_false(listens(server))
  end)
end)

describe("testing.expect", function()
  local ssl = require "ssl"

  it("has every assertion of the kit, as a function that raises", function()
    local server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    local ca = testing.CA()
    local identity = ca:issue("localhost")
    identity:configure_cert(server)
    testing.expect.certificate(identity, { names = { "localhost" } })
    testing.expect.handshake_fails(client, server, { client = { verify_code = 20 } })
    testing.expect.tls_policy(server, { versions = { "TLSv1.2", "TLSv1.3" } })
    local ok, message = pcall(testing.expect.tls_policy, server, { versions = { "TLSv1.3" } })
    assert.is_false(ok)
    assert.matches("BROKEN  versions", message, 1, true)
    ok, message = pcall(testing.expect.certificate, identity, { names = { "other.test" } })
    assert.is_false(ok)
    assert.matches("other.test", message, 1, true)
  end)

  it("gives what an assertion gives", function()
    local err = testing.expect.tls_error(function()
      ssl.create_default_context({ cafile = "missing.pem" })
    end, { class = "OSError" })
    assert.equal(2, err.errno)
  end)
end)
