-- ssl/luasec/problem.lua - what went wrong, as LuaSec's functions tell it: a text in
-- place of an error.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"

local M = {}

--- The reason that an error tells, without codes and positions.
function M.reason(err)
  if _ssl.isinstance(err, _ssl.Error) then
    err = err.strerror or err.message
  end
  return (tostring(err):gsub("^%[[%w_: ]+%] ", ""))
end

--- Calls f(...). Returns true, and false with "prefix (about: reason)" if it raises one of
--- our errors. A wrong argument stays an error, and so does what a callback raises.
function M.try(prefix, about, f, ...)
  local ok, err = pcall(f, ...)
  if ok then
    return true
  elseif not _ssl.isinstance(err, _ssl.Error) then
    error(err, 0)
  end
  local reason = M.reason(err)
  return false, ("%s (%s)"):format(prefix, about and about .. ": " .. reason or reason)
end

return M
