--- A table of what `defaults` has, and of what `more` has instead or in addition.
return function(defaults, more)
  local all = {}
  for key, value in pairs(defaults) do all[key] = value end
  for key, value in pairs(more or {}) do all[key] = value end
  return all
end
