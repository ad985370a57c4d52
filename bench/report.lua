-- bench/report.lua - the results as a table, as JSON and as a chart.

local M = {}

local quiet = dofile((arg[0]:match("^(.*/)") or "./") .. "quiet.lua")
local median, spread = quiet.median, quiet.spread

-- The median of the ratios to plain C of the same round; nil without plain C.
local function ratio(entry, name)
  local ratios = {}
  for i, value in ipairs(entry[name]) do
    local plain = entry.plain and entry.plain[i]
    if plain and plain ~= 0 then ratios[#ratios + 1] = value / plain end
  end
  return #ratios > 0 and median(ratios) or nil
end

local function number(x)
  if x == 0 then return "0" end
  local digits = math.max(0, 2 - math.floor(math.log(math.abs(x), 10)))
  return ("%." .. digits .. "f"):format(x)
end

function M.text(rows, peers, results)
  print("median, spread of half the range, and x the ratio to plain C in the same round\n")
  for _, row in ipairs(rows) do
    local entry = results[row.name]
    print(("%s (%s, %s is better)"):format(row.name, entry.unit or "not measured",
      row.more and "more" or "less"))
    for _, peer in ipairs(peers) do
      local values = entry[peer.name]
      if values then
        local times = ratio(entry, peer.name)
        print(("  %-21s %9s  +-%3.0f%%  %s"):format(peer.title, number(median(values)),
          spread(values), times and ("x%.2f"):format(times) or ""))
      end
    end
  end
  local verdict = quiet.verdict(rows, results)
  if verdict then print("\n" .. verdict) end
end

local function quote(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

function M.json(path, rows, peers, results)
  local lines = {}
  for _, row in ipairs(rows) do
    local entry, parts = results[row.name], {}
    for _, peer in ipairs(peers) do
      local values = entry[peer.name]
      if values then
        local texts = {}
        for i, value in ipairs(values) do texts[i] = ("%.6g"):format(value) end
        parts[#parts + 1] = ("%s: {\"values\": [%s], \"median\": %.6g, \"ratio\": %s}"):format(
          quote(peer.name), table.concat(texts, ", "), median(values),
          ratio(entry, peer.name) and ("%.4f"):format(ratio(entry, peer.name)) or "null")
      end
    end
    lines[#lines + 1] = ("  {\"row\": %s, \"unit\": %s, \"more\": %s, \"peers\": {%s}}"):format(
      quote(row.name), quote(entry.unit or ""), tostring(row.more or false),
      table.concat(parts, ", "))
  end
  local file <close> = assert(io.open(path, "w"))
  file:write("[\n", table.concat(lines, ",\n"), "\n]\n")
end

-- The chart: bars of the ratio to plain C, where shorter is better.

local COLOURS = { plain = "#999", tuned = "#bbb", ours = "#00007f", luasec = "#d98f4e",
  luaossl = "#5aa469", dropin = "#6f6fd0", cpython = "#c9b037" }
local BAR, GAP, LEFT, SCALE, LIMIT = 9, 12, 150, 220, 2.2

-- How much worse than plain C; below 1 is better.
local function cost(row, entry, name)
  local times = entry[name] and ratio(entry, name)
  if times and times > 0 and row.more then times = 1 / times end
  return times
end

local function bar(y, name, times)
  local width = math.min(times, LIMIT) * SCALE
  return (('<rect x="%d" y="%d" width="%.0f" height="%d" fill="%s"/>'
    .. '<text x="%.0f" y="%d">%s</text>'):format(LEFT, y, width, BAR - 1, COLOURS[name],
    LEFT + width + 4, y + 8, ("%.2f"):format(times)))
end

local function legend(peers)
  local parts, x = {}, LEFT
  for _, peer in ipairs(peers) do
    parts[#parts + 1] = ('<rect x="%d" y="8" width="9" height="9" fill="%s"/>'
      .. '<text x="%d" y="16">%s</text>'):format(x, COLOURS[peer.name], x + 12, peer.title)
    x = x + 24 + 6 * #peer.title
  end
  return table.concat(parts)
end

-- Only rows that say so.
function M.svg(path, rows, peers, results)
  local parts, y = { legend(peers) }, 30
  for _, row in ipairs(rows) do
    local entry, first = results[row.name], y
    for _, peer in ipairs(peers) do
      local times = row.chart and cost(row, entry, peer.name)
      if times and times > 0 then
        parts[#parts + 1] = bar(y, peer.name, times)
        y = y + BAR
      end
    end
    if y > first then
      parts[#parts + 1] = ('<text x="%d" y="%d" text-anchor="end">%s</text>'):format(LEFT - 6,
        (first + y) // 2 + 4, row.name)
      y = y + GAP
    end
  end
  local one = LEFT + SCALE
  parts[#parts + 1] = ('<line x1="%d" x2="%d" y1="24" y2="%d" stroke="#333"/>'):format(one, one, y)
  local file <close> = assert(io.open(path, "w"))
  file:write(('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '):format(
    LEFT + math.ceil(LIMIT * SCALE) + 40, y + 10),
    'font-family="sans-serif" font-size="10"><rect width="100%" height="100%" fill="#fff"/>',
    table.concat(parts, "\n"), "</svg>\n")
end

return M
