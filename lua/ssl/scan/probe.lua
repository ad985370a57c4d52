-- Asks a server one thing at a time, each on a new connection.

local _ssl = require "_ssl"
local answer = require "ssl.scan.answer"
local ciphers = require "ssl.scan.ciphers"
local hello = require "ssl.scan.hello"
local names = require "ssl.scan.names"

local Probe = {}
Probe.__index = Probe

-- How many ciphers a ClientHello offers at once: some servers take no more than 128.
local MANY = 100

local V13, V12 = names.version_code["TLSv1.3"], names.version_code["TLSv1.2"]

--- A probe of what `open` opens streams to. `options` has `host` (the name to ask for,
-- or nil), `timeout` (seconds for each connection) and `deadline` (seconds in all).
local function new(open, options)
  return setmetatable({
    open = open, host = options.host, timeout = options.timeout, clock = options.clock,
    ends = options.clock() + options.deadline, count = 0,
  }, Probe)
end

-- A stream to the server. A refused connection is tried once again, since a server
-- that takes few at a time may be behind. Raises OSError if there is none.
function Probe:connect()
  local left = self.ends - self.clock()
  if left <= 0 then
    error(_ssl.TimeoutError((_ssl._errornumber("Connection timed out")),
      ("the scan took longer than it may: %d probes are done"):format(self.count)), 0)
  end
  self.count = self.count + 1
  local stream, err = self.open()
  if not stream then
    stream, err = self.open()
  end
  if not stream then
    error(_ssl.OSError(("cannot connect to the server: %s"):format(err)), 0)
  end
  stream:patience(math.min(self.timeout, left))
  return stream
end

--- Sends bytes on a new connection. Returns the stream, and why they could not be
-- sent, or nil.
function Probe:send(bytes)
  local stream = self:connect()
  local _, err = stream:write(bytes)
  return stream, err
end

--- Sends a ClientHello and returns the answer: see `answer.read`. Before TLS 1.3 the
-- offer may leave out groups and signatures: then all are offered.
function Probe:ask(offer)
  offer.host = offer.host or self.host
  if offer.version >= V12 and not offer.bare then
    offer.signatures = offer.signatures or names.signatures.codes
  end
  if offer.version > names.version_code.SSLv3 and not offer.bare then
    offer.groups = offer.groups or names.groups.codes
  end
  local stream <close> = self:send(hello.encode(offer))
  return answer.read(function() return stream:read() end,
    { suite = ciphers.get, only_hello = offer.only_hello })
end

--- An offer of a version by its name, with these ciphers (all by default). In TLS 1.3
-- it has no key, so that the server asks for one: its HelloRetryRequest tells cipher
-- and group without any cryptography.
function Probe:offer(version, codes, fields)
  local offer = { ciphers = codes, only_hello = true }
  local number = names.version_code[version]
  if number == V13 then
    offer.version, offer.versions, offer.shares = V12, { V13 }, {}
    offer.ciphers = codes or ciphers.codes(true)
  else
    offer.version = number
    offer.ciphers = codes or ciphers.codes(false)
  end
  for name, value in pairs(fields or {}) do
    offer[name] = value
  end
  return offer
end

--- Whether an answer agrees to a version.
function Probe.accepted(result, version)
  return result.kind == "hello" and result.version == names.version_code[version]
end

-- Offers `codes`, takes out what the server chose, and offers the rest, until the
-- server refuses. `choose(codes)` returns the choice or nil. Returns the choices.
local function eliminate(codes, choose)
  local left, chosen = table.move(codes, 1, #codes, 1, {}), {}
  while #left > 0 do
    local choice = choose(left)
    local at
    for i, code in ipairs(left) do
      at = code == choice and i or at
    end
    if not at then
      break
    end
    chosen[#chosen + 1] = table.remove(left, at)
  end
  return chosen
end

--- All of `codes` that a server chooses, a part at a time. If they fit in one part,
-- they come in the server's order, if it has one.
function Probe.all(codes, choose)
  local chosen = {}
  for first = 1, #codes, MANY do
    local part = table.move(codes, first, math.min(first + MANY - 1, #codes), 1, {})
    for _, code in ipairs(eliminate(part, choose)) do
      chosen[#chosen + 1] = code
    end
  end
  return #codes > MANY and #chosen > 1 and eliminate(chosen, choose) or chosen
end

return { new = new, Probe = Probe }
