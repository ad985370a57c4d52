local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local raises = require "support.errors".raises
local loopback = require "support.loopback"
local system = require "support.system"

local client_context, server_context = contexts.new()

local EIO, EBADF, EISDIR, ESPIPE = 5, 9, 21, 29

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
    assert.equal("negative seek position -1",
      raises(ssl.ValueError, one.sendfile, one, file, -1).message)
    one:settimeout(0)
    raises(ssl.ValueError, one.sendfile, one, file)
    file:close()
    assert.has_error(function() one:sendfile(file) end)
  end)

  it("raises what keeps the file from being read", function()
    if system.windows then return pending("such files read as empty") end
    local net <close> = loopback.new()
    local one = net:tls(client_context, server_context)
    local name = os.tmpname()
    local writer <close> = assert(io.open(name, "w"))
    local folder <close> = assert(io.open("spec"))
    for file, number in pairs({ [folder] = EISDIR, [writer] = EBADF }) do
      local err = raises(ssl.OSError, one.sendfile, one, file)
      assert.equal(number, err.errno)
      assert.equal(0, err.sent)
      assert.matches("^%[Errno %d+%] .+, after 0 bytes were sent$", err.message)
    end
    os.remove(name)
  end)

  -- A file of which a part can be read, and from where to where.
  local function memory()
    local last, first
    for line in io.lines("/proc/self/maps") do
      local from, to, rights, kind = line:match("^(%x+)%-(%x+) (%S+) %S+ %S+ %S+%s*(.*)$")
      from, to = tonumber(from, 16), tonumber(to, 16)
      if last and from > last and last - first >= 80000 then break end
      if not rights:find("^r") or kind:find("^%[") then
        last, first = nil, nil
      else
        first, last = last == from and first or from, to
      end
    end
    return assert(io.open("/proc/self/mem", "rb")), last
  end

  it("tells how much was sent of a file that fails in the middle", function()
    if system.windows then return pending("there is no /proc") end
    local net <close> = loopback.new()
    local one, other = net:tls(client_context, server_context)
    local file, last = memory()
    local offset = last - 65536 - 5000
    file:seek("set", offset)
    local whole = file:read(65536)
    local err = raises(ssl.OSError, one.sendfile, one, file, offset)
    assert.equal(EIO, err.errno)
    assert.equal(65536, err.sent)
    assert.matches(", after 65536 bytes were sent", err.message, 1, true)
    assert.is_true(whole == receive(other, 65536))
    assert.equal(offset + 65536, file:seek())
    one:sendall("end")
    assert.equal("end", other:recv(10))
    file:close()
  end)

  it("sends a pipe until its end, or as many bytes as count says", function()
    local net <close> = loopback.new()
    local one, other = net:tls(client_context, server_context)
    local pipe <close> = assert(io.popen("printf 'first\\n%s' \"$(seq 1 20000)\""))
    assert.equal("first", pipe:read("l"))
    local rest = {}
    for i = 1, 20000 do rest[i] = i end
    rest = table.concat(rest, "\n")
    assert.equal(70000, one:sendfile(pipe, nil, 70000))
    assert.is_true(rest:sub(1, 70000) == receive(other, 70000))
    assert.equal(#rest - 70000, one:sendfile(pipe, 0))
    assert.is_true(rest:sub(70001) == receive(other, #rest - 70000))
    assert.equal(0, one:sendfile(pipe))
    local err = raises(ssl.OSError, one.sendfile, one, pipe, 1)
    assert.equal(ESPIPE, err.errno)
  end)

  it("sends what another connection's file gives", function()
    local net <close> = loopback.new()
    local one, other = net:tls(client_context, server_context)
    local from, to = net:tls(client_context, server_context)
    to:sendall("through")
    to:close()
    local file <close> = from:makefile("r")
    assert.equal(7, one:sendfile(file))
    assert.equal("through", other:recv(10))
  end)

  it("leaves the position after what was sent where sending fails", function()
    local net <close> = loopback.new()
    local one, other = net:tls(client_context, server_context)
    one:settimeout(0.02)
    local file <close> = open(text:rep(100))
    raises(ssl.TimeoutError, one.sendfile, one, file, 10)
    local at = file:seek()
    assert.equal(0, (at - 10) % 65536)
    assert.is_true(at > 10)
    assert.is_true(receive(other, at - 10) == text:rep(100):sub(11, at))
  end)
end)
