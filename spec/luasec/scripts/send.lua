-- What send gives, by its indices.
local lab = ...
local say, conn, peer = lab.say3, lab.pair()

say("all", conn:send("hello"))
say("part", conn:send("hello", 2, 3))
say("from the end", conn:send("hello", -3, -2))
say("beyond the end", conn:send("hello", 2, 100))
say("before the start", conn:send("hello", -100, 2))
say("nothing between", conn:send("hello", 4, 2))
say("after the end", conn:send("hello", 10))
say("an empty string", conn:send(""))
say("a number", conn:send(123))
lab.raises("a table", conn.send, conn, {})
lab.raises("nothing at all", conn.send, conn)
say("what came", peer:receive(5 + 2 + 2 + 4 + 2 + 3))

conn:settimeout(0)
local ok, text, last = conn:send(("x"):rep(20000000))
say("more than goes", ok, text, last > 0 and last < 20000000)
lab.say("what it wants", conn:want())
peer:close()
conn:close()

conn, peer = lab.pair()
peer:close()
conn:send("first")
local refused
for _ = 1, 100 do  -- until the system has noticed
  ok, refused = conn:send("again")
  if not ok then break end
end
say("to nobody", ok, refused)
conn:close()
say("after close", conn:send("x"))
say("nothing after close", conn:send(""))
