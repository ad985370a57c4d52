-- A wire as a capture in the format pcapng, with the secrets inside, so that Wireshark
-- opens it decrypted.

local low = require "_ssl_testing"
local read_options = require "ssl.testing.options"
local recording = require "ssl.testing.view.recording"

local Wire = recording.Wire

-- The two ends, which a wire in memory does not have: addresses for documentation
-- (RFC 5737), and the port that tells programs of TLS.
local ENDS <const> = {
  client = { address = "\192\0\2\1", port = 49152 },
  server = { address = "\192\0\2\2", port = 443 },
}
local OTHER <const> = { client = "server", server = "client" }

-- What one packet may carry.
local MOST <const> = 65000

local RAW_IP <const> = 101
local TLS_SECRETS <const> = 0x544C534B

local FIN <const>, SYN <const>, PUSH <const>, ACK <const> = 1, 2, 8, 16

-- A block of the file: its length stands at both of its ends.
local function block(kind, body)
  body = body .. ("\0"):rep(-#body % 4)
  return string.pack("<I4 I4", kind, #body + 12) .. body .. string.pack("<I4", #body + 12)
end

-- The checksum of the Internet (RFC 1071).
local function checksum(bytes)
  local sum = 0
  bytes = bytes .. ("\0"):rep(#bytes % 2)
  for at = 1, #bytes, 2 do
    sum = sum + string.unpack(">I2", bytes, at)
  end
  while sum > 0xFFFF do
    sum = (sum & 0xFFFF) + (sum >> 16)
  end
  return ~sum & 0xFFFF
end

-- A packet of TCP over IPv4 from a side.
local function packet(self, from, flags, data)
  local source, target = ENDS[from], ENDS[OTHER[from]]
  local function segment(sum)
    return string.pack(">I2 I2 I4 I4 I1 I1 I2 I2 I2", source.port, target.port,
      self.next[from] & 0xFFFFFFFF, flags & ACK ~= 0 and self.next[OTHER[from]] & 0xFFFFFFFF or 0,
      5 << 4, flags, 65535, sum, 0) .. data
  end
  local size = #segment(0)
  local pseudo = source.address .. target.address .. string.pack(">I1 I1 I2", 0, 6, size)
  local tcp = segment(checksum(pseudo .. segment(0)))
  local function header(sum)
    return string.pack(">I1 I1 I2 I2 I2 I1 I1 I2", 0x45, 0, 20 + size, self.count & 0xFFFF, 0x4000,
      64, 6, sum) .. source.address .. target.address
  end
  self.count = self.count + 1
  self.next[from] = self.next[from] + #data + (flags & (SYN | FIN) ~= 0 and 1 or 0)
  return header(checksum(header(0))) .. tcp
end

-- Adds a packet to the capture, sent at a time in seconds.
local function add(self, at, from, flags, data)
  local bytes = packet(self, from, flags, data or "")
  local time = math.floor(at * 1000000)
  self.out[#self.out + 1] = block(6, string.pack("<I4 I4 I4 I4 I4", 0, time >> 32,
    time & 0xFFFFFFFF, #bytes, #bytes) .. bytes)
end

local function add_data(self, at, from, bytes)
  for first = 1, #bytes, MOST do
    add(self, at, from, PUSH | ACK, bytes:sub(first, first + MOST - 1))
  end
end

-- The bytes of the file.
local function capture(wire, with_secrets)
  local self = { out = {}, count = 1, next = { client = 1000, server = 5000 } }
  self.out[1] = block(0x0A0D0D0A, string.pack("<I4 I2 I2 i8", 0x1A2B3C4D, 1, 0, -1))
  self.out[2] = block(1, string.pack("<I2 I2 I4", RAW_IP, 0, 0))
  local lines = with_secrets and wire.secrets:lines() or {}
  if #lines > 0 then
    local text = table.concat(lines, "\n") .. "\n"
    self.out[3] = block(10, string.pack("<I4 s4", TLS_SECRETS, text))
  end
  local first, last = wire.entries[1], wire.entries[#wire.entries]
  local start = first and first.at or 0
  add(self, start, "client", SYN)
  add(self, start, "server", SYN | ACK)
  add(self, start, "client", ACK)
  for _, entry in ipairs(wire.entries) do
    if entry.kind == "record" then
      add_data(self, entry.at, entry.from, entry.bytes)
    end
  end
  local stop = last and last.at or 0
  add(self, stop, "client", FIN | ACK)
  add(self, stop, "server", FIN | ACK)
  add(self, stop, "client", ACK)
  return table.concat(self.out)
end

--@ wire:pcap(file [, options])
-- Writes what was said as a capture (pcapng), which Wireshark and tshark open. The
-- secrets are inside, so they show it decrypted, without another file. The packets'
-- addresses and ports are made up; their times, order and contents are real. A record
-- that a tap changed is in the capture as it was sent.
--
-- Whoever can read the file can read the traffic: only its owner may read it.
-- - `file` (string): its path; a file of that name is replaced.
-- - `options` (table): `secrets` (boolean: whether they are inside; true by default).
-- Returns nothing. Raises `OSError` if the file cannot be written. The format is that
-- of the pcapng specification; the secrets are in its Decryption Secrets Block. Since:
-- an addition.
--
-- Type: fun(file: string, options?: { secrets?: boolean })
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pair:handshake()
--     local name = os.tmpname()
--     pair.wire:pcap(name)  -- then: wireshark NAME
--     os.remove(name)
function Wire:pcap(file, options)
  options = read_options("pcap", options, { secrets = "boolean" })
  if type(file) ~= "string" then
    error(("bad argument #1 to 'pcap' (string expected, got %s)"):format(type(file)), 2)
  end
  low.writefile(file, capture(self, options.secrets ~= false), true)
end
