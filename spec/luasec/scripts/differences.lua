-- Where this module means to do otherwise: compat_spec.lua has the reasons.
local lab = ...
local socket = require "socket"
local ssl, say = lab.ssl, lab.say

-- The peer's socket goes, and nobody has said that this is the end. LuaSec would close
-- its descriptor, which is another's by then, once more if it were collected.
local kept = {}
for _, pattern in ipairs({ "*a", "*l", 100 }) do
  local conn, peer = lab.pair()
  peer:send("the whole page")
  local plain = socket.tcp()
  plain:setfd(peer:getfd())
  plain:close()
  kept[#kept + 1] = peer
  lab.say3("no close_notify: " .. pattern, conn:receive(pattern))
end

say("a group that is no curve", ssl.newcontext(lab.client({ curve = "X25519" })) ~= nil)
say("PEM in place of a file", (function()
  local file <close> = assert(io.open(lab.file("ca.pem")))
  return ssl.newcontext(lab.client({ cafile = file:read("a") })) ~= nil
end)())
say("a file that is not there", (select(2, ssl.newcontext(lab.client({ cafile = "/nowhere" })))))
say("no mode that there is", ssl.newcontext(lab.client({ mode = "weird" })) ~= nil)

local asked = 0
assert(ssl.newcontext(lab.server({ dhparam = function() asked = asked + 1 end })))
say("dhparam is asked by newcontext", asked)

do
  local file <close> = assert(io.open(lab.file("ed.pem")))
  say("another kind of key", (select(2, ssl.loadcertificate(file:read("a")):pubkey())))
end

-- What a callback raises comes out of dohandshake; what is said after that.
do
  local conn, peer = lab.wrapped(lab.client({ alpn = "a" }),
    lab.server({ alpn = function() error("thrown", 0) end }))
  say("a callback raises", pcall(lab.handshake, conn, peer))
  local ok
  for _ = 1, 3 do ok = peer:dohandshake() end
  say("the handshake after that", ok)
end

do
  local conn, peer = lab.wrapped(lab.client({ verify = "peer", cafile = lab.file("stranger.pem") }))
  lab.handshake(conn, peer)
  say("refused", select("#", conn:dohandshake()))
  say("why", conn:getpeerverification())
end
os.exit(#kept == 3, false)
