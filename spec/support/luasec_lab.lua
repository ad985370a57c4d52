-- Usage: lua5.4 spec/support/luasec_lab.lua TOPIC FOLDER
-- Runs spec/luasec/scripts/TOPIC.lua on whichever `ssl` is found, LuaSec's or ours, and
-- prints what it says: a line for each thing tried, its name and values after tabs. FOLDER
-- has certificates: ca.pem, chain.pem, key.pem, encrypted.pem ("secret"), other.pem,
-- otherkey.pem, stranger.pem, strangerkey.pem.

local socket = require "socket"
local ssl = require "ssl"

local topic, folder = ...
local lab = { ssl = ssl, folder = folder }

local function show(value)
  if type(value) == "number" then
    return ("%d"):format(math.tointeger(value) or math.floor(value + 0.5))
  elseif type(value) == "string" then
    return (("%q"):format(value):gsub("\\\n", "\\n"):gsub("\t", "\\t"))
  elseif type(value) == "userdata" then
    return (tostring(value):gsub(": 0x%x+", ""))
  end
  return tostring(value)
end

--- Prints a name and values; of the results of receive and send only the first three, as
--- the seconds after them differ each time.
function lab.say(name, ...)
  local values = table.pack(...)
  for i = 1, values.n do values[i] = show(values[i]) end
  print(name .. "\t" .. table.concat(values, "\t", 1, values.n))
end

function lab.say3(name, a, b, c) lab.say(name, a, b, c) end

--- Whether a call raises, and nothing of the text, which has positions.
function lab.raises(name, f, ...) lab.say(name, (pcall(f, ...))) end

local function with(defaults, more)
  for key, value in pairs(more or {}) do defaults[key] = value end
  return defaults
end

function lab.file(name) return folder .. "/" .. name end

function lab.client(more)
  return with({ mode = "client", protocol = "any", verify = "none" }, more)
end

function lab.server(more)
  return with({ mode = "server", protocol = "any", certificate = lab.file("chain.pem"),
    key = lab.file("key.pem") }, more)
end

--- Two connected sockets.
function lab.sockets()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  local one = assert(socket.connect("127.0.0.1", port))
  local other = assert(listener:accept())
  listener:close()
  one:setoption("tcp-nodelay", true)
  other:setoption("tcp-nodelay", true)
  return one, other
end

function lab.wrapped(client, server)
  local one, other = lab.sockets()
  return assert(ssl.wrap(one, client or lab.client())),
    assert(ssl.wrap(other, server or lab.server()))
end

--- Steps both sides; true, or false and what each side says, the client first.
function lab.handshake(client, server)
  local texts, ended = {}, {}
  client:settimeout(0)
  server:settimeout(0)
  for _ = 1, 1000 do
    for i, conn in ipairs({ client, server }) do
      if not ended[i] then
        local ok, text = conn:dohandshake()
        texts[i] = ok and "done" or text
        ended[i] = text ~= "wantread" and text ~= "wantwrite"
      end
    end
    if ended[1] and ended[2] then break end
  end
  client:settimeout(5)
  server:settimeout(5)
  return texts[1] == "done" and texts[2] == "done", texts[1], texts[2]
end

function lab.pair(client, server)
  local one, other = lab.wrapped(client, server)
  assert(lab.handshake(one, other))
  return one, other
end

--- The keys of a table, sorted.
function lab.keys(t)
  local list = {}
  for key in pairs(t) do list[#list + 1] = tostring(key) end
  table.sort(list)
  return table.concat(list, " ")
end

assert(loadfile(("spec/luasec/scripts/%s.lua"):format(topic)))(lab)
