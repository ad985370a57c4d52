-- ssl/https.lua - LuaSec's module of that name.
-- SPDX-License-Identifier: MIT

return require "ssl.luasec.https"
