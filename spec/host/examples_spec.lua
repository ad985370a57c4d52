-- The page for C programs, and the two programs in examples/host.

local socket = require "socket"
local ssl = require "ssl"
local process = require "support.process"
local read = require "support.read"
local testing = require "ssl.testing"

local build = os.getenv("LSSL_BUILD") or "build"
local flags = os.getenv("LSSL_HOST_CFLAGS") or ""
local libraries = os.getenv("LSSL_HOST_LIBS") or ""
local plain = not build:find("/")  -- no sanitizer's build, which has flags of its own

local page = read("docs/embedding.md")

describe("The page for C programs", function()
  it("names every function of the header, and no other", function()
    local there = {}
    for name in read("include/lssl.h"):gmatch("\nLSSL_API [^;]-%f[%w_](lssl_%w+) %(") do
      there[name] = true
      assert(page:find("`" .. name .. "`", 1, true), name)
    end
    for name in page:gmatch("`(lssl_%l+)`") do assert(there[name], name) end
  end)

  it("names every limit of the header", function()
    for name in read("include/lssl.h"):gmatch("#define (LSSL_NO%u+)") do
      assert(page:find("`" .. name .. "`", 1, true) or name == "LSSL_NOTHING", name)
    end
  end)

  it("begins with a program that runs", function()
    if not plain then return end
    local name = os.tmpname()
    local file = assert(io.open(name .. ".c", "w"))
    file:write(page:match("```c\n(.-)```"))
    file:close()
    local text, ok = process.shell("${CC:-cc} -Wall -Wextra -Werror -Iinclude %s -o %s %s.c "
      .. "%s/liblssl.a %s", flags, name, name, build, libraries)
    assert(ok, text)
    file = assert(io.open(name .. ".lua", "w"))
    file:write("local ssl = require 'ssl' local ok, err = pcall(ssl.create_default_context, "
      .. "{ cafile = 'x' }) print(ssl.OPENSSL_VERSION, err.limit)")
    file:close()
    assert.equal(ssl.OPENSSL_VERSION .. "\tfiles\n", process.run({ name, name .. ".lua" }))
    for _, ending in ipairs({ "", ".c", ".lua" }) do os.remove(name .. ending) end
  end)
end)

local ca = testing.CA()

local function write(name, text)
  local file <close> = assert(io.open(name, "wb"))
  file:write(text)
end

describe("examples/host/run.c", function()
  it("needs nothing but the C library, OpenSSL and Lua", function()
    if not plain then return end
    local text = process.shell("ldd %s/host/run", build)
    for line in text:gmatch("[^\n]+") do
      local name = line:match("^%s*(%S+)")
      assert(name:find("^libssl") or name:find("^libcrypto") or name:find("^liblua")
        or name:find("^libc%.") or name:find("^libm%.") or name:find("ld%-linux")
        or name:find("^linux%-vdso") or name:find("^libz") or name:find("^libdl")
        or name:find("^libpthread"), line)
    end
  end)

  it("runs a script that fetches a page", function()
    local identity = ca:issue("localhost")
    local server <close> = testing.https({ ["/"] = "Hello from the other side.\n" },
      { ca = ca, identity = identity })
    local files <close> = identity:files()
    local text, status = process.run({ build .. "/host/run", "examples/host/fetch.lua",
      ("https://localhost:%d/"):format(server.port), files.ca })
    assert.equal(0, status, text)
    assert.matches("Hello from the other side%.\n$", text)
  end)

  it("says why not", function()
    local run = build .. "/host/run"
    assert.matches("usage", process.run({ run }), 1, true)
    local text, status = process.run({ run, "examples/host/fetch.lua", "https://localhost:1/" })
    assert.equal(1, status)
    assert.matches("cannot connect to localhost, port 1\n$", text)
  end)
end)

