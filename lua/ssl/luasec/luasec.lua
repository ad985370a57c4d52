-- ssl/luasec/luasec.lua - what LuaSec's `ssl` has, for `ssl` to add.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local config = require "ssl.luasec.config"
local connection = require "ssl.luasec.connection"
local newcontext = require "ssl.luasec.newcontext"

local M = {
  config = config,
  newcontext = newcontext.newcontext,
  wrap = connection.wrap,
  python = connection.python,
  luasec = connection.luasec,
}

--@ ssl._VERSION (string)
-- The version of LuaSec whose API this module has besides its own, for programs that ask.
-- Since: LuaSec.
--
--     assert(ssl._VERSION == "1.3.2")
M._VERSION = "1.3.2"

--@ ssl._COPYRIGHT (string)
-- Whose module this is, where LuaSec says it. Since: LuaSec.
--
--     assert(ssl._COPYRIGHT:find("lua-ssl", 1, true))
M._COPYRIGHT = require "ssl.core".copyright()

--@ ssl.loadcertificate(pem)
-- Reads a certificate.
-- - `pem` (string): the certificate in PEM.
-- Returns a certificate with LuaSec's methods; nil for anything else. OpenSSL:
-- `PEM_read_bio_X509`. Since: LuaSec.
--
-- Type: fun(pem: string): certificate?
--
--     local file <close> = assert(io.open(certfile))
--     assert(ssl.loadcertificate(file:read("a")):serial())
M.loadcertificate = _ssl._luasec.loadcertificate

return M
