local socket = require "socket"
local _ssl = require "_ssl"
local ssl = require "ssl"
local loopback = require "support.loopback"
local raises = require "support.errors".raises

local poll = _ssl._poll

describe("_poll", function()
  it("gives the places of what is ready", function()
    local net <close> = loopback.new()
    local one, other = net:pair()
    local fd = one:getfd()
    assert.same({}, poll({ fd }, { "read" }, 0))
    assert.same({ 2 }, poll({ fd, fd }, { "read", "write" }))
    other:send("x")
    assert.same({ 1 }, poll({ fd }, { "read" }))
    assert.same({ 2, 3 }, poll({ other:getfd(), fd, fd }, { "read", "read", "write" }, 10))
  end)

  it("takes LuaSocket's descriptors, which may be floats, and none", function()
    local net <close> = loopback.new()
    local one = net:pair()
    assert.same({ 1 }, poll({ one:getfd() + 0.0 }, { "write" }))
    assert.same({}, poll({ -1, -1 }, { "read", "write" }, 0))
    assert.same({}, poll({}, {}, 0))
  end)

  it("waits as long as it is told", function()
    local began = socket.gettime()
    assert.same({}, poll({}, {}, 0.03))
    assert.is_true(socket.gettime() - began >= 0.03)
    raises(ssl.ValueError, poll, {}, {}, -1)
    raises(ssl.ValueError, poll, {}, {}, 0 / 0)
  end)

  it("finds ready what is closed or at its end, for the next call to tell", function()
    local net <close> = loopback.new()
    local one, other = net:pair()
    other:close()
    assert.same({ 1 }, poll({ one:getfd() }, { "read" }))
    local fd = one:getfd()
    one:close()
    assert.same({ 1 }, poll({ fd }, { "write" }))
  end)

  it("wants two arrays", function()
    assert.has_error(function() poll(1, {}) end)
    assert.has_error(function() poll({}) end)
  end)
end)
