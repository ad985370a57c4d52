local socket = require "socket"
local scheduler = require "ssl.waiter".scheduler
local copas = require("support.loops").new("copas")
local process = require "support.process"
local raised = require "support.errors".raised

describe("ssl.waiter.scheduler", function()
  it("raises from run what a task raises, and goes on with the others", function()
    local done, closed = false, false
    scheduler.spawn(function()
      scheduler.sleep(0.01)
      done = true
    end)
    scheduler.spawn(function()
      local _ <close> = setmetatable({}, { __close = function() closed = true end })
      error("mine", 0)
    end)
    local err = raised(scheduler.run)
    assert.truthy(err:find("^mine"))
    assert.is_true(closed)
    scheduler.run()
    assert.is_true(done)
  end)

  it("lets a task be closed while it waits", function()
    local tcp = assert(socket.bind("127.0.0.1", 0))
    local closed = false
    local co = scheduler.spawn(function()
      local _ <close> = setmetatable({}, { __close = function() closed = true end })
      scheduler.wait(tcp, "read")
    end)
    scheduler.spawn(function()
      scheduler.sleep(0.01)
      coroutine.close(co)
    end)
    coroutine.close(scheduler.spawn(error))  -- one that has not begun
    scheduler.run()
    assert.is_true(closed)
    tcp:close()
  end)

  it("stops when told to", function()
    local turns = 0
    local co = scheduler.spawn(function() while true do scheduler.sleep(0) end end)
    scheduler.run(function()
      turns = turns + 1
      return turns > 5
    end)
    assert.equal(6, turns)
    coroutine.close(co)
    scheduler.run()
  end)

  it("waits for nothing on what is closed", function()
    local tcp, began, inside = socket.tcp4(), socket.gettime(), nil
    tcp:close()
    assert.is_false(scheduler.wait(tcp, "read", 5))
    scheduler.spawn(function() inside = scheduler.wait(tcp, "write", 5) end)
    scheduler.run()
    assert.is_false(inside)
    assert.is_true(socket.gettime() - began < 5)
  end)

  it("refuses to wait in a coroutine that it does not know", function()
    local tcp = socket.tcp4()
    local ok, err = coroutine.resume(coroutine.create(function() scheduler.wait(tcp, "read") end))
    assert.is_false(ok)
    assert.truthy(err:find("no task"))
    tcp:close()
  end)

  -- Two tasks, of which one waits for a descriptor above 1023 and one does not.
  local crowd = [[
    local socket = require "socket"
    local waiter = require "ssl.waiter"
    local function pair()
      local listener = assert(socket.bind("127.0.0.1", 0))
      local one = assert(socket.connect("127.0.0.1", (select(2, listener:getsockname()))))
      return one, assert(listener:accept())
    end
    local high, peer = pair()
    assert(high:getfd() > 1023)
    for i = 1, 20 do full[i]:close() end
    local low, other = pair()
    assert(low:getfd() < 1024)
  ]]

  it("waits for descriptors beyond those of select", function()
    assert.equal("low high blocked\n", (process.run_crowded(1100, crowd .. [[
      local scheduler = waiter.scheduler
      scheduler.spawn(function()
        assert(scheduler.wait(low, "read", 10))
        io.write("low ")
        peer:send("x")
      end)
      scheduler.spawn(function()
        assert(scheduler.wait(high, "read", 10))
        io.write("high ")
      end)
      scheduler.spawn(function() other:send("x") end)
      scheduler.run()
      assert(scheduler.wait(high, "read", 10))  -- outside of tasks
      print("blocked")
    ]])))
  end)

  it("differs in that from copas, where the one task gets the error", function()
    if not copas then
      return pending("copas is not installed here")
    end
    assert.equal("OSError low done\n", (process.run_crowded(1100, crowd .. [[
      package.path = package.path .. ";/usr/share/lua/5.1/?.lua"
      local copas, ssl = require "copas", require "ssl"
      copas.addthread(function()
        local ok, err = pcall(waiter.copas, high, "read", 10)
        assert(not ok and ssl.isinstance(err, ssl.OSError), err)
        assert(err.message:find("below 1024", 1, true), err.message)
        io.write("OSError ")
        other:send("x")
      end)
      local over
      copas.addthread(function()
        over = waiter.copas(low, "read", 10)
        io.write("low ")
      end)
      repeat copas.step() until over
      assert(waiter.copas(high, "write", 10))  -- outside of threads
      print("done")
    ]])))
  end)
end)
