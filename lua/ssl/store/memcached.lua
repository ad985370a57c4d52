-- ssl/store/memcached.lua - a session store in memcached, by its text protocol.
-- SPDX-License-Identifier: MIT

local prelude = require "ssl.base.prelude"
local engine = require "ssl.store.engine"

-- More seconds would be taken for a date.
local LONGEST = 30 * 24 * 3600

local DONE = { STORED = true, DELETED = true, NOT_FOUND = true }

local function iserror(line) return not DONE[line] end

local function get(key) return ("get %s\r\n"):format(key) end

local function put(key, bytes, seconds)
  return ("set %s 0 %d %d\r\n%s\r\n"):format(key, math.min(math.max(1, seconds), LONGEST),
    #bytes, bytes)
end

local function remove(key) return ("delete %s\r\n"):format(key) end

-- The answer to get: the value; false if there is none; or nil and the problem.
local function value(link, key, deadline, wait)
  local line, problem = link:line(deadline, wait)
  if not line then return nil, problem end
  if line == "END" then return false end
  local name, size = line:match("^VALUE (%S+) %d+ (%d+)$")
  if name ~= key then return nil, "no answer of memcached's" end
  local bytes
  bytes, problem = link:bytes(math.tointeger(tonumber(size)), deadline, wait)
  if not bytes then return nil, problem end
  line, problem = link:line(deadline, wait)
  if line ~= "END" then return nil, problem or "no answer of memcached's" end
  return bytes
end

local function greet() return true end

--@ ssl.store.memcached(options)
-- Makes a session store in memcached, for `SSLContext.session_store`. It is used as
-- `ssl.store.redis` is, and takes the same arguments but for those of `AUTH` and `SELECT`.
-- - `host` (string), `port` (integer): where it is; `"127.0.0.1"` and 11211 by default.
-- - `path`, `ring`, `unsealed`, `prefix`, `timeout`, `connections`, `tls`, `server_hostname`: as
--   for `ssl.store.redis`. The prefix may have no blanks, and no more than 180 bytes.
-- Returns the store (table). Raises `ValueError` for arguments that do not fit.
-- Since: an addition.
-- Type: fun(options: NetworkStoreOptions): NetworkStore
--
--     local ring = ssl.ticket_ring{ secret = ssl.RAND_bytes(48) }
--     server_ctx.session_store = require("ssl.store").memcached{ ring = ring }
return function(...)
  local options = engine.options("memcached", 11211, "", ...)
  if #options.prefix > 180 or options.prefix:find("[%s%c]") then
    prelude.valueerror("prefix may have no blanks, and no more than 180 bytes")
  end
  return engine.store(options, { get = get, put = put, remove = remove, value = value,
    iserror = iserror, greet = greet, question = "version\r\n", answer = "^VERSION " })
end
