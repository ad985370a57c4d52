-- What busted asks of lua-system, of LuaSocket.

local socket = require "socket"

return { gettime = socket.gettime, monotime = socket.gettime, sleep = socket.sleep }
