-- ssl/x509.lua - LuaSec's module of that name.
-- SPDX-License-Identifier: MIT

return { load = require "_ssl"._luasec.loadcertificate }
