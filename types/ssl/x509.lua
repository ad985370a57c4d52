---@meta ssl.x509
-- Written by `make manual` from the doc comments of the sources.

return { load = require("ssl").loadcertificate }