describe("examples/host/serve.c", function()
  local certificate, key = os.tmpname(), os.tmpname()

  local function put(identity)
    write(certificate, identity.chain.pem)
    write(key, identity.key.pem)
  end

  local function start()
    put(ca:issue("localhost"))
    local server = process.start({ build .. "/host/serve", "examples/host/hello.lua",
      certificate, key, "0", "2" })
    return server, tonumber(server:expect("^port (%d+)$"))
  end

  local function signal(server, name)
    assert(os.execute(("kill -%s %d"):format(name, server.pid)))
  end

  local counts = "^accepted (%d+) refused (%d+) open (%d+) handshakes (%d+) resumed (%d+) "
    .. "failed (%d+) read (%d+) written (%d+)$"

  local function stop(server)
    signal(server, "TERM")
    local numbers = table.pack(server:expect(counts))
    for i = 1, numbers.n do numbers[i] = math.tointeger(tonumber(numbers[i])) end
    local accepted, refused, open, handshakes, resumed, failed = table.unpack(numbers)
    assert.equal(0, open)
    assert.equal(accepted, refused + handshakes + failed)
    local ok, _, status = server.pipe:close()
    server.pipe = nil
    assert.equal(0, ok and 0 or status)
    os.remove(certificate)
    os.remove(key)
    return { accepted = accepted, handshakes = handshakes, failed = failed, resumed = resumed,
      read = numbers[7], written = numbers[8] }
  end

  local function connect(port, session, ctx)
    ctx = ctx or ssl.create_default_context({ cadata = ca.cert.pem })
    local tcp = assert(socket.connect("localhost", port))
    return ctx:wrap_socket(tcp, { server_hostname = "localhost", timeout = 10, session = session })
  end

  local function ask(conn)
    conn:sendall("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    local text = ""
    while not text:find("TLS.\n", 1, true) do text = text .. assert(conn:recv(4096)) end
    return text
  end

  it("answers kept connections, and counts", function()
    local server <close>, port = start()
    for _ = 1, 3 do
      local conn <close> = connect(port)
      for _ = 1, 5 do assert.matches("^HTTP/1.1 200 OK\r\n", ask(conn)) end
      conn:unwrap():close()
    end
    local sum = stop(server)
    assert.same({ 3, 3, 0 }, { sum.accepted, sum.handshakes, sum.failed })
    assert.equal(3 * 5 * #"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", sum.read)
  end)

  it("takes another certificate on SIGHUP, and loses nobody", function()
    local server <close>, port = start()
    local first <close> = connect(port)
    ask(first)
    write(key, "no key")
    signal(server, "HUP")
    server:expect("no certificate in")
    put(ca:issue("localhost", "new.example"))
    signal(server, "HUP")
    server:expect("^reloaded$")
    local second <close> = connect(port)
    assert.equal(1, #first:getpeercert().subjectAltName)
    assert.equal(2, #second:getpeercert().subjectAltName)
    ask(first)
    ask(second)
    first:unwrap():close()
    second:unwrap():close()
    assert.equal(2, stop(server).handshakes)
  end)

  it("stands clients that speak no TLS, fall silent, and reset", function()
    local server <close>, port = start()
    local silent = {}
    for i = 1, 60 do
      local tcp = assert(socket.connect("localhost", port))
      if i % 3 == 0 then
        tcp:send("GET / HTTP/1.0\r\n\r\n")
        tcp:close()
      elseif i % 3 == 1 then
        tcp:setoption("linger", { on = true, timeout = 0 })
        tcp:send("\22\3\1\2\0\1")
        tcp:close()
      else
        silent[#silent + 1] = tcp
      end
    end
    for _ = 1, 20 do
      local conn <close> = connect(port)
      ask(conn)
    end
    signal(server, "USR1")
    local accepted = server:expect(counts)
    assert.is_true(tonumber(accepted) >= 60)
    for _, tcp in ipairs(silent) do tcp:close() end
    local sum = stop(server)
    assert.equal(80, sum.accepted)
    assert.equal(20, sum.handshakes)
  end)

  it("resumes sessions over a reload of the same program's threads", function()
    local server <close>, port = start()
    local ctx = ssl.create_default_context({ cadata = ca.cert.pem })
    local conn = connect(port, nil, ctx)
    ask(conn)
    local session = conn.session
    conn:unwrap():close()
    for _ = 1, 4 do
      local again <close> = connect(port, session, ctx)
      ask(again)
    end
    assert.is_true(stop(server).resumed >= 1)
  end)
end)
