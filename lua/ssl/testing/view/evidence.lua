-- The diagram in the message of an assertion that fails: what was said on the wire that
-- the assertion is about, as far as the kit knows it.

local socket = require "socket"
local recording = require "ssl.testing.view.recording"
local records = require "ssl.testing.view.records"

local evidence = {}

-- A point in time, to give to `since`.
function evidence.mark()
  return { moves = recording.moves(), time = socket.gettime() }
end

local function text_of(wire)
  return wire and #wire.entries > 0 and "\nWhat was said:\n\n" .. wire:draw() or ""
end

-- The diagram of a wire.
function evidence.of_wire(wire)
  return text_of(wire)
end

-- The diagram of a connection, "" if the kit does not watch it.
function evidence.of(conn)
  return text_of(type(conn) == "userdata" and recording.of[conn])
end

-- The newest wire of a server that has seen something since the mark.
local function from_servers(mark)
  local newest, time = nil, mark.time
  for one in pairs(records.open) do
    local wire = one:get()
    local last = wire and wire.entries[#wire.entries]
    if last and last.at >= time then
      newest, time = wire, last.at
    end
  end
  return newest
end

-- The diagram of the wire that saw the last of what happened since the mark; "" if no
-- wire saw anything.
function evidence.since(mark)
  local moves, wire = recording.moves()
  return text_of(moves > mark.moves and wire or from_servers(mark))
end

return evidence
