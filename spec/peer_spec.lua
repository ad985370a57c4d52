local ssl = require "ssl"
local testing = require "ssl.testing"
local raises = require "support.errors".raises
local loopback = require "support.loopback"
local pair = require "support.pair"
local steps = require "support.steps"

local EBADF, ENOTCONN = 9, 107

local root = testing.CA()
local middle = root:create_child_ca()
local host = middle:issue("localhost", "127.0.0.1")
local person = middle:issue("someone@example.test")

-- Contexts of both sides, which trust the root alone; the client has a certificate.
local function contexts(version)
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  root:configure_trust(client)
  root:configure_trust(server)
  host:configure_cert(server)
  person:configure_cert(client)
  client.minimum_version = ssl.TLSVersion[version]
  client.maximum_version = ssl.TLSVersion[version]
  return client, server
end

-- A chain, told by who is in it.
local function who(chain)
  local names = {}
  for i, der in ipairs(chain) do
    names[i] = "someone else"
    for name, identity in pairs({ root = root, middle = middle, host = host, person = person }) do
      if identity.cert.der == der then names[i] = name end
    end
  end
  return table.concat(names, " ")
end

for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
  local named = version:gsub("_", ".")

  describe("The peer's certificate under " .. named, function()
    it("is a table, or bytes, once it was checked", function()
      local p = pair.connected(contexts(version))
      assert.same({ { "DNS", "localhost" }, { "IP Address", "127.0.0.1" } },
        p.client:getpeercert().subjectAltName)
      assert.equal(host.cert.der, p.client:getpeercert(true))
      assert.equal(host.cert.der, p.client:getpeercert({ binary_form = true }))
      assert.same(ssl.decode_certificate(host.cert.der), p.client:getpeercert(false))
    end)

    it("is an empty table, but its bytes all the same, where nothing was checked", function()
      local client_context, server_context = contexts(version)
      client_context.check_hostname = false
      client_context.verify_mode = ssl.CERT_NONE
      local p = pair.connected(client_context, server_context)
      assert.same({}, p.client:getpeercert())
      assert.equal(host.cert.der, p.client:getpeercert(true))
      assert.equal("host middle", who(p.client:get_unverified_chain()))
      -- what OpenSSL makes of an untrusted one too, as in CPython
      local trustless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      trustless.check_hostname = false
      trustless.verify_mode = ssl.CERT_NONE
      trustless.maximum_version = ssl.TLSVersion[version]
      p = pair.connected(trustless, server_context)
      assert.equal("host middle", who(p.client:get_verified_chain()))
    end)

    it("is nil on a server that did not ask, or was not given one", function()
      local client_context, server_context = contexts(version)
      local p = pair.connected(client_context, server_context)
      assert.is_nil(p.server:getpeercert())
      assert.is_nil(p.server:getpeercert(true))
      server_context.verify_mode = ssl.CERT_OPTIONAL
      local stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      root:configure_trust(stranger)
      stranger.maximum_version = ssl.TLSVersion[version]
      p = pair.connected(stranger, server_context)
      assert.is_nil(p.server:getpeercert())
      assert.is_nil(p.server:getpeercert(true))
      assert.equal("", who(p.server:get_verified_chain()))
      assert.equal("", who(p.server:get_unverified_chain()))
    end)

    it("comes with its chain on both sides, the peer's own first, once in each", function()
      local client_context, server_context = contexts(version)
      server_context.verify_mode = ssl.CERT_REQUIRED
      local p = pair.connected(client_context, server_context)
      assert.equal("host middle root", who(p.client:get_verified_chain()))
      assert.equal("host middle", who(p.client:get_unverified_chain()))
      assert.equal("person middle root", who(p.server:get_verified_chain()))
      assert.equal("person middle", who(p.server:get_unverified_chain()))
      assert.equal(person.cert.der, p.server:getpeercert(true))
      assert.equal("someone@example.test", p.server:getpeercert().subjectAltName[1][2])
    end)

    it("has the chain that was sent, and the one that was found", function()
      local client_context = contexts(version)
      local short = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      short:load_cert_chain({ certdata = host.cert.pem, keydata = host.key.pem })
      client_context:load_verify_locations({ cadata = middle.cert.pem })
      local p = pair.connected(client_context, short)
      assert.equal("host", who(p.client:get_unverified_chain()))
      assert.equal("host middle root", who(p.client:get_verified_chain()))
      -- the root, which nobody needs, is sent too
      local long = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      long:load_cert_chain({ keydata = host.key.pem,
        certdata = host.cert.pem .. middle.cert.pem .. root.cert.pem })
      client_context.verify_flags = client_context.verify_flags | ssl.VERIFY_X509_PARTIAL_CHAIN
      p = pair.connected(client_context, long)
      assert.equal("host middle root", who(p.client:get_unverified_chain()))
    end)

    it("is still there when a session is resumed", function()
      local client_context, server_context = contexts(version)
      local p = pair.connected(client_context, server_context)
      p.server:write("x")  -- tickets come with it
      p:pump()
      p.client:read(1)
      local again = pair.connected(client_context, server_context, { session = p.client.session })
      assert.is_true(again.client.session_reused)
      assert.is_true(again.server.session_reused)
      assert.equal(host.cert.der, again.client:getpeercert(true))
      assert.same(p.client:getpeercert(), again.client:getpeercert())
      assert.equal("", who(again.client:get_verified_chain()))  -- nothing was verified anew
    end)

    it("is not given out where it was refused", function()
      local client_context, server_context = contexts(version)
      local p = pair.new(client_context, server_context, { server_hostname = "other.test" })
      assert.equal(62, p:handshake().verify_code)
      for _, binary in ipairs({ false, true }) do
        raises(ssl.ValueError, p.client.getpeercert, p.client, binary)
      end
    end)
  end)

  describe("What was negotiated under " .. named, function()
    it("is the same on both sides", function()
      local client_context, server_context = contexts(version)
      server_context:set_alpn_protocols({ "h2" })
      client_context:set_alpn_protocols({ "http/1.1", "h2" })
      local p = pair.connected(client_context, server_context)
      for _, method in ipairs({ "cipher", "version", "group", "selected_alpn_protocol" }) do
        assert.is_string((p.client[method](p.client)), method)
        assert.same(table.pack(p.client[method](p.client)), table.pack(p.server[method](p.server)))
      end
      assert.equal(named, p.client:version())
      assert.equal("h2", p.client:selected_alpn_protocol())
      for _, method in ipairs({ "compression", "selected_npn_protocol" }) do
        assert.is_nil(p.client[method](p.client))
        assert.is_nil(p.server[method](p.server))
      end
    end)

    it("is nil while the handshake goes on, until it is known", function()
      local client_context, server_context = contexts(version)
      local p = pair.new(client_context, server_context)
      for turn = 1, 2 do
        for _, conn in ipairs({ p.client, p.server }) do
          assert.is_nil(conn:version())
          raises(ssl.ValueError, conn.getpeercert, conn)
          assert.equal("handshake not done yet",
            raises(ssl.ValueError, conn.getpeercert, conn, true).message)
          assert.is_false(conn.session_reused)
          assert.equal(0, conn:pending())
          assert.is_nil((conn:selected_alpn_protocol()))
          assert.equal("", who(conn:get_verified_chain()))
        end
        if turn == 1 then
          assert.equal("want", steps.try(p.client, "do_handshake"))
          assert.is_nil((p.client:cipher()))
          assert.is_nil(p.client:group())
        end
      end
    end)

    it("has a cipher out of the client's and the server's", function()
      local client_context, server_context = contexts(version)
      client_context:set_ciphers("ECDHE+AESGCM")
      server_context:set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305")
      local p = pair.connected(client_context, server_context)
      local name, protocol, bits = p.client:cipher()
      assert.equal(version == "TLSv1_2" and "ECDHE-ECDSA-AES128-GCM-SHA256"
        or "TLS_AES_256_GCM_SHA384", name)
      assert.equal(named, protocol)
      assert.equal(version == "TLSv1_2" and 128 or 256, bits)
      assert.is_nil(p.client:shared_ciphers())
      local shared = p.server:shared_ciphers()
      local found = {}
      for _, cipher in ipairs(shared) do
        assert.equal(3, #cipher)
        found[cipher[1]] = cipher
      end
      assert.same({ name, protocol, bits }, found[name])
      assert.is_nil(found["ECDHE-ECDSA-CHACHA20-POLY1305"])
      assert.is_nil(found["ECDHE-ECDSA-AES256-GCM-SHA384"])
    end)

    it("leaves the bytes pending that were not asked for", function()
      local p = pair.connected(contexts(version))
      p.server:write("seven b")
      p:pump()
      assert.equal(0, p.client:pending())
      assert.equal("sev", p.client:read(3))
      assert.equal(4, p.client:pending())
      assert.equal("en b", p.client:read())
      assert.equal(0, p.client:pending())
    end)
  end)
end

describe("A connection", function()
  it("is of the side, the name and the context that it was made with", function()
    local client_context, server_context = contexts("TLSv1_3")
    local p = pair.connected(client_context, server_context)
    assert.is_false(p.client.server_side)
    assert.is_true(p.server.server_side)
    assert.equal("localhost", p.client.server_hostname)
    assert.is_nil(p.server.server_hostname)
    assert.equal(client_context, p.client.context)
    assert.equal(server_context, p.server.context)
    for _, name in ipairs({ "server_side", "server_hostname", "session_reused" }) do
      assert.is_false((pcall(function() p.client[name] = nil end)), name)
      assert.is_false((pcall(function() p.client[name] = true end)), name)
    end
  end)

  it("takes no context or session that is none, and keeps what it has", function()
    local client_context, server_context = contexts("TLSv1_3")
    local p = pair.new(client_context, server_context)
    for _, bad in ipairs({ 1, "x", true, {}, p.client, ssl.MemoryBIO() }) do
      for _, name in ipairs({ "context", "session" }) do
        local ok, err = pcall(function() p.client[name] = bad end)
        assert.is_false(ok)
        assert.matches("bad value for '" .. name .. "'", tostring(err), 1, true)
      end
    end
    assert.equal(client_context, p.client.context)
    assert.is_nil(p:handshake())
  end)

  it("shows the certificate of the context it is given before the handshake", function()
    local client_context, server_context = contexts("TLSv1_3")
    local other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    local identity = root:issue("localhost")
    identity:configure_cert(other)
    local p = pair.new(client_context, server_context)
    p.server.context = other
    other = nil  -- luacheck: ignore 311
    collectgarbage()
    assert.is_nil(p:handshake())
    assert.equal(identity.cert.der, p.client:getpeercert(true))
    assert.is_not_equal(server_context, p.server.context)
  end)

  it("that is not connected says so, or knows nothing", function()
    local client_context = contexts("TLSv1_3")
    local net <close> = loopback.new()
    local conn = net:add(client_context:wrap_socket(require("socket").tcp(),
      { server_hostname = "localhost" }))
    assert.equal(ENOTCONN, raises(ssl.OSError, conn.getpeercert, conn).errno)
    assert.equal(ENOTCONN, raises(ssl.OSError, conn.getpeercert, conn, true).errno)
    assert.equal("localhost", conn.server_hostname)
    assert.is_false(conn.server_side)
    assert.is_nil(conn.session_reused)
    conn:close()
    for _, method in ipairs({ "getpeercert", "get_verified_chain", "get_unverified_chain",
      "cipher", "shared_ciphers", "compression", "version", "pending", "selected_alpn_protocol",
      "selected_npn_protocol", "group", "verify_client_post_handshake" }) do
      assert.equal(EBADF, raises(ssl.OSError, conn[method], conn).errno, method)
    end
    assert.equal("localhost", conn.server_hostname)
    assert.equal(client_context, conn.context)
  end)
end)
