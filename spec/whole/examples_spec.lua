local low = require "_ssl_testing"
local socket = require "socket"
local ssl = require "ssl"
local loopback = require "support.loopback"
local process = require "support.process"
local testing = require "ssl.testing"

local function has(command)
  return os.execute("command -v " .. command .. " >/dev/null 2>&1")
end

-- Runs an example: its output, errors included, and its status.
local function example(name, ...)
  return process.run({ process.lua, "examples/" .. name .. ".lua", ... })
end

local function start(name, ...)
  return process.start({ process.lua, "examples/" .. name .. ".lua", ... })
end

local function write(name, text)
  local file = assert(io.open(name, "wb"))
  file:write(text)
  file:close()
end

describe("demo.lua", function()
  it("tells what was negotiated, whom the certificate names, until when, and the page", function()
    local text, status = example("demo")
    assert.equal(0, status, text)
    assert.matches("version:  TLSv1%.3\n", text)
    assert.matches("cipher:   TLS_[%w_]+, %d+ bits\n", text)
    assert.matches("group:    %w", text)
    assert.matches("names:    localhost\n", text)
    assert.matches("until:    %a%a%a [ %d]%d [%d:]+ %d%d%d%d GMT\n", text)
    assert.matches("Hello over TLS%.\n$", text)
  end)

  it("says in one line why a site could not be fetched", function()
    local text, status = example("demo", "https://nowhere.invalid/")
    assert.equal(1, status)
    assert.matches("^demo: [^\n]+\n$", text)
  end)

  it("wants an https URL", function()
    local text, status = example("demo", "http://localhost/")
    assert.equal(1, status)
    assert.matches("^demo: usage: [^\n]+\n$", text)
  end)
end)

describe("early_data.lua", function()
  it("answers a GET early, and tells a POST that it is too early", function()
    local text, status = example("early_data")
    assert.equal(0, status, text)
    assert.equal("GET: early data not_sent: 200 OK\nGET: early data accepted: 200 OK\n"
      .. "POST: early data accepted: 425 Too Early\nPOST: once more: 204 No Content\n", text)
  end)
end)

describe("https_get.lua", function()
  local ca = testing.CA()

  -- `openssl s_server -www` with an identity; its port.
  local function s_server(files)
    local server = process.start({ "openssl", "s_server", "-www", "-accept", "0",
      "-cert", files.cert, "-cert_chain", files.chain, "-key", files.key })
    return server, server:expect("^ACCEPT .*:(%d+)$")
  end

  -- What https_get says of s_server with the identity.
  local function get(identity, cafile)
    local files <close> = identity:files()
    local _ <close>, port = s_server(files)
    return example("https_get", "https://localhost:" .. port .. "/", cafile or files.ca)
  end

  local function assert_refused(expected, text, status)
    assert.equal(1, status)
    assert.equal("localhost: " .. expected .. "\n", text)
  end

  -- Why it is not trusted stands there in OpenSSL's words.
  local function assert_not_trusted(text, status)
    assert.equal(1, status)
    assert.matches("^localhost: its certificate is not trusted: [^\n]+\n$", text)
  end

  it("prints the page of openssl s_server", function()
    local text, status = get(ca:issue("localhost"))
    assert.equal(0, status, text)
    assert.matches("^<HTML>", text)
    assert.matches("s_server %-www", text)
  end)

  it("refuses a certificate for another host", function()
    assert_refused("its certificate names another host", get(ca:issue("elsewhere.test")))
  end)

  it("refuses a certificate of an authority that it does not trust", function()
    local other <close> = testing.CA():issue("localhost"):files()
    assert_not_trusted(get(ca:issue("localhost"), other.ca))
  end)

  it("refuses a self-signed certificate", function()
    local other <close> = testing.CA():issue("localhost"):files()
    assert_not_trusted(get(testing.broken.self_signed(ca, "localhost"), other.ca))
  end)

  it("refuses a certificate that has expired", function()
    local now = os.time()
    local expired = ca:issue("localhost", { not_before = now - 20000, not_after = now - 10000 })
    assert_refused("its certificate has expired", get(expired))
  end)

  it("refuses a certificate that is not valid yet", function()
    local now = os.time()
    local future = ca:issue("localhost", { not_before = now + 10000, not_after = now + 20000 })
    assert_refused("its certificate is not valid yet", get(future))
  end)

  it("says that nobody listens", function()
    local net <close> = loopback.new()
    local text, status = example("https_get", "https://127.0.0.1:" .. net:refusing() .. "/")
    assert.equal(1, status)
    assert.equal("127.0.0.1: connection refused\n", text)
  end)

  it("says that the server does not answer in time", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local files <close> = ca:issue("localhost"):files()
    local text, status = example("https_get", "https://127.0.0.1:" .. port, files.ca, "0.2")
    listener:close()
    assert.equal(1, status)
    assert.equal("127.0.0.1: timed out\n", text)
  end)

  it("says how it is used when the URL is none", function()
    local text, status = example("https_get", "ftp://localhost/")
    assert.equal(1, status)
    assert.matches("^usage: [^\n]+\n$", text)
  end)
end)

