local ssl = require "ssl"
local collector = require "support.collector"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local loopback = require "support.loopback"

local raises, raised = errors.raises, errors.raised

local TLSv1_2 = ssl.TLSVersion.TLSv1_2

for name, version in pairs(contexts.versions) do
  describe("A connection's own choice, with " .. name .. ",", function()
    local client_ctx, server_ctx

    before_each(function() client_ctx, server_ctx = contexts.new(version) end)
    after_each(function() client_ctx, server_ctx = nil, nil end)

    it("of protocols is made by what the client has said", function()
      client_ctx:set_alpn_protocols({ "h2", "http/1.1" })
      server_ctx.client_hello_callback = function(conn, hello)
        assert.same({ "h2", "http/1.1" }, hello.alpn)
        coroutine.yield()
        conn:set_alpn_protocols({ "http/1.1" })
      end
      for _, of_context in ipairs({ {}, { "h2" } }) do  -- the context has none, or another
        server_ctx:set_alpn_protocols(of_context)
        local client, server
        local co = coroutine.create(function()
          client, server = joined.connect(client_ctx, server_ctx)
        end)
        while coroutine.status(co) ~= "dead" do assert(coroutine.resume(co)) end
        assert.equal("http/1.1", client:selected_alpn_protocol())
        assert.equal("http/1.1", server:selected_alpn_protocol())
      end
    end)

    it("of no protocol holds as well, and so does a strict context", function()
      client_ctx:set_alpn_protocols({ "h2" })
      server_ctx:set_alpn_protocols({ "h2" })
      server_ctx.client_hello_callback = function(conn) conn:set_alpn_protocols({}) end
      assert.is_nil(joined.connect(client_ctx, server_ctx):selected_alpn_protocol())
      server_ctx.strict_alpn = true
      server_ctx.client_hello_callback = function(conn) conn:set_alpn_protocols({ "other" }) end
      local at_client = joined.handshake(joined.objects(client_ctx, server_ctx))
      assert.matches("alert", at_client.message)
    end)

    it("of protocols is no other connection's", function()
      client_ctx:set_alpn_protocols({ "h2", "http/1.1" })
      server_ctx:set_alpn_protocols({ "h2" })
      local client, server = joined.objects(client_ctx, server_ctx)
      client:set_alpn_protocols({ "http/1.1" })
      server:set_alpn_protocols({ "http/1.1" })
      assert.same({ false, false }, { joined.handshake(client, server) })
      assert.equal("http/1.1", server:selected_alpn_protocol())
      assert.equal("h2", joined.connect(client_ctx, server_ctx):selected_alpn_protocol())
    end)

    it("of protocols outlives a change of the context", function()
      local _, other = contexts.new(version)
      client_ctx:set_alpn_protocols({ "h2", "http/1.1" })
      for _, first in ipairs({ true, false }) do
        server_ctx.client_hello_callback = function(conn)
          if first then conn.context = other end
          conn:set_alpn_protocols({ "http/1.1" })
          if not first then conn.context = other end
        end
        local client, server = joined.connect(client_ctx, server_ctx)
        assert.equal("http/1.1", client:selected_alpn_protocol())
        assert.equal(other, server.context)
      end
    end)

    it("of ciphers is made by what the client has said", function()
      local method, chosen, left = "set_ciphersuites", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_"
      if version == TLSv1_2 then
        method, chosen, left = "set_ciphers", "ECDHE-ECDSA-CHACHA20-POLY1305", "AES256"
      end
      server_ctx.client_hello_callback = function(conn) conn[method](conn, chosen) end
      local client = joined.connect(client_ctx, server_ctx)
      assert.equal(chosen, (client:cipher()))
      server_ctx.client_hello_callback = nil
      assert.matches(left, (joined.connect(client_ctx, server_ctx):cipher()), 1, true)
      client = joined.objects(client_ctx, server_ctx)
      client[method](client, chosen)
    end)

    it("comes too late once the handshake has begun", function()
      local function try(conn)
        for method, value in pairs({ set_alpn_protocols = { "h2" }, set_ciphers = "HIGH",
            set_ciphersuites = "TLS_AES_128_GCM_SHA256" }) do
          local err = raises(ssl.ValueError, conn[method], conn, value)
          assert.matches("can only be set before the handshake, and in client_hello_callback",
            err.message)
        end
      end
      local late = 0
      server_ctx.certificate_callback = function(conn)
        try(conn)
        late = late + 1
      end
      local client, server = joined.objects(client_ctx, server_ctx)
      pcall(client.do_handshake, client)
      try(client)
      assert.same({ false, false }, { joined.handshake(client, server) })
      assert.equal(1, late)
      try(server)
      joined.echo(client, server)
    end)

    it("that is no choice leaves the connection as it was", function()
      client_ctx:set_alpn_protocols({ "h2" })
      server_ctx:set_alpn_protocols({ "h2" })
      local client, server = joined.objects(client_ctx, server_ctx)
      for _, conn in ipairs({ client, server }) do
        assert.is_true(ssl.isinstance(raised(conn.set_ciphers, conn, "NONSENSE"), ssl.SSLError))
        assert.is_true(ssl.isinstance(raised(conn.set_ciphersuites, conn, "NONSENSE"),
          ssl.SSLError))
        assert.matches("1 to 255", raised(conn.set_alpn_protocols, conn, { "" }).message)
        assert.matches("1 to 255", raised(conn.set_alpn_protocols, conn, { "a", ("x"):rep(256) })
          .message)
        errors.badargument(conn.set_alpn_protocols, conn, { "h2", 1 })
        errors.badargument(conn.set_alpn_protocols, conn, "h2")
        errors.badargument(conn.set_ciphers, conn, {})
      end
      assert.same({ false, false }, { joined.handshake(client, server) })
      assert.equal("h2", client:selected_alpn_protocol())
    end)

    it("and all others can be made at once", function()
      local _, other = contexts.new()
      client_ctx:set_alpn_protocols({ "h2", "http/1.1" })
      server_ctx.client_hello_callback = function(conn, hello)
        conn.context = other
        conn:set_alpn_protocols({ hello.alpn[2] })
        conn:set_ciphersuites("TLS_AES_128_GCM_SHA256")
        conn:set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        conn.minimum_version, conn.maximum_version = version, version
      end
      local client = joined.connect(client_ctx, server_ctx)
      assert.equal("http/1.1", client:selected_alpn_protocol())
      assert.matches("AES_?128", (client:cipher()))
    end)
  end)
