local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"
local pair = require "support.pair"
local steps = require "support.steps"

local raised, protocolerror = errors.raised, errors.protocolerror
local client_context, server_context = contexts.new()

-- The handshake of a client over a socket whose peer closes it after `budget`
-- bytes of the server's: the error, or nil if the client did not notice.
local function cut(budget)
  local net <close> = loopback.new()
  local one, other = net:pair()
  other:settimeout(0)
  local client = net:add(client_context:wrap_socket(one, { server_hostname = "localhost",
    do_handshake_on_connect = false, timeout = 0 }))
  local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  local server = server_context:wrap_bio(incoming, outgoing, { server_side = true })
  for _ = 1, 1000 do
    local ok, err = steps.try(client, "do_handshake")
    if ok == false then return err end
    if ok == true then return nil end
    if budget >= 0 then
      local _, _, data = other:receive(65536)
      if data and #data > 0 then incoming:write(data) end
      steps.try(server, "do_handshake")
      data = outgoing:read(budget)
      other:send(data)
      budget = budget - #data
      if budget == 0 then
        other:close()
        budget = -1
      end
    end
  end
  error("the handshake neither ends nor fails")
end

describe("A handshake", function()
  it("that ends at any byte is an EOF or a reset, and no success", function()
    local length
    do
      local whole = pair.new(client_context, server_context)
      steps.try(whole.client, "do_handshake")
      whole:pump()
      steps.try(whole.server, "do_handshake")
      length = whole.server_out.pending
    end
    assert.is_true(length > 500)
    for budget = 0, length - 80, 7 do
      local err = cut(budget)
      assert(err, "the client has finished after " .. budget .. " bytes")
      assert(ssl.isinstance(err, ssl.SSLEOFError) or err.errno == 104, tostring(err))
    end
  end)

  it("that failed goes on failing in the same way", function()
    local p = pair.new(client_context, server_context)
    p.client_in:write("HTTP/1.0 400 Bad Request\r\n\r\n")
    local _, first = pcall(p.client.do_handshake, p.client)
    assert.is_true(protocolerror(first))
    for _, call in ipairs({ { "do_handshake" }, { "read" }, { "write", "x" }, { "unwrap" } }) do
      local again = raised(p.client[call[1]], p.client, table.unpack(call, 2))
      assert.equal(first, again)
    end
  end)

  it("works a byte at a time", function()
    local p = pair.new(client_context, server_context)
    local done = {}
    repeat
      done.client = done.client or steps.try(p.client, "do_handshake") == true
      local up = p.client_out:read(1)
      p.server_in:write(up)
      done.server = done.server or steps.try(p.server, "do_handshake") == true
      local down = p.server_out:read(1)
      p.client_in:write(down)
    until done.client and done.server and #up + #down == 0
    assert.equal("TLSv1.3", p.client:version())
  end)
end)

describe("Connections", function()
  it("may be collected before and after what they are made of", function()
    local names = { "client_in", "client_out", "server_in", "server_out", "client", "server" }
    for first = 1, #names do
      local client = contexts.new()
      local p = pair.connected(client, server_context)
      client = nil  -- luacheck: ignore 311
      for i = 0, #names - 1 do
        p[names[(first + i) % #names + 1]] = nil
        collectgarbage()
      end
    end
    collectgarbage()
  end)
end)
