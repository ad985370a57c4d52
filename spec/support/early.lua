-- Contexts and sessions for early data, and the server that reads them.

local ssl = require "ssl"
local contexts = require "support.contexts"
local joined = require "support.joined"
local steps = require "support.steps"

local M = {}

--- How many bytes of early data the servers take, unless they are told otherwise.
M.LIMIT = 40000

--- Contexts of a client and of a server that takes early data.
function M.takers(limit)
  local client_ctx, server_ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
  server_ctx.max_early_data = limit or M.LIMIT
  return client_ctx, server_ctx
end

--- The session of a connection that has ended.
function M.session_of(client_ctx, server_ctx)
  return joined.connect(client_ctx, server_ctx).session
end

--- All early data that have come; and whether these were all there are.
function M.read(server)
  local parts = {}
  while true do
    local ok, part = steps.try(server, "read_early_data")
    if ok == "want" then return table.concat(parts), false end
    if not ok then error(part) end
    if part == nil then return table.concat(parts), true end
    parts[#parts + 1] = part
  end
end

return M
