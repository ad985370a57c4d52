-- Programs that do not use our `ssl`, tested with what `ssl.testing` makes.

local files = require "ssl.testing.files"
local ssl = require "ssl"
local testing = require "ssl.testing"
local process = require "support.process"

local lua, run = process.lua, process.shell

-- Others' modules named `ssl` are found only where ours are not looked for.
local plain_lua = "env -u LUA_PATH -u LUA_CPATH " .. lua
-- luaossl leaks by itself, which is not ours to see under a sanitizer.
local leaky_lua = "ASAN_OPTIONS=detect_leaks=0 " .. plain_lua

local function there(command)
  return (os.execute(command .. " >/dev/null 2>&1"))
end

local has_luasec = there(plain_lua .. " -e 'assert(require\"ssl\".wrap)'")
local has_luaossl = there(plain_lua .. " -e 'require\"openssl.ssl.context\" require\"cqueues\"'")
local has_curl = there("curl --version")

-- One that only says hello, for clients that only make a handshake.
local function serve(identity)
  return testing.server({ identity = identity, handler = function(conn) conn:recv(1) end })
end

describe("Every broken identity", function()
  (has_curl and it or pending)("is refused by curl", function()
    local ca = testing.CA()
    local folder = files.folder()
    local function curl(identity, server)
      local anchor = identity.anchor and identity.anchor.cert.pem or ""
      local trusted = folder:write({ ["ca.pem"] = ca.cert.pem .. anchor })["ca.pem"]
      local flags = ""
      if identity.needs == "revocation list" then
        local crl = folder:write({ ["crl.pem"] = ca:crl(identity.crl_options).pem })
        flags = "--crlfile " .. crl["crl.pem"]
      elseif identity.needs == "OCSP stapling" then
        flags = "--cert-status"
      end
      local address = ("%s:%d"):format(identity.host, server.port)
      return run("curl -sS --noproxy '*' -m 10 %s --cacert %s --resolve %s:127.0.0.1 https://%s/",
        flags, trusted, address, address)
    end
    local refused = 0
    for identity in testing.each_broken(ca, "localhost") do
      local server <close> = testing.https({ ["/"] = "fetched" }, { identity = identity })
      local out, ok = curl(identity, server)
      if identity.needs == "no common names" or identity.needs == "certificate profile" then
        assert.equal("fetched", out)  -- there is no way to tell curl
      else
        assert.is_nil(ok, identity.name .. " was accepted")
        assert.matches("curl: %((%d+)%)", out)
        refused = refused + 1
      end
    end
    assert.is_true(refused >= 31)
    local server <close> = testing.https({ ["/"] = "fetched" }, { ca = ca })
    assert.equal("fetched", (curl({ host = "localhost" }, server)))
  end);

  (has_luasec and it or pending)("is shown to LuaSec; what it lets through is printed", function()
    local ca = testing.CA()
    local folder = files.folder()
    local rows = {}
    for identity in testing.each_broken(ca, "localhost") do
      local server = serve(identity)
      rows[#rows + 1] = ("%s %s %d\n"):format(identity.name, identity.host, server.port)
    end
    local paths = folder:write({ ["rows"] = table.concat(rows), ["ca.pem"] = ca.cert.pem })
    local out = run("%s spec/support/luasec_client.lua %s < %s", plain_lua, paths["ca.pem"],
      paths.rows)
    print(("\n%-28s%-12s%s"):format("LuaSec", "defaults", "verify = \"peer\" and cafile"))
    local count = 0
    for name, default, verified in out:gmatch("([^\t\n]+)\t([^\t\n]+)\t([^\n]+)") do
      print(("%-28s%-12s%s"):format(name, default:match("^%a+"), verified))
      count = count + 1
    end
    assert.equal(#rows, count, out)
  end)
end)

describe("An identity in files", function()
  it("serves openssl s_client", function()
    local server = testing.https({ ["/"] = "hello" })
    local paths = server.identity:files()
    local out = run("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | openssl s_client -quiet -CAfile %s "
      .. "-verify_return_error -verify_hostname localhost -servername localhost "
      .. "-connect 127.0.0.1:%d", paths.ca, server.port)
    assert.matches("hello$", out)
  end)

  it("is served by openssl s_server", function()
    local ca = testing.CA()
    local paths = ca:issue("localhost"):files()
    local pipe = assert(io.popen(("openssl s_server -accept 127.0.0.1:0 -naccept 1 -www "
      .. "-cert %s -key %s </dev/null 2>&1"):format(paths.cert, paths.key)))
    finally(function() pipe:close() end)
    local port
    repeat
      port = assert(pipe:read("l")):match("^ACCEPT .*:(%d+)$")
    until port
    local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ca:configure_trust(ctx)
    local sock = assert(require("socket").connect("127.0.0.1", port))
    local conn <close> = ctx:wrap_socket(sock, { server_hostname = "localhost" })
    conn:sendall("GET / HTTP/1.0\r\n\r\n")
    assert.matches("^HTTP/1.0 200 ok", conn:recv(100))
  end);

  (has_curl and it or pending)("lets curl in that has a certificate of its own", function()
    local clients = testing.CA()
    local server = testing.https({
      ["/"] = function(_, conn) return conn:getpeercert().subjectAltName[1][2] end,
    }, { client_ca = clients })
    local mine, its = clients:issue("alice@example.test"):files(), server.identity:files()
    local out = run("curl -sS --noproxy '*' -m 10 --cacert %s --cert %s --key %s %s/", its.ca,
      mine.chain, mine.key, server.url)
    assert.equal("alice@example.test", out)
  end);

  (has_luasec and it or pending)("is used by LuaSec on both sides", function()
    local ca = testing.CA()
    local server = testing.server({ ca = ca, client_ca = ca, handler = function(conn)
      conn:sendall(conn:getpeercert().subjectAltName[1][2])
    end })
    local mine = ca:issue("luasec.test"):files()
    local script = files.folder():write({ ["client.lua"] = ([[
      local socket, ssl = require "socket", require "ssl"
      local conn = assert(socket.connect("127.0.0.1", %d))
      conn = assert(ssl.wrap(conn, { mode = "client", protocol = "any", verify = "peer",
        cafile = %q, certificate = %q, key = %q }))
      assert(conn:dohandshake())
      io.write((conn:receive(11)))
    ]]):format(server.port, mine.ca, mine.chain, mine.key) })["client.lua"]
    assert.equal("luasec.test", (run("%s %s", plain_lua, script)))
  end);

  (has_luasec and it or pending)("is made where `ssl` is LuaSec", function()
    local script = files.folder():write({ ["both.lua"] = [[
      local luasec = require "ssl"
      local testing = require "ssl.testing"
      local server <close> = testing.https({ ["/"] = "hello" })
      local files <close> = server.identity:files()
      local conn = assert(require("socket").connect("127.0.0.1", server.port))
      conn = assert(luasec.wrap(conn, { mode = "client", protocol = "any", verify = "peer",
        cafile = files.ca }))
      assert(conn:dohandshake())
      conn:send("GET / HTTP/1.0\r\n\r\n")
      io.write(luasec._VERSION, " ", (conn:receive("*a")))
    ]] })["both.lua"]
    local theirs = run("%s -e 'io.write(package.searchpath(\"ssl\", package.path))'", plain_lua)
    local out = run("LUA_PATH='%s?.lua;%s' LUA_CPATH='%s' %s %s", theirs:match("^.*/"),
      package.path, package.cpath, lua, script)
    assert.matches("^%d[%d.]* HTTP/1.1 200 OK.*hello$", out)
  end);

  (has_luaossl and it or pending)("is used by luaossl", function()
    local ca = testing.CA()
    local server = testing.server({ ca = ca, client_ca = ca, handler = function(conn)
      conn:sendall(conn:getpeercert().subjectAltName[1][2])
    end })
    local mine = ca:issue("luaossl.test"):files()
    local script = files.folder():write({ ["client.lua"] = ([[
      local function read(path) local f = assert(io.open(path)) return f:read("a"), f:close() end
      local context = require "openssl.ssl.context"
      local x509, pkey = require "openssl.x509", require "openssl.pkey"
      local ctx = context.new("TLS", false)
      local store = require("openssl.x509.store").new()
      store:add(x509.new((read(%q))))
      ctx:setStore(store)
      ctx:setVerify(context.VERIFY_PEER)
      ctx:setCertificate(x509.new((read(%q))))
      ctx:setPrivateKey(pkey.new((read(%q))))
      local conn = require("cqueues.socket").connect("127.0.0.1", %d)
      conn:starttls(ctx)
      io.write((assert(conn:read(12))))
    ]]):format(mine.ca, mine.cert, mine.key, server.port) })["client.lua"]
    assert.equal("luaossl.test", (run("%s %s", leaky_lua, script)))
  end)
end)
