---@meta ssl.config
-- Written by `make manual` from the doc comments of the sources.

return require("ssl").config
