-- What serve.c calls for each connection, in a coroutine of its own: answers HTTP
-- requests until the client has had enough. `now` tells seconds; files, sockets
-- and programs are out of this script's reach.

local SECONDS = 10      -- for a whole request, however slowly it comes
local LONGEST = 8192    -- bytes of a request's head

local answer = table.concat({ "HTTP/1.1 200 OK", "Content-Type: text/plain",
  "Content-Length: 16", "", "Hello over TLS.\n" }, "\r\n")

-- The head of the next request and what follows it; nil at the end.
local function read_head(conn, buffer)
  local deadline
  while true do
    local _, last = buffer:find("\r\n\r\n", 1, true)
    if last then
      if deadline then conn:settimeout(SECONDS) end
      return buffer:sub(1, last), buffer:sub(last + 1)
    elseif #buffer > LONGEST then
      return nil
    elseif buffer ~= "" then  -- it has begun
      deadline = deadline or now() + SECONDS  -- luacheck: ignore 113
      conn:settimeout(math.max(0.001, deadline - now()))  -- luacheck: ignore 113
    end
    local part = conn:recv(4096)
    if not part then return nil end
    buffer = buffer .. part
  end
end

return function(conn)
  local buffer, head = ""
  conn:do_handshake()
  repeat
    head, buffer = read_head(conn, buffer)
    if head then conn:sendall(answer) end
  until not head or head:find("^%S+ %S+ HTTP/1%.0") or head:find("\r\n[Cc]onnection: close", 1)
  conn:send_close_notify()
  conn:recv(1)  -- until the client closes: it has read the answer then
end
