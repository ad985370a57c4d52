-- A server that gets another certificate while it runs: the context of its listening socket.

local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local process = require "support.process"
local testing = require "ssl.testing"

local _, authority = contexts.identity()

-- A server's context whose certificate names the host and `alias`.
local function server_context(alias)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  authority:issue("localhost", alias):configure_cert(ctx)
  return ctx
end

local function listening(ctx)
  local tcp = assert(socket.bind("127.0.0.1", 0))
  local listener = ctx:wrap_socket(tcp, { server_side = true, do_handshake_on_connect = false,
    timeout = 10 })
  return listener, select(2, listener:getsockname())
end

-- A client's socket that has connected, and the server's end of it, both without handshake.
local function dial(listener, port)
  local client_context = contexts.new()
  local client = client_context:wrap_socket(assert(socket.connect("127.0.0.1", port)),
    { server_hostname = "localhost", do_handshake_on_connect = false, timeout = 10 })
  return client, listener and listener:accept()
end

local function shake(client, server)
  client:settimeout(0)
  server:settimeout(0)
  local done = {}
  for _ = 1, 1000 do
    for _, conn in ipairs({ client, server }) do
      done[conn] = done[conn] or pcall(conn.do_handshake, conn)
    end
    if done[client] and done[server] then break end
  end
  client:settimeout(10)
  server:settimeout(10)
  return client:getpeercert().subjectAltName[2][2]
end

describe("The context of a listening socket", function()
  it("may be set: later connections get it, earlier ones keep theirs", function()
    local listener <close>, port = listening(server_context("old.example"))
    local first <close>, first_server = dial(listener, port)
    assert.equal("old.example", shake(first, first_server))
    local new = server_context("new.example")
    listener.context = new
    local second <close>, second_server = dial(listener, port)
    assert.equal("new.example", shake(second, second_server))
    assert.equal(new, second_server.context)
    first:sendall("still here")
    assert.equal("still here", first_server:recv(20))
    first_server:close()
    second_server:close()
  end)

  it("counts for one that was accepted, but has no handshake yet, as it was then", function()
    local listener <close>, port = listening(server_context("old.example"))
    local client <close>, server = dial(listener, port)
    listener.context = server_context("new.example")
    assert.equal("old.example", shake(client, server))
    server:close()
  end)

  it("counts for an accept that is waiting already", function()
    local old, new = server_context("old.example"), server_context("new.example")
    local listener <close>, port = listening(old)
    old.waiter = function() coroutine.yield() end
    local accepting = coroutine.create(function() return listener:accept() end)
    assert(coroutine.resume(accepting))
    listener.context = new
    local client <close> = dial(nil, port)
    local ok, server = coroutine.resume(accepting)
    assert(ok, server)
    assert.equal(new, server.context)
    assert.equal("new.example", shake(client, server))
    server:close()
  end)
end)

describe("examples/reload_server.lua", function()
  local ca = testing.CA()

  local function write(name, text)
    local file <close> = assert(io.open(name, "wb"))
    file:write(text)
  end

  local function put(files, identity)
    write(files[1], identity.chain.pem)
    write(files[2], identity.key.pem)
  end

  local function connect(port)
    local ctx = ssl.create_default_context({ cadata = ca.cert.pem })
    local tcp = assert(socket.connect("localhost", port))
    return ctx:wrap_socket(tcp, { server_hostname = "localhost", timeout = 10 })
  end

  local function names(conn)
    conn:sendall("GET / HTTP/1.0\r\n\r\n")
    local count, text = #conn:getpeercert().subjectAltName, ""
    repeat
      local part = conn:recv()
      text = text .. (part or "")
    until not part
    assert.matches("Hello over TLS", text, 1, true)
    conn:close()
    return count
  end

  it("takes a certificate into use that its files get, and none that does not fit", function()
    local files = { os.tmpname(), os.tmpname() }
    put(files, ca:issue("localhost"))
    local server <close> = process.start({ process.lua, "examples/reload_server.lua", files[1],
      files[2] })
    local port = server:expect("^port (%d+)$")
    assert.equal(1, names(connect(port)))
    write(files[2], "half a key")
    assert.equal(1, names(connect(port)))
    put(files, ca:issue("localhost", "new.example"))
    server:expect("^reloaded$")
    assert.equal(2, names(connect(port)))
    for _, name in ipairs(files) do os.remove(name) end
  end)
end)
