-- Finds a client that takes any certificate for the right one. CLIENT is the command:
-- it gets a host, a port and the file of the trusted authority, and fails if it must.
local testing = require "ssl.testing"

describe("The client", function()
  local ca = testing.CA()

  local function connect(identity)
    local server = testing.server({ identity = identity })
    return os.execute(("%s localhost %d %s"):format(os.getenv("CLIENT"), server.port,
      identity:files().ca))
  end

  it("trusts the server that has the name", function()
    assert.is_true(connect(ca:issue("localhost")))
  end)

  it("trusts no server that has another name", function()
    assert.is_nil(connect(testing.broken.wrong_host(ca, "localhost")))
  end)
end)
