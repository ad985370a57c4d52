-- What LuaSec's contexts do where LuaSec itself does worse, or nothing; and sessions, which
-- go by the tables that contexts are made of.

local ssl = require "ssl"
local context = require "ssl.context"
local contexts = require "support.contexts"
local loopback = require "support.loopback"
local luasec = require "support.luasec"
local process = require "support.process"

local leaf, authority = contexts.identity()

describe("ssl.newcontext", function()
  local net

  before_each(function() net = loopback.new() end)
  after_each(function() net:close() end)

  it("takes PEM where LuaSec takes a file, and names a file and the reason", function()
    local conn = luasec.pair(net)  -- all of it is PEM there
    assert.is_true(conn:getpeerverification())
    local files = leaf:files()
    for field, prefix in pairs({ certificate = "error loading certificate (",
        key = "error loading private key (", cafile = "error loading CA locations (" }) do
      local ctx, text = ssl.newcontext(luasec.server({ [field] = "/no/such/file" }))
      assert.is_nil(ctx)
      assert.equal(prefix .. "/no/such/file: No such file or directory)", text)
      local wrong = field == "key" and files.cert or files.key
      ctx, text = ssl.newcontext(luasec.server({ [field] = wrong }))
      assert.is_nil(ctx)
      assert.equal(prefix .. wrong, text:sub(1, #prefix + #wrong))
    end
    local ctx, text = ssl.newcontext(luasec.server({ key = leaf.key:encrypted("secret") }))
    assert.is_nil(ctx)
    assert.matches("encrypted", text, 1, true)
    assert.is_nil(text:find("BEGIN", 1, true))
    files:close()
  end)

  it("checks the certificate and the name of a host that it is told", function()
    for host, expected in pairs({ ["localhost"] = true, ["127.0.0.1"] = true,
        ["other.test"] = false }) do
      local conn, peer = luasec.wrapped(net, luasec.client({ host = host }))
      assert.equal(expected, (luasec.handshake(conn, peer)))
      assert.equal(host ~= "127.0.0.1" and host or nil, peer:getsniname())
    end
    local conn, peer = luasec.wrapped(net, luasec.client({ cafile = false }))
    assert.is_false((luasec.handshake(conn, peer)))  -- the system does not know our authority
    conn, peer = luasec.wrapped(net, luasec.client({ host = "other.test", verify = "none",
      cafile = false }))
    assert.is_true((luasec.handshake(conn, peer)))
    assert.equal("other.test", peer:getsniname())
    assert.same({ nil, "invalid host (a string is required)" },
      { ssl.newcontext(luasec.client({ host = 5 })) })
  end)

  it("lets sni name the host of a context of Python's, which checks it", function()
    local ctx = ssl.create_default_context({ cadata = authority.cert.pem })
    for host, expected in pairs({ ["localhost"] = true, ["other.test"] = false }) do
      local conn, peer = luasec.wrapped(net, ctx)
      conn:sni(host)
      assert.equal(expected, (luasec.handshake(conn, peer)))
    end
    local conn = luasec.wrapped(net, ctx)
    assert.same({ false, "the context checks host names, and there is none" },
      { conn:dohandshake() })
  end)

  it("checks revocation along the chain by \"crl_check_chain\" alone", function()
    local conn, peer = luasec.wrapped(net, luasec.client({ verifyext = "crl_check_chain" }))
    local ok, text = luasec.handshake(conn, peer)
    assert.same({ false, "certificate verify failed" }, { ok, text })
    assert.matches("CRL", (select(3, conn:dohandshake())), 1, true)
  end)

  it("takes parameters of Diffie-Hellman from a function", function()
    local pem = "-----BEGIN DH PARAMETERS-----\n"
      .. "MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz\n"
      .. "+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a\n"
      .. "87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7\n"
      .. "YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi\n"
      .. "7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD\n"
      .. "ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==\n-----END DH PARAMETERS-----\n"
    local asked
    local settings = { protocol = "tlsv1_2", ciphers = "DHE+AESGCM" }
    local rsa = authority:issue("localhost", { key_type = "RSA" })
    local conn, peer = luasec.pair(net, luasec.client(settings), luasec.server({
      protocol = "tlsv1_2", ciphers = "DHE+AESGCM", certificate = rsa.chain.pem,
      dhparam = function(export, bits)
        asked = { export, bits }
        return pem
      end, key = rsa.key.pem }))
    assert.same({ false, 2048 }, asked)
    assert.equal("DH", conn:info("key"))
    assert.equal(conn:info("cipher"), peer:info("cipher"))
    local ctx = assert(ssl.newcontext(luasec.server()))
    local ok, text = context.setdhparam(ctx, function() return "nonsense" end)
    assert.is_false(ok)
    assert.matches("^error setting DH parameters %(", text)
    assert.is_true(context.setdhparam(ctx, function() end))
    luasec.pair(net, nil, luasec.server({ dhparam = function() return "nonsense" end }))
  end)

  it("says once that nobody checks who the server is", function()
    local heard = {}
    local out = process.run_lua([[
      warn("@on")
      local ssl = require "ssl"
      for _ = 1, 3 do assert(ssl.newcontext({ mode = "client", protocol = "any" })) end
      assert(ssl.newcontext({ mode = "client", protocol = "any", verify = "none" }))
    ]])
    for line in out:gmatch("[^\n]+") do heard[#heard + 1] = line end
    assert.equal(1, #heard, out)
    assert.matches("nobody checks", heard[1], 1, true)
  end)

  it("raises for what is no context or table, as LuaSec does", function()
    for _, wrong in ipairs({ 5, "x", true, io.stdout }) do
      assert.has_error(function() ssl.newcontext(wrong) end)
      assert.has_error(function() context.setcipher(wrong, "ALL") end)
      assert.has_error(function() context.loadcert(wrong, "x") end)
      assert.has_error(function() ssl.wrap(net:pair(), wrong) end)
    end
  end)
end)

describe("Sessions of LuaSec connections", function()
  local net

  before_each(function() net = loopback.new() end)
  after_each(function() net:close() end)

  local function reused(server, settings)
    local conn, peer = luasec.pair(net, settings, server)
    peer:send("x\n")
    conn:receive()  -- the ticket comes with it
    return ssl.python(conn).session_reused, conn:getsession()
  end

  it("are resumed by tables that trust alike, not by others", function()
    local server = assert(ssl.newcontext(luasec.server()))
    local again, session = reused(server, luasec.client())
    assert.is_false(again)
    assert.is_true(ssl.isinstance(session, ssl.SSLSession))
    assert.is_true((reused(server, luasec.client({ session = session }))))
    local tcp = net:pair()
    local conn, text = ssl.wrap(tcp, luasec.client({ session = session, host = "other.test" }))
    assert.is_nil(conn)
    assert.matches("different SSLContext", text, 1, true)
  end)

  it("are resumed by one context, and set before the handshake alone", function()
    local server = assert(ssl.newcontext(luasec.server()))
    local client = assert(ssl.newcontext(luasec.client()))
    local _, session = reused(server, client)
    local conn, peer = luasec.wrapped(net, client, server)
    conn:setsession(session)
    assert(luasec.handshake(conn, peer))
    assert.is_true(ssl.python(conn).session_reused)
    assert.has_error(function() conn:setsession(session) end)
    assert.has_error(function() conn:setsession("session") end)
  end)
end)
