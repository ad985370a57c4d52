local ssl = require "ssl"
local testing = require "ssl.testing"
local loopback = require "support.loopback"

local ca = testing.CA()
local client_context = ssl.create_default_context({ cadata = ca.cert.pem })
local server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ca:issue("localhost"):configure_cert(server_context)
server_context.num_tickets = 0

describe("A long write", function()
  it("against a stalled reader goes on where it was, in order", function()
    local net <close> = loopback.new()
    local conn, peer = net:tls(client_context, server_context)
    conn:settimeout(0)
    peer:settimeout(0)
    local parts = {}
    for i = 1, 200000 do parts[i] = ("%08d"):format(i):rep(8) end
    local data, sent, stalls, got, size = table.concat(parts), 0, 0, {}, 0
    while sent < #data or size < #data do
      while sent < #data do
        local how, n = loopback.try(conn, "send", data:sub(sent + 1))
        if how == "want" then
          stalls = stalls + 1
          break
        end
        sent = sent + n
      end
      repeat
        local how, bytes = loopback.try(peer, "recv", 65536)
        if how ~= "want" then
          got[#got + 1] = bytes
          size = size + #bytes
        end
      until how == "want"
    end
    assert.equal(data, table.concat(got))
    assert.is_true(stalls > 0)
  end)
end)
