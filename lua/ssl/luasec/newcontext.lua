-- ssl/luasec/newcontext.lua - a context from a table of settings: `ssl.newcontext`.
-- SPDX-License-Identifier: MIT

local context = require "ssl.luasec.context"
local wire = require "ssl.luasec.wire"

local M = {}

-- What the connections of a context ask for, and what its table says of trust.
local hosts = setmetatable({}, { __mode = "k" })
local trusts = setmetatable({}, { __mode = "k" })

--- The name that a context's connections ask for and check; or nil.
function M.host(ctx) return hosts[ctx] end

--- May a session that was made by one context be resumed by another? It was checked as
--- the one's table says, and is not checked again.
function M.trusts_alike(one, other)
  return one == other or trusts[one] ~= nil and trusts[one] == trusts[other]
end

-- A setting that is one word, or an array of them, as several values.
local function words(value)
  if type(value) == "table" then
    return table.unpack(value)
  end
  return value
end

-- Steps ---------------------------------------------------------------------
-- Each gets the context and the table, and returns true, or false and a text.

local steps = {}

local function load_identity(ctx, identity)
  local key, password = identity.key, identity.password
  if key then
    if password and type(password) ~= "string" and type(password) ~= "function" then
      return false, "invalid password type"
    end
    local ok, text = context.loadkey(ctx, key, password or nil)
    if not ok then return false, text end
  end
  if identity.certificate then
    local ok, text = context.loadcert(ctx, identity.certificate)
    if not ok then return false, text end
    if key and not context.checkkey(ctx) then
      return false, "private key does not match public key"
    end
  end
  return true
end

function steps.identities(ctx, cfg)
  for _, identity in ipairs(cfg.certificates or { cfg }) do
    local ok, text = load_identity(ctx, identity)
    if not ok then return false, text end
  end
  return true
end

function steps.locations(ctx, cfg)
  if cfg.cafile or cfg.capath then
    return context.locations(ctx, cfg.cafile or nil, cfg.capath or nil)
  end
  return true
end

-- Those that take the words of one field.
local function simple(field, set)
  return function(ctx, cfg)
    if cfg[field] then
      return set(ctx, words(cfg[field]))
    end
    return true
  end
end

steps.ciphers = simple("ciphers", context.setcipher)
steps.ciphersuites = simple("ciphersuites", context.setciphersuites)
steps.verify = simple("verify", context.setverify)
steps.options = simple("options", context.setoptions)
steps.depth = simple("depth", context.setdepth)
steps.verifyext = simple("verifyext", function(ctx, ...) return ctx:setverifyext(...) end)

-- Parameters that OpenSSL refuses, most often for being too small, leave a server without
-- the few ciphers that need them; with LuaSec they fail handshakes.
function steps.dhparam(ctx, cfg)
  if not cfg.dhparam then return true end
  if type(cfg.dhparam) ~= "function" then
    return false, "invalid DH parameter type"
  elseif cfg.mode == "server" then
    local ok, text = context.setdhparam(ctx, cfg.dhparam)
    if not ok then warn("ssl.newcontext: " .. text) end
  end
  return true
end

function steps.curves(ctx, cfg)
  if cfg.curveslist then
    return context.setcurveslist(ctx, cfg.curveslist)
  elseif cfg.curve then
    return context.setcurve(ctx, cfg.curve)
  end
  return true
end

-- What a server's function has chosen, as it is sent; nil for nothing.
local function choose(callback, offered)
  local chosen = callback(wire.unpack(offered))
  if type(chosen) == "string" then
    chosen = { chosen }
  end
  return type(chosen) == "table" and wire.pack(chosen) or nil
end

function steps.alpn(ctx, cfg)
  local alpn = cfg.alpn
  if not alpn then return true end
  if cfg.mode == "server" and type(alpn) == "function" then
    return context.setalpncb(ctx, function(offered) return choose(alpn, offered) end)
  elseif cfg.mode == "client" and type(alpn) == "string" then
    alpn = { alpn }
  end
  if type(alpn) ~= "table" then
    return false, "invalid ALPN parameter"
  end
  local list, text = wire.pack(alpn)
  if not list then return false, text end
  return context.setalpn(ctx, list)  -- a server chooses from the same list
end

local function set_server_psk(ctx, psk)
  if type(psk) == "function" then
    return context.setserverpskcb(ctx, psk)
  elseif type(psk) ~= "table" or type(psk.hint) ~= "string"
      or type(psk.callback) ~= "function" then
    return false, "invalid PSK configuration"
  end
  local ok, text = context.setpskhint(ctx, psk.hint)
  if not ok then return false, text end
  return context.setserverpskcb(ctx, psk.callback)
end

