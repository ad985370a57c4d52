-- Reads the table of options of a function: an unknown name is an error, as
-- everywhere in `ssl`, so that a misspelt one never passes silently.

-- `known` maps each name to the type it must have ("any" for all).
return function(name, options, known)
  if options == nil then
    return {}
  elseif type(options) ~= "table" then
    error(("bad options for '%s' (table expected, got %s)"):format(name, type(options)), 3)
  end
  for key, value in pairs(options) do
    local wanted = known[key]
    if not wanted then
      error(("bad options for '%s' (unexpected keyword argument '%s')"):format(name,
        tostring(key)), 3)
    elseif wanted ~= "any" and not (" " .. wanted .. " "):find(" " .. type(value) .. " ", 1, true)
    then
      error(("bad value for '%s' (%s expected, got %s)"):format(key, wanted:gsub(" ", " or "),
        type(value)), 3)
    end
  end
  return options
end
