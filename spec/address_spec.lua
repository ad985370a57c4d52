local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local loopback = require "support.loopback"

local ca = testing.CA()
local client_context = ssl.create_default_context({ cadata = ca.cert.pem })
local server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ca:issue("localhost"):configure_cert(server_context)

describe("SSLSocket.accept", function()
  it("wraps what comes, and goes on after a failed handshake", function()
    local net <close> = loopback.new()
    local listening = net:add(server_context:wrap_socket(socket.tcp4(), { server_side = true }))
    listening:bind("127.0.0.1", 0)
    listening:listen(5)
    local _, port = listening:getsockname()
    listening:settimeout(5)
    local plain = net:add(assert(socket.connect("127.0.0.1", port)))
    plain:send("GET / HTTP/1.0\r\n\r\n")
    local ok, err = pcall(listening.accept, listening)
    assert.is_false(ok)
    assert.equal("HTTP_REQUEST", err.reason)
    listening.do_handshake_on_connect = false
    local client = net:add(client_context:wrap_socket(socket.tcp4(),
      { server_hostname = "localhost", do_handshake_on_connect = false }))
    client:connect("127.0.0.1", port)
    local conn, from = listening:accept()
    net:add(conn)
    assert.same({ client:getsockname() }, from)
    assert.is_nil(conn:gettimeout())
    client:settimeout(0)
    conn:settimeout(0)
    assert.is_nil(loopback.both(client, conn, "do_handshake"))
    listening:settimeout(0.01)
    ok, err = pcall(listening.accept, listening)
    assert.is_true(not ok and ssl.isinstance(err, ssl.TimeoutError))
  end)
end)
