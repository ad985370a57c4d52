-- ssl/luasec/https.lua - LuaSec's module ssl.https: requests over TLS, by LuaSocket's
-- module socket.http.
-- SPDX-License-Identifier: MIT
--
-- LuaSocket makes each connection of a request, and of those it is redirected to, by
-- `M.tcp`, to which it gives a table of its own. Only the table of headers in that is the
-- one that `M.request` gave it: by that the settings of the request are found again.

local _ssl = require "_ssl"
local connection = require "ssl.luasec.connection"
local newcontext = require "ssl.luasec.newcontext"
local proxies = require "ssl.luasec.proxy"

local M = {}

--@ https._VERSION (string)
-- The version of LuaSec whose API this module has. Since: LuaSec.
--
--     assert(https._VERSION == "1.3.2")
M._VERSION = "1.3.2"

--@ https._COPYRIGHT (string)
-- The copyright notice of this module. Since: LuaSec.
--
--     assert(https._COPYRIGHT:find("lua-ssl", 1, true))
M._COPYRIGHT = require "ssl.core".copyright()

--@ https.PORT (integer)
-- The port that is used if the URL has none. Since: LuaSec.
--
--     assert(https.PORT == 443)
M.PORT = 443

--@ https.TIMEOUT (number)
-- The limit in seconds for requests without a `timeout`: first for the connection, with proxy
-- and handshake, and then for each read and write. Since: LuaSec.
--
--     assert(https.TIMEOUT == 60)
M.TIMEOUT = 60

--@ https.VERIFY (string)
-- Set this to `"none"`, and no request verifies a certificate, unless its own table has a
-- `verify`. It is nil at first. LuaSec never verifies by default.
--
-- Type: string?
--
--     assert(https.VERIFY == nil)
M.VERIFY = nil

--@ https.PROXY (string or true)
-- The proxy for requests that have no `proxy`: the same values as the field `proxy` of
-- `https.request`. It is nil at first. LuaSec has no proxies.
--
-- Type: string|true|nil
--
--     assert(https.PROXY == nil)
M.PROXY = nil

-- What is given to newcontext, out of a request's table.
local SETTINGS = { "key", "certificate", "certificates", "password", "cafile", "capath", "verify",
  "verifyext", "depth", "ciphers", "ciphersuites", "dhparam", "curve", "curveslist", "alpn", "psk",
  "dane", "protocol", "options" }

-- What must not be told to another host.
local CREDENTIALS = { authorization = true, cookie = true, ["proxy-authorization"] = true }

-- The settings of requests under way, by their tables of headers.
local requests = setmetatable({}, { __mode = "k" })

-- Connecting --------------------------------------------------------------------

-- The table for newcontext of a connection to the host.
local function settings_for(params, host)
  local settings = { mode = "client", protocol = "any",
    options = { "all", "no_sslv2", "no_sslv3", "no_tlsv1" } }
  for _, name in ipairs(SETTINGS) do
    if params[name] ~= nil then settings[name] = params[name] end
  end
  local verify = settings.verify or M.VERIFY or "peer"
  if type(verify) == "table" and verify[1] == "none" and #verify == 1 then
    verify = "none"
  end
  settings.verify, settings.host = verify, host
  return settings
end

local Connection = {}
Connection.__index = Connection

-- Calls of the object are calls of what is inside it: LuaSocket's object at first, the
-- TLS connection later.
for name in pairs(_ssl._methods("luasec.connection")) do
  Connection[name] = function(self, ...)
    return self.sock[name](self.sock, ...)
  end
end

-- The time that is left for connecting; nil for any.
local function remaining(self)
  local gettime = require("socket").gettime
  return self.deadline and math.max(self.deadline - gettime(), 0)
end

-- What went wrong in a handshake, with what the certificate lacks.
local function explain(conn, text)
  local _, why = conn:getpeerverification()
  if text == "wantread" or text == "wantwrite" then
    return "timeout"
  elseif text == "certificate verify failed" and type(why) == "string" then
    return text .. ": " .. why
  end
  return text
end

-- Makes a TLS connection of self.sock. Returns 1; or nil and a text.
local function handshake(self, ctx)
  local conn, text = connection.wrap(self.sock, ctx)
  if not conn then return nil, text end
  self.sock = conn
  if self.params.session then
    conn:setsession(self.params.session)
  end
  conn:settimeout(remaining(self))
  local ok
  ok, text = conn:dohandshake()
  if not ok then
    return nil, explain(conn, text)
  end
  conn:settimeout(self.timeout)
  return 1
