-- Contexts of a client and a server that get on with each other.

local ssl = require "ssl"
local testing = require "ssl.testing"

local M = {}

-- Made once, before any test counts the objects that it leaves.
local authority = testing.CA()
local leaf = authority:issue("localhost", "127.0.0.1")

--- The server's certificate, for "localhost" and 127.0.0.1, and the authority that the
--- client trusts.
function M.identity() return leaf, authority end

--- The versions that most specs are for: `for name, version in pairs(contexts.versions) do`.
M.versions = { ["TLS 1.2"] = ssl.TLSVersion.TLSv1_2, ["TLS 1.3"] = ssl.TLSVersion.TLSv1_3 }

--- Lets each context speak one version alone.
function M.only(version, ...)
  for _, ctx in ipairs { ... } do
    ctx.minimum_version, ctx.maximum_version = version, version
  end
end

--- A client's context and a server's; of one `version` (ssl.TLSVersion's), if given.
function M.new(version)
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  authority:configure_trust(client)
  leaf:configure_cert(server)
  if version then M.only(version, client, server) end
  return client, server
end

--- The same without session tickets: unread ones stand in the way of what is sent next,
--- and make the end of a socket a reset.
function M.ticketless(version)
  local client, server = M.new(version)
  server.num_tickets = 0
  return client, server
end

--- The same for DTLS, with timers that are over soon.
function M.dtls()
  local client = ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT)
  local server = ssl.SSLContext(ssl.PROTOCOL_DTLS_SERVER)
  authority:configure_trust(client)
  leaf:configure_cert(server)
  for _, ctx in ipairs({ client, server }) do
    ctx.retransmission_timeout, ctx.max_retransmission_timeout = 0.03, 0.03
  end
  return client, server
end

return M
