-- What the fast paths promise, in numbers that no machine changes. `make guard`
-- has the rest: instructions and system calls.

local ssl = require "ssl"
local testing = require "ssl.testing"

local _ssl = require "_ssl"
local contexts = require "support.contexts"
local raises = require "support.errors".raises

-- Bytes that `times` calls of `call` leave to the collector, each; without the
-- hook that counts lines, which leaves some.
local function garbage(times, call)
  local hook, mask = debug.gethook()
  debug.sethook()
  call()
  collectgarbage()
  collectgarbage("stop")
  local before = collectgarbage("count")
  for _ = 1, times do
    call()
  end
  local left = (collectgarbage("count") - before) * 1024 / times
  collectgarbage("restart")
  debug.sethook(hook, mask)
  return left
end

describe("A fast path", function()
  local pair, client

  before_each(function()
    local trusting, serving = contexts.new()
    pair = testing.pair({ client = trusting, server = serving, server_hostname = "localhost" })
    assert(pair:handshake().ok)
    client = pair.client
  end)

  after_each(function()
    pair, client = nil, nil
  end)

  local function from_server(data)
    pair.server:write(data)
    pair:pump()
  end

  it("makes no garbage when it reads into a bytearray", function()
    local buffer = ssl.bytearray(64)
    from_server(("x"):rep(16384))
    assert.is_true(garbage(200, function() client:read(64, buffer) end) < 1)
  end)

  it("makes no garbage when it writes", function()
    local data = ("x"):rep(64)
    assert.is_true(garbage(200, function() client:write(data) end) < 1)
  end)

  it("makes no garbage when it raises a want-error that is caught", function()
    assert.is_true(garbage(200, function() pcall(client.read, client, 64) end) < 1)
  end)

  it("makes no garbage but the string when it reads one", function()
    from_server(("x"):rep(16384))
    assert.is_true(garbage(200, function() client:read(64) end) < 100)
  end)

  it("reads plaintext that waits past errors that others left on the queue", function()
    from_server("abcdef")
    assert.equal("abc", client:read(3))
    _ssl._pusherror()
    assert.equal("def", client:read(3))
    _ssl._pusherror()
    raises(ssl.SSLWantReadError, client.read, client, 3)
  end)
end)
