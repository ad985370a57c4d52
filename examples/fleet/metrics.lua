-- The counters of all workers of an instance as a page in Prometheus' text format.

local M = {}

-- What grows and shrinks; the rest of ssl.counters only grows.
local gauges = { contexts = true, connections = true }

local Metrics = {}
Metrics.__index = Metrics

function M.new(name)
  return setmetatable({ name = name, past = {}, present = {} }, Metrics)
end

-- A worker's report: "name=number name=number ...".
function Metrics:report(worker, line)
  local counts = {}
  for name, count in line:gmatch("([%w_]+)=(%d+)") do
    counts[name] = math.tointeger(tonumber(count))
  end
  self.present[worker] = counts
end

-- A worker has ended: what it has counted stays.
function Metrics:forget(worker)
  for name, count in pairs(self.present[worker] or {}) do
    if not gauges[name] then self.past[name] = (self.past[name] or 0) + count end
  end
  self.present[worker] = nil
end

function Metrics:totals()
  local totals = {}
  for name, count in pairs(self.past) do totals[name] = count end
  for _, counts in pairs(self.present) do
    for name, count in pairs(counts) do totals[name] = (totals[name] or 0) + count end
  end
  return totals
end

-- The page; `more` has gauges of the master's.
function Metrics:page(more)
  local lines, names, totals = {}, {}, self:totals()
  local function add(kind, name, count)
    lines[#lines + 1] = ("# TYPE %s %s\n%s{instance=%q} %d\n"):format(name, kind, name, self.name,
      count)
  end
  for name in pairs(totals) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local kind = gauges[name] and "gauge" or "counter"
    add(kind, "ssl_" .. name .. (gauges[name] and "" or "_total"), totals[name])
  end
  for _, entry in ipairs(more) do add("gauge", "fleet_" .. entry[1], entry[2]) end
  return table.concat(lines)
end

-- A worker's side: its report.
function M.line(counts)
  local parts = {}
  for name, count in pairs(counts) do parts[#parts + 1] = name .. "=" .. count end
  return table.concat(parts, " ")
end

return M
