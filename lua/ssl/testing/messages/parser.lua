-- Cuts what one side sends into records, as taps get them.

local names = require "ssl.testing.messages.names"

local parser = {}

local type_names = names.content.name

-- Of a record's header: TLS's, and DTLS's (RFC 6347, 4.1).
local TLS_HEADER, DTLS_HEADER <const> = 5, 13

-- One datagram: what its first record is, and all its bytes.
local function new_datagram(self, bytes)
  self.count = self.count + 1
  local record = { from = self.from, n = self.count, bytes = bytes, datagram = true }
  local kind = bytes:byte()
  if type_names[kind] and #bytes >= DTLS_HEADER then
    record.type, record.type_name = kind, type_names[kind]
    record.version, record.epoch, record.sequence, record.length =
      string.unpack(">I2I2I6I2", bytes, 2)
    record.payload = bytes:sub(DTLS_HEADER + 1, DTLS_HEADER + record.length)
  else
    record.type_name, record.length, record.payload = "unknown", #bytes, bytes
  end
  return record
end

-- Tells what datagrams one side sends are; they are never cut.
local Datagrams = {}
Datagrams.__index = Datagrams

function parser.datagrams(from)
  return setmetatable({ from = from, count = 0 }, Datagrams)
end

function Datagrams:feed(bytes)
  return { new_datagram(self, bytes) }
end

-- Cuts what one side sends into records. Bytes that are none (of a side that
-- does not speak TLS) are one piece, whose `type` is nil.
local Parser = {}
Parser.__index = Parser

function parser.stream(from)
  return setmetatable({ from = from, rest = "", count = 0 }, Parser)
end

local function new_record(self, bytes)
  self.count = self.count + 1
  local record = { from = self.from, n = self.count, bytes = bytes }
  local kind = bytes:byte()
  if type_names[kind] and #bytes >= TLS_HEADER then
    record.type, record.type_name = kind, type_names[kind]
    record.version, record.length = string.unpack(">I2I2", bytes, 2)
    record.payload = bytes:sub(TLS_HEADER + 1)
  else
    record.type_name, record.length, record.payload = "unknown", #bytes, bytes
  end
  return record
end

-- Takes bytes in; returns the array of the records that are now complete.
function Parser:feed(bytes)
  self.rest = self.rest .. bytes
  local records, at = {}, 1
  while at <= #self.rest do
    local size
    if not type_names[self.rest:byte(at)] then
      size = #self.rest - at + 1
    elseif #self.rest - at + 1 < TLS_HEADER then
      break
    else
      size = TLS_HEADER + string.unpack(">I2", self.rest, at + 3)
    end
    if at + size - 1 > #self.rest then
      break
    end
    records[#records + 1] = new_record(self, self.rest:sub(at, at + size - 1))
    at = at + size
  end
  self.rest = self.rest:sub(at)
  return records
end

return parser
