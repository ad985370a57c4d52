-- The scenarios of SSLSockets, as spec/native/scenarios.lua's.

local memfail = require "memfail"
local socket = require "socket"
local ssl = require "ssl"
local contexts = require "spec.support.contexts"
local shaking = require "spec.native.shaking"

local arrives, awaits, shake = shaking.arrives, shaking.awaits, shaking.shake

local scenarios = {}

-- `only`: "lua" leaves the modes out in which OpenSSL's allocations fail.
local function scenario(name, make, only)
  scenarios[#scenarios + 1] = { name = name, make = make, only = only }
end

-- Since 3.2, SSL_free of OpenSSL reads freed or missing memory of DTLS after some of them.
local datagrams_only = ssl.OPENSSL_VERSION_NUMBER >= 0x30200000 and "lua" or nil

-- The system's sockets are there before anything fails.
local function linked()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local host, port = listener:getsockname()
  local one = assert(socket.connect(host, port))
  local other = assert(listener:accept())
  listener:close()
  one:setoption("tcp-nodelay", true)
  other:setoption("tcp-nodelay", true)
  return one, other
end

-- The same of datagrams; the second is bound, and connected if it is to be.
local function udp_linked(connected)
  local one, other = assert(socket.udp4()), assert(socket.udp4())
  assert(one:setsockname("127.0.0.1", 0) and other:setsockname("127.0.0.1", 0))
  assert(one:setpeername(other:getsockname()))
  if connected then assert(other:setpeername(one:getsockname())) end
  return one, other
end

-- A file's errors have the system's numbers and texts: EPROTO for OpenSSL's.
local function told(result, text, code)
  if result == nil and text then error(ssl.OSError(code, text)) end
  return result
end

scenario("sockets", function()
  local client_ctx, server_ctx = contexts.new()
  return function()
    local one, other = memfail.suspend(linked)
    local client <close> = client_ctx:wrap_socket(one, {
      server_hostname = "localhost", do_handshake_on_connect = false, timeout = 0,
    })
    local server <close> = server_ctx:wrap_socket(other, {
      server_side = true, do_handshake_on_connect = false, timeout = 0,
    })
    other = nil  -- luacheck: ignore 311 (for unwrap to make anew)
    shake(client, server)
    client:sendall("one line\nand another\n")
    arrives(server)
    assert(server:recv(3) == "one" and server:pending() == 18)
    local buffer = ssl.bytearray(2)
    assert(server:recv_into(buffer) == 2 and buffer:tostring() == " l")
    local lines <close> = server:makefile("rw")
    assert(told(lines:read("l")) == "ine" and told(lines:read("l")) == "and another")
    assert(told(lines:write("answer")) and told(lines:flush()))
    arrives(client)
    assert(client:recv(10) == "answer")
    lines:close()
    awaits(client.unwrap, client)
    arrives(server)
    memfail.suspend(collectgarbage)
    local plain = server:unwrap()
    arrives(client)
    assert(client:unwrap() == one)
    assert(plain:send("in plain\n") and one:receive() == "in plain")
    plain:close()
    one:close()
  end
end)

-- A method that fails leaves the connection its descriptor.
local function sound(conn, name, ...)
  local results = table.pack(pcall(conn[name], conn, ...))
  if not results[1] then
    memfail.suspend(function() assert(conn:fileno() >= 0) end)
    error(results[2])
  end
  return table.unpack(results, 2, results.n)
end

scenario("connecting", function()
  local client_ctx, server_ctx = contexts.new()
  return function()
    local first, second = memfail.suspend(function() return socket.tcp4(), socket.tcp4() end)
    local server <close> = server_ctx:wrap_socket(first, {
      server_side = true, do_handshake_on_connect = false, timeout = 5,
    })
    local client <close> = client_ctx:wrap_socket(second, {
      server_hostname = "localhost", do_handshake_on_connect = false, timeout = 5,
    })
    sound(server, "bind", "127.0.0.1", 0)
    sound(server, "listen", 5)
    local host, port = server:getsockname()
    client:connect({ host, port })
    local accepted <close> = server:accept()
    assert(accepted:fileno() >= 0)
    local copy = client:detach()
    copy:close()
  end
end)

-- Two threads of Lua's, one for each side, that wait by a function.
scenario("waiting", function()
  local client_ctx, server_ctx = contexts.new()
  local function waiter(conn) return coroutine.yield(conn) end
  client_ctx.waiter, server_ctx.waiter = waiter, waiter
  return function()
    local one, other = memfail.suspend(linked)
    local threads = {
      coroutine.create(function()
        local conn <close> = client_ctx:wrap_socket(one, { server_hostname = "localhost" })
        conn:sendall("hello")
        assert(conn:recv(10) == "world")
        conn:unwrap():close()
      end),
      coroutine.create(function()
        local conn <close> = server_ctx:wrap_socket(other, { server_side = true })
        assert(conn:recv(10) == "hello")
        conn:sendall("world")
        conn:unwrap():close()
      end),
    }
    for _ = 1, 20 do
      local waiting = {}
      for _, thread in ipairs(threads) do
        if coroutine.status(thread) == "suspended" then
          local ok, conn = coroutine.resume(thread, true)
          if not ok then
            coroutine.close(thread)
            error(conn)
          end
          waiting[#waiting + 1] = conn
        end
      end
      if waiting[1] then arrives(table.unpack(waiting)) end
    end
    assert(coroutine.status(threads[1]) == "dead" and coroutine.status(threads[2]) == "dead")
  end
end)

scenario("datagram sockets", function()
  local client_ctx, server_ctx = contexts.dtls()
  return function()
    local one, other = memfail.suspend(udp_linked, true)
    local client <close> = client_ctx:wrap_datagram(one, {
      server_hostname = "localhost", do_handshake_on_connect = false, timeout = 0,
    })
    local server <close> = server_ctx:wrap_datagram(other, {
      server_side = true, do_handshake_on_connect = false, timeout = 0,
    })
    shake(client, server)
    client:send("hello")
    arrives(server)
    local buffer = ssl.bytearray(2)
    assert(server:recv_into(buffer) == 2 and client:timeout() == nil)
    client:unwrap():close()
  end
end, datagrams_only)

scenario("datagram listener", function()
  local client_ctx, server_ctx = contexts.dtls()
  return function()
    local one, other = memfail.suspend(udp_linked)
    local client <close> = client_ctx:wrap_datagram(one, {
      server_hostname = "localhost", do_handshake_on_connect = false, timeout = 0,
    })
    local listener <close> = server_ctx:wrap_datagram(other, {
      server_side = true, do_handshake_on_connect = false, timeout = 0,
    })
    local accepted
    for _ = 1, 20 do  -- a datagram for which there is no memory is lost
      awaits(client.do_handshake, client)
      memfail.suspend(socket.select, { listener }, nil, 0.01)
      awaits(function() accepted = listener:accept() end)
      if accepted then break end
      memfail.suspend(socket.select, { client }, nil, 0.01)
    end
    local conn <close> = assert(accepted)
    conn:settimeout(0)
    shake(client, conn)
  end
end, datagrams_only)

return scenarios
