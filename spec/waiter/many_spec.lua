-- Many connections at once, under each loop.

local socket = require "socket"
local loops = require "support.loops"

-- Ends TLS in good order, and the socket below.
local function finish(conn)
  local below = conn:unwrap()
  if math.type(below) == "integer" then
    local tcp = socket.tcp()
    tcp:setfd(below)
    below = tcp
  end
  below:close()
end

loops.each({ describe = describe, pending = pending }, function(name, new)
  -- select's sets end at 1024 descriptors; two hundred connections have two each.
  it("serves 200 connections, half of them slow, a tenth hanging up in the middle", function()
    local loop = new()
    local client_ctx, server_ctx = loop.contexts()
    local listener, port = loops.listen(server_ctx, { do_handshake_on_connect = false })
    local served, ragged, right, gone, most, now = 0, 0, 0, 0, 0, 0
    local function serve(conn)
      local _ <close> = conn
      conn:do_handshake()
      now = now + 1
      most = math.max(most, now)
      local ok, err = pcall(function()
        local want = string.unpack(">I4", conn:recv(4))
        local got = 0
        while got < want do
          local data = conn:recv(16384) or error("hung up", 0)
          got = got + #data
          conn:sendall(data)
        end
        finish(conn)
      end)
      now = now - 1
      if ok then served = served + 1 else ragged = ragged + 1 end
      return err
    end
    loop.spawn(function()
      local _ <close> = listener
      for _ = 1, 200 do
        local conn = listener:accept()
        loop.spawn(function() serve(conn) end)
      end
    end)
    for i = 1, 200 do
      loop.spawn(function()
        local conn <close> = loops.connect(client_ctx, port)
        local slow, text = i % 2 == 0, ("%d,"):format(i):rep(200 + i * 10)
        local half, got = #text // 2, {}
        conn:sendall(string.pack(">I4", #text))
        conn:sendall(text:sub(1, half))
        if slow then loop.sleep(0.05) end
        if i % 10 == 5 then
          gone = gone + 1
          return
        end
        if slow then
          for at = half + 1, #text, 1000 do
            conn:sendall(text:sub(at, math.min(at + 999, #text)))
            loop.sleep(0.005)
          end
        else
          conn:sendall(text:sub(half + 1))
        end
        repeat
          got[#got + 1] = conn:recv(slow and 100 or 16384)
        until #got > 0 and #table.concat(got) >= #text
        if table.concat(got) == text then right = right + 1 end
        finish(conn)
      end)
    end
    loop.run()
    assert.equal(20, gone)
    assert.equal(180, right)
    assert.equal(180, served)
    assert.equal(20, ragged)
    assert.is_true(most > 50, name .. " had only " .. most .. " at once")
  end)
end)
