local ssl = require "ssl"
local testing = require "ssl.testing"
local raises = require "support.errors".raises
local pair = require "support.pair"

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

    it("was checked or not whatever its context does later", function()
      local client_context, server_context = contexts(version)
      local p = pair.connected(client_context, server_context)
      client_context.check_hostname = false
      client_context.verify_mode = ssl.CERT_NONE
      assert.same(ssl.decode_certificate(host.cert.der), p.client:getpeercert())
      p = pair.connected(client_context, server_context)
      client_context.verify_mode = ssl.CERT_REQUIRED
      assert.same({}, p.client:getpeercert())
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
end
