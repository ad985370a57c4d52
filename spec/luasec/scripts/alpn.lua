-- The protocol above TLS.
local lab = ...

local function try(name, client, server)
  local conn, peer = lab.wrapped(lab.client({ alpn = client }), lab.server({ alpn = server }))
  local ok = lab.handshake(conn, peer)
  lab.say(name, ok, conn:getalpn(), peer:getalpn())
  conn:close()
  peer:close()
end

try("nobody asks")
try("a string", "h2", { "h2" })
try("the server's order", { "http/1.1", "h2" }, { "h2", "http/1.1" })
try("nothing in common", { "a" }, { "b" })
try("only the client", { "a" })
try("only the server", nil, { "b" })
try("a function with a string", { "a", "b" }, function() return "b" end)
try("a function with an array", { "a", "b" }, function(list) return { list[2], list[1] } end)
try("a function with nothing", { "a" }, function() return nil end)
try("a function with an empty name", { "a" }, function() return "" end)
try("a function that another was not offered", { "a" }, function() return "c" end)
try("the last of the list", { "a" }, function(list) return list[#list] end)
