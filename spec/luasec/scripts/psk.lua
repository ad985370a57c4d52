-- Keys that both sides have. LuaSec has them since 1.3.
local lab = ...
if not lab.ssl.config.capabilities.psk then
  return
end

local function try(name, client, server)
  local conn, peer = lab.wrapped(
    lab.client({ protocol = "tlsv1_2", psk = client, ciphers = "PSK+AES128" }),
    lab.server({ protocol = "tlsv1_2", psk = server, ciphers = "PSK+AES128" }))
  lab.say(name, (lab.handshake(conn, peer)), conn:info("key"))
  conn:close()
  peer:close()
end

local heard
local function client(hint) heard = hint return "me", "secret" end

try("both have it", client, function(identity) return identity == "me" and "secret" end)
lab.say("no hint", heard)
try("with a hint", client, { hint = "here", callback = function() return "secret" end })
lab.say("the hint", heard)
try("another key", client, function() return "other" end)
try("unknown", client, function() return nil end)
try("a client without", function() return nil end, function() return "secret" end)
try("too long", function(_, identity, key) return ("x"):rep(identity + 1), ("y"):rep(key) end,
  function() return "secret" end)
local most
try("the longest", function(_, identity, key)
  most = key
  return ("i"):rep(identity), ("k"):rep(key)
end, function(_, longest) return ("k"):rep(longest) end)
lab.say("longest key", most)
lab.say("a client's is a function", lab.ssl.newcontext(lab.client({ psk = {} })))
lab.say("a server's table", lab.ssl.newcontext(lab.server({ psk = { hint = "x" } })))
