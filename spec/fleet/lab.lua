-- The fleet that run.lua tries: Redis, three instances, HAProxy before them, and clients.
-- All is on the loopback interface and in one folder, and goes with the lab.

local socket = require "socket"
local testing = require "ssl.testing"
local files = require "ssl.testing.files"
local uv = require "luv"

local Lab = {}
Lab.__index = Lab

local M = {}

local LUA = arg[-1]
local NAMES = { "one", "two", "three" }

--- Seconds on a clock that all processes share.
function M.now() return uv.hrtime() / 1e9 end

--- Runs the loop for some time.
function M.sleep(seconds)
  local over = false
  local timer = uv.new_timer()
  timer:start(math.ceil(seconds * 1000), 0, function()
    timer:close()
    over = true
  end)
  repeat uv.run("once") until over
end

--- Runs the loop until f() is true; raises after `seconds`.
function M.wait(what, f, seconds)
  local deadline = M.now() + (seconds or 20)
  while not f() do
    if M.now() > deadline then error("waited in vain for " .. what, 0) end
    M.sleep(0.02)
  end
end

--- Whether a program is installed.
function M.has(program)
  local pipe <close> = io.popen("command -v " .. program)
  return pipe:read("a") ~= ""
end

-- Ports that nobody has: all are open at once before any is given back.
local function free_ports(count)
  local held, ports = {}, {}
  for i = 1, count do
    held[i] = assert(socket.bind("127.0.0.1", 0))
    ports[i] = math.tointeger(tonumber((select(2, held[i]:getsockname()))))
  end
  for _, listener in ipairs(held) do listener:close() end
  return ports
end

function Lab:path(name) return self.folder.path .. "/" .. name end

function Lab:write(name, text)
  self.folder.files[self:path(name)] = true
  local file <close> = assert(io.open(self:path(name), "wb"))
  file:write(text)
end