describe("https_server.lua", function()
  local folder, server, cafile, url

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
    write(folder .. "/index.html", "<p>index</p>\n")
    write(folder .. "/page.txt", ("0123456789abcdef"):rep(4096))
    write(folder .. ".secret", "secret")
    server = start("https_server", folder)
    cafile = server:expect("^authority: (.+)$")
    url = server:expect("^serving .* at (https://localhost:%d+/)$")
  end)

  after_each(function()
    server:stop()
    os.remove(cafile)
    for _, name in ipairs({ "/index.html", "/page.txt", ".secret", "" }) do
      os.remove(folder .. name)
    end
  end)

  local function curl(path, flags)
    return process.run({ "curl", flags or "-sS", "-sS", "--path-as-is", "--cacert", cafile,
      url .. path })
  end

  it("serves curl, which verifies it", function()
    if not has("curl") then return pending("curl is not installed") end
    local text, status = curl("page.txt")
    assert.equal(0, status, text)
    assert.equal(("0123456789abcdef"):rep(4096), text)
    assert.equal("<p>index</p>\n", (curl("")))
  end)

  it("is not trusted by a curl that was not told of its authority", function()
    if not has("curl") then return pending("curl is not installed") end
    -- of another one; a system may have none at all
    local files <close> = testing.CA():issue("localhost"):files()
    local _, status = process.run({ "curl", "-sS", "--cacert", files.ca, url })
    assert.equal(60, status)
  end)

  it("serves https_get.lua", function()
    local text, status = example("https_get", url .. "page.txt", cafile)
    assert.equal(0, status)
    assert.equal(("0123456789abcdef"):rep(4096), text)
  end)

  it("answers 404 for what is not there, and for what is not in the folder", function()
    if not has("curl") then return pending("curl is not installed") end
    local secret = folder:match("[^/]+$") .. ".secret"
    for _, path in ipairs({ "none.txt", "../" .. secret, "%2e%2e/" .. secret, "page.txt/" }) do
      local text = curl(path, "-i")
      assert.matches("^HTTP/1%.0 404 ", text, nil, path)
      assert.not_matches("secret$", text)
    end
  end)

  it("goes on serving after a client that speaks no TLS", function()
    local plain = assert(socket.connect("localhost", tonumber(url:match(":(%d+)/"))))
    plain:send("GET / HTTP/1.0\r\n\r\n")
    plain:close()
    local text, status = example("https_get", url, cafile)
    assert.equal(0, status)
    assert.equal("<p>index</p>\n", text)
  end)
end)

