local socket = require "socket"
local scheduler = require "ssl.waiter".scheduler
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
end)