function steps.psk(ctx, cfg)
  if not cfg.psk then return true end
  if cfg.mode == "server" then
    return set_server_psk(ctx, cfg.psk)
  elseif type(cfg.psk) ~= "function" then
    return false, "invalid PSK configuration"
  end
  return context.setclientpskcb(ctx, cfg.psk)
end

function steps.dane(ctx, cfg)
  if type(cfg.dane) == "table" then
    return context.setdane(ctx, table.unpack(cfg.dane))
  end
  return not cfg.dane or context.setdane(ctx)
end

-- The name is sent to the server, and, unless nothing is to be checked, the certificate
-- has to be for it, and to lead to whom the table or else the system trusts.
function steps.host(ctx, cfg)
  if cfg.host == nil then return true end
  if type(cfg.host) ~= "string" then
    return false, "invalid host (a string is required)"
  end
  hosts[ctx] = cfg.host
  if cfg.mode == "client" and cfg.verify ~= "none" then
    ctx.check_hostname = true
    if not (cfg.cafile or cfg.capath) then
      ctx:load_default_certs()
    end
  end
  return true
end

local ORDER = { "identities", "locations", "ciphers", "ciphersuites", "verify", "options", "depth",
  "dhparam", "curves", "verifyext", "alpn", "psk", "dane", "host" }

-- The whole --------------------------------------------------------------------

local warned = false

local function warn_once(cfg)
  if cfg.mode == "client" and cfg.verify == nil and cfg.host == nil and not warned then
    warned = true
    warn("ssl.newcontext: without 'verify' or 'host' nobody checks who the server is")
  end
end

-- What a table says about whom to trust, as a text.
local function trust(cfg)
  local parts = {}
  for i, field in ipairs({ "mode", "protocol", "cafile", "capath", "verify", "verifyext", "depth",
      "host" }) do
    local value = cfg[field]
    parts[i] = type(value) == "table" and table.concat(value, "+") or tostring(value)
  end
  return table.concat(parts, "\n")
end

--@ ssl.newcontext(params)
-- Makes a context as LuaSec does: with OpenSSL's own settings, and what the table says.
-- It checks no certificate unless told to; a client's then makes a `warn`, once in a
-- process. `host` does all that a client needs.
-- - `params` (table): `mode` (`"client"` or `"server"`) and `protocol` (`"any"`,
--   `"tlsv1_2"`, `"tlsv1_3"`, …) have to be there. The others: `key`, `certificate`,
--   `password` (string or function); `certificates`, an array of tables with these
--   three; `cafile`, `capath`; `verify` and `options` (string, or array of strings);
--   `verifyext`; `ciphers`, `ciphersuites`, `depth`, `curve`, `curveslist`, `dhparam`
--   (function); `alpn` (a client's: string or array; a server's: array, or function
--   that gets the client's array and returns a string, an array, or nil); `psk` (a
--   function, or `{hint =, callback =}`); `dane` (true, or `{"no_ee_namechecks"}`). The
--   module `ssl.context` describes each. Where LuaSec takes the name of a file, the PEM
--   itself will do. Other fields are left alone.
-- - `host` (in the table; an addition): the server's name, which is sent to it, and which
--   the certificate has to be for, unless `verify` is `"none"`. Without `cafile` and
--   `capath` the system's authorities are trusted.
-- Returns an `SSLContext`; or nil and a text, which names what was wrong. Raises a string
-- error if `mode` or `protocol` is missing. OpenSSL: `SSL_CTX_new`. Since: LuaSec.
--
-- Type: fun(params: LuaSecParams): SSLContext?, string?
-- Type: LuaSecParams = { mode: "client"|"server", protocol: string, key?: string,
--   certificate?: string, certificates?: table[], password?: string|(fun(): string?),
--   cafile?: string, capath?: string, verify?: string|string[], verifyext?: string|string[],
--   options?: string|string[], ciphers?: string, ciphersuites?: string, depth?: integer,
--   curve?: string, curveslist?: string, dhparam?: function,
--   alpn?: string|string[]|(fun(offered: string[]): string|string[]|nil),
--   psk?: function|table, dane?: true|string[], host?: string, session?: SSLSession }
--
--     local ctx = assert(ssl.newcontext({ mode = "client", protocol = "any",
--       host = "localhost", cafile = cafile }))
--     assert(ssl.isinstance(ctx, ssl.SSLContext))
function M.newcontext(cfg)
  if type(cfg) ~= "table" then
    error(("bad argument #1 to 'newcontext' (table expected, got %s)"):format(type(cfg)), 2)
  end
  local ctx, text = context.create(cfg.protocol)
  if not ctx then return nil, text end
  local ok
  ok, text = context.setmode(ctx, cfg.mode)
  if not ok then return nil, text end
  for _, name in ipairs(ORDER) do
    ok, text = steps[name](ctx, cfg)
    if not ok then return nil, text end
  end
  trusts[ctx] = trust(cfg)
  warn_once(cfg)
  return ctx
end

return M
