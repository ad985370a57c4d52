-- Usage: make bench-host [ROUNDS=3] [SECONDS=3]
-- What one thread serves, and what a request costs it: a plain loop in C, a script in
-- examples/host/serve.c, and nginx with its Lua module, by turns, with wrk and
-- `openssl s_time` as clients. Needs wrk, nginx and libnginx-mod-http-lua. Prints a
-- table of the calmest rounds: processor time of the server per request.

local testing = require "ssl.testing"
local process = require "support.process"

local rounds, seconds = tonumber(arg[1]) or 3, tonumber(arg[2]) or 3
local build = os.getenv("LSSL_BUILD") or "build"

local function shell(...)
  local text = process.shell(...)
  return text
end

local identity = testing.CA():issue("localhost", "127.0.0.1")
local files = identity:files()
local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir " .. folder))

local function write(name, text)
  local file <close> = assert(io.open(name, "w"))
  file:write(text)
end

local function read(name)
  local file <close> = assert(io.open(name))
  return file:read("a")
end

local function start_nginx()
  local modules = "/usr/lib/nginx/modules"
  local port = tostring(20000 + tonumber(shell("echo $$")) % 20000)
  write(folder .. "/chain.pem", identity.chain.pem)
  write(folder .. "/key.pem", identity.key.pem)
  local text = read("bench/host/nginx.conf"):gsub("FOLDER", folder):gsub("PORT", port)
  write(folder .. "/nginx.conf", (text:gsub("MODULES", modules)))
  local server = process.start({ "nginx", "-e", folder .. "/error.log", "-c",
    folder .. "/nginx.conf" })
  repeat until shell("curl -sk https://127.0.0.1:%s/", port):find("Hello")
  return server, port
end

local servers = {
  { name = "plain C", start = function()
    local server = process.start({ build .. "/bench/host/plain", files.chain, files.key })
    return server, server:expect("^port (%d+)$")
  end },
  { name = "serve.c and a script", start = function()
    local server = process.start({ build .. "/host/serve", "examples/host/hello.lua", files.chain,
      files.key, "0", "1" })
    return server, server:expect("^port (%d+)$")
  end },
  { name = "nginx with Lua", start = start_nginx },
}

-- Processor time of a process, in seconds.
local function spent(pid)
  local fields = read(("/proc/%d/stat"):format(pid)):match("%) (.*)$")
  local list = {}
  for field in fields:gmatch("%S+") do list[#list + 1] = field end
  return (list[12] + list[13]) / 100
end

-- The connections that s_time makes, one after the other, a request each. (wrk, whose
-- connections do not end together, resumes sessions by itself.)
local function s_time(how, port)
  return shell("openssl s_time -connect 127.0.0.1:%s %s -www / -time %d", port, how, seconds)
    :match("(%d+) connections in %d+ real seconds, %d+ bytes read per connection%s*$")
end

-- {name =, run = function(port) -> number of requests}
local loads = {
  { name = "kept connections", run = function(port)
    return shell("wrk -t1 -c16 -d%ds https://127.0.0.1:%s/", seconds, port)
      :match("(%d+) requests in")
  end },
  { name = "new handshakes", run = function(port) return s_time("-new", port) end },
  { name = "resumed handshakes", run = function(port) return s_time("-reuse", port) end },
}

for _, server in ipairs(servers) do
  server.process, server.port = server.start()
  server.best = {}
end
for _ = 1, rounds do
  for i, load in ipairs(loads) do
    for _, server in ipairs(servers) do
      local before = spent(server.process.pid)
      local requests = tonumber(load.run(server.port) or 0)
      local cost = (spent(server.process.pid) - before) / requests * 1e6
      local best = server.best[i]
      if requests > 0 and (not best or cost < best.cost) then
        server.best[i] = { cost = cost, rate = requests / seconds }
      end
    end
  end
end

for i, load in ipairs(loads) do
  print(load.name)
  for _, server in ipairs(servers) do
    local best, plain = server.best[i], servers[1].best[i]
    print(("  %-22s %8.1f us a request  x%.2f  %7.0f a second"):format(server.name, best.cost,
      best.cost / plain.cost, best.rate))
  end
end
for _, server in ipairs(servers) do server.process:stop() end
files:close()
os.execute("rm -rf " .. folder)