end

-- LuaSocket's object connected to the host, by way of the proxy if there is one.
local function connect(self, host, port)
  local proxy, text = proxies.choose(self.proxy, host, port)
  if text then return nil, text end
  self.sock:settimeout(remaining(self), "t")
  local ok
  ok, text = self.sock:connect(proxy and proxy.host or host, proxy and proxy.port or port)
  if ok and proxy then
    self.sock:settimeout(remaining(self), "t")
    ok, text = proxies.open(self.sock, proxy, host, port)
  end
  return ok, text
end

function Connection:connect(host, port)
  local socket = require "socket"
  local target = self.target  -- where LuaSocket's own setting has it connect to a proxy
  host, port = target and target.host or host, target and target.port or port
  self.timeout = self.params.timeout or M.TIMEOUT
  self.deadline = self.timeout and socket.gettime() + self.timeout
  local ctx, text = newcontext.newcontext(settings_for(self.params, host))
  local ok = ctx
  if ok then
    ok, text = connect(self, host, port)
  end
  if ok then
    ok, text = handshake(self, ctx)
  end
  if not ok then
    self.sock:close()
    return nil, text
  end
  return 1
end

-- LuaSocket sets a time limit of its own before it connects: ours is for each call.
function Connection:settimeout(...)
  if self.timeout then
    return self.sock:settimeout(...)
  end
  return 1
end

-- LuaSocket takes a Location without a scheme for one without TLS, and does not follow it:
-- it is told the whole.
function Connection:receive(...)
  local line, text, partial, seconds = self.sock:receive(...)
  local location = line and self.url and line:match("^[Ll]ocation:%s*(.-)%s*$")
  if location then
    line = "location: " .. require("socket.url").absolute(self.url, location)
  end
  return line, text, partial, seconds
end

-- Those of one request ------------------------------------------------------------

local function without(headers, unwanted)
  local rest = {}
  for name, value in pairs(headers) do
    if not unwanted[name:lower()] then rest[name] = value end
  end
  return rest
end

-- A request that LuaSocket was redirected to: what was meant for one host is not told to
-- another. `reqt` is LuaSocket's table, whose headers it has yet to send.
local function redirected(reqt, request)
  local host, port = reqt.host, tostring(reqt.port or M.PORT)
  request.host, request.port = request.host or host, request.port or port
  if host ~= request.host or port ~= request.port then
    reqt.headers = without(reqt.headers, CREDENTIALS)
    requests[reqt.headers] = request
  end
end

-- Has LuaSocket connect to the host itself, and keep the proxy's password from it.
local function take_proxy(reqt)
  local proxy = reqt.proxy
  reqt.proxy = nil
  local theirs = package.loaded["socket.http"] and require("socket.http").PROXY
  if not theirs then
    return proxy
  end
  if theirs:find("@", 1, true) then
    reqt.headers = without(reqt.headers or {}, {})
    reqt.headers["proxy-authorization"] = ""
  end
  return proxy == nil and theirs or proxy, { host = reqt.host, port = reqt.port or M.PORT }
end

--@ https.tcp([params])
-- Makes the function that LuaSocket's `socket.http` calls to open a connection for an `https`
-- URL. You can pass it on yourself: `http.request{create = https.tcp{…}, …}`.
-- - `params` (table): as for `https.request`.
-- Returns a function. The function returns an object with the method `connect(host, port)`,
-- which returns 1, or nil and a text. After that, the object has the methods of a connection of
-- `ssl.wrap`; its field `sock` is that connection. Since: LuaSec.
--
-- Type: fun(params?: table): fun(): table
--
--     local create = https.tcp({ cafile = cafile })
--     local conn = create()
--     assert(conn:connect("localhost", port))
--     conn:send("hello")
--     assert(conn:receive(5) == "hello")
--     conn:close()
function M.tcp(params)
  params = params or {}
  local request = params.headers and requests[params.headers]
  local proxy, target, address = params.proxy, nil, nil
  if params.scheme then  -- LuaSocket's own table
    address = require("socket.url").build({ scheme = params.scheme, host = params.host,
      port = params.port, path = params.path, query = params.query })
    if request then redirected(params, request) end
    proxy, target = take_proxy(params)
  end
  if proxy == nil then proxy = M.PROXY end
  local settings = request and request.params or params
  local create = settings.create or require("socket").tcp  -- LuaSocket puts ours there next
  return function()
    local sock, text = create()
    if not sock then return nil, text end
    return setmetatable({ sock = sock, params = settings, proxy = proxy, target = target,
      url = address }, Connection)
  end
