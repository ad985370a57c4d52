-- ssl.lua - TLS with the API of Python's module ssl: what is in C, and the
-- decisions that need no OpenSSL, as one table.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local enums = require "ssl.base.enums"
local hostname = require "ssl.x509.hostname"
local pem = require "ssl.x509.pem"
local defaults = require "ssl.context.defaults"
require "ssl.context.hello"
require "ssl.context.lookup"
require "ssl.context.wincerts"
local crlkeeper = require "ssl.context.crlkeeper"
local stapler = require "ssl.context.stapler"
local client = require "ssl.socket.client"
local socket = require "ssl.socket.socket"
local luasec = require "ssl.luasec.luasec"

-- Errors name the place that called us, not one in these files. A searcher of Lua's
-- tells the file; a program that embeds Lua may have no library for debugging.
local _, file = ...
local source = file and "@" .. file or debug.getinfo(1, "S").source
_ssl._prelude((source:gsub("%.lua$", "")))

-- What is in C for the prelude alone.
local private = { get_default_verify_paths = true, txt2obj = true, nid2obj = true }

local function ispublic(name)
  return not (private[name] or name:find("^_") or name:find("^PROTO_")
    or name:find("^HOSTFLAG_") or name:find("^ENCODING_") or name == "HAS_TLS_UNIQUE")
end

local ssl = {}

for name, value in pairs(_ssl) do
  if ispublic(name) then
    ssl[name] = value
  end
end

for _, part in ipairs({ enums, defaults, pem, hostname, crlkeeper, stapler, client, socket,
  luasec }) do
  for name, value in pairs(part) do
    ssl[name] = value
  end
end

--@ ssl.CHANNEL_BINDING_TYPES (array of strings)
-- The types of `get_channel_binding`: `"tls-unique"` (RFC 5929),
-- `"tls-server-end-point"` (RFC 5929) and `"tls-exporter"` (RFC 9266). The last
-- two are additions. Since: CPython 3.3.
--
--     assert(ssl.CHANNEL_BINDING_TYPES[1] == "tls-unique")
ssl.CHANNEL_BINDING_TYPES = { "tls-unique", "tls-server-end-point", "tls-exporter" }

--@ ssl.__version__ (string)
-- The version of this module, `"MAJOR.MINOR.PATCH"`; `LSSL_VERSION` in `lssl.h` is the same.
-- `ssl._VERSION` is the version of LuaSec whose API is here. Since: an addition.
--
--     assert(ssl.__version__:find("^%d+%.%d+%.%d+$"))
ssl.__version__ = _ssl.__version__

-- Private in CPython too.
ssl._DEFAULT_CIPHERS = _ssl._DEFAULT_CIPHERS
ssl._RESTRICTED_SERVER_CIPHERS = _ssl._DEFAULT_CIPHERS
ssl._OPENSSL_API_VERSION = _ssl._OPENSSL_API_VERSION

return ssl
