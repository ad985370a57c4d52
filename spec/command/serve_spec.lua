local command = require "support.command"
local files = require "ssl.testing.files"
local http = require "ssl.command.http"
local process = require "support.process"
local read = require "support.read"
local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"

describe("The file that a request means", function()
  it("is below the folder, or there is none", function()
    for target, path in pairs({
      ["/"] = "index.html", ["/a.txt"] = "a.txt", ["/a/b.txt?x#y"] = "a/b.txt",
      ["/a/"] = "a/index.html", ["/%C3%BC%20b"] = "ü b", ["/a..b"] = "a..b",
    }) do
      assert.equal(path, http.path(target))
    end
    for _, target in ipairs({ "/../x", "/a/../../x", "/%2e%2e/x", "/..%2fx", "/%2E%2E%2Fx", "//x",
      "/a//b", "/.git/config", "/a/.hidden", "/.", "/a\\..\\x", "/%5c..", "/a%00.txt", "/%", "/%zz",
      "/%2", "x", "", "http://x/", "/c:/x", "/a%0Ab" }) do
      assert.is_nil(http.path(target), target)
    end
  end)
end)

describe("lua-ssl serve", function()
  local folder, server, port, ctx

  -- Starts it; waits until it listens.
  local function start(...)
    server = process.start({ process.lua, "bin/lua-ssl", "serve", folder.path .. "/www",
      "--any-port", ... })
    port = tonumber(server:expect("^Serving '.*' at https://[^:]+:(%d+)/"))
  end

  before_each(function()
    folder = files.folder()
    assert(os.execute(("mkdir -p %s/www/.git %s/www/sub; mkfifo %s/www/pipe"):format(folder.path,
      folder.path, folder.path)))
    folder:write({ secret = "secret", ["www/index.html"] = "<p>home", ["www/a.txt"] = "text\n",
      ["www/.git/config"] = "hidden", ["www/sub/x.bin"] = ("0123456789"):rep(200000),
      ["www/empty"] = "" })
  end)

  after_each(function()
    if server then server:stop() end
    os.execute(("rm -r %s/www"):format(folder.path))
    os.remove(folder.path .. "/ca.pem")
    folder, server, ctx = nil, nil, nil
  end)

  local function connect()
    local sock = assert(socket.connect("127.0.0.1", port))
    sock:settimeout(10)
    return ctx:wrap_socket(sock, { server_hostname = "localhost" })
  end

  -- The answer to a request: status, body, head.
  local function ask(request)
    local conn <close> = connect()
    conn:sendall(request)
    local parts = {}
    for data in function() return conn:recv(65536) end do parts[#parts + 1] = data end
    local head, body = table.concat(parts):match("^(.-\r\n)\r\n(.*)$")
    return tonumber(head:match("^HTTP/1%.1 (%d+) ")), body, head
  end

  local function get(path) return ask("GET " .. path .. " HTTP/1.1\r\nHost: x\r\n\r\n") end

  local function start_on_the_spot(...)
    start("--ca-out", folder.path .. "/ca.pem", ...)
    ctx = ssl.create_default_context({ cafile = folder.path .. "/ca.pem" })
  end

  it("serves files with a certificate made on the spot, which clients can trust", function()
    start_on_the_spot()
    local status, body, head = get("/")
    assert.same({ 200, "<p>home" }, { status, body })
    assert.matches("Content-Type: text/html; charset=utf-8\r\nContent-Length: 7\r\n", head, 1, true)
    status, body = get("/sub/x.bin")
    assert.same({ 200, true }, { status, body == ("0123456789"):rep(200000) })
    status, body = get("/empty")
    assert.same({ 200, "" }, { status, body })
    status, body, head = ask("HEAD /a.txt HTTP/1.0\r\n\r\n")
    assert.same({ 200, "" }, { status, body })
    assert.matches("Content-Length: 5\r\n", head, 1, true)
  end)

  it("serves nothing else", function()
    start_on_the_spot()
    for _, path in ipairs({ "/none", "/../secret", "/%2e%2e/secret", "/.git/config", "/sub",
      "/sub/", "/pipe", "//etc/passwd", "/%zz" }) do
      local status, body = get(path)
      assert.same({ 404, "404 Not Found\n" }, { status, body }, path)
    end
    assert.equal(405, (ask("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")))
    assert.equal(400, (ask("nonsense\r\n\r\n")))
    assert.equal(431, (ask("GET / HTTP/1.1\r\nX: " .. ("x"):rep(20000))))
  end)

  it("serves many clients, and none waits for an idle one", function()
    start_on_the_spot()
    local idle = {}
    for i = 1, 5 do idle[i] = assert(socket.connect("127.0.0.1", port)) end
    local silent <close> = connect()
    silent:sendall("GET ")
    local open = {}
    for i = 1, 20 do
      open[i] = connect()
      open[i]:sendall("GET /sub/x.bin HTTP/1.0\r\n\r\n")
    end
    for i = 20, 1, -1 do  -- each is read to its end before the one that asked earlier
      local size = 0
      for data in function() return open[i]:recv(65536) end do size = size + #data end
      assert.is_true(size > 2000000)
      open[i]:close()
    end
    silent:sendall("/a.txt HTTP/1.0\r\n\r\n")
    assert.matches("text\n$", silent:recv(1000) .. (silent:recv(1000) or ""))
    for _, sock in ipairs(idle) do sock:close() end
  end)

  it("survives clients that are not right", function()
    start_on_the_spot()
    for _, bytes in ipairs({ "", "GET / HTTP/1.0\r\n\r\n", ("\0"):rep(100), "\22\3\1\xFF\xFF" }) do
      local sock = assert(socket.connect("127.0.0.1", port))
      sock:send(bytes)
      sock:close()
    end
    local conn = connect()
    conn:sendall("GET /sub/x.bin HTTP/1.0\r\n\r\n")
    conn:close()  -- before it has read anything
    assert.equal(200, (get("/")))
  end)

  it("serves with a certificate that it is given", function()
    local ca = testing.CA()
    local leaf = ca:issue("localhost")
    local paths = folder:write({ cert = leaf.chain.pem, key = leaf.key.pem })
    start("--cert", paths.cert, "--key", paths.key)
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ca:configure_trust(ctx)
    local status, body = get("/a.txt")
    assert.same({ 200, "text\n" }, { status, body })
  end)

  it("prints a line for each request, which no client can forge", function()
    start_on_the_spot()
    get("/a.txt")
    server:expect("^127%.0%.0%.1 200 GET /a%.txt$")
    get("/\27[2Jx")
    server:expect("^127%.0%.0%.1 404 GET /\\x1B%[2Jx$")
  end)

  it("ends by an interrupt, and leaves no file behind", function()
    start("--names=localhost")
    local path = server:expect("curl %-%-cacert (%S+) https")
    assert.matches("BEGIN CERTIFICATE", read(path), 1, true)
    os.execute("kill -INT " .. server.pid)
    server.pipe:read("a")
    assert.is_nil(io.open(path))
  end)

  it("says what is wrong before it serves", function()
    local _, err, status = command.run("serve", folder.path .. "/none")
    assert.same({ ("lua-ssl: there is no folder '%s/none'\n"):format(folder.path), 1 },
      { err, status })
    _, err, status = command.run("serve", folder.path, "--address", "192.0.2.1")
    assert.equal(1, status)
    assert.matches("lua-ssl: cannot listen on 192.0.2.1 port 8443: ", err, 1, true)
    _, err, status = command.run("serve", folder.path, "--any-port", "--cert", "/nowhere")
    assert.equal(1, status)
    assert.equal("lua-ssl: No such file or directory: '/nowhere'\n", err)
  end)
end)
