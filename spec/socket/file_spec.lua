-- The files that Lua makes where the C library cannot: all that is specified of
-- makefile, but that Lua's io library knows them.

local ssl = require "ssl"
local contexts = require "support.contexts"
local loopback = require "support.loopback"
local system = require "support.system"

local methods = require("_ssl")._methods("SSLSocket")
local makefile = methods.makefile

local client_context, server_context = contexts.ticketless()

describe("ssl.socket.file", function()
  setup(function() methods.makefile = require("ssl.socket.file").open end)
  teardown(function() methods.makefile = makefile end)

  assert(loadfile("spec/socket/makefile_spec.lua", "t", _ENV))("in Lua")

  local halves = {
    { "l", "half a ", "line\n", "half a line" }, { "L", "half a ", "line\n", "half a line\n" },
    { "n", "12", "34 ", 1234 }, { "n", " -0x1", "f ", -31 }, { 10, "12345", "67890", "1234567890" },
    { 0, "", "x", "" },
  }

  it("loses nothing in a read that ends by a timeout", function()
    for _, mode in ipairs({ "r", "rw" }) do
      for _, half in ipairs(halves) do
        local net <close> = loopback.new()
        local conn, peer = net:tls(client_context, server_context)
        local file <close> = conn:makefile(mode)
        conn:settimeout(0.02)
        peer:sendall(half[2])
        local value, _, code = file:read(half[1])
        assert.same({ nil, system.errno.ETIMEDOUT }, { value, code })
        peer:sendall(half[3])
        conn:settimeout(10)
        assert.equal(half[4], (file:read(half[1])))
      end
    end
  end)

  it("loses nothing of all that comes until the end", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    local file <close> = conn:makefile()
    conn:settimeout(0.02)
    peer:sendall("first")
    assert.is_nil((file:read("a")))
    peer:sendall(", second")
    peer:close()
    conn:settimeout(10)
    assert.equal("first, second", file:read("a"))
    assert.equal("", file:read("a"))
  end)

  it("waits by the context's waiter", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    local file <close> = conn:makefile()
    local asked = 0
    finally(function() client_context.waiter = nil end)
    client_context.waiter = function()
      asked = asked + 1
      peer:sendall("late\n")
      return true
    end
    assert.equal("late", file:read("l"))
    assert.equal(1, asked)
    assert.is_true(ssl.isinstance(conn, ssl.SSLSocket))
  end)

  it("refuses formats, modes and values as Lua's files do", function()
    local net <close> = loopback.new()
    local conn = net:tls(client_context, server_context)
    local file <close> = conn:makefile("rw")
    assert.has_error(function() file:read("x") end, "bad argument #1 to 'read' (invalid format)")
    assert.has_error(function() file:write({}) end,
      "bad argument #1 to 'write' (string expected, got table)")
    assert.has_error(function() file:setvbuf("some") end,
      "bad argument #1 to 'setvbuf' (invalid option 'some')")
  end)
end)
