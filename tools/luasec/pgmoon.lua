-- Usage: pgmoon.lua PORT      queries of pgmoon's over TLS

local pgmoon = require "pgmoon"

local db = pgmoon.new({ host = "127.0.0.1", port = arg[1], user = "postgres", ssl = true,
  database = "postgres", ssl_required = true, socket_type = "luasocket" })
local connected, text = db:connect()
for _ = 1, 50 do  -- it listens before it answers
  if connected or not tostring(text):find("starting up") then break end
  require("socket").sleep(0.2)
  connected, text = db:connect()
end
assert(connected, text)
local rows = assert(db:query("select version, repeat('x', 100000) as long from pg_stat_ssl "
  .. "where pid = pg_backend_pid() and ssl"))
assert(#rows == 1 and #rows[1].long == 100000)
print(rows[1].version)
local many = assert(db:query("select generate_series(1, 5000) as n"))
assert(#many == 5000 and many[5000].n == 5000)
db:disconnect()
local file <close> = assert(io.open("said", "w"))
file:write(rows[1].version, "\n")
