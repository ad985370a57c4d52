-- As much of HTTP/1.1 as a test's server needs: one request, one answer.

local http = {}

-- Reads a request from `conn`: its method, path, headers (names in lower case)
-- and body; nil if the client closed before it was whole.
function http.read_request(conn)
  local text = ""
  local function more()
    local data = conn:recv(16384)
    text = text .. (data or "")
    return data
  end
  local head_end
  repeat
    head_end = select(2, text:find("\r\n\r\n", 1, true))
  until head_end or not more()
  if not head_end then
    return nil
  end
  local request = { headers = {} }
  request.method, request.path = text:match("^(%S+) (%S+)")
  for name, value in text:sub(1, head_end):gmatch("\r\n([^:\r\n]+):%s*([^\r\n]*)") do
    request.headers[name:lower()] = value
  end
  local size = math.tointeger(tonumber(request.headers["content-length"] or "0")) or 0
  while #text < head_end + size and more() do end
  request.body = text:sub(head_end + 1, head_end + size)
  return request
end

local reasons = {
  [200] = "OK", [204] = "No Content", [301] = "Moved Permanently", [302] = "Found",
  [400] = "Bad Request", [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found",
  [500] = "Internal Server Error", [503] = "Service Unavailable",
}

-- The bytes of an answer: a string is the body of a good one.
function http.format_answer(answer)
  if type(answer) ~= "table" then
    answer = { body = tostring(answer) }
  end
  local status, body = answer.status or 200, answer.body or ""
  local lines = { ("HTTP/1.1 %d %s"):format(status, reasons[status] or "Status") }
  local headers = { ["Content-Type"] = "text/plain; charset=utf-8", Connection = "close",
    ["Content-Length"] = #body }
  for name, value in pairs(answer.headers or {}) do
    headers[name] = value
  end
  for name, value in pairs(headers) do
    lines[#lines + 1] = ("%s: %s"):format(name, value)
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
end

-- A server's handler that answers by path: with a string, a table of `status`,
-- `headers` and `body`, or what a function of the request returns.
function http.handler(routes)
  return function(conn)
    local request = http.read_request(conn)
    if not request then
      return nil
    end
    local answer = routes[request.path] or routes[request.path:match("^[^?]*")]
    if type(answer) == "function" then
      answer = answer(request, conn)
    end
    conn:sendall(http.format_answer(answer or { status = 404, body = "not found\n" }))
    return request.method .. " " .. request.path
  end
end

return http
