-- What a resumed session must not bring along: a peer that this connection, this
-- context or this host would not have accepted.

local _ssl = require "_ssl"
local ssl = require "ssl"
local testing = require "ssl.testing"
local raised = require "support.errors".raised

local site = testing.CA()
local identity = site:issue("a.test", "b.test")

local function new_server(trusted)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  identity:configure_cert(ctx)
  if trusted then
    ctx.verify_mode = ssl.CERT_REQUIRED
    trusted:configure_trust(ctx)
  end
  return ctx
end

local function new_client(certificate)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  site:configure_trust(ctx)
  if certificate then certificate:configure_cert(ctx) end
  return ctx
end

-- A handshake: its outcome, and the connections.
local function connect(client, server, host, session)
  local pair = testing.pair({
    client = client, server = server, server_hostname = host, session = session,
  })
  return pair:handshake(), pair
end

local function get_session(client, server, host)
  local outcome, pair = connect(client, server, host)
  assert.is_true(outcome.ok)
  return pair.client.session
end

local function assert_resumed(expected, client, server, host, session)
  local outcome, pair = connect(client, server, host, session)
  assert.is_true(outcome.ok)
  assert.equal(expected, pair.server.session_reused)
  assert.equal(expected, pair.client.session_reused)
end

local function assert_refused(reason, client, server, host, session)
  local outcome, pair = connect(client, server, host, session)
  assert.is_false(outcome.ok)
  assert.equal(reason, (outcome.server.error or {}).reason)
  assert.is_not_true(pair.server.session_reused)
end

for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
  for _, kept in ipairs({ "tickets", "the server's memory" }) do
    local function prepare(server)
      server.maximum_version = ssl.TLSVersion[version]
      server.minimum_version = ssl.TLSVersion[version]
      if kept ~= "tickets" then server.options = server.options | ssl.OP_NO_TICKET end
      return server
    end

    describe("A " .. version .. " server with sessions in " .. kept, function()
      it("resumes a session of its own context and host", function()
        local client, server = new_client(), prepare(new_server())
        local session = get_session(client, server, "a.test")
        assert_resumed(true, client, server, "a.test", session)
      end)

      it("resumes no session of another context", function()
        local client = new_client()
        local session = get_session(client, prepare(new_server()), "a.test")
        assert_resumed(false, client, prepare(new_server()), "a.test", session)
      end)

      it("resumes no session made before client certificates were required", function()
        local client, server = new_client(), prepare(new_server())
        local session = get_session(client, server, "a.test")
        server.verify_mode = ssl.CERT_REQUIRED
        assert_refused("PEER_DID_NOT_RETURN_A_CERTIFICATE", client, server, "a.test", session)
      end)

      it("resumes no session made under other verify flags", function()
        local client, server = new_client(), prepare(new_server())
        local session = get_session(client, server, "a.test")
        server.verify_flags = server.verify_flags | ssl.VERIFY_X509_STRICT
        assert_resumed(false, client, server, "a.test", session)
      end)

      it("resumes no session of a host that trusts others", function()
        local trusted, stranger = testing.CA(), testing.CA()
        local client = new_client(trusted:issue("client"))
        local server, other = prepare(new_server(trusted)), prepare(new_server(stranger))
        server.sni_callback = function(conn, name)
          if name == "b.test" then conn.context = other end
        end
        local session = get_session(client, server, "a.test")
        assert_resumed(true, client, server, "a.test", session)
        assert_refused("CERTIFICATE_VERIFY_FAILED", client, server, "b.test", session)
      end)

      -- OpenSSL has one callback for what two of ours need.
      it("resumes no session of another host, whatever else looks at the hello", function()
        local trusted, stranger = testing.CA(), testing.CA()
        local client = new_client(trusted:issue("client"))
        local other = prepare(new_server(stranger))
        local asked
        local function hello(conn, said)
          asked = true
          if said.name == "b.test" then conn.context = other end
        end
        local function nothing() end
        for _, order in ipairs({ { hello = hello }, { hello = hello, sni = nothing },
            { first = nothing, hello = hello } }) do
          local server = prepare(new_server(trusted))
          server.sni_callback = order.first
          server.client_hello_callback = order.hello
          if order.sni then server.sni_callback = order.sni end
          asked = false
          local session = get_session(client, server, "a.test")
          assert.is_true(asked)
          assert_resumed(true, client, server, "a.test", session)
          assert_refused("CERTIFICATE_VERIFY_FAILED", client, server, "b.test", session)
        end
        local server = prepare(new_server(trusted))
        server.sni_callback = function(conn, name) hello(conn, { name = name }) end
        server.client_hello_callback = nothing
        server.client_hello_callback = nil
        assert_refused("CERTIFICATE_VERIFY_FAILED", client, server, "b.test",
          get_session(client, server, "a.test"))
      end)

      it("resumes no session of a host for a client that names none", function()
        local client, server = new_client(), prepare(new_server())
        client.check_hostname = false
        server.sni_callback = function() end
        local session = get_session(client, server, "a.test")
        assert_resumed(false, client, server, nil, session)
        assert_resumed(true, client, server, "a.test", session)
      end)
    end)

    describe("A client of a " .. version .. " server with sessions in " .. kept, function()
      it("offers no session of a server that it did not verify", function()
        local client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), prepare(new_server())
        client.check_hostname = false
        client.verify_mode = ssl.CERT_NONE
        local session = get_session(client, server, "a.test")
        assert_resumed(true, client, server, "a.test", session)
        client.verify_mode = ssl.CERT_REQUIRED
        local outcome = connect(client, server, "a.test", session)
        assert.equal("CERTIFICATE_VERIFY_FAILED", outcome.client.error.reason)
      end)

      it("offers no session of a server that has another name", function()
        local client, server = new_client(), prepare(new_server())
        local session = get_session(client, server, "a.test")
        assert_resumed(true, client, server, "b.test", session)  -- is in the certificate
        for _, host in ipairs({ "c.test", "127.0.0.1" }) do
          local outcome = connect(client, server, host, session)
          assert.equal("CERTIFICATE_VERIFY_FAILED", outcome.client.error.reason)
        end
      end)

      it("leaves no error queued, whether it offers a session or not", function()
        local client, server = new_client(), prepare(new_server())
        local session = get_session(client, server, "a.test")
        for _, host in ipairs({ "a.test", "c.test", "127.0.0.1" }) do
          local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
          client:wrap_bio(incoming, outgoing, false, host, session)
          assert.equal(0, _ssl._counterrors(), host)
        end
      end)

      it("offers a session again after it went through bytes", function()
        local client, server = new_client(), prepare(new_server())
        local session = get_session(client, server, "a.test")
        session = ssl.SSLSession.from_bytes(session:to_bytes())
        assert_resumed(true, client, server, "a.test", session)
      end)

      it("offers no session of another context", function()
        local server = prepare(new_server())
        local session = get_session(new_client(), server, "a.test")
        local err = raised(connect, new_client(), server, "a.test", session)
        assert.equal("Session refers to a different SSLContext.", err.message)
      end)
    end)
  end
end
