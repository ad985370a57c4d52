-- Usage: luasocket.lua page|redirect|sink|lines|refused     LuaSocket's http, `pages_url`

local http = require "socket.http"
local ltn12 = require "ltn12"

local url = os.getenv("pages_url")
local tasks = {}

function tasks.page()
  local body, code, headers, status = http.request(url .. "/page")
  assert(body == "a page\n" and code == 200 and headers["content-length"] == "7", code)
  print(status)
end

function tasks.redirect()
  local body, code = http.request(url .. "/moved/page")
  assert(body == "a page\n" and code == 200, code)
end

function tasks.sink()
  local parts = {}
  local one, code = http.request({ url = url .. "/page", sink = ltn12.sink.table(parts),
    headers = { TE = "trailers" } })
  assert(one == 1 and code == 200 and table.concat(parts) == "a page\n", code)
end

function tasks.lines()
  local create = require("ssl.https").tcp({ mode = "client", protocol = "any", verify = "none",
    options = "all" })
  local conn = create()
  assert(conn:connect("localhost", tonumber(url:match(":(%d+)"))))
  assert(conn:send("GET /page HTTP/1.0\r\n\r\n"))
  assert(conn:receive("*l"):find(" 200 OK"))
  repeat local line = assert(conn:receive()) until line == ""
  local all, _, part = conn:receive("*a")  -- Python ends without close_notify
  assert((all or part) == "a page\n")
  conn:close()
end

function tasks.refused()
  local body, text = http.request(url .. "/page")
  print(body, text)
  assert(body == nil)
end

tasks[arg[1]]()
