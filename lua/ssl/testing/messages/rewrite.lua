-- Changes the messages of a handshake on their way: opens each record with the secrets
-- that the kit has seen, and seals what the test makes of it with the same key.

local handshake = require "ssl.testing.messages.handshake"
local names = require "ssl.testing.messages.names"
local opener = require "ssl.testing.messages.opener"
local secrets = require "ssl.testing.messages.secrets"

-- How much one record may hold.
local MOST <const> = 16384

local function new_state()
  return {
    opener = opener.new(function(...) return secrets.all:find(...) end),
    sides = { client = {}, server = {} },
  }
end

-- The messages, or bytes, to deliver for one.
local function result_of(message, change)
  local result = change(message)
  if result == nil then
    return { message }
  elseif result == false then
    return {}
  elseif type(result) == "string" or type(result) == "table" and result.name then
    return { result }
  elseif type(result) == "table" then
    return result
  end
  error(("bad return value from a change of messages (table, string or false expected, got %s)")
    :format(type(result)), 0)
end

-- The bytes of a record's messages as the test wants them.
local function changed_bytes(state, content, matches, change)
  local out = {}
  for _, message in ipairs(content.messages) do
    for _, one in ipairs(matches(message) and result_of(message, change) or { message.bytes }) do
      out[#out + 1] = type(one) == "string" and one
        or handshake.serialise(one, state.opener.context)
    end
  end
  return table.concat(out)
end

-- The key to seal with, which goes on where the records before have left it.
local function sealer(side, key)
  if not side.key or side.key.key ~= key.key then
    side.key = key:copy()
  end
  return side.key
end

-- Records with this content, sealed as the one that they stand for was.
local function write(side, content, record, bytes)
  local out = {}
  for at = 1, #bytes, MOST do
    local piece = bytes:sub(at, at + MOST - 1)
    if content.key then
      piece = sealer(side, content.key):seal(content.type, piece, record.version)
    else
      piece = string.pack(">I1I2s2", record.type, record.version, piece)
    end
    out[#out + 1] = piece
  end
  out.held = side.held  -- for whoever tells what became of the record
  return out
end

-- What to deliver for a record; nil: the record as it is.
local function rewrite(state, record, matches, change)
  local content, side = state.opener:record(record), state.sides[record.from]
  if not content.type then
    return nil
  end
  local bytes, held = content.content, side.held
  if content.type == names.content.number.handshake then
    bytes = changed_bytes(state, content, matches, change)
    side.held = content.partial
  end
  if bytes == content.content and not held and not side.changed then
    if content.key then
      sealer(side, content.key).sequence = content.key.sequence + 1
    end
    return nil
  end
  if content.key then
    side.changed = true  -- from here on the numbers of the records differ
    sealer(side, content.key)
  end
  return write(side, content, record, bytes)
end

-- A tap that calls `change` for the messages of which `matches` is true.
return function(matches, change)
  local states = setmetatable({}, { __mode = "k" })
  return function(record)
    local connection = record.connection or states
    if record.from == "client" and record.n == 1 or not states[connection] then
      states[connection] = new_state()
    end
    return rewrite(states[connection], record, matches, change)
  end
end
