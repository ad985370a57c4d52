local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"

local raised, set = errors.raised, errors.set

local TLSv1_2, TLSv1_3 = 0x303, 0x304

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

describe("_msg_callback", function()
  for _, version in ipairs { TLSv1_2, TLSv1_3 } do
    it(("is told the messages of version 0x%x, both ways"):format(version), function()
      local client_ctx, server_ctx = contexts.new(version)
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

  it("raises an error that its connection does not keep", function()
    local client_ctx, server_ctx = contexts.new()
    client_ctx._msg_callback = function() error(setmetatable({}, { __name = "mine" })) end
    local client = joined.objects(client_ctx, server_ctx)
    local held = setmetatable({ raised(client.do_handshake, client) }, { __mode = "v" })
    assert.is_table(held[1])
    collectgarbage()
    collectgarbage()
    assert.is_nil(held[1])
    assert.is_nil(client:version())
  end)

  it("that raises has its error come out of the call in progress", function()
    local client_ctx, server_ctx = contexts.new()
    client_ctx._msg_callback = function() error("not this one", 0) end
    local client = joined.objects(client_ctx, server_ctx)
    assert.matches("not this one", tostring(raised(client.do_handshake, client)), 1, true)
  end)

  it("is no longer called once it is taken away", function()
    local client_ctx, server_ctx = contexts.new()
    local calls = 0
    client_ctx._msg_callback = function() calls = calls + 1 end
    local client, server = joined.objects(client_ctx, server_ctx)
    client_ctx._msg_callback = nil
    assert.is_false((joined.handshake(client, server)))
    assert.equal(0, calls)
  end)
end)
