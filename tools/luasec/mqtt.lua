-- Usage: mqtt.lua PORT VERSION      luamqtt's client against a broker with TLS

local mqtt = require "mqtt"

local certs = os.getenv("certs")
local sent, got = { "short", ("x"):rep(50000), "last" }, {}
local client = mqtt.client({
  uri = "localhost:" .. arg[1], clean = true, version = tonumber(arg[2]), keep_alive = 20,
  secure = { mode = "client", protocol = "any", cafile = certs .. "/ca.pem", verify = "peer",
    options = "all" },
})

local function publish(n)
  client:publish({ topic = "told/" .. n, payload = sent[n], qos = 1 })
end

client:on({
  connect = function(reply)
    assert(reply.rc == 0, tostring(reply))
    client:subscribe({ topic = "told/#", qos = 1, callback = function() publish(1) end })
  end,
  message = function(message)
    client:acknowledge(message)
    got[#got + 1] = message.payload
    if #got == #sent then client:disconnect() else publish(#got + 1) end
  end,
  error = function(text)
    print("error:", text)
    os.exit(1)
  end,
})
mqtt.run_ioloop(client)
for i, text in ipairs(sent) do assert(got[i] == text, i) end
print("all came back")
local file <close> = assert(io.open("said", "w"))
file:write(#got, "\n")
