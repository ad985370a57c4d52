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

--- Calls f(...). Returns true, and false with "prefix (about: reason)" if it raises; a
--- wrong argument stays an error.
function M.try(prefix, about, f, ...)
  local ok, err = pcall(f, ...)
  if ok then
    return true
  elseif type(err) == "string" and err:find("bad argument", 1, true) then
    error(err, 0)
  end
  local reason = M.reason(err)
  return false, ("%s (%s)"):format(prefix, about and about .. ": " .. reason or reason)
end

return M
