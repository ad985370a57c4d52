local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local system = require "support.system"

local raised, raises, set = errors.raised, errors.raises, errors.set

describe("sni_callback", function()
  it("cannot be set on a client's context", function()
    local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    raises(ssl.ValueError, set, client, "sni_callback", function() end)
    raises(ssl.ValueError, client.set_servername_callback, client, function() end)
  end)

  it("gets the name as it was sent, in Unicode by set_servername_callback, nil for none", function()
    if not system.idn then return pending("no libidn2 here") end
    local names = {}
    local function note(_, name) names[#names + 1] = name or "none" end
    local client_ctx, server_ctx = contexts.new()
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
      { function() coroutine.yield() end, "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "'sni_callback' may not yield: client_hello_callback may" },
    } do
      local client_ctx, server_ctx = contexts.new()
      server_ctx.sni_callback = case[1]
      local client, server = joined.objects(client_ctx, server_ctx)
      local cerr, serr = coroutine.wrap(joined.handshake)(client, server)
      assert.equal(case[2], cerr.reason)
      assert.is_true(ssl.isinstance(serr, ssl.SSLError))
      if case[3] then assert.matches(case[3], tostring(serr.cause), 1, true) end
    end
  end)

  it("is the new context's after a switch: a second hello asks only one that has it", function()
    local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    local _, other = contexts.new(ssl.TLSVersion.TLSv1_3)
    client_ctx:set_groups("X25519:P-256")
    server_ctx:set_groups("P-256")
    local asked, asked_other = 0, 0
    server_ctx.sni_callback = function(conn)
      asked = asked + 1
      conn.context = other
    end
    local client, server = joined.connect(client_ctx, server_ctx)
    assert.not_equal("x25519", client:group())
    assert.same({ 1, other }, { asked, server.context })
    other.sni_callback = function() asked_other = asked_other + 1 end
    joined.connect(client_ctx, server_ctx)
    assert.same({ 2, 1 }, { asked, asked_other })
  end)

  it("cannot close or use the connection that it is called for", function()
    local client_ctx, server_ctx = contexts.new()
    local refusals = {}
    server_ctx.sni_callback = function(conn)
      for _, name in ipairs { "do_handshake", "read", "unwrap" } do
        refusals[#refusals + 1] = raised(conn[name], conn)
      end
    end
    joined.connect(client_ctx, server_ctx)
    assert.equal(3, #refusals)
    for _, err in ipairs(refusals) do
      assert.matches("in use by the call whose callback this is", err.message, 1, true)
    end
  end)
end)
