-- Bug classes B1 and B34: an allocation that fails, at any point. Here a sample
-- of them; `make memfail STRIDE=1` takes them all.

local process = require "support.process"

-- Without the hook that counts lines, whose allocations would fail too.
local function run(stride, ...)
  local output, status = process.run({ process.lua, "tools/memfail.lua", "-s", stride, ... }, nil,
    "LUA_INIT= LUA_PATH='./?.lua;'\"$LUA_PATH\"")
  return status == 0, output
end

describe("An allocation that fails", function()
  it("leaves nothing behind in contexts, queues and certificates", function()
    local ok, output = run(23, "objects", "contexts", "trust", "certificates")
    assert.is_true(ok, output)
    assert.matches("%d%d+ failures made, 0 problems", output)
  end)

  it("leaves nothing behind in a connection with all its callbacks", function()
    local ok, output = run(400, "TLS 1.3", "TLS 1.2", "refused")
    assert.is_true(ok, output)
    assert.matches("%d%d+ failures made, 0 problems", output)
  end)

  it("leaves nothing behind in sockets, files and coroutines", function()
    local ok, output = run(31, "sockets", "waiting", "negotiated", "postponed")
    assert.is_true(ok, output)
    assert.matches("%d%d+ failures made, 0 problems", output)
    ok, output = run(61, "early")
    assert.is_true(ok, output)
    assert.matches("%d%d+ failures made, 0 problems", output)
  end)

  it("leaves nothing behind in connections over datagrams", function()
    local ok, output = run(101, "datagrams", "datagram sockets", "datagram listener")
    assert.is_true(ok, output)
    assert.matches("%d%d+ failures made, 0 problems", output)
  end)

  it("leaves nothing behind in what LuaSec's programs use", function()
    for stride, name in pairs({ [97] = "LuaSec contexts", [61] = "LuaSec connections",
        [7] = "LuaSec certificates" }) do
      local ok, output = run(stride, name)
      assert.is_true(ok, output)
      assert.matches("%d%d+ failures made, 0 problems", output)
    end
  end)

  it("gives a descriptor back that LuaSocket had for a call", function()
    local ok, output = run(1, "connecting")
    assert.is_true(ok, output)
    assert.matches("%d%d+ failures made, 0 problems", output)
  end)

  it("leaves no error queued by what OpenSSL could do all the same", function()
    for stride, name in pairs({ [97] = "encrypting", [10] = "kit", [100] = "pair" }) do
      local ok, output = run(stride, name)
      assert.is_true(ok, output)
      assert.matches("%d%d+ failures made, 0 problems", output)
    end
  end)

  it("lets the module be loaded afterwards", function()
    local ok, output = run(50, "loading")
    assert.is_true(ok, output)
    assert.matches("%d%d+ failures made, 0 problems", output)
  end)
end)
