-- Usage: copas.lua clients|http     servers and clients of copas in one process

local copas = require "copas"
local socket = require "socket"

local certs = os.getenv("certs")
local server = { wrap = { mode = "server", protocol = "any", certificate = certs .. "/chain.pem",
  key = certs .. "/key.pem", options = { "all", "no_tlsv1" } } }
local client = { wrap = { mode = "client", protocol = "any", cafile = certs .. "/ca.pem",
  verify = "peer", options = "all" }, sni = { names = "localhost" } }

local listener = assert(socket.bind("127.0.0.1", 0))
local port = select(2, listener:getsockname())

copas.setErrorHandler(function(text, co, skt)
  print(copas.gettraceback(text, co, skt))
  os.exit(1)
end, true)

local tasks = {}

-- Lines to and fro, some of them longer than a record.
function tasks.clients()
  local left = 20
  copas.addserver(listener, copas.handler(function(skt)
    for line in function() return (skt:receive("*l")) end do
      skt:send(line .. "\n")
    end
  end, server))
  for i = 1, left do
    copas.addthread(function()
      local skt = copas.wrap(socket.tcp(), client)
      assert(skt:connect("127.0.0.1", port))
      for j = 1, 10 do
        local line = (i .. "/" .. j .. " "):rep(j * 500)
        assert(skt:send(line .. "\n"))
        assert(skt:receive("*l") == line)
      end
      skt:close()
      left = left - 1
      if left == 0 then
        print("all have been served")
        copas.removeserver(listener)
      end
    end)
  end
end

function tasks.http()
  copas.addserver(listener, copas.handler(function(skt)
    local first = skt:receive("*l")
    while skt:receive("*l") ~= "" do end
    local page = first:match("^GET (%S+)") .. ("x"):rep(100000)
    skt:send(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"):format(#page)
      .. page)
    skt:close()
  end, server))
  copas.addthread(function()
    local body, code = copas.http.request({ url = ("https://localhost:%s/page"):format(port),
      sslparams = { wrap = client.wrap }, sink = require("ltn12").sink.table({}) })
    assert(body == 1 and code == 200, code)
    local text, plain = copas.http.request(("https://localhost:%s/all"):format(port))
    print(#text, plain)
    copas.removeserver(listener)
  end)
end

tasks[arg[1]]()
copas.loop()
local file <close> = assert(io.open("said", "w"))
file:write("done\n")
