-- States that come and go, and what OpenSSL allocates for them.

local border = require "support.border"
local process = require "support.process"

local build = os.getenv("LSSL_BUILD") or "build"

-- What spec/native/states.c says, and its errors.
local function states(threads, rounds, memory, script)
  local identity, authority = border.identity(), os.tmpname()
  local file = assert(io.open(authority, "w"))
  file:write(border.authority().cert.pem)
  file:close()
  local text, status = process.run({ build .. "/states", threads, rounds, memory,
    script or "spec/native/states.lua", identity, authority })
  os.remove(identity)
  os.remove(authority)
  local failed, left, peak, grown = text:match("failed (%d) left (%d+) peak (%d+) grown (%-?%d+)")
  assert(failed, text)
  return { status = status, text = text, failed = failed == "1", left = tonumber(left),
    peak = tonumber(peak), grown = tonumber(grown) }
end

-- Runs a script of its own.
local function with_script(source, f)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(source)
  file:close()
  local result = f(name)
  os.remove(name)
  return result
end

describe("A Lua state", function()
  it("gives back every byte of Lua's, and what OpenSSL held for it, in threads too", function()
    local outcome = states(2, 60, 0)
    assert.is_false(outcome.failed, outcome.text)
    assert.equal(0, outcome.left)
    assert.is_true(outcome.peak > 50000)
    -- a leak of one connection a state would be two megabytes and more
    if not build:find("/") then assert.is_true(outcome.grown < 1500, outcome.text) end
  end)

  it("works within a limit of OpenSSL's memory that is enough", function()
    -- two runs differ by what the collector has got to when most is held
    local enough = states(1, 1, 0).peak * 5 // 4
    local limited = states(1, 1, enough)
    assert.is_false(limited.failed, limited.text)
    assert.is_true(limited.peak <= enough)
  end)

  it("is refused what is over the limit, at whatever it is doing then", function()
    local free = states(1, 1, 0)
    for part = 1, 9 do
      local limit = free.peak * part // 10
      local limited = states(1, 1, limit)
      assert.is_true(limited.failed, limited.text)
      assert.matches("the host's limit 'memory': OpenSSL may hold " .. limit, limited.text, 1, true)
      assert.is_true(limited.peak <= limit)
      assert.equal(0, limited.left)
    end
  end)

  it("is refused memory without end, and goes on when there is less to hold", function()
    local outcome = with_script([[
      local ssl = require "ssl"
      local bio, n = ssl.MemoryBIO(), 0
      local ok, err
      repeat
        ok, err = pcall(bio.write, bio, ("x"):rep(10000))
        n = n + 1
      until not ok or n > 1000
      assert(n < 200 and ssl.isinstance(err, ssl.PermissionError) and err.limit == "memory")
      bio:read()
      assert(bio:write("more") == 4)
      assert(ssl.counters().refusals == 1)]], function(name) return states(1, 1, 1000000, name) end)
    assert.is_false(outcome.failed, outcome.text)
  end)

  it("holds no buffers for connections that wait, nor after the first bytes", function()
    local outcome = with_script([[
      local identity, authority = ...
      local ssl, socket = require "ssl", require "socket"
      local function read(name)
        local file <close> = assert(io.open(name, "rb"))
        return file:read("a")
      end
      local pem = read(identity)
      local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      server_ctx:load_cert_chain({ certdata = pem, keydata = pem })
      local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      client_ctx:load_verify_locations({ cadata = read(authority) })
      local listener = assert(socket.bind("127.0.0.1", 0))
      local host, port = listener:getsockname()
      local lazy = { server_hostname = "localhost", do_handshake_on_connect = false, timeout = 0 }

      local function pair()
        local near = assert(socket.connect(host, port))
        local client = client_ctx:wrap_socket(near, lazy)
        local server = server_ctx:wrap_socket(assert(listener:accept()), { server_side = true,
          do_handshake_on_connect = false, timeout = 0 })
        local one, other
        repeat
          one = one or pcall(client.do_handshake, client)
          other = other or pcall(server.do_handshake, server)
        until one and other
        return client, server
      end

      local function held()
        collectgarbage()
        collectgarbage()
        return ssl.counters().memory
      end

      local function waits(conn)
        local ok, err = pcall(conn.recv, conn, 100)
        return not ok and ssl.isinstance(err, ssl.SSLWantReadError)
      end

      -- What each of `conn` holds less after `f`.
      local conns = {}
      for i = 1, 10 do conns[i] = { pair() } end
      local function freed(f)
        local before = held()
        for _, conn in ipairs(conns) do f(conn[1], conn[2]) end
        return (before - held()) // #conns
      end

      -- OpenSSL's two buffers take 16 KiB and a little each; since 3.2 the handshake's
      -- are freed before anything waits
      local both = 2 * 16384
      local waiting = freed(function(_, server) assert(waits(server)) end)
      assert(waiting > (ssl.OPENSSL_VERSION_NUMBER < 0x30200000 and both or -1024), waiting)
      freed(function(client, server)
        server:sendall("x")
        client:settimeout(5)
        assert(client:recv(1) == "x")
      end)
      local idle = freed(function(client, server)
        client:settimeout(0)
        assert(waits(client) and waits(server))
        client:sendall("y")
        server:settimeout(5)
        assert(server:recv(1) == "y")
      end)
      assert(math.abs(idle) < 1024, idle)
      local ended = freed(function(client, server)
        client:close()
        server:close()
      end)
      assert(ended < 2 * both, ended)]], function(name) return states(1, 1, 0, name) end)
    assert.is_false(outcome.failed, outcome.text)
  end)
end)
