-- What TLS 1.3 does after the handshake: tickets, the client's certificate,
-- new keys, an early end.

local socket = require "socket"
local ssl = require "_ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"

local raised, raises = errors.raised, errors.raises

local TLSv1_3 = 0x304
local KEY_UPDATE = 24

local function wants(f, ...) raises(ssl.SSLWantReadError, f, ...) end

describe("a ticket of TLS 1.3", function()
  it("comes after the handshake, with what is read", function()
    local client_ctx, server_ctx = contexts.new(TLSv1_3)
    local client, server = joined.objects(client_ctx, server_ctx)
    joined.handshake(client, server)
    assert.is_false(client.session.has_ticket)
    wants(client.read, client)
    assert.is_true(client.session.has_ticket)
    assert.is_true(joined.connect(client_ctx, server_ctx, client.session).session_reused)
  end)

  it("does not come from a server that sends none", function()
    local client_ctx, server_ctx = contexts.new(TLSv1_3)
    server_ctx.num_tickets = 0
    local client = joined.connect(client_ctx, server_ctx)
    assert.is_false(client.session.has_ticket)
    assert.is_false(joined.connect(client_ctx, server_ctx, client.session).session_reused)
  end)
end)

describe("post-handshake authentication", function()
  local leaf, ca = contexts.identity()

  local function connect(change)
    local client_ctx, server_ctx = contexts.new(TLSv1_3)
    ca:configure_trust(server_ctx)
    server_ctx.verify_mode = ssl.CERT_REQUIRED
    server_ctx.post_handshake_auth = true
    client_ctx.post_handshake_auth = true
    if change then change(client_ctx, server_ctx) end
    return joined.connect(client_ctx, server_ctx)
  end

  it("asks for the certificate, which comes with what is read next", function()
    local client, server = connect(function(client_ctx) leaf:configure_cert(client_ctx) end)
    assert.is_nil(server:getpeercert())
    server:verify_client_post_handshake()
    server:write("who are you?")
    assert.equal("who are you?", client:read(99))
    client:write("me")
    assert.equal("me", server:read(99))
    assert.equal(leaf.cert.der, server:getpeercert(true))
  end)

  it("ends the connection of a client that has none", function()
    local client, server = connect()
    server:verify_client_post_handshake()
    server:write("x")
    assert.equal("x", client:read(1))
    client:write("no one")
    local err = raised(server.read, server)
    assert.equal("PEER_DID_NOT_RETURN_A_CERTIFICATE", err.reason)
  end)

  it("is refused where the client did not offer it, and on the client's side", function()
    local client, server = connect(function(client_ctx) client_ctx.post_handshake_auth = false end)
    local err = raised(server.verify_client_post_handshake, server)
    assert.is_true(errors.protocolerror(err))
    err = raised(client.verify_client_post_handshake, client)
    assert.is_true(errors.protocolerror(err))
  end)
end)

describe("an early end", function()
  it("by close_notify right after the handshake is an end, and no error", function()
    local client, server = joined.objects(contexts.new(TLSv1_3))
    joined.handshake(client, server)
    wants(server.unwrap, server)
    assert.is_nil(client:read())
    client:write("still heard")
    assert.equal("still heard", server:read(99))
  end)

  it("without close_notify is an error", function()
    local client, server, down = joined.objects(contexts.new(TLSv1_3))
    joined.handshake(client, server)
    down:write_eof()
    raises(ssl.SSLEOFError, client.read, client)
  end)
end)

describe("openssl s_client", function()
  it("may change the keys of a connection as it goes", function()
    local _, server_ctx = contexts.new(TLSv1_3)
    local updates = 0
    server_ctx._msg_callback = function(_, direction, _, _, message)
      if message == KEY_UPDATE and direction == "read" then updates = updates + 1 end
    end
    local listener = assert(socket.bind("127.0.0.1", 0))
    listener:settimeout(10)
    local _, port = listener:getsockname()
    local pipe = assert(io.popen(("openssl s_client -connect 127.0.0.1:%s >/dev/null 2>&1")
      :format(port), "w"))
    local plain = assert(listener:accept())
    listener:close()
    plain:settimeout(10)
    local conn <close> = server_ctx:wrap_socket(plain, { server_side = true })
    pipe:write("before\n"):flush()
    assert.equal("before\n", conn:recv(99))
    pipe:write("K\n"):flush()
    conn:settimeout(0.2)
    for _ = 1, 50 do
      raises(ssl.TimeoutError, conn.recv, conn, 99)
      if updates > 0 then break end
    end
    assert.equal(1, updates)
    conn:settimeout(10)
    conn:send("ours are new, too\n")
    pipe:write("after\n"):flush()
    assert.equal("after\n", conn:recv(99))
    pipe:close()
    assert.is_nil(conn:recv(99))
  end)
end)

