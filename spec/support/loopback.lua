-- Sockets for specs, all on the loopback interface, and all closed when the net
-- they were made in is: `local net <close> = loopback.new()`.

local socket = require "socket"
local merged = require "support.merged"
local steps = require "support.steps"

local M = {}

local Net = {}
Net.__index = Net

function M.new()
  return setmetatable({ held = {} }, Net)
end

--- Has `object:close()` called at the end; gives the object back.
function Net:add(object)
  self.held[#self.held + 1] = object
  return object
end

function Net:close()
  for i = #self.held, 1, -1 do
    pcall(function() self.held[i]:close() end)  -- maybe finalized by a spec
    self.held[i] = nil
  end
end

Net.__close = Net.close

--- A listening LuaSocket object and its port.
function Net:listener()
  local listener = self:add(assert(socket.bind("127.0.0.1", 0)))
  listener:settimeout(10)
  local _, port = listener:getsockname()
  return listener, tonumber(port)
end

--- A port that refuses connections, and that nobody else can get.
function Net:refusing()
  local silent = self:add(assert(socket.tcp4()))
  assert(silent:bind("127.0.0.1", 0))
  local _, port = silent:getsockname()
  return math.tointeger(tonumber(port))
end

--- A LuaSocket object connected to a port: one that is reset at once may be "closed"
--- before it is there, and is tried again.
function M.reach(port)
  local sock, problem
  for _ = 1, 5000 do  -- with many processors, hundreds may be
    sock, problem = socket.connect("127.0.0.1", port)
    if problem ~= "closed" then break end
  end
  return assert(sock, problem)
end

--- Two connected LuaSocket objects.
function Net:pair()
  local listener, port = self:listener()
  local one = self:add(assert(socket.connect("127.0.0.1", port)))
  local other = self:add(assert(listener:accept()))
  listener:close()
  one:settimeout(10)
  other:settimeout(10)
  return one, other
end

--- A LuaSocket UDP object that is bound, and its port.
function Net:udp()
  local udp = self:add(assert(socket.udp4()))
  assert(udp:setsockname("127.0.0.1", 0))
  local _, port = udp:getsockname()
  return udp, math.tointeger(tonumber(port))
end

--- Two of them, connected to each other.
function Net:datagrams()
  local one, port = self:udp()
  local other, otherport = self:udp()
  assert(one:setpeername("127.0.0.1", otherport))
  assert(other:setpeername("127.0.0.1", port))
  return one, other
end

--- Two SSLSockets over datagrams, whose handshake is not made yet, and that do not wait.
function Net:unmadedtls(client_context, server_context, options)
  local one, other = self:datagrams()
  local client = self:add(client_context:wrap_datagram(one, merged({
    server_hostname = "localhost", do_handshake_on_connect = false, timeout = 0 }, options)))
  return client, self:add(server_context:wrap_datagram(other,
    { server_side = true, do_handshake_on_connect = false, timeout = 0 }))
end

--- The same with their handshake made, and a timeout of ten seconds.
function Net:dtls(client_context, server_context, options)
  local client, server = self:unmadedtls(client_context, server_context, options)
  steps.handshake(client, server)
  client:settimeout(10)
  server:settimeout(10)
  return client, server
end

--- The descriptor of a LuaSocket object, which no longer has it.
function M.release(object)
  local fd = object:getfd()
  object:setfd(-1)
  return fd
end

--- The descriptor of a new socket that nobody else has.
function M.descriptor() return M.release(socket.tcp4()) end

--- Is a descriptor that of a socket which is open?
function M.isopen(fd)
  local probe = socket.tcp()
  probe:setfd(fd)
  local address = probe:getsockname()
  M.release(probe)
  return address ~= nil
end

--- Does a descriptor block? nil where the system does not tell.
function M.blocks(fd)
  local O_NONBLOCK <const> = 2048
  local file <close> = io.open(("/proc/self/fdinfo/%d"):format(fd))
  return file and tonumber(file:read("a"):match("flags:%s*(%d+)"), 8) & O_NONBLOCK == 0
end

--- A LuaSocket object around a descriptor that someone gave up.
function Net:adopt(fd)
  local object = socket.tcp()
  object:setfd(fd)
  object:settimeout(10)
  return self:add(object)
end

--- The SSLSocket, its handshake not yet made, of a client; of anything that can be
--- wrapped, connected or not.
function Net:client(context, what, options)
  return self:add(context:wrap_socket(what,
    merged({ server_hostname = "localhost", do_handshake_on_connect = false }, options)))
end

--- The SSLSocket of the server at the other end; no handshake yet, and no waiting.
function Net:server(context, what)
  return self:add(context:wrap_socket(what,
    { server_side = true, do_handshake_on_connect = false, timeout = 0 }))
end

--- Wraps both ends of a new pair; no handshake yet, and no waiting.
function Net:wrapped(client_context, server_context, options)
  local one, other = self:pair()
  local client = self:client(client_context, one, merged({ timeout = 0 }, options))
  return client, self:server(server_context, other)
end

--- Two SSLSockets that have made their handshake; with a timeout of ten seconds.
function Net:tls(client_context, server_context, options)
  local client, server = self:wrapped(client_context, server_context, options)
  steps.handshake(client, server)
  client:settimeout(10)
  server:settimeout(10)
  return client, server
end

return M
