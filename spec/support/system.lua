-- What of the operating system specs have to know.

local _ssl = require "_ssl"

local M = {}

M.windows = package.config:sub(1, 1) == "\\"

local texts = {
  EAGAIN = "Resource temporarily unavailable", EBADF = "Bad file descriptor",
  EBUSY = "Device or resource busy", ECONNRESET = "Connection reset by peer",
  EINPROGRESS = "Operation now in progress", EIO = "Input/output error",
  EMFILE = "Too many open files",
  ENOENT = "No such file or directory", ENOMEM = "Cannot allocate memory",
  ENOTCONN = "Transport endpoint is not connected", ENOTSOCK = "Socket operation on non-socket",
  EPIPE = "Broken pipe", EPROTO = "Protocol error", ESPIPE = "Illegal seek",
  ETIMEDOUT = "Connection timed out",
  OFFOLDER = M.windows and "Permission denied" or "Is a directory",  -- opened as a file
}

--- The system's numbers of errors by C's names: `errno.EBADF`.
M.errno = setmetatable({}, { __index = function(_, name)
  return (assert(_ssl._errornumber(assert(texts[name], name)), name))
end })

--- The URI of a file.
function M.uri(path)
  return M.windows and "file:/" .. path:gsub("\\", "/") or "file:" .. path
end

--- Who may read and write a file, as `ls` says it of the new files that are private.
M.private = M.windows and "rw-rw-rw-" or "rw-------"

--- Are host names beyond ASCII understood? By libidn2, if the build has it.
M.idn = pcall(_ssl._idna_encode, "b\xC3\xBCcher.test")

return M
