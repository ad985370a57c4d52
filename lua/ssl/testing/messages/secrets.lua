-- The secrets of connections, by the random of their ClientHello: for what stands on
-- the wire and decrypts. Bounded: the oldest connection is forgotten.

local MOST = 256

local Secrets = {}
Secrets.__index = Secrets

local function unhex(text)
  return (text:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local function new()
  return setmetatable({ known = {}, order = {} }, Secrets)
end

-- Keeps a line of a log of secrets, as `side` wrote it.
function Secrets:note(line, side)
  local label, random, secret = line:match("^([%w_]+) (%x+) (%x+)$")
  if not label then
    return
  end
  random = unhex(random)
  if not self.known[random] then
    self.known[random] = { client = {}, server = {}, lines = {} }
    self.order[#self.order + 1] = random
    if #self.order > MOST then
      self.known[table.remove(self.order, 1)] = nil
    end
  end
  local one = self.known[random]
  one[side][label] = unhex(secret)
  one.lines[line] = true
end

-- The secret of that label, as the side knows it, or else the other side.
function Secrets:find(random, label, side)
  local one = self.known[random]
  local other = side == "client" and "server" or "client"
  return one and (one[side][label] or one[other][label])
end

-- All lines, in order.
function Secrets:lines()
  local out = {}
  for _, one in pairs(self.known) do
    for line in pairs(one.lines) do
      out[#out + 1] = line
    end
  end
  table.sort(out)
  return out
end

-- `all` has those of every connection that the kit observes in this process.
return { new = new, all = new() }
