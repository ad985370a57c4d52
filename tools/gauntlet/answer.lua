-- For the clients in Lua whose libraries know nothing of HTTP: whether an answer is
-- whole.

return function(text)
  local head, body = (text or ""):match("^(.-\r\n\r\n)(.*)$")
  assert(head, "there is no answer")
  local length = tonumber(head:match("Content%-Length: (%d+)"))
  assert(not length or length == #body, "the answer is cut short")
  print(body)
end
