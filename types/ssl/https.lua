---@meta ssl.https
-- Written by `make manual` from the doc comments of the sources.

---@class ssl.https
---The version of LuaSec whose API this module has. Since: LuaSec.
---@field _VERSION string
---The copyright notice of this module. Since: LuaSec.
---@field _COPYRIGHT string
---The port that is used if the URL has none. Since: LuaSec.
---@field PORT integer
---The limit in seconds for requests without a `timeout`: first for the connection, with proxy
---and handshake, and then for each read and write. Since: LuaSec.
---@field TIMEOUT number
---Set this to `"none"`, and no request verifies a certificate, unless its own table has a
---`verify`. It is nil at first. LuaSec never verifies by default.
---@field VERIFY string?
---The proxy for requests that have no `proxy`: the same values as the field `proxy` of
---`https.request`. It is nil at first. LuaSec has no proxies.
---@field PROXY (string|true|nil)
local https = {}

---Makes the function that LuaSocket's `socket.http` calls to open a connection for an `https`
---URL. You can pass it on yourself: `http.request{create = https.tcp{…}, …}`.
---@param params? table as for `https.request`.
---@return (fun(): table) # a function
function https.tcp(params) end

---Makes an HTTP request over TLS. There are two forms: `https.request(url [, body])` and
---`https.request(params)`.
---@param url string the URL. With a `body` (string), the request is a POST, else a GET.
---@param body? string
---@return string? # the body (or 1, for a table), the status code, the headers (table), and the status line; or nil and a text
---@return (integer|string)
---@return table?
---@return string?
---@overload fun(params: table): integer?, (integer|string), table?, string?
function https.request(url, body) end

return https
