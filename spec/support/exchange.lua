-- A handshake, a request, an answer and the orderly end over a wire that may be
-- hostile, and what each side made of it.

local ssl = require "ssl"
local testing = require "ssl.testing"

local M = {}

M.request, M.answer = ("request "):rep(5), ("answer "):rep(7)

local function handshake(side) side.object:do_handshake() end

local function write(side) side.object:write(side.says) end

-- Until all has come that is expected, and no more.
local function read(side)
  repeat
    local data = side.object:read(#side.expects - #side.data + 1)
    side.data = side.data .. (data or "")
    side.closed = data == nil
  until side.closed or #side.data >= #side.expects
end

local function read_end(side)
  local data = side.object:read()
  side.data, side.closed = side.data .. (data or ""), data == nil
end

local function unwrap(side)
  side.object:unwrap()
  side.closed = true
end

local actions = {
  client = { handshake, write, read, unwrap },
  server = { handshake, read, write, read_end, unwrap },
}

-- Does what a side has to do until it lacks bytes, has failed, or is done.
local function go_on(side)
  while side.todo[side.at] and not side.error do
    local ok, err = pcall(side.todo[side.at], side)
    if ok then
      side.at = side.at + 1
    elseif ssl.isinstance(err, ssl.SSLWantReadError) then
      return
    else
      side.error = err
    end
  end
  side.done = not side.error
end

--- Runs it all. Gives the two sides, tables of `data` (what it received), `error`
-- (nil for none), `done` (all went well), `closed` (saw a close_notify), and the
-- pair. A side left waiting at the end gets the end of the stream.
function M.run(client, server, tap)
  local pair = testing.pair({
    client = client, server = server, server_hostname = "localhost", tap = tap,
  })
  local sides = {}
  for name, todo in pairs(actions) do
    sides[name] = { object = pair[name], todo = todo, at = 1, data = "" }
  end
  sides.client.says, sides.client.expects = M.request, M.answer
  sides.server.says, sides.server.expects = M.answer, M.request
  local function step(name) go_on(sides[name]) end
  pair:run(step)
  sides.client.waits = not (sides.client.done or sides.client.error)
  sides.server.waits = not (sides.server.done or sides.server.error)
  if sides.client.waits then pair:cut("client") end
  if sides.server.waits then pair:cut("server") end
  pair:run(step)
  return sides, pair
end

--- What must hold whatever the wire does: what arrives is a beginning of what was
-- sent; whoever is not done has an error of TLS; an end that is taken for a
-- proper one is one.
function M.check(sides, what)
  for name, side in pairs(sides) do
    local about = ("%s, %s: %s"):format(what, name, tostring(side.error))
    assert(side.expects:sub(1, #side.data) == side.data, about .. ": received " .. side.data)
    assert(side.done or ssl.isinstance(side.error, ssl.SSLError), about)
    assert(not side.closed or side.data == side.expects, about .. ": a false end")
  end
end

--- The steps of a walk over every byte: HOSTILE=all makes it every one.
M.stride = os.getenv("HOSTILE") == "all" and 1 or 5

--- A tap for the byte at `offset` (from 0) of what `from` sends:
-- change(record, n) is asked what to deliver for its record, in which it is the
-- byte n (from 1).
function M.at(from, offset, change)
  local before = 0
  return function(record)
    if record.from ~= from then return nil end
    local n = offset - before + 1
    before = before + #record.bytes
    if n >= 1 and n <= #record.bytes then return change(record, n) end
  end
end

--- How many bytes each side sends when nothing goes wrong.
function M.sizes(client, server)
  local sides, pair = M.run(client, server)
  assert(sides.client.done and sides.server.done)
  local sizes = { client = 0, server = 0 }
  for _, record in ipairs(pair.records) do
    sizes[record.from] = sizes[record.from] + #record.bytes
  end
  return sizes, pair.records
end

return M
