-- Objects of every class in every state they can be in, the members that their
-- classes have, and arguments that nobody should give: for specs that try all of
-- them together.

local ssl = require "ssl"
local contexts = require "support.contexts"
local joined = require "support.joined"
local steps = require "support.steps"

local M = {}

--- Two connections, one turn after the other, until both have shaken hands, which is
--- true, or one cannot: false and the error. `turns` ends it earlier.
function M.shake(client, server, turns)
  local done = {}
  for _ = 1, turns or 100 do
    for _, object in ipairs({ client, server }) do
      if not done[object] then
        local ok, err = steps.try(object, "do_handshake")
        if not ok then return false, err end
        done[object] = ok == true
      end
    end
    if done[client] and done[server] then return true end
  end
  return false
end

local function objects() return joined.objects(contexts.new()) end

local function sockets(net) return net:wrapped(contexts.ticketless()) end

local function established(client, server, ...)
  assert(M.shake(client, server))
  return client, server, ...
end

--- name -> function(net) that makes an object in that state, first result, and
--- whatever else has to be kept.
M.states = {
  ["SSLContext, of a client"] = function() return (contexts.new()) end,
  ["SSLContext, of a server"] = function() return (select(2, contexts.new())) end,
  ["MemoryBIO, empty"] = function() return ssl.MemoryBIO() end,
  ["MemoryBIO, full and ended"] = function()
    local bio = ssl.MemoryBIO()
    bio:write(("x"):rep(30000))
    bio:write_eof()
    return bio
  end,
  ["bytearray"] = function() return ssl.bytearray("some bytes") end,
  ["bytearray, empty"] = function() return ssl.bytearray(0) end,
  ["TicketRing"] = function()
    return ssl.ticket_ring({ secret = ("a secret"):rep(5) })
  end,
  ["TicketRing, of a function"] = function()
    return ssl.ticket_ring({ secret = function() return ("a secret"):rep(5) end, period = 1 })
  end,
  ["SSLSession"] = function()
    local client, server = established(objects())
    server:write("x")
    client:read()
    return client.session
  end,
  ["SSLObject, fresh client"] = function() return objects() end,
  ["SSLObject, fresh server"] = function()
    local client, server = objects()
    return server, client
  end,
  ["SSLObject, handshaking"] = function()
    local client, server = objects()
    M.shake(client, server, 1)
    return client, server
  end,
  ["SSLObject, established client"] = function() return established(objects()) end,
  ["SSLObject, established server"] = function()
    local client, server = established(objects())
    return server, client
  end,
  ["SSLObject, half closed by the peer"] = function()
    local client, server = established(objects())
    steps.try(server, "unwrap")
    return client, server
  end,
  ["SSLObject, half closed by itself"] = function()
    local client, server = established(objects())
    steps.try(client, "unwrap")
    return client, server
  end,
  ["SSLObject, unwrapped"] = function()
    local client, server = established(objects())
    steps.try(client, "unwrap")
    server:unwrap()
    client:unwrap()
    return client, server
  end,
  ["SSLObject, failed"] = function()
    local client, server, incoming = objects()
    incoming:write("no TLS at all")
    assert(not M.shake(client, server))
    return client, server
  end,
  ["SSLObject, cut off"] = function()
    local client, server, incoming = established(objects())
    incoming:write_eof()
    return client, server
  end,
  ["SSLObject, context collected"] = function()
    local client, server = objects()
    collectgarbage()
    collectgarbage()
    return client, server
  end,
  ["SSLObject of datagrams, handshaking"] = function()
    local client, server = joined.objects(contexts.dtls())
    M.shake(client, server, 1)
    return client, server
  end,
  ["SSLObject of datagrams, established"] = function()
    return established(joined.objects(contexts.dtls()))
  end,
  ["SSLSocket of datagrams, established"] = function(net)
    local client, server = net:dtls(contexts.dtls())
    client:settimeout(0)
    return client, server
  end,
  ["MemoryBIO of datagrams, full"] = function()
    local bio = ssl.MemoryBIO({ datagrams = true })
    bio:write(("x"):rep(30000))
    bio:write("y")
    return bio
  end,
  ["SSLContext of DTLS"] = function() return (contexts.dtls()) end,
  ["SSLSocket, unconnected"] = function(net)
    local client_context = contexts.new()
    local sock = require "socket".tcp()
    return net:add(client_context:wrap_socket(sock, { server_hostname = "localhost" }))
  end,
  ["SSLSocket, fresh"] = function(net) return sockets(net) end,
  ["SSLSocket, handshaking"] = function(net)
    local client, server = sockets(net)
    M.shake(client, server, 1)
    return client, server
  end,
  ["SSLSocket, established client"] = function(net) return established(sockets(net)) end,
  ["SSLSocket, established server"] = function(net)
    local client, server = established(sockets(net))
    return server, client
  end,
  ["SSLSocket, half closed"] = function(net)
    local client, server = established(sockets(net))
    steps.try(server, "unwrap")
    return client, server
  end,
  ["SSLSocket, failed"] = function(net)
    local client_context = contexts.new()
    local one, other = net:pair()
    other:send("no TLS at all")
    local client = net:add(client_context:wrap_socket(one, {
      do_handshake_on_connect = false, server_hostname = "localhost", timeout = 1,
    }))
    assert(steps.try(client, "do_handshake") == false)
    client:settimeout(0)
    return client
  end,
  ["SSLSocket, closed"] = function(net)
    local client, server = established(sockets(net))
    client:close()
    return client, server
  end,
  ["SSLSocket, detached"] = function(net)
    local client, server = established(sockets(net))
    net:add(client:detach())
    return client, server
  end,
  ["SSLSocket, unwrapped"] = function(net)
    local client, server = established(sockets(net))
    for _ = 1, 100 do
      local ok = steps.try(client, "unwrap")
      steps.try(server, "unwrap")
      if ok == true then return client, server end
    end
    error("not unwrapped")
  end,
}

--- The methods, getters and setters of an object's class, each sorted.
function M.members(object)
  local meta = debug.getmetatable(object)
  local function names(part)
    local list = {}
    for name in pairs(meta[part] or {}) do list[#list + 1] = name end
    table.sort(list)
    return list
  end
  return names("methods"), names("getters"), names("setters"), meta
end

local spare = {}

--- Values that no parameter is meant to have, or only one.
function M.odd()
  if not spare[1] then
    local client, server = established(objects())
    spare = {
      client.context, client, server, client.session, ssl.MemoryBIO(), ssl.bytearray("bytes"),
    }
  end
  return {
    -1, 0, math.maxinteger, 1.5, 0 / 0, "", "x\0y", "localhost", ("x"):rep(70000), true, {}, { 1 },
    { timeout = -1 }, setmetatable({}, {}), function() error("called") end,
    coroutine.create(print), table.unpack(spare),
  }
end

--- Forgets the spare objects among the odd values, and removes the log of secrets
-- that a context made of one of them.
function M.forget()
  spare = {}
  os.remove("localhost")
end

--- Does an error say what it should? A defect of ours reads like "attempt to".
function M.isfair(err)
  if ssl.isinstance(err, ssl.Error) then return true end
  if type(err) ~= "string" then return false end
  return not err:find("attempt to ") or err:find("attempt to yield") ~= nil
end

return M
