local ssl = require "_ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local python = require "support.python"

local badargument, raised, raises = errors.badargument, errors.raised, errors.raises

local TLSv1_2, TLSv1_3 = 0x303, 0x304

-- What the two agree on, or their errors.
local function alpn(wanted, offered, change)
  local client_ctx, server_ctx = contexts.new()
  if offered then client_ctx:set_alpn_protocols(offered) end
  if wanted then server_ctx:set_alpn_protocols(wanted) end
  if change then change(client_ctx, server_ctx) end
  local client, server = joined.objects(client_ctx, server_ctx)
  local cerr, serr = joined.handshake(client, server)
  if cerr ~= false then return nil, cerr, serr end
  assert.equal(server:selected_alpn_protocol(), client:selected_alpn_protocol())
  return client:selected_alpn_protocol()
end

describe("SSLContext.set_alpn_protocols", function()
  it("makes a server take the first of its own that the client offers", function()
    assert.equal("b", alpn({ "x", "b", "a" }, { "a", "b" }))
    assert.equal("a", alpn({ "a", "b" }, { "b", "a" }))
    assert.equal("h2", alpn({ "h2" }, { "http/1.1", "h2" }))
  end)

  it("leaves the connection without a protocol where none is common", function()
    assert.is_nil(alpn({ "a" }, { "b" }))
    assert.is_nil(alpn({ "a" }, nil))
    assert.is_nil(alpn(nil, { "a" }))
    assert.is_nil(alpn({}, { "a" }))
    assert.is_nil(alpn({ "a" }, {}))
  end)

  it("compares whole names, not parts of the list", function()
    local offered = { "h22", "xh2", "\2h2", "h2h2" }
    assert.is_nil(alpn({ "h2", "h", "2", "2h", "\3h2" }, offered))
    assert.equal("xh2", alpn({ "h2", "xh2" }, offered))
    assert.equal("\2h2", alpn({ "\2h2" }, offered))
  end)

  it("takes names of 1 to 255 bytes, of any bytes", function()
    local long, all = ("x"):rep(255), {}
    for byte = 0, 254 do all[#all + 1] = string.char(byte) end
    assert.equal(long, alpn({ long }, { "a", long }))
    assert.equal("\0", alpn({ "\0" }, all))
    assert.equal(table.concat(all), alpn({ table.concat(all) }, { table.concat(all) }))
  end)

  it("refuses other lengths as CPython does", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for _, list in ipairs { { "" }, { ("x"):rep(256) }, { "ok", "" } } do
      local err = raises(ssl.SSLError, ctx.set_alpn_protocols, ctx, list)
      assert.equal("ALPN protocols must be 1 to 255 in length", err.message)
      assert.is_nil(err.errno)
    end
    local many = {}
    for i = 1, 300 do many[i] = ("x"):rep(255) end
    raises(ssl.ValueError, ctx.set_alpn_protocols, ctx, many)
  end)

  it("refuses other types, and keeps what was set", function()
    local function change(client)
      for _, value in ipairs { "h2", 1, { 1 }, { "a", true }, { {} } } do
        badargument(client.set_alpn_protocols, client, value)
      end
      badargument(client.set_alpn_protocols, client)
    end
    assert.equal("a", alpn({ "a" }, { "a" }, change))
  end)

  it("may be called again, also for none", function()
    assert.equal("b", alpn({ "a" }, { "a", "b" }, function(_, server)
      server:set_alpn_protocols { "b" }
    end))
    assert.is_nil(alpn({ "a" }, { "a" }, function(client) client:set_alpn_protocols {} end))
  end)

  it("works through a HelloRetryRequest and with TLS 1.2", function()
    assert.equal("b", alpn({ "b" }, { "a", "b" }, function(client, server)
      client:set_groups("X25519:P-256")
      server:set_groups("P-256")
    end))
    assert.equal("b", alpn({ "b" }, { "a", "b" }, function(...) contexts.only(TLSv1_2, ...) end))
  end)

  it("is that of the context which sni_callback switched to", function()
    local _, other = contexts.new()
    other:set_alpn_protocols { "b" }
    assert.equal("b", alpn({ "a" }, { "a", "b" }, function(_, server)
      server.sni_callback = function(conn) conn.context = other end
    end))
  end)

  it("chooses as CPython does", function()
    if not python.version() then return pending("no Python") end
    local cases = { { { "a", "b" }, { "b", "a" } }, { { "x" }, { "a", "b" } },
                    { { "bar", "a" }, { "foo", "bar" } }, { { "c", "a" }, { "a", "b", "c" } } }
    local _, ca = contexts.identity()
    local leaf = contexts.identity()
    local files <close> = leaf:files()
    local theirs = python.run([[
import ssl
result = []
for wanted, offered in data["cases"]:
    c, s = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_verify_locations(cadata=data["ca"])
    s.load_cert_chain(data["chain"], data["key"])
    c.set_alpn_protocols(offered)
    s.set_alpn_protocols(wanted)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    a = c.wrap_bio(down, up, server_hostname="localhost")
    b = s.wrap_bio(up, down, server_side=True)
    for i in range(4):
        for o in (a, b):
            try: o.do_handshake()
            except ssl.SSLWantReadError: pass
    result.append(a.selected_alpn_protocol() or "none")
]], { cases = cases, ca = ca.cert.pem, chain = files.chain, key = files.key })
    for i, case in ipairs(cases) do
      assert.equal(theirs[i], alpn(case[1], case[2]) or "none")
    end
  end)
end)

describe("SSLContext.strict_alpn", function()
  local function strict(_, server) server.strict_alpn = true end

  it("ends the handshake with the alert where no protocol is common", function()
    for _, version in ipairs { TLSv1_2, TLSv1_3 } do
      local name, cerr, serr = alpn({ "a" }, { "b" }, function(client, server)
        contexts.only(version, client, server)
        strict(client, server)
      end)
      assert.is_nil(name)
      assert.equal("TLSV1_ALERT_NO_APPLICATION_PROTOCOL", cerr.reason)
      assert.is_true(errors.protocolerror(serr))
    end
  end)

  it("changes nothing where there is one, or where the client offers none", function()
    assert.equal("a", alpn({ "a" }, { "b", "a" }, strict))
    local name, err = alpn({ "a" }, nil, strict)
    assert.is_nil(name)
    assert.is_nil(err)
  end)

  it("is false at first, and a boolean", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert.is_false(ctx.strict_alpn)
    ctx.strict_alpn = 1
    assert.is_true(ctx.strict_alpn)
  end)
end)

describe("SSLContext.set_npn_protocols", function()
  local function npn(wanted, offered, version)
    local client_ctx, server_ctx = contexts.new()
    contexts.only(version or TLSv1_2, client_ctx, server_ctx)
    client_ctx:set_npn_protocols(wanted)
    if offered then server_ctx:set_npn_protocols(offered) end
    local client, server = joined.connect(client_ctx, server_ctx)
    assert.equal(client:selected_npn_protocol(), server:selected_npn_protocol())
    return client:selected_npn_protocol()
  end

  it("lets the client take the first of the server's that it has, or its first", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local ok, err = pcall(ctx.set_npn_protocols, ctx, { "a" })
    if not ok then
      assert.is_true(ssl.isinstance(err, ssl.NotImplementedError))
      return
    end
    assert.equal("b", npn({ "a", "b" }, { "b", "a" }))
    assert.equal("a", npn({ "a", "b" }, { "x" }))
    assert.is_nil(npn({ "a" }, nil))
    assert.is_nil(npn({}, { "a" }))
    assert.is_nil(npn({ "a" }, {}))
    assert.is_nil(npn({ "a" }, { "a" }, TLSv1_3))
  end)

  it("refuses what CPython refuses", function()
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    local err = raised(ctx.set_npn_protocols, ctx, { "" })
    assert.equal("NPN protocols must be 1 to 255 in length", err.message)
    badargument(ctx.set_npn_protocols, ctx, "a")
  end)
end)
