-- The common name in a subject or issuer, as `getpeercert` gives them; nil without one.

return function(name)
  for _, relative in ipairs(name or {}) do
    for _, attribute in ipairs(relative) do
      if attribute[1] == "commonName" then
        return attribute[2]
      end
    end
  end
end
