-- Names that clients ask for, and contexts by names.
local lab = ...
local say, ssl = lab.say, lab.ssl

local first = assert(ssl.newcontext(lab.server()))
local second = assert(ssl.newcontext(lab.server({ certificate = lab.file("other.pem"),
  key = lab.file("otherkey.pem") })))

local function try(name, asked, strict)
  local conn, peer = lab.wrapped(nil, first)
  if asked then conn:sni(asked) end
  peer:sni({ ["one.test"] = first, ["two.test"] = second }, strict)
  local ok, text = lab.handshake(conn, peer)
  say(name, ok, text)
  say(name .. ": server", peer:getsniname())
  if ok then
    say(name .. ": shown", conn:getpeercertificate():subject()[1].value)
  end
  conn:close()
  peer:close()
end

try("no name")
try("first", "one.test")
try("second", "two.test")
try("unknown", "three.test")
try("unknown, strictly", "three.test", true)
try("known, strictly", "two.test", true)
local conn, peer = lab.wrapped()
say("results", conn:sni("x.test"))
lab.raises("no string", conn.sni, conn)
lab.raises("no table", peer.sni, peer, "x.test")
lab.raises("no contexts", peer.sni, peer, { ["x.test"] = 5 })
