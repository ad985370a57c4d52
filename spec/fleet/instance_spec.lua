local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local process = require "support.process"
local system = require "support.system"

-- An instance of examples/fleet/ with two workers: its folder, its ports and its process.
local function start()
  local identity = testing.CA():issue("localhost")
  local files = identity:files()
  local folder = require("ssl.testing.files").folder()
  local secrets = folder:write({ secrets = ("0123456789abcdef"):rep(3) .. "\n" }).secrets
  local config = folder:write({ ["config.lua"] = ([[return { name = "spec", address = "127.0.0.1",
    port = 0, metrics = 0, workers = 2, certfile = %q, keyfile = %q, secretfile = %q, drain = 5,
    grace = 0 }]]):format(files.chain, files.key, secrets) })["config.lua"]
  local master = process.start({ process.lua, "examples/fleet/master.lua", config })
  local port, page = master:expect("^port (%d+), counters on port (%d+)$")
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  identity:root():configure_trust(ctx)
  return setmetatable({ master = master, port = port, page = page, ctx = ctx, files = files,
    folder = folder }, { __close = function()
      master:stop()
      files:close()
      folder:close()
    end })
end

-- What a connection says, and its session.
local function visit(instance, session)
  local tcp = assert(socket.connect("127.0.0.1", instance.port))
  local conn <close> = instance.ctx:wrap_socket(tcp, { server_hostname = "localhost",
    session = session, timeout = 10 })
  conn:sendall("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
  local text = ""
  repeat
    local part = conn:recv(4096)
    text = text .. (part or "")
  until not part
  return text:match("worker=(%d+)"), conn.session_reused, conn.session
end

local function fetch(instance, path)
  local tcp = assert(socket.connect("127.0.0.1", instance.page))
  tcp:settimeout(10)
  tcp:send(("GET %s HTTP/1.0\r\n\r\n"):format(path))
  local page = tcp:receive("*a")
  tcp:close()
  return page
end

local function count(instance, name)
  return tonumber(fetch(instance, "/metrics"):match("\n" .. name .. "{[^}]*} (%d+)"))
end

-- Waits, by asking the master, until f() is true.
local function wait_until(f)
  for _ = 1, 1000 do
    if f() then return end
    socket.sleep(0.01)
  end
  error("waited in vain", 2)
end

describe("An instance of the fleet", function()
  local missing = system.windows and "no processes" or not pcall(require, "luv") and "no luv"

  it("serves, resumes in any worker, replaces its workers, and ends", function()
    if missing then return pending(missing) end
    local instance <close> = start()
    wait_until(function() return count(instance, "fleet_workers") == 2 end)
    assert.matches("200 OK", fetch(instance, "/health"), 1, true)
    assert.matches("404", fetch(instance, "/x"), 1, true)
    local first, reused, session = visit(instance)
    assert.is_false(reused)
    local seen = { [first] = true }
    wait_until(function()
      local worker
      worker, reused, session = visit(instance, session)
      assert.is_true(reused)
      seen[worker] = true
      local n = 0
      for _ in pairs(seen) do n = n + 1 end
      return n == 2
    end)
    -- One that dies is replaced.
    os.execute("kill -9 " .. first)
    wait_until(function()
      return count(instance, "fleet_restarts") == 1 and count(instance, "fleet_workers") == 2
    end)
    -- All are replaced, and the new ones resume what the old ones began.
    os.execute("kill -HUP " .. instance.master.pid)
    wait_until(function()
      return count(instance, "fleet_reloads") == 1 and count(instance, "fleet_workers_current") == 2
    end)
    wait_until(function()
      local worker
      worker, reused, session = visit(instance, session)
      assert.is_true(reused)
      return not seen[worker]
    end)
    wait_until(function() return count(instance, "ssl_resumptions_total") >= 2 end)
    os.execute("kill -TERM " .. instance.master.pid)
    wait_until(function() return socket.connect("127.0.0.1", instance.page) == nil end)
  end)
end)
