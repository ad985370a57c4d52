local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local raises = require "support.errors".raises
local loopback = require "support.loopback"

local client_context, server_context = contexts.new()

describe("SSLSocket.sendfile", function()
  local text = ("0123456789"):rep(20000)

  -- A file with that text, open for reading.
  local function open(content)
    local file = assert(io.tmpfile())
    file:write(content)
    file:seek("set")
    return file
  end

  local function receive(conn, n)
    local parts, got = {}, 0
    while got < n do
      parts[#parts + 1] = assert(conn:recv(n - got))
      got = got + #parts[#parts]
    end
    return table.concat(parts)
  end

  it("sends all, or what offset and count say, and leaves the position after it", function()
    local net <close> = loopback.new()
    local one, other = net:tls(client_context, server_context)
    local file <close> = open(text)
    for _, case in ipairs({ { nil, nil, 0, #text }, { 5, 10, 5, 10 }, { 0, 1, 0, 1 },
      { 199990, 100, 199990, 10 }, { 65535, 65537, 65535, 65537 } }) do
      assert.equal(case[4], one:sendfile(file, case[1], case[2]))
      assert.equal(text:sub(case[3] + 1, case[3] + case[4]), receive(other, case[4]))
      assert.equal(case[3] + case[4], file:seek())
    end
    assert.equal(0, one:sendfile(file, #text))
    assert.equal(0, one:sendfile(file, #text + 100))
    local empty <close> = open("")
    assert.equal(0, one:sendfile(empty))
    one:sendall("end")
    assert.equal("end", other:recv(10))
  end)

  it("refuses what is no open file, odd numbers, and not waiting", function()
    local net <close> = loopback.new()
    local one = net:tls(client_context, server_context)
    local file = open(text)
    for _, wrong in ipairs({ 1, "name", {}, socket }) do
      assert.has_error(function() one:sendfile(wrong) end)
    end
    for _, wrong in ipairs({ 0, -1 }) do
      local err = raises(ssl.ValueError, one.sendfile, one, file, 0, wrong)
      assert.matches("count must be a positive integer", err.message, 1, true)
    end
    for _, wrong in ipairs({ 1.5, "1" }) do
      assert.has_error(function() one:sendfile(file, wrong) end)
      assert.has_error(function() one:sendfile(file, 0, wrong) end)
    end
    assert.has_error(function() one:sendfile(file, -1) end)
    one:settimeout(0)
    raises(ssl.ValueError, one.sendfile, one, file)
    file:close()
    assert.has_error(function() one:sendfile(file) end)
  end)
end)
