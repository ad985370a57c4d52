-- A server that speaks the protocol of Redis or of memcached as far as session stores do,
-- or breaks it in one of several ways. It runs in tasks of ssl.waiter's scheduler.

local socket = require "socket"
local waiter = require "ssl.waiter"

local scheduler = waiter.scheduler

local M = {}

local Fake = {}
Fake.__index = Fake

-- The words of a command of Redis's; nil at the end of the connection.
local function read_redis(conn)
  local head = conn:receive("*l")
  if not head then return nil end
  local words = {}
  for i = 1, tonumber(head:match("^%*(%d+)$")) do
    local size = tonumber(conn:receive("*l"):match("^%$(%d+)$"))
    words[i] = conn:receive(size)
    conn:receive(2)
  end
  return words
end

local redis = {}

function redis.GET(values, key)
  local value = values[key]
  return value and ("$%d\r\n%s\r\n"):format(#value, value) or "$-1\r\n"
end

function redis.SET(values, key, value, ex, seconds)
  assert(ex == "EX" and tonumber(seconds) > 0)
  values[key] = value
  return "+OK\r\n"
end

function redis.DEL(values, key)
  values[key] = nil
  return ":1\r\n"
end

function redis.PING() return "+PONG\r\n" end
function redis.AUTH() return "+OK\r\n" end
redis.SELECT = redis.AUTH

local function read_memcached(conn)
  local line = conn:receive("*l")
  if not line then return nil end
  local words = {}
  for word in line:gmatch("%S+") do words[#words + 1] = word end
  if words[1] == "set" then
    words[6] = conn:receive(tonumber(words[5]))
    conn:receive(2)
  end
  return words
end

local memcached = {}

function memcached.get(values, key)
  local value = values[key]
  return (value and ("VALUE %s 0 %d\r\n%s\r\n"):format(key, #value, value) or "") .. "END\r\n"
end

function memcached.set(values, key, flags, seconds, size, value)
  assert(flags == "0" and tonumber(seconds) > 0 and #value == tonumber(size))
  values[key] = value
  return "STORED\r\n"
end

function memcached.version() return "VERSION 1\r\n" end

function memcached.delete(values, key)
  values[key] = nil
  return "DELETED\r\n"
end

local protocols = { redis = { redis, read_redis }, memcached = { memcached, read_memcached } }

function Fake:serve(conn)
  local commands, read = table.unpack(protocols[self.protocol])
  self.connections = self.connections + 1
  for words in read, conn do
    self.log[#self.log + 1] = words[1]
    self.words = words
    local answer = commands[words[1]](self.values, table.unpack(words, 2))
    if self.answer then answer = self.answer(words[1], answer) end
    if answer == nil then break end
    if conn.sendall then conn:sendall(answer) else conn:send(answer) end
  end
  conn:close()
end

-- An SSLSocket with the methods that `serve` uses of a LuaSocket object.
local function reader(secure)
  local buffer, self = "", {}
  function self.receive(_, what)
    while true do
      local data, rest
      if what == "*l" then
        data, rest = buffer:match("^(.-)\r?\n(.*)$")
      elseif #buffer >= what then
        data, rest = buffer:sub(1, what), buffer:sub(what + 1)
      end
      if data then
        buffer = rest
        return data
      end
      local more = secure:recv(4096)
      if not more then return nil end
      buffer = buffer .. more
    end
  end
  function self.sendall(_, data) secure:sendall(data) end
  function self.close() end
  return self
end

--- A server of the protocol "redis" or "memcached". Its fields: `port`; `values`, what it
--- has; `log`, the commands that it got, and `words`, the last of them; `connections`, their
--- number so far; `answer(command, answer)`, which may be set, gives another answer, or nil to
--- hang up. `ctx` is a context for TLS. `fake:close()` ends it.
function M.new(protocol, ctx)
  local listener = waiter.plain(assert(socket.bind("127.0.0.1", 0)), scheduler.wait)
  local fake = setmetatable({ protocol = protocol, values = {}, log = {}, connections = 0,
    tasks = {}, listener = listener, port = math.tointeger(tonumber((select(2,
      listener:getsockname())))) }, Fake)
  fake.tasks[1] = scheduler.spawn(function()
    while true do
      local conn = listener:accept()
      if not conn then return end
      fake.tasks[#fake.tasks + 1] = scheduler.spawn(function()
        if ctx then
          pcall(function()  -- a client may refuse it
            local secure <close> = ctx:wrap_socket(conn, { server_side = true })
            fake:serve(reader(secure))
          end)
        else
          local _ <close> = conn
          fake:serve(conn)
        end
      end)
    end
  end)
  return fake
end

function Fake:close()
  for _, task in ipairs(self.tasks) do coroutine.close(task) end
  self.listener:close()
end

--- Runs f as a task beside the servers, which end with it; raises what it raises.
function M.run(f, ...)
  local over, ok, err = false, nil, nil
  local args = table.pack(...)
  scheduler.spawn(function()
    ok, err = xpcall(f, debug.traceback, table.unpack(args, 1, args.n))
    over = true
  end)
  scheduler.run(function() return over end)
  if not ok then error(err, 0) end
end

return M
