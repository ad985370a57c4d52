-- bench/quiet.lua - whether the machine is quiet enough to tell small differences, and
-- waiting until it is.

local M = {}

-- Half the range of what the plain C loop takes, in per cent of its median, above which
-- a row tells nothing of a few per cent.
M.MOST = 5

local PROBES, PAUSE = 7, 5

function M.median(values)
  local sorted = table.move(values, 1, #values, 1, {})
  table.sort(sorted)
  local middle = #sorted // 2
  if #sorted % 2 == 1 then return sorted[middle + 1] end
  return (sorted[middle] + sorted[middle + 1]) / 2
end

function M.spread(values)
  local half = (math.max(table.unpack(values)) - math.min(table.unpack(values))) / 2
  local m = M.median(values)
  return m == 0 and 0 or half / m * 100
end

local function probed(probe)
  local values = {}
  for i = 1, PROBES do values[i] = probe() end
  return M.spread(values)
end

-- Waits until `probe`, which gives the processor time of always the same work, gives
-- about the same several times; for `seconds` at most. Returns whether it did.
function M.wait(probe, seconds, sleep, say)
  local last = os.time() + seconds
  while true do
    local spread = probed(probe)
    if spread <= M.MOST then return true end
    if os.time() >= last then return false end
    say(("waiting for quiet: the plain C loop differs by %.0f %%"):format(spread))
    sleep(PAUSE)
  end
end

-- Says of which rows the numbers of plain C differ too much; nothing if of none.
function M.verdict(rows, results)
  local busy, measured = {}, 0
  for _, row in ipairs(rows) do
    local plain = results[row.name].plain
    if plain then
      measured = measured + 1
      if M.spread(plain) > M.MOST then busy[#busy + 1] = row.name end
    end
  end
  if #busy == 0 then return nil end
  return ("too busy to tell small differences: plain C differs by more than %d %% in %d of %d "
    .. "rows\n(%s)\nQUIET=600 waits for quiet before each row, for so many seconds at most")
    :format(M.MOST, #busy, measured, table.concat(busy, ", "))
end

return M
