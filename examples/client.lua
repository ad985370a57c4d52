-- A client in straight-line code. It knows no event loop: whoever runs it says who
-- waits. Usage: lua examples/any_loop.lua [blocking|copas|cqueues|luv|scheduler]

local socket = require "socket"
local ssl = require "ssl"

-- Sends the lines to an echo server and returns what comes back, line by line.
-- `waiter` is nil for a program that may block.
return function(host, port, cafile, waiter, lines)
  local ctx = ssl.create_default_context({ cafile = cafile })
  ctx.waiter = waiter

  local conn <close> = ctx:wrap_socket(socket.tcp4(), { server_hostname = host })
  conn:settimeout(10)
  conn:connect(host, port)

  local function answers()
    local text = ""
    return function()
      while not text:find("\n") do
        text = text .. (conn:recv(4096) or error("the server hung up"))
      end
      local line, rest = text:match("^(.-)\n(.*)$")
      text = rest
      return line
    end
  end

  conn:sendall(table.concat(lines, "\n") .. "\n")
  local got = {}
  for line in answers() do
    got[#got + 1] = line
    if #got == #lines then break end
  end
  conn:unwrap():close()
  return got
end