describe("echo_server.lua and echo_client.lua", function()
  it("send back every line", function()
    local server <close> = start("echo_server")
    local cafile = server:expect("^authority: (.+)$")
    local port = server:expect("^port: (%d+)$")
    local lines = "one\n" .. ("x"):rep(100000) .. "\n\nlast"
    local text, status = process.run(
      { process.lua, "examples/echo_client.lua", "localhost", port, cafile }, lines)
    os.remove(cafile)
    assert.equal(0, status)
    assert.equal(lines, text)
  end)

  it("take a certificate in files", function()
    local files <close> = testing.CA():issue("localhost"):files()
    local server <close> = start("echo_server", "0", files.chain, files.key)
    local port = server:expect("^port: (%d+)$")
    local text, status = process.run(
      { process.lua, "examples/echo_client.lua", "localhost", port, files.ca }, "hello\n")
    assert.equal(0, status)
    assert.equal("hello\n", text)
  end)
end)

describe("dtls_server.lua and dtls_client.lua", function()
  it("send back every line, for many clients at once", function()
    local server <close> = start("dtls_server")
    local cafile = server:expect("^authority: (.+)$")
    local port = server:expect("^port: (%d+)$")
    local clients = {}
    for i = 1, 3 do
      clients[i] = assert(io.popen(("printf 'one\\ntwo %d\\n' | %s examples/dtls_client.lua "
        .. "localhost %s %s 2>&1"):format(i, process.lua, port, cafile)))
    end
    for i, client in ipairs(clients) do
      assert.equal(("one\ntwo %d\n"):format(i), client:read("a"))
      client:close()
    end
    os.remove(cafile)
  end)
end)

describe("dynamic_certificates.lua", function()
  -- A server that answers GET as Redis does, from a table.
  local function store(values)
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local child = low.fork(function()
      while true do
        local conn = assert(listener:accept())
        for _ = 1, 4 do conn:receive("*l") end
        local value = values[conn:receive("*l")]
        conn:send(value and ("$%d\r\n%s\r\n"):format(#value, value) or "$-1\r\n")
        conn:close()
      end
    end, listener:getfd())
    listener:close()
    return child, port
  end

  it("serves each name by the certificate that the store has for it", function()
    local ca = testing.CA()
    local values = {}
    for i = 1, 3 do
      local identity = ca:issue(("host%d.test"):format(i))
      values[("cert:host%d.test"):format(i)] = identity.chain.pem .. identity.key.pem
    end
    local child <close>, port = store(values)
    local server <close> = process.start({ process.lua, "examples/dynamic_certificates.lua",
      "127.0.0.1:" .. port })
    local own = tonumber(server:expect("^port (%d+)$"))
    local ctx = ssl.create_default_context({ cadata = ca.cert.pem })
    for _, name in ipairs({ "host2.test", "host1.test", "host3.test", "host2.test" }) do
      local conn <close> = ctx:wrap_socket(assert(socket.connect("127.0.0.1", own)),
        { server_hostname = name })
      assert.equal(name, conn:getpeercert().subjectAltName[1][2])
      conn:sendall("GET / HTTP/1.0\r\n\r\n")
      assert.matches("Hello over TLS", conn:recv(1000))
    end
    local ok, err = pcall(ctx.wrap_socket, ctx, assert(socket.connect("127.0.0.1", own)),
      { server_hostname = "nobody.test" })
    assert.is_false(ok)
    assert.equal("TLSV1_UNRECOGNIZED_NAME", err.reason)
    assert.is_truthy(child)
  end)
end)

describe("encrypted_hello.lua", function()
  it("hides the name, also after the server has changed its key", function()
    local text, status = example("encrypted_hello")
    if not ssl.HAS_ECH then
      assert.equal(1, status)
      return assert.matches("needs OpenSSL 4%.0", text)
    end
    assert.equal(0, status, text)
    assert.equal(2, select(2, text:gsub("encrypted: success", "")))
    assert.matches("out of date", text)
  end)
end)
