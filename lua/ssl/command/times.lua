-- ssl/command/times.lua - times as people read them.
-- SPDX-License-Identifier: MIT

local M = {}

local DAY = 86400

--- A time (seconds since 1970) in UTC; "?" for none.
function M.written(time)
  return time and os.date("!%Y-%m-%d %H:%M UTC", time) or "?"
end

--- A day in UTC.
function M.day(time)
  return time and os.date("!%Y-%m-%d", time) or "?"
end

local function count(n, unit)
  return ("%d %s%s"):format(n, unit, n == 1 and "" or "s")
end

--- How long something takes: "3 days", "5 hours".
function M.span(seconds)
  seconds = math.abs(seconds)
  if seconds >= 2 * DAY then
    return count(seconds // DAY, "day")
  elseif seconds >= 7200 then
    return count(seconds // 3600, "hour")
  end
  return count(seconds // 60, "minute")
end

--- Whether a certificate or list is valid now: "good", "soon" (at its end), "early", "late";
--- and in words.
function M.validity(from, to, now)
  now = now or os.time()
  if not to then
    return "good", "without an end"
  elseif from and now < from then
    return "early", "not valid for another " .. M.span(from - now)
  elseif now > to then
    return "late", "ended " .. M.span(now - to) .. " ago"
  end
  return to - now < 14 * DAY and "soon" or "good", M.span(to - now) .. " left"
end

return M
