-- A connection before its handshake, after it, and after close.
local lab = ...
local say = lab.say
local conn, peer = lab.wrapped()

local function ask(when, c)
  lab.say3(when .. ": receive", c:receive())
  lab.say3(when .. ": receive with a prefix", c:receive("*a", "prefix"))
  lab.say3(when .. ": send", c:send("x"))
  for _, name in ipairs({ "info", "getpeercertificate", "getpeerchain", "getpeerverification",
      "getfinished", "getpeerfinished", "dirty", "want", "settimeout" }) do
    say(when .. ": " .. name, c[name](c))
  end
  say(when .. ": exportkeyingmaterial", c:exportkeyingmaterial("label", 16))
  say(when .. ": setstats", c:setstats(0, 0, 0))
  say(when .. ": getfd", c:getfd() > 2)
  say(when .. ": shown as", (tostring(c):gsub("0x%x+", "")))
end

ask("before", conn)
say("before: getsniname", conn:getsniname())
say("before: getalpn", conn:getalpn())
say("first step", (function() conn:settimeout(0) return conn:dohandshake() end)())
say("wants", conn:want())
assert(lab.handshake(conn, peer))
say("handshake once more", conn:dohandshake())
say("__index is a table", type(getmetatable(conn).__index))
say("methods", type(getmetatable(conn).__index.receive), type(conn.receive))
say("a timeout of a kind", conn:settimeout(5, "t"), conn:settimeout(5, "r"), conn:settimeout(-1),
  conn:settimeout(nil))
lab.raises("a timeout of no kind", conn.settimeout, conn, 5, "x")
lab.raises("a timeout that is no number", conn.settimeout, conn, "soon")
conn:close()
conn:close()
ask("after", conn)
say("after: handshake of the other", peer:dohandshake())
peer:close()

-- The socket given is empty from then on.
local one, other = lab.sockets()
local wrapped = lab.ssl.wrap(one, lab.client())
say("the socket given", one:getfd(), wrapped:getfd() > 2)
wrapped:close()
say("what the other end sees", other:receive())
other:close()

do
  local c, p = lab.pair()
  do local closed <close> = c end  -- luacheck: ignore
  say("to be closed", (tostring(c):find("closed", 1, true)) ~= nil)
  p:settimeout(5)
  lab.say3("the peer is told", p:receive())
  p:close()
end
