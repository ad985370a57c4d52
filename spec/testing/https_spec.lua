local testing = require "ssl.testing"

describe("An HTTPS server in a test", function()
  it("is fetched from, and what was negotiated is asserted", function()
    local server = testing.https({ ["/"] = "hello" })
    local conn <close> = server:connect()
    assert.negotiated(conn, { version = "TLSv1.3" })
    assert.certificate(conn, { issuer = server.ca })
    conn:sendall("GET / HTTP/1.0\r\n\r\n")
    assert.matches("^HTTP/1.1 200 OK\r\n.*\r\n\r\nhello$", conn:recv(1000))
    assert.equal("GET /", server:wait().value)
  end)
end)
