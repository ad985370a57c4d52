local fetch = require "fetch"
local testing = require "ssl.testing"

testing.seed()

describe("fetch.get", function()
  local ca, cafile

  before_each(function()
    ca = testing.CA()
    cafile = ca:files().ca
  end)

  it("fetches a page", function()
    local server = testing.https({ ["/"] = "hello" }, { ca = ca })
    assert.equal("hello", fetch.get("localhost", server.port, "/", { cafile = cafile }))
  end)

  for _, name in ipairs({ "expired", "wrong_host", "self_signed", "untrusted_root" }) do
    it("refuses a server that is " .. name, function()
      local identity = testing.broken[name](ca, "localhost")
      local server = testing.https({ ["/"] = "never" }, { identity = identity })
      assert.tls_error(function()
        fetch.get("localhost", server.port, "/", { cafile = cafile })
      end, identity.expect)
    end)
  end

  it("gives up on a server that falls silent", function()
    local server = testing.server({ ca = ca, stall = "handshake" })
    assert.tls_error(function()
      fetch.get("localhost", server.port, "/", { cafile = cafile, timeout = 0.1 })
    end, { class = "TimeoutError" })
  end)

  it("passes the gauntlet", function()
    local result = testing.gauntlet(function(host, port, trusted)
      return fetch.get(host, port, "/", { cafile = trusted, timeout = 2 }) == "hello"
    end, { only = { "good", "cut_stream", "bad_signature", "missing_intermediate", "plain_text" } })
    assert.is_true(result.ok, tostring(result))
  end)
end)
