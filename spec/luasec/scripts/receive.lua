-- What receive gives, by pattern and prefix.
local lab = ...
local say, conn, peer = lab.say3, lab.pair()

peer:send("one line\r\nodd\rline\n\nlast part")
say("line", conn:receive())
say("line with a carriage return inside", conn:receive("*l"))
say("empty line", conn:receive("*l"))
say("bytes", conn:receive(4))
say("bytes after a prefix", conn:receive(5, "xxx"))
say("line that is not whole", (function() conn:settimeout(0) return conn:receive("*l") end)())
say("nothing left", conn:receive("*l"))
conn:settimeout(5)
peer:send("tail\n")
say("line with a prefix", conn:receive("*l", "head and "))
say("prefix as long as asked for", conn:receive(3, "abc"))
say("prefix longer than asked for", conn:receive(2, "abc"))
peer:send("12")
say("a number as a string", conn:receive("2"))
conn:settimeout(0)
say("no bytes, nothing there", conn:receive(0))
peer:send("x")
conn:settimeout(5)
say("no bytes, some there", conn:receive(0))
say("what was there", conn:receive(1))
say("time is up", (function() conn:settimeout(0.05) return conn:receive(3) end)())
peer:send("ab")
say("time is up amid bytes", conn:receive(3, "."))
say("time is up for all", conn:receive("*a", "so far "))
conn:settimeout(5)
lab.raises("another pattern", conn.receive, conn, "*x")
lab.raises("a negative number", conn.receive, conn, -1)
lab.raises("a table", conn.receive, conn, {})

local big = ("0123456789abcdef"):rep(20000)
local sent, done = 0, 0
conn:settimeout(0)
peer:settimeout(0)
local parts = {}
while done < #big do  -- both ends by turns: more than the system's buffers hold
  if sent < #big then
    local last, _, partial = peer:send(big, sent + 1)
    sent = last or partial
  end
  local data, _, partial = conn:receive(#big - done)
  data = data or partial
  parts[#parts + 1] = data
  done = done + #data
end
say("many records", table.concat(parts) == big)
conn:settimeout(5)
peer:settimeout(5)

peer:send("the rest")
peer:close()
say("all", conn:receive("*a"))
say("all at the end", conn:receive("*a"))
say("all at the end with a prefix", conn:receive("*a", "prefix"))
say("line at the end", conn:receive("*l"))
say("bytes at the end", conn:receive(10))
do
  local got, given = conn:getstats()  -- and an age
  say("statistics", got, given)
end
conn:close()

conn, peer = lab.pair()
peer:send("no line feed")
peer:close()
say("line before the end", conn:receive("*l"))
conn:close()
conn, peer = lab.pair()
peer:send("12345")
peer:close()
say("fewer bytes than asked for", conn:receive(10))
conn:close()