end

-- A URL as LuaSocket wants it: with our scheme and port.
local function complete(text)
  local url = require "socket.url"
  local parts = url.parse(text, { port = M.PORT, scheme = "https" })
  if not parts then return nil end
  parts.scheme = "https"
  return url.build(parts)
end

-- The table for LuaSocket of a request with a plain URL; `parts` gets the body.
local function simple(url, body, parts)
  local ltn12 = require "ltn12"
  local reqt = { url = url, method = body and "POST" or "GET", sink = ltn12.sink.table(parts) }
  if body then
    reqt.source = ltn12.source.string(body)
    reqt.headers = {
      ["content-length"] = #body,
      ["content-type"] = "application/x-www-form-urlencoded",
    }
  end
  return reqt
end

local function perform(reqt, params)
  local http = require "socket.http"
  local scope <close> = setmetatable({ http.PROXY }, { __close = function(saved)
    http.PROXY = saved[1]
  end })
  if reqt.proxy == nil then reqt.proxy = M.PROXY end
  if reqt.proxy == nil then reqt.proxy = scope[1] end
  http.PROXY = nil  -- it would be sent the request itself
  reqt.headers = without(reqt.headers or {}, {})
  requests[reqt.headers] = { params = params }
  return http.request(reqt)
end

--@ https.request(url [, body])
-- Makes an HTTP request over TLS. There are two forms: `https.request(url [, body])` and
-- `https.request(params)`.
--
-- The request verifies the server's certificate, which must be for the host of the URL. It
-- trusts the authorities of the system or, if you give `cafile` or `capath`, those alone. LuaSec
-- verifies nothing here; say `verify = "none"` if you want the same.
-- - `url` (string): the URL. With a `body` (string), the request is a POST, else a GET.
-- - `params` (table): what LuaSocket's `http.request` takes (`url`, `method`, `headers`,
--   `source`, `sink`, `step`, `redirect`, `maxredirects`, `create`), and what `ssl.newcontext`
--   takes (`cafile`, `verify`, `key`, `certificate`, …), except `mode` and `host`. There are two
--   more fields. `timeout` (number) is a limit in seconds: first for the connection, with proxy
--   and handshake, and then for each read and write. It is `https.TIMEOUT` by default, and does
--   not count the lookup of a name. `proxy` (string, or true) is the URL of a proxy, with user
--   and password if the proxy wants them. With true, the environment variables `https_proxy` and
--   `no_proxy` decide.
-- Returns the body (or 1, for a table), the status code, the headers (table), and the status
-- line; or nil and a text. Redirects to `https` URLs are followed, unless `redirect` is false.
-- If a redirect leads to another host, that host gets no `Authorization` and no `Cookie`. Since:
-- LuaSec, which refuses proxies, redirects and `create`.
--
-- Type: fun(url: string, body?: string): string?, integer|string, table?, string?
-- Type: fun(params: table): integer?, integer|string, table?, string?
--
--     local body, code = https.request({ url = url, cafile = cafile })
--     assert(body == 1 and code == 200)
--     local nothing, text = https.request(url)   -- signed by nobody that the system trusts
--     assert(nothing == nil and text:find("certificate verify failed", 1, true))
function M.request(url, body)
  local parts, params = {}, {}
  local reqt
  if type(url) == "string" then
    reqt = simple(url, body, parts)
  elseif type(url) ~= "table" then
    error(("bad argument #1 to 'request' (string or table expected, got %s)"):format(type(url)), 2)
  else
    reqt, params = {}, url
    for name, value in pairs(url) do reqt[name] = value end
  end
  reqt.create = nil  -- of params: below TLS
  reqt.url = type(reqt.url) == "string" and complete(reqt.url)
  if not reqt.url then
    return nil, "invalid url"
  end
  local result, code, headers, status = perform(reqt, params)
  if not result then
    return nil, code
  elseif type(url) == "string" then
    result = table.concat(parts)
  end
  return result, code, headers, status
end

return M
