-- Run it in the repository's folder: lua test/fetch_luaunit.lua

package.path = "src/?.lua;" .. package.path

local fetch = require "fetch"
local luaunit = require "luaunit"
local testing = require "ssl.testing"

-- luacheck: globals TestFetch
TestFetch = {}

function TestFetch:setUp()
  self.scope = testing.scope()
  self.ca = testing.CA()
  self.cafile = self.ca:files().ca
end

-- Ends the servers and removes the files, also after a failure.
function TestFetch:tearDown()
  self.scope:close()
end

function TestFetch:testFetchesAPage()
  local server = testing.https({ ["/"] = "hello" }, { ca = self.ca })
  luaunit.assertEquals(fetch.get("localhost", server.port, "/", { cafile = self.cafile }), "hello")
end

function TestFetch:testRefusesAnotherHost()
  local identity = testing.broken.wrong_host(self.ca, "localhost")
  local server = testing.https({ ["/"] = "never" }, { identity = identity })
  testing.expect.tls_error(function()
    fetch.get("localhost", server.port, "/", { cafile = self.cafile })
  end, identity.expect)
end

os.exit(luaunit.LuaUnit.run())
