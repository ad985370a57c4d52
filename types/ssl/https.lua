---@meta ssl.https
-- Written by `make manual` from the doc comments of the sources.

---@class ssl.https
---The version of LuaSec whose API this is. Since: LuaSec.
---@field _VERSION string
---Whose module this is. Since: LuaSec.
---@field _COPYRIGHT string
---The port of a URL without one. Since: LuaSec.
---@field PORT integer
---Seconds for connecting (proxy and handshake included), and then for each read and write,
---of requests that have no `timeout` of their own. Since: LuaSec.
---@field TIMEOUT number
---Set this to `"none"` to have no request of the process verify a certificate, unless its
---own table has `verify`. Nil at first. LuaSec verifies none by default.
---@field VERIFY string?
---The proxy for requests that have no `proxy` of their own, as the field `proxy` of
---`https.request` has it. Nil at first. LuaSec has no proxies.
---@field PROXY (string|true|nil)
local https = {}

---What LuaSocket's module `socket.http` calls for URLs with `https`; its requests may say
---the same there: `http.request{create = https.tcp{…}, …}`.
---@param params? table as for `https.request`.
---@return (fun(): table) # a function that makes an object to connect with: it has `connect(host, port)`, which returns 1, or nil and a text, and then the methods of a connection of `ssl.wrap`, which is its field `sock`
function https.tcp(params) end

---Makes a request over TLS: `https.request(url [, body])`, or `https.request(params)`.
---The server's certificate is verified, and has to be for the URL's host: by the
---authorities that the system trusts, or by those in `cafile` or `capath` alone. LuaSec
---verifies nothing here; `verify = "none"` in the table is as LuaSec is.
---@param url string where to; a POST if there is a `body` (string), else a GET.
---@param body? string
---@return string? # the body (or 1, for a table), the status code, the headers (table), and the status line; or nil and a text
---@return (integer|string)
---@return table?
---@return string?
---@overload fun(params: table): integer?, (integer|string), table?, string?
function https.request(url, body) end

return https
