-- What the clients of the fleet have said, and what it amounts to.

local M = {}

local Report = {}
Report.__index = Report

function M.new()
  return setmetatable({ good = {}, failed = {} }, Report)
end

--- Takes one line of client.lua's, from clients of that kind.
function Report:add(line, kind)
  local start, length, offered, resumed, instance, worker =
    line:match("^ok (%S+) (%S+) (%d) (%d) (%S+) (%d+)$")
  if start then
    self.good[#self.good + 1] = { start = tonumber(start), length = tonumber(length),
      kind = kind,
      offered = offered == "1", resumed = resumed == "1", instance = instance, worker = worker }
    return
  end
  start, length, line = line:match("^failed (%S+) (%S+) (.*)$")
  if start then
    self.failed[#self.failed + 1] = { start = tonumber(start), length = tonumber(length),
      problem = line }
  end
end

function Report:count() return #self.good + #self.failed end

--- The share of the connections with a session to offer, begun from `from` to `till`, that
--- resumed it; and their number. `kind` chooses one of client.lua's.
function Report:resumed(from, till, kind)
  local offered, resumed = 0, 0
  for _, one in ipairs(self.good) do
    if one.offered and (not kind or one.kind == kind) and one.start >= (from or 0)
        and one.start < (till or math.huge) then
      offered = offered + 1
      if one.resumed then resumed = resumed + 1 end
    end
  end
  return offered > 0 and resumed / offered or 0, offered
end

--- The 99th percentile of the handshakes, in seconds; their median, and their number.
function Report:p99(from, till)
  local lengths = {}
  for _, one in ipairs(self.good) do
    if one.start >= (from or 0) and one.start < (till or math.huge) then
      lengths[#lengths + 1] = one.length
    end
  end
  table.sort(lengths)
  return lengths[math.max(1, math.ceil(#lengths * 0.99))] or 0,
    lengths[math.max(1, math.ceil(#lengths * 0.5))] or 0, #lengths
end

--- The failures that began from `from` to `till`, as an array.
function Report:failures(from, till)
  local list = {}
  for _, one in ipairs(self.failed) do
    if one.start >= (from or 0) and one.start < (till or math.huge) then list[#list + 1] = one end
  end
  return list
end

--- How many connections each instance had, as text.
function Report:spread()
  local counts, list = {}, {}
  for _, one in ipairs(self.good) do counts[one.instance] = (counts[one.instance] or 0) + 1 end
  for name, count in pairs(counts) do list[#list + 1] = name .. " " .. count end
  table.sort(list)
  return table.concat(list, ", ")
end

return M
