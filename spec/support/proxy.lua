-- An HTTP proxy for a test, in a process of its own: it answers CONNECT.

local low = require "_ssl_testing"
local socket = require "socket"

local Proxy = {}
Proxy.__index = Proxy

local function read_head(conn)
  local lines = {}
  repeat
    local line = conn:receive("*l")
    lines[#lines + 1] = line
  until not line or line == ""
  return lines
end

-- Hands bytes on, both ways, until one side ends.
local function relay(one, other)
  one:settimeout(0)
  other:settimeout(0)
  local peer = { [one] = other, [other] = one }
  while true do
    for _, ready in ipairs((socket.select({ one, other }, nil, 10))) do
      local data, err, partial = ready:receive(65536)
      data = data or partial
      peer[ready]:settimeout(10)
      peer[ready]:send(data)
      peer[ready]:settimeout(0)
      if err == "closed" then return end
    end
  end
end

local function serve(conn, tell, answer)
  local head = read_head(conn)
  tell(table.concat(head, "\n") .. "\n")
  if answer then
    conn:send(answer)
  else
    local host, port = head[1]:match("^CONNECT %[?(.-)%]?:(%d+) HTTP/1%.1$")
    local target = assert(socket.connect(host, tonumber(port)))
    conn:send("HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n")
    relay(conn, target)
    target:close()
  end
  conn:close()
end

--- What the next client asked for, as lines.
function Proxy:request()
  local _, last
  repeat
    _, last = self.rest:find("\n\n", 1, true)
    if not last then self.rest = self.rest .. assert(self.process:read(10000)) end
  until last
  local head = self.rest:sub(1, last)
  self.rest = self.rest:sub(last + 1)
  return head
end

function Proxy:__close()
  self.process:close()
end

--- Starts one; with `answer` (bytes) it answers each request so. The object has `host` and
--- `port`, `request()`, and is to be closed.
local function start(answer)
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  local process = low.fork(function(tell)
    while true do
      serve(assert(listener:accept()), tell, answer)
    end
  end, listener:getfd())
  listener:close()
  return setmetatable({ host = "127.0.0.1", port = math.tointeger(tonumber(port)),
    process = process, rest = "" }, Proxy)
end

return start
