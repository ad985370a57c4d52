-- ssl/command/serve.lua - lua-ssl serve: the files of a folder over HTTPS.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local http = require "ssl.command.http"
local options = require "ssl.command.options"
local socket = require "socket"
local ssl = require "ssl"
local terminal = require "ssl.command.terminal"
local waiter = require "ssl.waiter"

local scheduler = waiter.scheduler

local M = {
  name = "serve",
  summary = "serve the files of a folder over HTTPS",
  arguments = "[FOLDER]",
  text = {
    "Serves the files of a folder (the current one by default) over HTTPS, to many clients at "
      .. "once. Without --cert it makes a certificate for localhost on the spot, and tells how "
      .. "clients can trust it. It serves what is below the folder alone, and no file or folder "
      .. "whose name begins with a dot; symbolic links are followed. It lists no folders.",
    "Each request becomes a line on standard output.",
  },
  options = {
    { name = "port", value = "PORT", number = true, default = 8443, help = "where to listen" },
    { name = "any-port", help = "listen on a port that is free, and tell which" },
    { name = "address", value = "ADDRESS", default = "127.0.0.1",
      help = "the address to listen on; * for all, so that other computers can connect" },
    { name = "cert", value = "FILE", help = "the certificate (PEM, with its chain)" },
    { name = "key", value = "FILE", help = "the private key of --cert, if it is not in the same "
      .. "file" },
    { name = "names", value = "LIST", default = "localhost,127.0.0.1,::1",
      help = "what the certificate made on the spot is for, separated by commas" },
    { name = "ca-out", value = "FILE", help = "write the authority of the certificate made on the "
      .. "spot to this file" },
    { name = "quiet", help = "print no lines for requests" },
    options.COLOUR,
  },
}

function M.check(values)
  if values[2] then
    return ("'%s' is not expected"):format(values[2])
  elseif values.key and not values.cert then
    return "--key needs --cert"
  elseif values.cert and values["ca-out"] then
    return "--ca-out is for a certificate made on the spot"
  elseif values.port > 65535 or values.port ~= math.floor(values.port) then
    return "--port needs a number up to 65535"
  end
end

-- Makes a certificate for the context. The authority's goes into a file, named.
local function make_certificate(ctx, values)
  local ca = require("ssl.testing.authority").CA({ organization = "lua-ssl serve" })
  local names = {}
  for name in values.names:gmatch("[^,%s]+") do names[#names + 1] = name end
  ca:issue(table.unpack(names)):configure_cert(ctx)
  local path = values["ca-out"] or os.tmpname()
  local file, text = io.open(path, "wb")
  if not file then error(ssl.OSError("cannot write " .. text)) end
  file:write(ca.cert.pem)
  file:close()
  return path, not values["ca-out"]
end

-- The file that a request means: it, its size and its path; or nil.
local function open(folder, target)
  local path = http.path(target)
  local name = path and folder .. "/" .. path
  if not name or _ssl._filetype(name) ~= "file" then  -- a pipe would keep everybody waiting
    return nil
  end
  local file = io.open(name, "rb")
  return file, file and file:seek("end"), path
end

-- Answers one request: the status, and what it was.
local function respond(conn, folder)
  local method, target = http.read_request(conn)
  if not method then
    if target then conn:sendall(http.answer(target)) end
    return target, "-"
  end
  conn:settimeout(60)
  local what = method .. " " .. target
  local file <close>, size, path = open(folder, target)
  if not file then
    conn:sendall(http.answer(404))
    return 404, what
  end
  conn:sendall(http.head(200, size, http.type_of(path)))
  if method == "GET" and size > 0 then conn:sendfile(file, 0, size) end
  return 200, what
end

local function converse(ctx, sock, folder)
  sock:settimeout(10)
  local conn <close> = ctx:wrap_socket(sock, { server_side = true })
  local status, what = respond(conn, folder)
  conn:settimeout(5)
  local ok, plain = pcall(conn.unwrap, conn)  -- many clients hang up without a word
  if ok then plain:close() end
  return status, what
end

local COLOURS = { [200] = "green", [404] = "yellow" }

local function log(screen, values, peer, ok, status, what)
  if not ok then
    status, what = "failed", type(status) == "table" and status.message or tostring(status)
  end
  if status and not values.quiet then
    screen:line("%s %s %s", peer, screen:paint(COLOURS[status] or "red", status), what)
    screen:flush()
  end
end

-- Accepts clients for ever, a task for each.
local function accept(listener, ctx, folder, tell)
  while true do
    local sock = listener:accept()
    if sock then
      scheduler.spawn(function()
        local peer = sock:getpeername() or "?"
        tell(peer, pcall(converse, ctx, sock, folder))
      end)
    else
      scheduler.sleep(0.1)  -- too many descriptors: some will be free again
    end
  end
end

local function listen(values)
  local port = values["any-port"] and 0 or math.floor(values.port)
  local listener, text = socket.bind(values.address, port, 128)
  if not listener then
    error(ssl.OSError(("cannot listen on %s port %d: %s"):format(values.address, port, text)))
  end
  return waiter.plain(listener, scheduler.wait), math.floor(select(2, listener:getsockname()))
end

local function greet(screen, values, folder, port, authority)
  local name = values.cert and "localhost" or values.names:match("[^,%s]+") or "localhost"
  local url = ("https://%s:%d/"):format(name, port)
  screen:line("Serving '%s' at %s", folder, screen:paint("bold", url))
  if authority then
    screen:line("Clients can trust it by its authority: curl --cacert %s %s", authority, url)
  end
  screen:flush()
end

function M.run(values)
  local screen, folder = terminal.screen(1, values.colour), values[1] or "."
  if _ssl._filetype(folder) ~= "directory" then
    error(ssl.OSError(("there is no folder '%s'"):format(folder)))
  end
  local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  ctx.waiter = scheduler.wait
  local listener, port = listen(values)
  local authority, temporary
  if values.cert then
    ctx:load_cert_chain(values.cert, values.key)
  else
    authority, temporary = make_certificate(ctx, values)
  end
  local ok, err = pcall(function()
    greet(screen, values, folder, port, authority)
    scheduler.spawn(accept, listener, ctx, folder, function(...) log(screen, values, ...) end)
    scheduler.run()
  end)
  if temporary then os.remove(authority) end
  if not ok then error(err, 0) end
end

return M
