-- A client and a server joined in memory, and what each of them makes of the
-- handshake: for specs of what both have to agree on.

local ssl = require "_ssl"
local testing = require "ssl.testing"

local M = {}

-- Made once, before any test counts the objects that it leaves.
local authority = testing.CA()
local leaf = authority:issue("localhost")

--- The certificate for "localhost", and the authority that the contexts trust.
function M.identity() return leaf, authority end

--- A client's context and a server's that get on with each other.
function M.contexts()
  local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  leaf:configure_cert(server)
  authority:configure_trust(client)
  return client, server
end

--- Sets both contexts to one version.
function M.only(version, ...)
  for _, ctx in ipairs { ... } do
    ctx.minimum_version, ctx.maximum_version = version, version
  end
end

--- Two SSLObjects; `session` is for the client.
function M.objects(client_ctx, server_ctx, session)
  local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
  local client = client_ctx:wrap_bio(down, up, { server_hostname = "localhost", session = session })
  return client, server_ctx:wrap_bio(up, down, true)
end

-- Calls `f`; true when done, false when it has to wait, else nil and the error.
local function try(f, object)
  local ok, err = pcall(f, object)
  if ok then return true end
  if ssl.isinstance(err, ssl.SSLWantReadError) then return false end
  return nil, err
end

--- Handshakes both: the errors of the client and of the server, false where it
--- is done, nil where it waits.
function M.handshake(client, server)
  local done, objects = {}, { client, server }
  for _ = 1, 10 do
    for i = 1, 2 do
      if done[i] == nil then
        local ok, err = try(objects[i].do_handshake, objects[i])
        if ok then done[i] = false elseif ok == nil then done[i] = err end
      end
    end
  end
  return done[1], done[2]
end

--- Both connected, or an error; session tickets have been read.
function M.connect(client_ctx, server_ctx, session)
  local client, server = M.objects(client_ctx, server_ctx, session)
  local cerr, serr = M.handshake(client, server)
  if cerr ~= false or serr ~= false then
    error(("client: %s; server: %s"):format(tostring(cerr), tostring(serr)), 2)
  end
  M.echo(client, server)
  return client, server
end

--- Sends a word each way.
function M.echo(client, server)
  server:write("ping")
  assert(client:read(4) == "ping")
  client:write("pong")
  assert(server:read(4) == "pong")
end

return M
