-- ssl/store/redis.lua - a session store in Redis, or in what speaks its protocol (RESP 2):
-- Valkey, KeyDB, DragonflyDB.
-- SPDX-License-Identifier: MIT

local prelude = require "ssl.base.prelude"
local engine = require "ssl.store.engine"

local function command(...)
  local parts = table.pack(...)
  for i, part in ipairs(parts) do
    parts[i] = ("$%d\r\n%s\r\n"):format(#part, part)
  end
  return ("*%d\r\n"):format(#parts) .. table.concat(parts)
end

local function iserror(line) return not line:find("^[+:]") end

local function get(key) return command("GET", key) end

local function put(key, bytes, seconds)
  return command("SET", key, bytes, "EX", ("%d"):format(math.max(1, seconds)))
end

local function remove(key) return command("DEL", key) end

-- The answer to GET: the value; false if there is none; or nil and the problem.
local function value(link, _, deadline, wait)
  local line, problem = link:line(deadline, wait)
  if not line then return nil, problem end
  if line:find("^-") then return nil, line end
  local size = math.tointeger(tonumber(line:match("^%$(-?%d+)$")))
  if size == -1 then return false end
  if not size or size < 0 then return nil, "no answer of Redis's" end
  return link:bytes(size, deadline, wait)
end

-- Says who it is, and chooses the database.
local function greeter(options)
  local hello, answers = "", 0
  if options.password then
    hello = options.user and command("AUTH", options.user, options.password)
      or command("AUTH", options.password)
    answers = 1
  end
  if options.database then
    hello = hello .. command("SELECT", ("%d"):format(options.database))
    answers = answers + 1
  end
  return function(link, deadline, wait)
    if answers == 0 then return true end
    local ok, problem = link:send(hello)
    for _ = 1, answers do
      local line
      if ok then line, problem = link:line(deadline, wait) end
      if not line then return nil, problem end
      if line ~= "+OK" then return nil, line end
    end
    return true
  end
end

--@ ssl.store.redis(options)
-- Makes a session store in Redis, for `SSLContext.session_store`. It connects when it is
-- first needed, and keeps its connections. `get` waits by the server context's `waiter`.
--
-- `options` is a table with the fields below. A Redis that is down, slow, or answers rubbish
-- makes handshakes full: the store then leaves it alone for a tenth of a second, and for
-- longer if that goes on, up to a second.
-- - `host` (string), `port` (integer): where it is; `"127.0.0.1"` and 6379 by default. A
--   name is looked up by LuaSocket, which blocks: better give an address.
-- - `path` (string): in their place, its Unix-domain socket.
-- - `ring` (`ssl.TicketRing`): encrypts and authenticates the sessions. It is needed, unless
--   `unsealed` is true: then who can read the store can read the traffic.
-- - `prefix` (string): what the keys begin with, before the ID in hexadecimal; `"lua-ssl:"` by
--   default. Services that must not resume each other's sessions need different ones.
-- - `timeout` (number): the seconds that an answer may take, connecting included; 0.05 by
--   default. A store that has answered faster so far is given less, but a fifth of this.
-- - `connections` (integer): the most connections that it has at once; 64 by default.
-- - `tls` (`ssl.SSLContext`): the context for TLS to Redis; none by default.
--   `server_hostname` (string) is the name in its certificate; `host` by default.
-- - `user`, `password` (strings), `database` (integer): for `AUTH` and `SELECT`.
-- Returns the store (table). Besides the functions of a session store it has `failures()`, the
-- number of commands that have failed, and `close()`, which closes its connections. Raises
-- `ValueError` for arguments that do not fit. Since: an addition.
-- Type: fun(options: RedisOptions): NetworkStore
-- Type: NetworkStoreOptions = { host?: string, port?: integer, path?: string,
--   ring?: TicketRing, unsealed?: boolean, prefix?: string, timeout?: number,
--   connections?: integer, tls?: SSLContext, server_hostname?: string }
-- Type: RedisOptions: NetworkStoreOptions = { user?: string, password?: string,
--   database?: integer }
-- Type: NetworkStore: SessionStore = { failures: (fun(): integer), close: (fun()) }
--
--     local ring = ssl.ticket_ring{ secret = ssl.RAND_bytes(48) }
--     server_ctx.session_store = require("ssl.store").redis{ ring = ring, password = "secret" }
return function(...)
  local options = engine.options("redis", 6379, " user password database", ...)
  for _, name in ipairs({ "user", "password" }) do
    if options[name] ~= nil then prelude.checkstring(options[name], 1, "redis") end
  end
  if options.database ~= nil and math.type(options.database) ~= "integer" then
    prelude.typeerror(13, "redis", "integer", options.database)
  end
  return engine.store(options, { get = get, put = put, remove = remove, value = value,
    iserror = iserror, greet = greeter(options), question = command("PING"),
    answer = "^%+PONG$" })
end
