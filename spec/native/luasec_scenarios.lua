-- The scenarios of LuaSec's API, as spec/native/scenarios.lua's.

local memfail = require "memfail"
local socket = require "socket"
local ssl = require "ssl"
local contexts = require "spec.support.contexts"

local leaf, authority = contexts.identity()

-- What LuaSec's functions say by nil and a text is an error here.
local function told(result, text, ...)
  if not result then error(ssl.OSError(tostring(text))) end
  return result, text, ...
end

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

-- The other end of a failed one has to be closed as well.
local function closing(...)
  local objects = { ... }
  return setmetatable({}, { __close = function()
    for _, object in ipairs(objects) do object:close() end
  end })
end

local function step(conn)
  local ok, text = conn:dohandshake()
  if not ok and text ~= "wantread" and text ~= "wantwrite" then told(ok, text) end
  return ok
end

local function shake(client, server)
  client:settimeout(0)
  server:settimeout(0)
  local one, other = step(client), step(server)
  while not (one and other) do
    one = one or step(client)
    other = other or step(server)
  end
  client:settimeout(10)
  server:settimeout(10)
end

local function contexts_of_both()
  return told(ssl.newcontext({ mode = "client", protocol = "any", host = "localhost",
    cafile = authority.cert.pem, alpn = { "a", "b" }, verifyext = "lsec_continue" })),
    told(ssl.newcontext({ mode = "server", protocol = "any", certificate = leaf.chain.pem,
      key = leaf.key.pem, alpn = function(list) return list[2] end }))
end

return {
  { name = "LuaSec contexts", make = function() return contexts_of_both end },
  { name = "LuaSec connections", make = function()
    local client_ctx, server_ctx = contexts_of_both()
    local stranger = told(ssl.newcontext({ mode = "client", protocol = "any", verify = "peer",
      verifyext = "lsec_continue" }))
    return function()
      for _, ctx in ipairs({ client_ctx, stranger }) do
        local one, other = memfail.suspend(linked)
        local _ <close> = closing(one, other)
        local client <close> = told(ssl.wrap(one, ctx))
        local server <close> = told(ssl.wrap(other, server_ctx))
        server:sni({ ["localhost"] = server_ctx })
        shake(client, server)
        assert(client:getalpn() == (ctx == client_ctx and "b" or nil))
        told(client:send("one line\n" .. ("x"):rep(100000)))
        assert(told(server:receive()) == "one line")
        assert(#told(server:receive(100000)) == 100000)
        local verified, faults = client:getpeerverification()
        assert(verified or #faults > 0 or next(faults))
        assert(client:info("protocol") and client:getpeerchain()[1]:subject()[1].value)
        client:close()
        local _, text = server:receive("*a")
        told(text == "closed", text)
      end
    end
  end },
  { name = "LuaSec certificates", make = function()
    return function()
      local cert = told(ssl.loadcertificate(leaf.cert.pem))
      local ca = told(ssl.loadcertificate(authority.cert.pem))
      cert:setencode("utf8")
      for _, name in ipairs({ "subject", "issuer", "extensions", "pem", "pubkey", "digest",
          "serial", "notbefore" }) do
        told(cert[name](cert))
      end
      told(ca:issued(cert))
    end
  end },
}
