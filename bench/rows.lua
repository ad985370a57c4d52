-- bench/rows.lua - what is measured: how each row is run, and what its number is.

local AES128, AES256 = "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"
local MB = 1e6
local BULK = 128 * 1024 * 1024

local rows = {}

-- A row: `task`, `size` and `count` for the peer; `partner` is the other end's
-- task (nil: it needs none), with the certificate `cert`; `value` makes the
-- number and its unit of what was measured (`cpu` and `wall` seconds, `n` things,
-- bytes of `garbage` each). Rows with the same task and size share one run.
-- With `more`, more is better; what is the same each time is measured `once` a round.
local function row(name, fields)
  fields.name = name
  fields.cipher = fields.cipher or AES128
  fields.cert = fields.cert or "ecdsa"
  rows[#rows + 1] = fields
end

local function seconds_per_gb(r) return r.cpu / r.n * 1e9, "s/GB" end
local function microseconds(r) return r.cpu / r.n * 1e6, "us" end
local function nanoseconds(r) return r.cpu / r.n * 1e9, "ns" end
local function milliseconds(r) return r.cpu / r.n * 1e3, "ms" end
local function mb_per_second(r) return r.n / MB / r.wall, "MB/s" end
local function mb_per_cpu_second(r) return r.n / MB / r.cpu, "MB/s" end
local function garbage(r) return r.garbage, "B" end
local function kib(r) return r.n / 1024, "KiB" end

local function bulk(name, k, cipher)
  local size = k * 1024
  local count = BULK // size
  row("receive " .. name, { task = "receive", size = size, count = count, cipher = cipher,
    partner = "source", value = seconds_per_gb })
  row("recv_into " .. name, { task = "into", size = size, count = count, cipher = cipher,
    partner = "source", value = seconds_per_gb })
  row("send " .. name, { task = "send", size = size, count = count, cipher = cipher,
    partner = "sink", value = seconds_per_gb })
  row("send rate " .. name, { task = "send", size = size, count = count, cipher = cipher,
    partner = "sink", value = mb_per_second, more = true })
end

bulk("16K", 16, AES128)
bulk("64K", 64, AES128)
bulk("256K", 256, AES128)
bulk("aes256 16K", 16, AES256)

-- What LuaSec's API has besides.
row("lines of 80", { task = "lines", size = 80, count = 400000, partner = "lines",
  partner_size = 16000, value = nanoseconds })
row("receive all of 1M", { task = "all", size = 1024 * 1024, count = 60, partner = "bursts",
  value = seconds_per_gb })

row("ping-pong 64", { task = "pingpong", size = 64, count = 6000, partner = "echo",
  value = microseconds })
row("recv(64)", { task = "small", size = 64, count = 1000, partner = "source",
  partner_size = 16384, value = nanoseconds })
row("recv(64) garbage", { task = "small", size = 64, count = 1000, partner = "source",
  partner_size = 16384, value = garbage })
row("recv_into(64)", { task = "smallinto", size = 64, count = 1000, partner = "source",
  partner_size = 16384, value = nanoseconds })
row("recv_into(64) garbage", { task = "smallinto", size = 64, count = 1000, partner = "source",
  partner_size = 16384, value = garbage })
row("want-error", { task = "want", size = 64, count = 40000, partner = "echo",
  value = nanoseconds })
row("want-error garbage", { task = "want", size = 64, count = 40000, partner = "echo",
  value = garbage })

row("want-error in memory", { task = "wantmemory", size = 64, count = 150000,
  value = nanoseconds })

for _, cert in ipairs({ "ecdsa", "rsa" }) do
  row("handshake client " .. cert, { task = "connects", size = 1, count = 400, cert = cert,
    extra = 1, partner = "greet", value = microseconds })
end
for _, cert in ipairs({ "ecdsa", "rsa" }) do
  row("handshake server " .. cert, { task = "accepts", size = 1, count = 400, cert = cert,
    extra = 1, partner = "dial", value = microseconds })
end
row("handshake resumed", { task = "resumes", size = 1, count = 400, extra = 1,
  partner = "greet", value = microseconds })
row("handshake in memory", { task = "pairs", size = 1, count = 400, value = microseconds })
row("memory 16K", { task = "memory", size = 16384, count = 12000, cipher = AES256,
  value = mb_per_cpu_second, more = true })
row("memory 16K into", { task = "memoryinto", size = 16384, count = 12000, cipher = AES256,
  value = mb_per_cpu_second, more = true })

row("idle after 64", { task = "idle", size = 64, count = 400, extra = 20,
  once = true, partner = "hold", value = kib })
row("idle after 64K", { task = "idle", size = 65536, count = 400, extra = 20,
  once = true, partner = "hold", value = kib })

row("idle server after 64", { task = "idleserver", size = 64, count = 400, extra = 20,
  once = true, partner = "stay", value = kib })
row("idle server after 64K", { task = "idleserver", size = 65536, count = 400, extra = 20,
  once = true, partner = "stay", value = kib })

row("getpeercert", { task = "peercert", size = 1, count = 2000, partner = "echo",
  value = microseconds })
row("first default context", { task = "contexts", size = 0, count = 1, value = milliseconds })
row("later default context", { task = "contexts", size = 1, count = 20, value = milliseconds })

-- Those that the chart shows.
for _, r in ipairs(rows) do
  for _, name in ipairs({ "receive 16K", "recv_into 16K", "send 64K", "ping-pong 64",
    "handshake client ecdsa", "handshake resumed", "handshake in memory",
    "idle server after 64" }) do
    r.chart = r.chart or r.name == name
  end
end

return rows
