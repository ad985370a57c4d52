-- ssl/store/engine.lua - what the stores over a network have in common: their arguments,
-- and the table that is a session store.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local prelude = require "ssl.base.prelude"
local Pool = require "ssl.store.pool"

local M = {}

local PARAMETERS = "host port path ring unsealed prefix timeout connections tls server_hostname"

local function check(name, options)
  if options.ring == nil and not options.unsealed then
    prelude.valueerror("a ring has to be given: it hides the sessions' secrets from the store; "
      .. "unsealed = true does without")
  elseif options.ring ~= nil and not _ssl.isinstance(options.ring, _ssl.TicketRing) then
    prelude.typeerror(4, name, "ssl.TicketRing", options.ring)
  elseif options.tls ~= nil and not _ssl.isinstance(options.tls, _ssl.SSLContext) then
    prelude.typeerror(9, name, "ssl.SSLContext", options.tls)
  elseif type(options.timeout) ~= "number" or options.timeout ~= options.timeout
      or options.timeout <= 0 then
    prelude.valueerror("timeout must be a number of seconds above 0")
  elseif math.type(options.connections) ~= "integer" or options.connections < 1 then
    prelude.valueerror("connections must be an integer above 0")
  elseif options.path and options.tls then
    prelude.valueerror("a path and tls cannot go together")
  end
  for _, string in ipairs({ "host", "path", "prefix", "server_hostname" }) do
    local value = options[string]
    if value ~= nil then prelude.checkstring(value, 1, name) end
  end
end

-- The options of a call of `ssl.store[name]`; the engine's own `more` are behind the
-- common ones.
function M.options(name, port, more, ...)
  local options, i = {}, 0
  local values = table.pack(prelude.arguments(name, PARAMETERS .. more, ...))
  for parameter in (PARAMETERS .. more):gmatch("%S+") do
    i = i + 1
    options[parameter] = values[i]
  end
  options.host = options.host or "127.0.0.1"
  options.port = options.port or port
  options.prefix = options.prefix or "lua-ssl:"
  options.timeout = options.timeout or 0.05
  options.connections = options.connections or 64
  options.server_hostname = options.server_hostname or options.host
  check(name, options)
  return options
end

local function hex(byte) return ("%02x"):format(byte:byte()) end

-- The session store: `protocol` makes the commands and reads the answers.
function M.store(options, protocol)
  local pool = Pool.new(options, protocol)
  local prefix = options.prefix
  local function key(id) return prefix .. id:gsub(".", hex) end
  return setmetatable({
    ring = options.ring,
    get = function(id, wait)
      local name = key(id)
      local function read(link, deadline, waiter)
        return protocol.value(link, name, deadline, waiter)
      end
      return pool:ask(protocol.get(name), read, wait) or nil
    end,
    put = function(id, bytes, seconds) pool:tell(protocol.put(key(id), bytes, seconds)) end,
    remove = function(id) pool:tell(protocol.remove(key(id))) end,
    failures = function() return pool.failures end,
    close = function() pool:close() end,
  }, { __close = function() pool:close() end })
end

return M
