local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local loopback = require "support.loopback"

local client_context, server_context = contexts.ticketless()

local data = ("0123456789"):rep(100000)

-- LuaSec's view of a connection on which sending `data` wants to wait; the other
-- view, the peer, the last byte sent, and how many bytes were sent before `data`.
local function stalled(net)
  local conn, peer = net:tls(client_context, server_context)
  local view = ssl.luasec(conn)
  view:settimeout(0)
  peer:settimeout(0)
  local before = 0
  while true do
    local last, text, part = view:send(data)
    if not last then
      assert.equal("wantwrite", text)
      return view, conn, peer, part, before
    end
    before = before + #data
  end
end

-- Sends what is left after byte `last`; returns the `count` bytes that the peer gets.
local function finish(view, peer, last, count)
  local parts, got, done = {}, 0, nil
  while not done do
    local came, piece = pcall(peer.recv, peer, 16384)
    if came then
      parts[#parts + 1], got = piece, got + #piece
    else
      local text, part
      done, text, part = view:send(data, last + 1)
      assert(done or text == "wantwrite" or text == "timeout", text)
      last = done or part
    end
  end
  peer:settimeout(10)
  while got < count do
    local piece = assert(peer:recv(16384))
    parts[#parts + 1], got = piece, got + #piece
  end
  return table.concat(parts)
end

describe("LuaSec's send, after \"wantwrite\"", function()
  it("refuses other bytes, and goes on with its own", function()
    local net <close> = loopback.new()
    local view, _, peer, last, before = stalled(net)
    for _, other in ipairs({ ("z"):rep(#data), "a" .. data:sub(last + 2) }) do
      local sent, text, part = view:send(other)
      assert.same({ nil, "bad write retry", 0 }, { sent, text, part })
    end
    local sent, text = view:send("z")
    assert.same({ nil, "bad length" }, { sent, text })
    collectgarbage()
    local got = finish(view, peer, last, before + #data)
    assert.is_true(got == data:rep(before // #data + 1))
  end)

  it("goes on with a copy of what is left", function()
    local net <close> = loopback.new()
    local view, _, peer, last, before = stalled(net)
    local rest = data:sub(last + 1)
    local sent, _, part = view:send(rest)
    local got = finish(view, peer, last + (sent or part), before + #data)
    assert.is_true(got == data:rep(before // #data + 1))
  end)

  it("is not gone on with by the other view's other bytes", function()
    local net <close> = loopback.new()
    local view, conn, peer, last, before = stalled(net)
    local err = errors.raises(ssl.SSLError, conn.sendall, conn, ("z"):rep(#data))
    assert.equal("BAD_WRITE_RETRY", err.reason)
    local got = finish(view, peer, last, before + #data)
    assert.is_true(got == data:rep(before // #data + 1))
  end)
end)
