local http = require "socket.http"
local https = require "ssl.https"
local ltn12 = require "ltn12"
local process = require "support.process"
local socket = require "socket"
local ssl = require "ssl"
local start_proxy = require "support.proxy"
local testing = require "ssl.testing"

local ca = testing.CA()
local identity = ca:issue("localhost", "127.0.0.1", "::1")

-- A server of `routes`; what it is asked for is in the list that comes second.
local function serve(routes, who)
  return testing.https(routes, { ca = ca, identity = who or identity })
end

-- A request whose body goes nowhere, with the authority that the server needs.
local function get(url, more)
  local params = { url = url, cafile = ca.cert.pem }
  for name, value in pairs(more or {}) do params[name] = value end
  return https.request(params)
end

describe("ssl.https", function()
  it("refuses a server that nobody vouches for, and one with another name", function()
    local server <close> = serve({ ["/"] = "page" })
    local body, text = https.request(server.url)
    assert.is_nil(body)
    assert.matches("^certificate verify failed: ", text)
    local other <close> = serve({ ["/"] = "page" }, ca:issue("example.org"))
    body, text = get(other.url)
    assert.is_nil(body)
    assert.matches("^certificate verify failed: .*", text)
  end)

  it("fetches a page from a server that the file of authorities leads to", function()
    local files <close> = identity:files()
    local server <close> = serve({ ["/"] = "page" })
    local parts = {}
    local one, code, headers, status = https.request({ url = server.url, cafile = files.ca,
      sink = ltn12.sink.table(parts) })
    assert.same({ 1, 200, "HTTP/1.1 200 OK", "page" }, { one, code, status, table.concat(parts) })
    assert.equal("4", headers["content-length"])
    assert.equal(200, select(2, get("//localhost:" .. server.port .. "/")))
    assert.equal(200, select(2, get("https://127.0.0.1:" .. server.port .. "/")))
  end)

  it("verifies nothing where the request or the process says so", function()
    local server <close> = serve({ ["/"] = "page" })
    assert.equal(200, select(2, https.request({ url = server.url, verify = "none" })))
    assert.equal(200, select(2, https.request({ url = server.url, verify = { "none" } })))
    https.VERIFY = "none"
    finally(function() https.VERIFY = nil end)
    assert.equal("page", (https.request(server.url)))
    assert.is_nil((https.request({ url = server.url, verify = "peer" })))
  end)

  it("posts a body", function()
    https.VERIFY = "none"
    finally(function() https.VERIFY = nil end)
    local server <close> = serve({ ["/"] = function(request)
      return request.method .. " " .. request.headers["content-type"] .. " " .. request.body
    end })
    assert.equal("POST application/x-www-form-urlencoded a=1", (https.request(server.url, "a=1")))
  end)

  it("leaves the program's tables as they are", function()
    local server <close> = serve({ ["/"] = "page" })
    local params = { url = server.url, cafile = ca.cert.pem, headers = { ["X-One"] = "1" } }
    https.request(params)
    assert.same({ url = server.url, cafile = ca.cert.pem, headers = { ["X-One"] = "1" } }, params)
  end)

  it("tells what it cannot do anything with", function()
    assert.error_matches(function() https.request(nil) end, "string or table expected, got nil")
    assert.same({ nil, "invalid url" }, { https.request({}) })
    assert.same({ nil, "error loading CA locations (/no/such/file: No such file or directory)" },
      { https.request({ url = "https://localhost:1/", cafile = "/no/such/file" }) })
    assert.same({ nil, "invalid proxy (a URL with 'http' is required, not 'https')" },
      { get("https://localhost:1/", { proxy = "https://localhost:1" }) })
    assert.same({ nil, "invalid proxy (a URL is required)" },
      { get("https://localhost:1/", { proxy = 1 }) })
  end)

  it("serves URLs with 'https' of LuaSocket's own requests", function()
    local server <close> = serve({ ["/"] = "page" })
    local body, text = http.request(server.url)
    assert.is_nil(body)
    assert.matches("^certificate verify failed: ", text)
    assert.equal(200, select(2, http.request({ url = server.url,
      create = https.tcp({ cafile = ca.cert.pem }) })))
  end)

  it("connects an object that has the connection's methods", function()
    local server <close> = serve({ ["/"] = "page" })
    local conn = https.tcp({ cafile = ca.cert.pem })()
    assert.equal(1, conn:connect("localhost", server.port))
    assert.matches("^SSL connection: ", tostring(conn.sock))
    assert.equal("TLSv1.3", conn:info("protocol"))
    assert.is_true(ssl.python(conn.sock).context.check_hostname)
    conn:close()
  end)

  it("makes the socket below TLS by the program's 'create'", function()
    local server <close> = serve({ ["/"] = "page" })
    local made = 0
    local function create()
      made = made + 1
      return socket.tcp4()
    end
    assert.equal(200, select(2, get(server.url, { create = create })))
    assert.equal(1, made)
  end)
end)

