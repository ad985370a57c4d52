---@meta ssl.core
-- Written by `make manual` from the doc comments of the sources.

---@class ssl.core
---The number that stands for "no descriptor".
---@field SOCKET_INVALID integer
local core = {}

---Makes a connection that has no socket yet. `ssl.wrap` begins with it.
---@param ctx ssl.SSLContext the context of the connection.
---@return ssl.luasec.connection? # a connection; or nil and a text
---@return string?
function core.create(ctx) end

---Gives a connection the descriptor of its socket. From then on the connection owns the
---descriptor.
---@param conn ssl.luasec.connection
---@param fd integer the descriptor.
function core.setfd(conn, fd) end

---Tells which cipher both sides agreed on.
---@param conn ssl.luasec.connection
---@return string? # OpenSSL's description of the cipher (string), two numbers of bits, and the version
---@return integer?
---@return integer?
---@return string?
function core.info(conn) end

---Tells which compression both sides agreed on.
---@param conn ssl.luasec.connection
---@return string? # its name, or nil for none; nil and `"closed"` before the handshake
---@return string?
function core.compression(conn) end

---Adds a method to all connections.
---@param name string the name of the method.
---@param f function the method.
function core.setmethod(name, f) end

---@return string # the copyright notice of the module
function core.copyright() end

return core
