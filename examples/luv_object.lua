-- TLS over luv's streams by SSLObject: no descriptor at all, only bytes and callbacks.
-- Usage: lua examples/luv_object.lua
-- starts an echo server and a client in one loop and prints "echoed: hello".

local uv = require "luv"
local ssl = require "ssl"
local testing = require "ssl.testing"

-- Joins an SSLObject to a luv stream. `on_data(data)` is called with what has been
-- decrypted, with nil at the end, and `on_error(err)` with what goes wrong. Returns
-- a function that sends.
local function attach(stream, ctx, options, on_ready, on_data, on_error)
  local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  local object = ctx:wrap_bio(incoming, outgoing, options)
  local ready = false

  local function flush()
    if outgoing.pending > 0 and not stream:is_closing() then
      stream:write(outgoing:read())
    end
  end

  -- Whether the call worked, and its result; not when it wants more bytes.
  local function try(method, ...)
    local ok, result = pcall(object[method], object, ...)
    flush()
    if not ok and not ssl.isinstance(result, ssl.SSLWantReadError) then
      stream:read_stop()
      on_error(result)
    end
    return ok, result
  end

  local function pump()
    if not ready then
      ready = try("do_handshake")
      if not ready then return end
      on_ready()
    end
    local ok, data
    repeat
      ok, data = try("read", 16384)
      if ok then on_data(data) end
    until not ok or not data
  end

  stream:read_start(function(err, bytes)
    if bytes then
      incoming:write(bytes)
    else
      incoming:write_eof()
    end
    if err then on_error(err) else pump() end
  end)
  pump()
  return function(data) try("write", data) end
end

local ca = testing.CA()
local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ca:issue("localhost"):configure_cert(server_ctx)
local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ca:configure_trust(client_ctx)

local listener = uv.new_tcp()
listener:bind("127.0.0.1", 0)
listener:listen(16, function()
  local stream = uv.new_tcp()
  listener:accept(stream)
  listener:close()
  local send
  send = attach(stream, server_ctx, { server_side = true }, function() end,
    function(data)
      if data then send(data) else stream:close() end
    end,
    function() stream:close() end)
end)

local stream = uv.new_tcp()
stream:connect("127.0.0.1", listener:getsockname().port, function(err)
  assert(not err, err)
  local send, echoed = nil, ""
  send = attach(stream, client_ctx, { server_hostname = "localhost" },
    function() send("hello") end,
    function(data)
      echoed = echoed .. (data or "")
      if echoed == "hello" then
        print("echoed: " .. echoed)
        stream:close()
      end
    end,
    function(problem)
      print("failed: " .. tostring(problem))
      stream:close()
    end)
end)
uv.run()