describe("A redirect of ssl.https", function()
  -- The headers that the last server of a chain of `hosts` redirects was sent.
  local function follow(hosts, more)
    local seen
    local last <close> = serve({ ["/"] = function(request)
      local headers = request.headers
      return (headers.authorization or "none") .. " " .. (headers["x-one"] or "none")
    end })
    local to = ("https://%s:%d/"):format(hosts[#hosts], last.port)
    local middle <close> = serve({ ["/"] = { status = 302, headers = { Location = to } } })
    local first <close> = serve({ ["/"] = { status = 301,
      headers = { Location = ("https://%s:%d/"):format(hosts[2], middle.port) } } })
    local parts = {}
    local params = { headers = { Authorization = "secret", ["X-One"] = "1" },
      sink = function(part)
        parts[#parts + 1] = part
        return 1
      end }
    for name, value in pairs(more or {}) do params[name] = value end
    local _, code = get(("https://%s:%d/"):format(hosts[1], first.port), params)
    seen = table.concat(parts)
    return code, seen
  end

  it("is followed, with the authorities of the request", function()
    local code, seen = follow({ "localhost", "127.0.0.1", "localhost" })
    assert.equal(200, code)
    assert.matches(" 1$", seen)
  end)

  it("tells no other server what was meant for the first", function()
    assert.equal("none 1", select(2, follow({ "localhost", "localhost", "localhost" })))
  end)

  it("keeps what was meant for this very server", function()
    local server <close> = serve({
      ["/"] = { status = 302, headers = { Location = "/next" } },
      ["/next"] = function(request) return request.headers.authorization end,
    })
    local parts = {}
    get(server.url .. "/", { headers = { authorization = "secret" },
      sink = ltn12.sink.table(parts) })
    assert.equal("secret", table.concat(parts))
  end)

  it("is not followed where the request says so, nor to a URL without TLS", function()
    assert.equal(301, (follow({ "localhost", "localhost", "localhost" }, { redirect = false })))
    local server <close> = serve({ ["/"] = { status = 302, headers = {
      Location = "http://localhost:1/" } } })
    assert.equal(302, select(2, get(server.url)))
  end)
end)

describe("A proxy of ssl.https", function()
  it("is asked for a way to the server, with its password, and sees no more", function()
    local server <close> = serve({ ["/"] = function(request)
      return request.headers["proxy-authorization"] or "none"
    end })
    local proxy <close> = start_proxy()
    local parts = {}
    assert.equal(200, select(2, get(server.url .. "/", { sink = ltn12.sink.table(parts),
      proxy = ("http://user:pass%%20word@%s:%d"):format(proxy.host, proxy.port) })))
    assert.equal("none", table.concat(parts))
    assert.equal(("CONNECT localhost:%d HTTP/1.1\nHost: localhost:%d\n"
      .. "Proxy-Authorization: Basic dXNlcjpwYXNzIHdvcmQ=\n\n"):format(server.port, server.port),
      proxy:request())
  end)

  it("is LuaSocket's too, which keeps its setting", function()
    local server <close> = serve({ ["/"] = function(request)
      return request.path .. " " .. (request.headers["proxy-authorization"] or "none")
    end })
    local proxy <close> = start_proxy()
    http.PROXY = ("http://u:p@%s:%d"):format(proxy.host, proxy.port)
    finally(function() http.PROXY = nil end)
    local parts = {}
    assert.equal(200, select(2, get(server.url .. "/", { sink = ltn12.sink.table(parts) })))
    assert.equal("/ none", table.concat(parts))
    assert.matches("^CONNECT localhost:", proxy:request())
    assert.is_string(http.PROXY)
    -- LuaSocket's own request, which it sends as to a proxy: the password stays here
    local _, code = http.request({ url = server.url .. "/", create = nil, headers = {},
      sink = ltn12.sink.null() })
    assert.matches("certificate verify failed", code)
    assert.matches("^CONNECT localhost:", proxy:request())
  end)

  it("that refuses, or is no proxy, fails the request with its words", function()
    for answer, text in pairs({
      ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"] =
        "the proxy refused the connection (407 Proxy Authentication Required)",
      ["HTTP/1.0 502 Bad\r\n\r\n"] = "the proxy refused the connection (502 Bad)",
      ["SSH-2.0-OpenSSH\r\n"] = "the proxy does not speak HTTP",
      ["HTTP/1.1 200 OK\r\n" .. ("X: y\r\n"):rep(200) .. "\r\n"] =
        "the proxy's answer has too many headers",
      ["HTTP/1.1 200 OK\r\nX: y\r\n"] = "closed",
    }) do
      local proxy <close> = start_proxy(answer)
      assert.same({ nil, text }, { get("https://localhost:1/",
        { proxy = ("%s:%d"):format(proxy.host, proxy.port) }) })
    end
  end)

  it("is the environment's when asked for, but not for the hosts of no_proxy", function()
    local proxies = require "ssl.luasec.proxy"
    local script = [[
      local proxies = require "ssl.luasec.proxy"
      for _, host in ipairs({ "other.net", "example.org", "www.example.org", "badexample.org",
          "host.test" }) do
        local proxy = proxies.choose(true, host, 443)
        io.write(host, " ", proxy and proxy.host .. ":" .. proxy.port or "none", "\n")
      end
    ]]
    local out = process.run_lua(script,
      "https_proxy=http://proxy.test:8080 NO_PROXY='.example.org, host.test:443,host:1'")
    assert.equal("other.net proxy.test:8080\nexample.org none\nwww.example.org none\n"
      .. "badexample.org proxy.test:8080\nhost.test none\n", out)
    assert.is_nil(proxies.choose(false, "a", 443))
    assert.is_nil(proxies.choose(nil, "a", 443))
  end)

  it("finds its way to an IPv6 address", function()
    local proxy <close> = start_proxy("HTTP/1.1 403 No\r\n\r\n")
    get("https://[::1]:8443/", { proxy = ("%s:%d"):format(proxy.host, proxy.port) })
    assert.matches("^CONNECT %[::1%]:8443 HTTP", proxy:request())
  end)
end)

describe("The timeout of ssl.https", function()
  it("ends a handshake and a proxy's silence", function()
    local listener = assert(socket.bind("127.0.0.1", 0))  -- accepts, and says nothing
    finally(function() listener:close() end)
    local _, port = listener:getsockname()
    assert.same({ nil, "timeout" }, { get("https://127.0.0.1:" .. port, { timeout = 0.1 }) })
    assert.same({ nil, "timeout" }, { get("https://127.0.0.1:1/",
      { timeout = 0.1, proxy = "127.0.0.1:" .. port }) })
  end)

  it("ends a read of an answer that does not come", function()
    local server <close> = testing.server({ ca = ca, identity = identity, handler = function(conn)
      repeat until not conn:recv()
    end })
    local https_timeout = https.TIMEOUT
    https.TIMEOUT = 0.1
    finally(function() https.TIMEOUT = https_timeout end)
    local one, code = get("https://localhost:" .. server.port)
    assert.same({ nil, "wantread" }, { one, code })
  end)
end)
