-- What the modules have.
local lab = ...
local ssl = lab.ssl

for _, name in ipairs({ "core", "context", "x509", "config" }) do
  local keys = {}
  for key in pairs(require("ssl." .. name)) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  for _, key in ipairs(keys) do
    lab.say(name .. "." .. key, type(require("ssl." .. name)[key]))
  end
end
for _, name in ipairs({ "_VERSION", "_COPYRIGHT", "config", "loadcertificate", "newcontext",
    "wrap" }) do
  lab.say("ssl." .. name, type(ssl[name]))
end
for kind, names in pairs(ssl.config) do
  for name, value in pairs(names) do lab.say("config " .. kind .. " " .. name, value and true) end
end
local conn = lab.wrapped()
for name, method in pairs(getmetatable(conn).__index) do
  lab.say("method " .. name, type(method))
end
local core = require "ssl.core"
lab.say("no socket", core.SOCKET_INVALID)
local plain = assert(core.create(assert(ssl.newcontext(lab.client()))))
local sock = lab.sockets()
lab.say("setfd", core.setfd(plain, sock:getfd()))
sock:setfd(core.SOCKET_INVALID)
lab.say("info", core.info(plain))
lab.say("compression", core.compression(plain))
core.setmethod("hello", function(self) return self == plain end)
lab.say("new method", plain:hello())
plain:close()