end

describe("A connection's own choice", function()
  it("needs a connection", function()
    local _, server_ctx = contexts.new()
    local tcp = require("socket").tcp4()
    local listening <close> = server_ctx:wrap_socket(tcp, true)
    for method, value in pairs({ set_alpn_protocols = { "h2" }, set_ciphers = "HIGH",
        set_ciphersuites = "" }) do
      assert.is_true(ssl.isinstance(raised(listening[method], listening, value), ssl.OSError))
    end
    listening:close()
    assert.is_true(ssl.isinstance(raised(listening.set_ciphers, listening, "HIGH"), ssl.OSError))
  end)

  it("says so, where a finalizer closes the connection", function()
    local net <close> = loopback.new()
    local client_ctx = contexts.new()
    local config = ssl.HAS_ECH and select(2, ssl.generate_ech_key("public.test"))
    for _, choose in ipairs {
      function(conn) conn:set_alpn_protocols({ "h2" }) end,
      function(conn) conn:set_ciphers("HIGH") end,
      function(conn) conn.minimum_version = ssl.TLSVersion.TLSv1 end,  -- has a warning to make
      function(conn) conn.maximum_version = ssl.TLSVersion.TLSv1 end,
      config and function(conn) conn:set_ech_config(config) end or nil,
    } do
      local tcp = net:pair()
      local conn = net:add(client_ctx:wrap_socket(tcp, { server_hostname = "localhost",
        do_handshake_on_connect = false }))
      local ok, err = collector.during(function() conn:close() end, choose, conn)
      assert.is_false(ok)
      assert.is_true(ssl.isinstance(err, ssl.OSError))
    end
  end)

  it("is a hook's of LuaSec where a context has one", function()
    local client_ctx = contexts.new()
    client_ctx:set_alpn_protocols({ "h2" })
    local ctx = assert(ssl.newcontext({ mode = "server", protocol = "any",
      alpn = function() return "h2" end }))
    local server = ctx:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), true)
    local err = raises(ssl.ValueError, server.set_alpn_protocols, server, { "h2" })
    assert.matches("chosen by the context's own callback", err.message)
  end)
end)
