-- ssl/store.lua - stores for `SSLContext.session_store`: sessions by their ID, for
-- other processes and machines.
-- SPDX-License-Identifier: MIT

local engines = { memory = true, redis = true, memcached = true }

local M = {}

--@ ssl.store.load(name)
-- What `ssl.store[name]` is: a store's code is loaded when it is first asked for.
-- - `name` (string): `"memory"`, `"redis"` or `"memcached"`.
-- Returns the function that makes the store. Raises a string error if there is no such
-- store, or if LuaSocket, which the last two need, is not installed. Since: an addition.
-- Type: fun(name: string): function
--
--     assert(not pcall(require("ssl.store").load, "reddis"))
function M.load(name)
  if not engines[name] then
    error(("no store '%s'"):format(tostring(name)), 2)
  end
  return require("ssl.store." .. name)
end

return setmetatable(M, { __index = function(_, name) return M.load(name) end })
