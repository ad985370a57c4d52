-- Finds a client that takes any end of the stream for the end of the document: an
-- attacker who cuts the connection makes the document shorter, and nobody is told.
-- CLIENT is the command: it gets a URL and the file of the trusted authority.
local testing = require "ssl.testing"

describe("The client", function()
  local function fetch(ragged)
    local ca = testing.CA()
    local server = testing.server({ ca = ca, ragged = ragged, handler = function(conn)
      conn:recv(4096)
      conn:sendall("HTTP/1.0 200 OK\r\n\r\nhalf of a document")
    end })
    return os.execute(("%s %s %s"):format(os.getenv("CLIENT"), server.url,
      server.identity:files().ca))
  end

  it("takes a document that TLS has ended, and refuses one that was cut", function()
    assert.is_true(fetch(false))
    assert.is_nil(fetch(true))
  end)
end)
