-- Two SSLObjects, a client and a server, each of which reads at once what the other
-- writes, and what they make of the handshake. Where something is to happen to the
-- bytes in between, support.pair.

local ssl = require "_ssl"
local steps = require "support.steps"

local M = {}

--- The client and the server, and the MemoryBIO that each of them reads; `session` is for
--- the client.
function M.objects(client_ctx, server_ctx, session)
  local datagrams = client_ctx.protocol == ssl.PROTOCOL_DTLS_CLIENT
  local down, up = ssl.MemoryBIO(datagrams), ssl.MemoryBIO(datagrams)
  local client = client_ctx:wrap_bio(down, up, { server_hostname = "localhost", session = session })
  return client, server_ctx:wrap_bio(up, down, true), down, up
end

--- Handshakes both: the errors of the client and of the server, false where it
--- is done, nil where it waits.
function M.handshake(client, server)
  local outcomes, objects = {}, { client, server }
  for _ = 1, 10 do
    for i = 1, 2 do
      if outcomes[i] == nil then
        local ok, err = steps.try(objects[i], "do_handshake")
        if ok == true then outcomes[i] = false elseif not ok then outcomes[i] = err end
      end
    end
  end
  return outcomes[1], outcomes[2]
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
