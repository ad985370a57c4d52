-- A host's state beside the spec's own: contexts made in C, sockets on both sides of the border.

local embedder = require "embedder"
local ssl = require "ssl"
local testing = require "ssl.testing"

local M = {}

local authority = testing.CA()
local leaf = authority:issue("localhost")

local function write(text)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(text)
  file:close()
  return name
end

--- The path of a file, removed when the spec ends, with a certificate and its key: that
--- of `identity`, or the usual one's.
function M.identity(identity)
  identity = identity or leaf
  return write(identity.chain.pem .. identity.key.pem)
end

--- Calls f with a server's SSL_CTX, made in C, and one of a client that verifies.
function M.contexts(f)
  local files = { M.identity(), write(authority.cert.pem) }
  local server <close> = embedder.context("server", files[1])
  local client <close> = embedder.context("client", nil, files[2])
  for _, name in ipairs(files) do os.remove(name) end
  f(server, client)
end

--- The authority, and a client's context of the spec's own that trusts it.
function M.authority() return authority end
function M.client()
  return ssl.create_default_context({ cadata = authority.cert.pem })
end

--- A state with the module loaded, as the global `ssl`.
function M.state(kind)
  local host = embedder.new(kind)
  assert(host:require("ssl", "ssl") == nil)
  return host
end

--- The result of a script in the state, a string; raises its error.
function M.result(host, ...)
  local ok, text = host:run(...)
  if not ok then error(text, 2) end
  return text
end

--- A client of the spec's own over `fd`, that lets the host's coroutines run while it
--- waits. `log` gets what their ends were.
function M.connect(host, fd, options, log)
  local context = options and options.context or M.client()
  context.waiter = function()
    local ok, text = host:step()
    if log and ok ~= nil then log[#log + 1] = { ok, text } end
  end
  return context:wrap_socket(fd, { server_hostname = options and options.host or "localhost",
    timeout = 10, session = options and options.session })
end

return M
