local socket = require "socket"
local low = require "_ssl_testing"
local process = require "support.process"

-- All that a child reports.
local function reports(child)
  local parts, bytes = {}
  repeat
    bytes = child:read(10000)
    parts[#parts + 1] = bytes
  until not bytes
  return table.concat(parts)
end

describe("A child process", function()
  it("runs a function of this program, with what it knows", function()
    local secret = "known"
    local child <close> = low.fork(function(tell) tell(secret .. " there") end, 0)
    assert.equal("known there", reports(child))
    assert.is_true(child.pid > 0)
  end)

  it("reports more than a pipe holds", function()
    local child <close> = low.fork(function(tell) tell(("x"):rep(300000)) end, 0)
    assert.equal(300000, #reports(child))
  end)

  it("has the descriptor it was given and no other of its parent's", function()
    local kept, other = assert(socket.bind("127.0.0.1", 0)), assert(socket.bind("127.0.0.1", 0))
    finally(function()
      kept:close()
      other:close()
    end)
    local function state(listener)
      listener:settimeout(0)
      return select(2, listener:accept()) == "timeout" and "open" or "shut"
    end
    local child <close> = low.fork(function(tell)
      tell(state(kept) .. " " .. state(other))
    end, kept:getfd())
    assert.equal("open shut", reports(child))
  end)

  for name, count in pairs({ ["more than select takes"] = 1100, ["very many"] = 5000 }) do
    it(("has no descriptor of its parent's where that has %s"):format(name), function()
      assert.equal("timeout closed\n", (process.run_crowded(count, [[
        local socket = require "socket"
        local kept, other = assert(socket.bind("127.0.0.1", 0)), assert(socket.bind("127.0.0.1", 0))
        assert(kept:getfd() > #full and other:getfd() > #full)
        local child = require("_ssl_testing").fork(function(tell)
          kept:settimeout(0)
          tell(select(2, kept:accept()) .. " ")
        end, kept:getfd())
        io.write(child:read(10000))
        local port = select(2, other:getsockname())
        other:close()  -- the child has it no longer either: nobody listens
        print((select(2, socket.connect("127.0.0.1", port)):gsub("connection refused", "closed")))
      ]])))
    end)
  end

  it("is gone when it is closed, however busy", function()
    local child = low.fork(function(tell)
      tell("on")
      while true do end
    end, 0)
    assert.equal("on", child:read(10000))
    local pid = child.pid
    child:close()
    assert.is_nil((os.execute(("kill -0 %d 2>/dev/null"):format(pid))))
    assert.is_nil(child:read(0))
    assert.equal(0, child.pid)
    child:close()
  end)

  it("gives nothing, not the end, while it has nothing to say", function()
    local child <close> = low.fork(function() while true do end end, 0)
    assert.equal("", child:read(0))
  end)

  it("ends with the function that fails, and runs nothing of its parent's after it", function()
    local out, status = process.run({ process.lua, "-e", [[
      local child = require("_ssl_testing").fork(function(tell)
        tell("before\n")
        error("in the child", 0)
      end, 0)
      io.write(child:read(10000), child:read(10000) or "and no more\n")
    ]] }, nil, ("LUA_PATH=%s LUA_CPATH=%s"):format(process.quoted(package.path),
      process.quoted(package.cpath)))
    assert.equal(0, status)
    local lines = {}
    for line in out:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    table.sort(lines)
    assert.same({ "and no more", "before", "ssl.testing: server: in the child" }, lines)
  end)

  it("raises where no pipe can be had", function()
    local out = process.run({ "sh", "-c", "ulimit -n 40; exec " .. process.lua .. [[ -e '
      local low, files = require "_ssl_testing", {}
      for i = 1, 50 do files[i] = io.open("/dev/null") end
      local ok, err = pcall(low.fork, print, 0)
      io.write(tostring(ok), " ", err.strerror)']] }, nil, ("LUA_PATH=%s LUA_CPATH=%s"):format(
      process.quoted(package.path), process.quoted(package.cpath)))
    assert.equal("false Too many open files", out)
  end)

  it("takes a function and a descriptor", function()
    assert.error_matches(function() low.fork(1, 0) end, "bad argument #1")
    assert.error_matches(function() low.fork(print, -1) end, "is not between")
  end)
end)
