local ssl = require "ssl"
local lfs = require "lfs"
local joined = require "support.joined"
local process = require "support.process"

local TLSv1_2, TLSv1_3 = 0x303, 0x304
local ENOENT, ENOSPC = 2, 28

local function raised(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  return err
end

local function set(object, name, value) object[name] = value end

describe("A context's handlers", function()
  it("are read as they were set, and can be taken away", function()
    local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for _, name in ipairs { "sni_callback", "_msg_callback", "waiter" } do
      assert.is_nil(server[name])
      local callable = setmetatable({}, { __call = function() end })
      for _, value in ipairs { function() end, callable } do
        server[name] = value
        assert.equal(value, server[name])
      end
      for _, bad in ipairs { 1, true, "x", {} } do
        assert.matches("bad value for '" .. name .. "'", raised(set, server, name, bad), 1, true)
      end
      assert.equal(callable, server[name])
      server[name] = nil
      assert.is_nil(server[name])
    end
  end)
end)

describe("sni_callback", function()
  it("cannot be set on a client's context", function()
    local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local err = raised(set, client, "sni_callback", function() end)
    assert.is_true(ssl.isinstance(err, ssl.ValueError))
    err = raised(client.set_servername_callback, client, function() end)
    assert.is_true(ssl.isinstance(err, ssl.ValueError))
  end)

  it("gets the name as it was sent, in Unicode by set_servername_callback, nil for none", function()
    local names = {}
    local function note(_, name) names[#names + 1] = name or "none" end
    local client_ctx, server_ctx = joined.contexts()
    client_ctx.check_hostname = false
    for _, name in ipairs { "localhost", "b\u{fc}cher.test", false } do
      for _, install in ipairs { function() server_ctx.sni_callback = note end,
          function() server_ctx:set_servername_callback(note) end } do
        install()
        local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        local client = client_ctx:wrap_bio(down, up, { server_hostname = name or nil })
        joined.handshake(client, server_ctx:wrap_bio(up, down, true))
      end
    end
    assert.same({ "localhost", "localhost", "xn--bcher-kva.test", "b\u{fc}cher.test", "none",
      "none" }, names)
  end)

  it("ends the handshake by an alert, a wrong result, or an error", function()
    local mine = setmetatable({}, { __tostring = function() return "mine" end })
    for _, case in ipairs {
      { function() return 112 end, "TLSV1_UNRECOGNIZED_NAME" },
      { function() return "x" end, "TLSV1_ALERT_INTERNAL_ERROR", "bad return value from 's" },
      { function() return 1.5 end, "TLSV1_ALERT_INTERNAL_ERROR", "bad return value from 's" },
      { function() error(mine) end, "SSLV3_ALERT_HANDSHAKE_FAILURE", "mine" },
      { function() coroutine.yield() end, "SSLV3_ALERT_HANDSHAKE_FAILURE", "attempt to yield" },
    } do
      local client_ctx, server_ctx = joined.contexts()
      server_ctx.sni_callback = case[1]
      local client, server = joined.objects(client_ctx, server_ctx)
      local cerr, serr = coroutine.wrap(joined.handshake)(client, server)
      assert.equal(case[2], cerr.reason)
      assert.is_true(ssl.isinstance(serr, ssl.SSLError))
      if case[3] then assert.matches(case[3], tostring(serr.cause), 1, true) end
    end
  end)

  it("cannot close or use the connection that it is called for", function()
    local client_ctx, server_ctx = joined.contexts()
    local errors = {}
    server_ctx.sni_callback = function(conn)
      for _, name in ipairs { "do_handshake", "read", "unwrap" } do
        errors[#errors + 1] = raised(conn[name], conn)
      end
    end
    joined.connect(client_ctx, server_ctx)
    assert.equal(3, #errors)
    for _, err in ipairs(errors) do
      assert.matches("in use by the call whose callback this is", err.message, 1, true)
    end
  end)
end)

describe("_msg_callback", function()
  for _, version in ipairs { TLSv1_2, TLSv1_3 } do
    it(("is told the messages of version 0x%x, both ways"):format(version), function()
      local client_ctx, server_ctx = joined.contexts()
      joined.only(version, client_ctx, server_ctx)
      local seen, conns = {}, {}
      client_ctx._msg_callback = function(conn, direction, _, content, message, data)
        conns[conn] = true
        assert.equal("string", type(data))
        seen[#seen + 1] = ("%s %d %d"):format(direction, content, message)
        if content == ssl._TLSContentType.HANDSHAKE then assert.equal(message, data:byte()) end
      end
      local client, server = joined.connect(client_ctx, server_ctx)
      assert.is_true(conns[client])
      assert.is_nil(next(conns, client))
      local all = table.concat(seen, "\n")
      -- 256: a record's header, whose type is the record's
      assert.equal("write 256 22", seen[1])
      assert.equal("write 22 1", seen[2])
      for _, message in ipairs { "read 256 22", "read 22 2", "write 20 257" } do
        assert.matches(message, all, 1, true)
      end
      pcall(server.unwrap, server)
      pcall(client.unwrap, client)
      all = table.concat(seen, "\n")
      for _, message in ipairs { "read 21 0", "write 21 0" } do
        assert.matches(message, all, 1, true)
      end
    end)
  end

  it("that raises has its error come out of the call in progress", function()
    local client_ctx, server_ctx = joined.contexts()
    client_ctx._msg_callback = function() error("not this one", 0) end
    local client = joined.objects(client_ctx, server_ctx)
    assert.matches("not this one", tostring(raised(client.do_handshake, client)), 1, true)
  end)

  it("is no longer called once it is taken away", function()
    local client_ctx, server_ctx = joined.contexts()
    local calls = 0
    client_ctx._msg_callback = function() calls = calls + 1 end
    local client, server = joined.objects(client_ctx, server_ctx)
    client_ctx._msg_callback = nil
    assert.is_false((joined.handshake(client, server)))
    assert.equal(0, calls)
  end)
end)

describe("keylog_filename", function()
  local function read(name)
    local file <close> = assert(io.open(name, "rb"))
    return file:read("a")
  end

  it("adds a header and lines to a file that its owner alone can read", function()
    local client_ctx, server_ctx = joined.contexts()
    local name = os.tmpname()
    os.remove(name)
    client_ctx.keylog_filename = name
    assert.equal(name, client_ctx.keylog_filename)
    assert.equal("rw-------", lfs.attributes(name, "permissions"))
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
    local err = raised(set, ctx, "keylog_filename", "/no/such/folder/log")
    assert.is_true(ssl.isinstance(err, ssl.OSError))
    assert.equal(ENOENT, err.errno)
    assert.equal("/no/such/folder/log", err.filename)
    assert.is_true(ssl.isinstance(raised(set, ctx, "keylog_filename", "a\0b"), ssl.ValueError))
    for _, bad in ipairs { 1, true, {} } do
      assert.matches("bad value for 'keylog_filename'",
        tostring(raised(set, ctx, "keylog_filename", bad)), 1, true)
    end
    assert.equal("/dev/null", ctx.keylog_filename)
  end)

  it("has a full disk fail the call in progress, with the file's name", function()
    if not lfs.attributes("/dev/full", "mode") then return pending("no /dev/full") end
    for side = 1, 2 do
      local contexts = { joined.contexts() }
      contexts[side].keylog_filename = "/dev/full"
      local errors = table.pack(joined.handshake(joined.objects(contexts[1], contexts[2])))
      local err = errors[side]
      assert.is_true(ssl.isinstance(err, ssl.OSError), tostring(err))
      assert.equal(ENOSPC, err.errno)
      assert.equal("/dev/full", err.filename)
    end
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
