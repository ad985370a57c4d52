local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local errors = require "support.errors"
local loopback = require "support.loopback"
local process = require "support.process"
local system = require "support.system"

local raises, protocolerror = errors.raises, errors.protocolerror

-- Connects, sends and reads with a timeout: what came, or nil and the error.
local function talk(server, timeout)
  local sock = loopback.reach(server.port)
  local ok, result = pcall(function()  -- a reset may come before the wrapping
    local conn <close> = server.client_context:wrap_socket(sock,
      { server_hostname = "localhost", do_handshake_on_connect = false })
    conn:settimeout(timeout or 5)
    conn:do_handshake()
    conn:sendall("hello")
    return conn:recv(100) or "end"
  end)
  sock:close()
  return ok and result or nil, not ok and result or nil
end

local function falls_silent(server)
  local data, err = talk(server, 0.1)
  return not data and ssl.isinstance(err, ssl.TimeoutError)
end

local ways = system.windows and { true } or { false, true }  -- Windows has no fork

for _, in_process in ipairs(ways) do
  local function serve(options)
    options.in_process = in_process
    return testing.server(options)
  end

  describe("A server " .. (in_process and "in this process" or "in a child process"), function()
    it("sends back what it gets", function()
      assert.equal("hello", talk(serve({})))
    end)

    it("runs a handler, and tells what it returned", function()
      local server = serve({ handler = function(conn) return conn:recv(5) .. "!" end })
      local conn <close> = server:connect()
      conn:sendall("hello")
      local report = server:wait()
      assert.same({ ok = true, version = "TLSv1.3", value = "hello!" }, report)
    end)

    it("goes on although nobody asks for its reports, and keeps them all", function()
      local server = serve({ handler = function() return ("x"):rep(3000) end })
      for _ = 1, 40 do  -- more than a pipe holds
        local conn <close> = server:connect()
        assert.is_nil(conn:recv(1))
      end
      local reports = { server:wait(40) }
      assert.equal(40, #reports)
      assert.equal(3000, #reports[40].value)
    end)

    it("tells why a handshake or a handler failed", function()
      local server = serve({ handler = function(conn)
        conn:recv(1)
        error(ssl.ValueError("my own"))
      end })
      local stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      server:attach(stranger)
      raises(ssl.SSLCertVerificationError, server.connect, server, stranger)
      local report = server:wait()
      assert.equal("handshake", report.stage)
      assert.equal("TLSV1_ALERT_UNKNOWN_CA", report.reason)
      local conn <close> = server:connect()
      conn:sendall("x")
      report = server:wait()
      assert.equal("handler", report.stage)
      assert.equal("my own", report.message)
    end)

    it("asks for a certificate of the authority that its clients must have", function()
      local clients = testing.CA()
      local server = serve({ client_ca = clients, handler = function(conn)
        conn:recv(1)
        return conn:getpeercert().subjectAltName[1][2]
      end })
      clients:issue("alice@example.test"):configure_cert(server.client_context)
      local conn <close> = server:connect()
      conn:sendall("x")
      assert.equal("alice@example.test", server:wait().value)
    end)

    it("falls silent where it is told to", function()
      for _, point in ipairs({ "connect", "handshake", "data" }) do
        local server <close> = serve({ stall = point })
        assert.is_true(falls_silent(server), point)
      end
    end)

    it("resets the connection where it is told to", function()
      -- wine resets no connection by SO_LINGER, but where bytes are left unread
      local points = { "connect", "handshake", not system.windows and "data" or nil }
      for _, point in ipairs(points) do
        local server <close> = serve({ reset = point })
        local data, err = talk(server)
        assert.is_nil(data, point)
        assert.is_true(ssl.isinstance(err, ssl.OSError), point .. ": " .. tostring(err))
        assert.is_false(ssl.isinstance(err, ssl.TimeoutError), point)
      end
    end)

    it("answers with garbage and with plain text", function()
      for _, options in ipairs({ { garbage = "connect" }, { garbage = "handshake" },
        { garbage = "data" }, { plain = "HTTP/1.1 400 Bad Request\r\n\r\n" } }) do
        local server <close> = serve(options)
        local data, err = talk(server)
        assert.is_nil(data)
        assert.is_true(protocolerror(err))
      end
    end)

    it("closes without close_notify", function()
      local server = serve({ ragged = true, handler = function(conn) conn:recv(5) end })
      local conn <close> = server.client_context:wrap_socket(
        assert(socket.connect("127.0.0.1", server.port)),
        { server_hostname = "localhost", suppress_ragged_eofs = false })
      conn:sendall("hello")
      raises(ssl.SSLEOFError, conn.recv, conn, 1)
    end)

    it("drips its bytes one by one", function()
      assert.equal("hello", talk(serve({ drip = 0 }), 30))
    end)

    it("lets a tap stand on the wire", function()
      local server = serve({ tap = testing.tap.alter({ from = "server", n = 4 }) })
      local data, err = talk(server)
      assert.is_nil(data)
      assert.is_true(protocolerror(err))
    end)

    it("serves clients that are connected at the same time", function()
      local server = serve({})
      local one <close> = server:connect()
      local two <close> = server:connect()
      two:sendall("two")
      assert.equal("two", two:recv(3))
      one:sendall("one")
      assert.equal("one", one:recv(3))
    end)

    it("answers requests", function()
      local server = testing.https({
        ["/"] = "hello",
        ["/post"] = function(request) return { status = 201, body = request.path } end,
      }, { in_process = in_process })
      assert.equal("hello", (server:get("/")))
      local body, status = server:get("/post")
      assert.equal("/post", body)
      assert.equal(201, status)
      assert.equal(404, (select(2, server:get("/other"))))
      assert.equal("GET /", server:wait(3).value)
    end)
  end)

  it("tells of a handler that returned false, too", function()
    local server = testing.server({ handler = function() return false end })
    local conn <close> = server:connect()
    assert.is_false(server:wait().value)
    assert.equal("TLSv1.3", conn:version())
  end)
end

describe("A server of a test", function()
  local port, pid

  it("may be left to the end of the test ...", function()
    if system.windows then return pending("there is no fork") end
    local server = testing.server()
    port, pid = server.port, server.process.pid
    assert.is_true((os.execute("kill -0 " .. pid)))
  end)

  it("... which ends it", function()
    if system.windows then return pending("there is no fork") end
    assert.is_nil((os.execute("kill -0 " .. pid .. " 2>/dev/null")))
    assert.is_nil((socket.connect("127.0.0.1", port)))
  end)

  it("is told when it does not finish in time", function()
    local server = testing.server()
    raises(ssl.TimeoutError, server.wait, server, 1, 0.01)
  end)

  it("refuses points and options it does not know", function()
    assert.error_matches(function() testing.server({ stall = "never" }) end,
      "bad value for 'stall' %('connect', 'handshake' or 'data' expected%)")
    assert.error_matches(function() testing.server({ handle = print }) end,
      "unexpected keyword argument 'handle'")
    assert.error_matches(function() testing.https() end, "bad argument #1 to 'https'")
  end)

  it("runs beside a program with more descriptors than select takes", function()
    assert.equal("hello here hello beside\n", (process.run_crowded(1100, [[
      local testing = require "ssl.testing"
      local beside <close> = testing.server()
      local here <close> = testing.server({ in_process = true })
      local function say(server, text)
        local conn <close> = server:connect()
        assert(conn:fileno() > 1023)
        conn:sendall(text)
        return conn:recv(20)
      end
      print(say(here, "hello here"), say(beside, "hello beside"))
    ]]):gsub("\t", " ")))
  end)
end)
