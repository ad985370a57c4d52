-- Run it in the repository's folder: lua test/fetch_plain.lua

package.path = "src/?.lua;" .. package.path

local fetch = require "fetch"
local testing = require "ssl.testing"

do
  local _ <close> = testing.scope()  -- ends all that is made in this block
  local ca = testing.CA()
  local cafile = ca:files().ca
  local server = testing.https({ ["/"] = "hello" }, { ca = ca })
  assert(fetch.get("localhost", server.port, "/", { cafile = cafile }) == "hello")

  local identity = testing.broken.wrong_host(ca, "localhost")
  local other = testing.https({ ["/"] = "never" }, { identity = identity })
  testing.expect.tls_error(function()
    fetch.get("localhost", other.port, "/", { cafile = cafile })
  end, identity.expect)
end

print("all is well")
