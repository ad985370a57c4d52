--- All that a file has.
return function(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read("a")
end
