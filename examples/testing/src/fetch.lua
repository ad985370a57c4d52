-- The code under test: fetches a page over TLS.

local socket = require "socket"
local ssl = require "ssl"

local fetch = {}

-- Returns the body of a page. `options` has `cafile` (the authority to trust, the
-- system's by default) and `timeout` (seconds). Raises an error of `ssl`.
function fetch.get(host, port, path, options)
  options = options or {}
  local context = ssl.create_default_context({ cafile = options.cafile })
  local sock = assert(socket.connect(host, port))
  sock:settimeout(options.timeout or 10)
  local conn <close> = context:wrap_socket(sock, {
    server_hostname = host, suppress_ragged_eofs = false,
  })
  conn:sendall(("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n"):format(path, host))
  local parts = {}
  for part in function() return conn:recv(16384) end do
    parts[#parts + 1] = part
  end
  return (table.concat(parts):match("\r\n\r\n(.*)$"))
end

return fetch
