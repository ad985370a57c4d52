---@meta ssl.core
-- Written by `make manual` from the doc comments of the sources.

---@class ssl.core
---The descriptor of a socket that has none.
---@field SOCKET_INVALID integer
local core = {}

---Makes a connection that has no socket yet: what `ssl.wrap` is made of.
---@param ctx ssl.SSLContext its context.
---@return ssl.luasec.connection? # a connection; or nil and a text
---@return string?
function core.create(ctx) end

---Gives a connection the descriptor of its socket, which it then owns.
---@param conn ssl.luasec.connection
---@param fd integer the descriptor.
function core.setfd(conn, fd) end

---The cipher that both sides have agreed on.
---@param conn ssl.luasec.connection
---@return string? # OpenSSL's description of it (string), two numbers of bits, and the version; nothing before the handshake
---@return integer?
---@return integer?
---@return string?
function core.info(conn) end

---The compression that both sides have agreed on.
---@param conn ssl.luasec.connection
---@return string? # its name, or nil for none; nil and `"closed"` before the handshake
---@return string?
function core.compression(conn) end

---Adds a method to all connections.
---@param name string its name.
---@param f function the method.
function core.setmethod(name, f) end

---Tells whose this is.
---@return string # a string
function core.copyright() end

return core
