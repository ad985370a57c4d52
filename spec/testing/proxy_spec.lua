local socket = require "socket"
local ssl = require "ssl"
local system = require "support.system"
local testing = require "ssl.testing"

if system.windows then
  return
end

-- A server of the kit that sends back what it gets, and a connection to it through the
-- proxy.
local function through(options, wanted)
  local server = testing.server(wanted)
  local proxy = testing.wire_proxy(server, options)
  return server, proxy, function()
    local sock = assert(socket.connect(proxy.host, proxy.port))
    sock:settimeout(5)
    return server.client_context:wrap_socket(sock, { server_hostname = "localhost" })
  end
end

local function echo(conn, text)
  conn:sendall(text)
  local parts, size = {}, 0
  while size < #text do
    parts[#parts + 1] = assert(conn:recv(16384))
    size = size + #parts[#parts]
  end
  return table.concat(parts)
end

describe("testing.wire_proxy", function()
  it("carries everything, and tells how much", function()
    local _, proxy, connect = through()
    local text = ("x"):rep(100000)
    local conn = connect()
    assert.equal(text, echo(conn, text))
    conn:close()
    local report = proxy:wait()
    assert.equal("closed", report.ended)
    assert.equal(1, report.n)
    assert.is_true(report.client > #text and report.server > #text)
  end)

  for _, options in ipairs({ { client = { piece = 7 }, server = { piece = 13 } },
    { server = { delay = 0.001, piece = 500 } }, { client = { rate = 1000000 } } }) do
    it("changes nothing by pieces and delays", function()
      local _, _, connect = through(options)
      local conn <close> = connect()
      assert.equal("hello", echo(conn, "hello"))
    end)
  end

  it("takes at least the time that its delays and rates ask for", function()
    local _, _, connect = through({ server = { delay = 0.05 } })
    local begun = socket.gettime()
    local conn <close> = connect()
    assert.is_true(socket.gettime() - begun >= 0.05)
    local _, _, slow = through({ client = { rate = 4000 } })
    begun = socket.gettime()
    local other <close> = slow()
    other:sendall(("x"):rep(400))
    assert.equal(400, #other:recv(400))
    assert.is_true(socket.gettime() - begun >= 0.1)
    assert.equal("TLSv1.3", conn:version())
  end)

  it("cuts, resets and loses after exactly so many bytes", function()
    for kind, class in pairs({ cut = ssl.OSError, reset = ssl.OSError, lose = ssl.TimeoutError }) do
      local server = testing.server()
      local proxy = testing.wire_proxy(server, { server = { [kind] = 100 } })
      local sock = assert(socket.connect(proxy.host, proxy.port))
      sock:settimeout(kind == "lose" and 0.2 or 5)
      local ok, err = pcall(server.client_context.wrap_socket, server.client_context, sock,
        { server_hostname = "localhost" })
      assert.is_false(ok)
      assert.is_true(ssl.isinstance(err, class), kind .. ": " .. tostring(err))
      local report = proxy:wait()
      assert.equal(100, report.server)
      assert.equal(({ cut = "cut", reset = "reset", lose = "lost" })[kind], report.ended)
    end
  end)

  it("calls a connection closed that ends before its fault", function()
    local _, proxy, connect = through({ client = { cut = 1000000 }, server = { lose = 1000000 } })
    local conn = connect()
    assert.equal("hello", echo(conn, "hello"))
    conn:close()
    assert.equal("closed", proxy:wait().ended)
  end)

  it("does something else to each connection, by a script", function()
    local _, proxy, connect = through({ script = function(n)
      return n == 2 and { client = { reset = 0 } } or nil
    end })
    connect():close()
    assert.is_false((pcall(connect)))
    connect():close()
    local ended = {}
    for _, report in ipairs({ proxy:wait(3) }) do
      ended[report.n] = report.ended
    end
    assert.same({ "closed", "reset", "closed" }, ended)
  end)

  it("does the same to the same connection for the same seed", function()
    local one, same = testing.wire_proxy(443, { seed = 7 }), testing.wire_proxy(443, { seed = 7 })
    local other, unlike = testing.wire_proxy(443, { seed = 8 }), 0
    for n = 1, 50 do
      assert.same(one:faults(n), same:faults(n))
      unlike = unlike + (pcall(assert.same, one:faults(n), other:faults(n)) and 0 or 1)
    end
    assert.is_true(unlike > 25)
  end)

  it("lets a server and its clients meet every fault of a seed without a hang", function()
    local server, proxy = through({ seed = 3 })
    for n = 1, 12 do
      local sock = assert(socket.connect(proxy.host, proxy.port))
      sock:settimeout(0.3)
      local ok, err = pcall(function()
        local conn <close> = server.client_context:wrap_socket(sock,
          { server_hostname = "localhost" })
        return echo(conn, ("x"):rep(3000))
      end)
      assert(ok or ssl.isinstance(err, ssl.Error) or tostring(err):find("assertion"),
        n .. ": " .. tostring(err))
    end
    assert.equal(12, select("#", proxy:wait(12)))
  end)

  it("carries connections whose descriptors select does not take", function()
    local taken = {}
    for i = 1, 900 do
      taken[i] = assert(io.open("/dev/null"))
    end
    local listener = assert(socket.bind("127.0.0.1", 0, 1024))
    listener:settimeout(10)
    local _, port = listener:getsockname()
    local proxy = testing.wire_proxy("127.0.0.1:" .. port)  -- the numbers stay taken there
    for _, file in ipairs(taken) do
      file:close()
    end
    local near, far, heard = {}, {}, {}
    for i = 1, 200 do
      near[i] = assert(socket.connect(proxy.host, proxy.port))
      near[i]:send(i .. "\n")
    end
    for i = 1, 200 do
      far[i] = assert(listener:accept())
      far[i]:settimeout(10)
      heard[tonumber(far[i]:receive("*l"))] = true
    end
    assert.equal(200, #heard)
    for i = 1, 200 do
      near[i]:close()
      far[i]:close()
    end
    listener:close()
    assert.equal(200, select("#", proxy:wait(200, 30)))
  end)

  it("refuses targets and faults that it does not know", function()
    assert.error_matches(function() testing.wire_proxy("nowhere") end, "host:port")
    assert.error_matches(function() testing.wire_proxy(1, { client = { slow = 1 } }) end,
      "unexpected keyword argument 'slow'")
    assert.error_matches(function() testing.wire_proxy(1, { to = 1 }) end,
      "unexpected keyword argument 'to'")
  end)
end)
