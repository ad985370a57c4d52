-- Finds a server that goes on in plain after STARTTLS: it takes a command that came
-- before the handshake, and that anybody may have slipped in, for one of the client's
-- (CVE-2011-0411 in Postfix, and in many others). PORT is the server's.
local testing = require "ssl.testing"

describe("The server", function()
  local function says_after(command)
    return testing.attack("127.0.0.1", tonumber(os.getenv("PORT")), { script = function(peer)
      peer:read()
      peer:write("STARTTLS\r\n" .. command)
      peer:read()
      peer:handshake()
      peer:send_data("QUIT\r\n")
      return peer:expect("application_data").data
    end }).value
  end

  it("answers no command that came before TLS", function()
    assert.equal("221 bye\r\n", says_after(""))
    assert.is_not_equal("250 reset\r\n", says_after("RSET\r\n"))
  end)
end)
