-- ssl/context/lookup.lua - how a server asks its session_store, once a ClientHello has come.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"

local lookup = _ssl._lookup

-- What `get` has for the ID: bytes; "" for nothing, false for a failure.
local function find(get, id, wait)
  local ok, bytes = pcall(get, id, wait)
  if not ok then return false end
  return bytes == nil and "" or bytes
end

-- Called in the place of a context's client_hello_callback (`callback`, which may be nil),
-- and free to yield as that is. Returns its answer, and what the store has. A ClientHello
-- that the program refuses asks no store.
function lookup.ask(callback, get, id, conn, hello)
  local context = conn.context
  local answer = callback(conn, hello)
  if answer ~= nil then return answer end
  return nil, find(get, id, context.waiter)
end

return {}
