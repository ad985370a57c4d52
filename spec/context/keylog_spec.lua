-- The log of secrets is what others' programs can read: tshark decrypts with it.

local ssl = require "ssl"
local lfs = require "lfs"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local process = require "support.process"
local read = require "support.read"
local system = require "support.system"

local raised, raises, set = errors.raised, errors.raises, errors.set

local ENOENT, ENOSPC = 2, 28

-- A capture of one TCP connection to port 443, of the pieces {to_server, bytes}.
local function capture(pieces)
  local out = { string.pack("<I4I2I2i4I4I4I4", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101) }
  local seq = { [true] = 1000, [false] = 2000 }
  local function packet(to_server, flags, bytes)
    local from, to = 50000, 443
    if not to_server then from, to = to, from end
    local tcp = string.pack(">I2I2I4I4BBI2I2I2", from, to, seq[to_server], seq[not to_server],
      0x50, flags, 65535, 0, 0) .. bytes
    local a, b = "\10\0\0\1", "\10\0\0\2"
    local ip = string.pack(">BBI2I2I2BBI2", 0x45, 0, 20 + #tcp, #out, 0x4000, 64, 6, 0) ..
      (to_server and a .. b or b .. a) .. tcp
    out[#out + 1] = string.pack("<I4I4I4I4", #out, 0, #ip, #ip) .. ip
    seq[to_server] = seq[to_server] + #bytes + (flags & 2 ~= 0 and 1 or 0)
  end
  packet(true, 0x02, "")
  packet(false, 0x12, "")
  packet(true, 0x10, "")
  for _, piece in ipairs(pieces) do packet(piece[1], 0x18, piece[2]) end
  return table.concat(out)
end

-- What both sides send, when the client says `question` and the server `answer`.
local function talk(client_ctx, server_ctx, question, answer)
  local pieces = {}
  local bios = {}
  for i = 1, 4 do bios[i] = ssl.MemoryBIO() end
  local client = client_ctx:wrap_bio(bios[1], bios[2], { server_hostname = "localhost" })
  local server = server_ctx:wrap_bio(bios[3], bios[4], true)
  local function move()
    for _, way in ipairs { { true, bios[2], bios[3] }, { false, bios[4], bios[1] } } do
      local bytes = way[2]:read()
      if bytes ~= "" then
        pieces[#pieces + 1] = { way[1], bytes }
        way[3]:write(bytes)
      end
    end
  end
  for _ = 1, 5 do
    pcall(client.do_handshake, client)
    move()
    pcall(server.do_handshake, server)
    move()
  end
  client:write(question)
  move()
  assert.equal(question, server:read(99))
  server:write(answer)
  move()
  assert.equal(answer, client:read(99))
  return pieces
end

local function save(bytes)
  local name = os.tmpname()
  local file = assert(io.open(name, "wb"))
  file:write(bytes)
  file:close()
  return name
end

-- What tshark sees in the connection, in hexadecimal.
local function decrypted(pcap, keys)
  local pipe = assert(io.popen(("tshark -r %s -o tls.keylog_file:%s -q -z follow,tls,raw,0 2>&1")
    :format(pcap, keys)))
  local text = pipe:read("a")
  pipe:close()
  return text
end

local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

describe("SSLContext.keylog_filename", function()
  for _, version in ipairs { 0x303, 0x304 } do
    it(("lets tshark decrypt a capture of version 0x%x"):format(version), function()
      if not os.execute("command -v tshark >/dev/null 2>&1") then
        return pending("tshark is not installed")
      end
      for side = 1, 2 do
        local ctx = { contexts.new() }
        contexts.only(version, ctx[1], ctx[2])
        local keys, none = os.tmpname(), save("")
        ctx[side].keylog_filename = keys
        local pcap = save(capture(talk(ctx[1], ctx[2], "the question", "the answer")))
        local with, without = decrypted(pcap, keys), decrypted(pcap, none)
        for _, name in ipairs { keys, none, pcap } do os.remove(name) end
        assert.truthy(with:find(hex("the question"), 1, true), with)
        assert.truthy(with:find(hex("the answer"), 1, true), with)
        assert.is_nil(without:find(hex("the question"), 1, true))
      end
    end)
  end

  it("adds a header and lines to a file that its owner alone can read", function()
    local client_ctx, server_ctx = contexts.new()
    local name = os.tmpname()
    os.remove(name)
    client_ctx.keylog_filename = name
    assert.equal(name, client_ctx.keylog_filename)
    assert.equal(system.private, lfs.attributes(name, "permissions"))
    joined.connect(client_ctx, server_ctx)
    local text = read(name)
    assert.matches("^# [^\n]+\nSERVER_HANDSHAKE", text)
    client_ctx.keylog_filename = name  -- opened anew, and no second header
    joined.connect(client_ctx, server_ctx)
    assert.equal(text, read(name):sub(1, #text))
    assert.is_nil(read(name):find("\n#"))
    client_ctx.keylog_filename = nil
    assert.is_nil(client_ctx.keylog_filename)
    local size = #read(name)
    joined.connect(client_ctx, server_ctx)
    assert.equal(size, #read(name))
    os.remove(name)
  end)

  it("raises what keeps the file from being opened, and keeps the file before", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.keylog_filename = "/dev/null"
    local err = raises(ssl.OSError, set, ctx, "keylog_filename", "/no/such/folder/log")
    assert.equal(ENOENT, err.errno)
    assert.equal("/no/such/folder/log", err.filename)
    raises(ssl.ValueError, set, ctx, "keylog_filename", "a\0b")
    for _, bad in ipairs { 1, true, {} } do
      assert.matches("bad value for 'keylog_filename'",
        tostring(raised(set, ctx, "keylog_filename", bad)), 1, true)
    end
    assert.equal("/dev/null", ctx.keylog_filename)
  end)

  it("has a full disk fail the call in progress, with the file's name", function()
    if not lfs.attributes("/dev/full", "mode") then return pending("no /dev/full") end
    for side = 1, 2 do
      local both = { contexts.new() }
      both[side].keylog_filename = "/dev/full"
      local outcomes = table.pack(joined.handshake(joined.objects(both[1], both[2])))
      local err = outcomes[side]
      assert.is_true(ssl.isinstance(err, ssl.OSError), tostring(err))
      assert.equal(ENOSPC, err.errno)
      assert.equal("/dev/full", err.filename)
    end
  end)

  it("may be taken away in the middle of a handshake", function()
    local client_ctx, server_ctx = contexts.new()
    client_ctx.keylog_filename = "/dev/null"
    client_ctx._msg_callback = function() client_ctx.keylog_filename = nil end
    joined.connect(client_ctx, server_ctx)
    assert.is_nil(client_ctx.keylog_filename)
  end)

  it("may be a pipe, whose reader's end is an error and no SIGPIPE", function()
    local script = [[
      local ssl = require "ssl"
      local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      client_ctx:set_psk_client_callback(function() return "someone", "key" end)
      server_ctx:set_psk_server_callback(function() return "key" end)
      local reader = io.popen("exec 3<" .. name .. "; exec 3<&-; echo gone")
      client_ctx.keylog_filename = name
      assert(reader:read("l") == "gone")
      local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
      local client = client_ctx:wrap_bio(down, up, false, "localhost")
      local server = server_ctx:wrap_bio(up, down, true)
      pcall(client.do_handshake, client)
      pcall(server.do_handshake, server)
      local ok, err = pcall(client.do_handshake, client)
      print(ok, err.errno, err.filename == name)
      -- a pipe of another's raises the signal: it was not ignored, nor is it blocked
      local pipe = io.popen("exec 0<&-; echo closed >&2", "w")
      repeat pipe:write("x"):flush() until false
    ]]
    if not ssl.HAS_PSK then return pending("no PSK") end
    local name = os.tmpname()
    os.remove(name)
    assert(os.execute("mkfifo " .. name))
    -- perl's, since who ignores a signal, as LuaSocket does, has children that do
    local text, code = process.run({ "perl", "-e", '$SIG{PIPE} = "DEFAULT"; exec @ARGV or die',
      process.lua, "-e", ("local name = %q "):format(name) .. script })
    os.remove(name)
    assert.equal("false\t32\ttrue\nclosed\n", text)
    assert.is_true(code == 13 or code == 128 + 13, code)
  end)
end)
