-- ssl/luasec/wire.lua - lists of protocols for ALPN, as arrays and as they are sent.
-- SPDX-License-Identifier: MIT

local M = {}

--- The wire's form of an array of names; or nil and what is wrong with it.
function M.pack(names)
  local parts = {}
  for i, name in ipairs(names) do
    if type(name) ~= "string" then
      return nil, "invalid ALPN name (not a string)"
    elseif name == "" then
      return nil, "invalid ALPN name (empty string)"
    elseif #name > 255 then
      return nil, "invalid ALPN name (length > 255)"
    end
    parts[i] = ("s1"):pack(name)
  end
  if #parts == 0 then
    return nil, "invalid ALPN list (empty)"
  end
  return table.concat(parts)
end

--- The array of what is in a list that is well formed, as OpenSSL has checked.
function M.unpack(list)
  local names, at = {}, 1
  while at <= #list do
    names[#names + 1], at = ("s1"):unpack(list, at)
  end
  return names
end

return M