-- Starts a program in a process group of its own.
function Lab:spawn(program, args, stdio)
  local process = { ended = false }
  process.handle, process.pid = uv.spawn(program, { args = args, detached = true,
    stdio = stdio or { 0, nil, self.log } }, function()
    process.ended = true
    process.handle:close()
  end)
  if not process.handle then error(program .. ": " .. tostring(process.pid), 0) end
  self.processes[#self.processes + 1] = process
  return process
end

--- Sends a signal ("sighup") to the process, or to its group: the workers, too.
function M.signal(process, name, group)
  uv.kill(group and -process.pid or process.pid, name)
end

-- Certificates, secrets, configurations -----------------------------------------

function Lab:new_certificate()
  local identity = self.ca:issue("localhost", "127.0.0.1")
  self:write("chain.pem", identity.chain.pem)
  self:write("key.pem", identity.key.pem)
end

local function secret()
  return (require("ssl").RAND_bytes(32):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

--- Writes the file of secrets: "old", "old new" or "new old".
function Lab:write_secrets(old, new)
  self.secrets = self.secrets or { secret(), secret() }
  local lines = {}
  for _, i in ipairs({ old, new }) do lines[#lines + 1] = self.secrets[i] end
  self:write("secrets", table.concat(lines, "\n") .. "\n")
end

local function configuration(self, i, options)
  return ([[return { name = %q, address = "127.0.0.1", port = %d, metrics = %d, workers = %d,
    certfile = %q, keyfile = %q, period = 43200, drain = 10, %s }]]):format(NAMES[i],
    self.ports[i], self.ports[i + 3], options.workers, self:path("chain.pem"),
    self:path("key.pem"), options.alone and "" or ("secretfile = %q, redis = { path = %q }")
    :format(self:path("secrets"), self:path("redis.sock")))
end

-- Parts ---------------------------------------------------------------------------

function Lab:start_redis()
  self.redis = self:spawn("redis-server", { "--port", "0", "--save", "", "--appendonly", "no",
    "--unixsocket", self:path("redis.sock") })
  M.wait("Redis", function()
    local unix = require("socket.unix")()
    local up = unix:connect(self:path("redis.sock"))
    unix:close()
    return up
  end)
end

--- Does an instance say that it is well?
function Lab:well(i)
  local tcp = socket.connect("127.0.0.1", self.ports[i + 3])
  if not tcp then return false end
  tcp:settimeout(1)
  tcp:send("GET /health HTTP/1.0\r\n\r\n")
  local line = tcp:receive("*l")
  tcp:close()
  return line ~= nil and line:find(" 200 ") ~= nil
end

--- The page of counters of an instance: name -> number.
function Lab:counters(i)
  local tcp = assert(socket.connect("127.0.0.1", self.ports[i + 3]))
  tcp:settimeout(5)
  tcp:send("GET /metrics HTTP/1.0\r\n\r\n")
  local page, counts = tcp:receive("*a"), {}
  tcp:close()
  for name, count in page:gmatch("\n([%w_]+){[^}]*} (%d+)") do counts[name] = tonumber(count) end
  return counts
end

function Lab:start_instance(i, options)
  self:write(NAMES[i] .. ".lua", configuration(self, i, options or { workers = 4 }))
  self.instances[i] = self:spawn(LUA, { "examples/fleet/master.lua",
    self:path(NAMES[i] .. ".lua") })
end

function Lab:start_haproxy()
  local file <close> = assert(io.open("examples/fleet/haproxy.cfg"))
  local text = file:read("a"):gsub("@([%w-]+)@", function(word)
    if word == "address" then return "127.0.0.1:" .. self.ports[7] end
    for i, name in ipairs(NAMES) do
      if word == name then return "127.0.0.1:" .. self.ports[i] end
      if word == name .. "-metrics" then return tostring(self.ports[i + 3]) end
    end
  end)
  self:write("haproxy.cfg", text)
  self.haproxy = self:spawn("haproxy", { "-db", "-f", self:path("haproxy.cfg") })
  M.wait("HAProxy", function()
    local tcp = socket.connect("127.0.0.1", self.ports[7])
    if tcp then tcp:close() end
    return tcp ~= nil
  end)
end

--- Prints what the programs have said.
function Lab:show_log()
  local file <close> = assert(io.open(self:path("log")))
  io.stderr:write(file:read("a"))
end

--- Starts clients (client.lua's arguments); `heard(line)` gets what they say.
function Lab:start_clients(kind, clients, connections, pause, port, heard)
  local pipe, buffer = uv.new_pipe(false), ""
  local process = self:spawn(LUA, { "spec/fleet/client.lua", kind, tostring(clients),
    tostring(connections), tostring(pause), "127.0.0.1", tostring(port), self:path("ca.pem") },
    { 0, pipe, self.log })  -- luv tells there of each connection that is reset
  pipe:read_start(function(_, data)
    if not data then
      process.silent = true
      pipe:close()
      return
    end
    buffer = buffer .. data
    local last = 0
    for line, at in buffer:gmatch("([^\n]*)\n()") do
      heard(line)
      last = at
    end
    buffer = last > 0 and buffer:sub(last) or buffer
  end)
  return process
end

--- CPU seconds that an instance's processes have used so far (Linux).
function Lab:cpu(i)
  local nanoseconds = 0
  local pipe <close> = io.popen("ps -o pid= -g " .. self.instances[i].pid)
  for pid in pipe:lines() do
    local file = io.open("/proc/" .. pid:match("%d+") .. "/schedstat")
    if file then
      nanoseconds = nanoseconds + file:read("n")
      file:close()
    end
  end
  return nanoseconds / 1e9
end

function M.new()
  local lab = setmetatable({ folder = files.folder(), ports = free_ports(7), processes = {},
    instances = {}, ca = testing.CA() }, Lab)
  lab.log = uv.fs_open(lab:path("log"), "w", 384)
  lab.folder.files[lab:path("log")] = true
  lab:write("ca.pem", lab.ca.cert.pem)
  lab:new_certificate()
  lab:write_secrets(1)
  return lab
end

--- Ends a process and its group, and waits for it.
function M.finish(process, signal)
  M.signal(process, signal or "sigterm", signal ~= nil)
  local ok = pcall(M.wait, "the end", function() return process.ended end, 15)
  if not ok then M.signal(process, "sigkill", true) end
end

function Lab:close()
  for _, process in ipairs(self.processes) do
    M.signal(process, "sigcont", true)
    M.signal(process, "sigkill", true)
  end
  pcall(M.wait, "the end", function()
    for _, process in ipairs(self.processes) do
      if not process.ended then return false end
    end
    return true
  end, 5)
  os.remove(self:path("redis.sock"))
  self.folder:close()
end

Lab.__close = Lab.close

return M
