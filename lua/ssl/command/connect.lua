-- ssl/command/connect.lua - lua-ssl connect: a TLS connection, looked at and used by hand.
-- SPDX-License-Identifier: MIT

local input = require "ssl.command.input"
local names = require "ssl.command.names"
local options = require "ssl.command.options"
local report = require "ssl.command.report"
local socket = require "socket"
local ssl = require "ssl"
local starttls = require "ssl.command.starttls"
local terminal = require "ssl.command.terminal"
local verification = require "ssl.command.verification"
local waiter = require "ssl.waiter"

local M = {
  name = "connect",
  summary = "connect, show what was negotiated and the chain; then talk",
  arguments = "HOST[:PORT]",
  text = {
    "Connects to a TLS server, checks its certificate, and shows what was negotiated and the "
      .. "chain of certificates, with what is wrong with each of them and how to mend it.",
    "Then it sends what it reads from standard input, and writes what the server sends to "
      .. "standard output; what it shows itself goes to standard error. At the end of the input "
      .. "it waits for the server to end the connection, unless nothing was sent or the input is "
      .. "a terminal. With --report or --json it only shows, on standard output.",
    "The exit status is 1 if the server cannot be reached or is not trusted.",
  },
  options = {
    { name = "report", help = "show, and end" },
    { name = "json", help = "show as JSON, for programs, and end" },
    { name = "quiet", help = "show nothing, unless something is wrong" },
    { name = "starttls", value = "PROTOCOL", choices = starttls.NAMES,
      help = "speak this protocol until TLS begins; it has a default port, too" },
    { name = "servername", value = "NAME", help = "the name to ask for, which the certificate "
      .. "must have; HOST by default" },
    { name = "alpn", value = "LIST", help = "protocols to offer, separated by commas, such as "
      .. "h2,http/1.1" },
    { name = "proxy", value = "URL", help = "go through this HTTP proxy" },
    { name = "cafile", value = "FILE", help = "trust the authorities in this file, and not "
      .. "those of the system" },
    { name = "cert", value = "FILE", help = "show this certificate to the server (PEM, with its "
      .. "chain)" },
    { name = "key", value = "FILE", help = "the private key of --cert, if it is not in the same "
      .. "file" },
    { name = "password-file", value = "FILE", help = "the first line of it is the password of "
      .. "the private key" },
    { name = "keylog", value = "FILE", help = "add the keys to this file, for Wireshark" },
    { name = "insecure", help = "go on although the server is not trusted: anybody may be "
      .. "listening" },
    { name = "half-close", help = "tell the server of the end of the input" },
    { name = "timeout", value = "SECONDS", number = true, default = 30,
      help = "for connecting, and for what comes before and in the handshake" },
    options.COLOUR,
  },
}

function M.check(values)
  if not values[1] then
    return "which host?"
  elseif values[2] then
    return ("'%s' is not expected"):format(values[2])
  elseif values.key and not values.cert then
    return "--key needs --cert"
  elseif not names.address(values[1], 443) then
    return ("'%s' is neither HOST nor HOST:PORT"):format(values[1])
  end
end

local function split(list)
  local out = {}
  for part in list:gmatch("[^,]+") do out[#out + 1] = part end
  return out
end

-- A client's context as the options want it.
local function context(values, watch)
  local ctx = ssl.create_default_context({ cafile = values.cafile })
  if values.alpn then ctx:set_alpn_protocols(split(values.alpn)) end
  if values.cert then
    ctx:load_cert_chain(values.cert, values.key, input.password(values["password-file"]))
  end
  if values.keylog then ctx.keylog_filename = values.keylog end
  ctx.waiter = waiter.scheduler.wait
  watch:watch(ctx)
  return ctx
end

local function unreachable(host, port, text)
  error(ssl.OSError(("cannot connect to %s port %d: %s"):format(host, port, text)))
end

-- A LuaSocket object that is connected to the host, by way of the proxy if there is one.
local function reach(values, host, port, deadline)
  local proxies = require "ssl.luasec.proxy"
  local proxy, text = proxies.choose(values.proxy, host, port)
  if text then error(ssl.ValueError(text)) end
  local sock = socket.tcp()
  sock:settimeout(math.max(deadline - socket.gettime(), 0))
  local to, at = proxy and proxy.host or host, proxy and proxy.port or port
  local ok
  ok, text = sock:connect(to, at)
  if not ok then unreachable(to, at, text) end
  if proxy then
    sock:settimeout(math.max(deadline - socket.gettime(), 0), "t")
    ok, text = proxies.open(sock, proxy, host, port)
    if not ok then unreachable(host, port, text) end
  end
  return sock
end

-- Makes the connection: it, or nil and the error of the handshake.
local function connect(values, target, watch)
  local deadline = socket.gettime() + values.timeout
  local ctx = context(values, watch)
  local sock = reach(values, target.host, target.port, deadline)
  target.address = not values.proxy and sock:getpeername() or nil
  if values.starttls then
    starttls.start(values.starttls, sock, target.name, deadline)
  end
  local conn = ctx:wrap_socket(sock, { server_hostname = target.name,
    do_handshake_on_connect = false })
  conn:settimeout(math.max(deadline - socket.gettime(), 0.001))
  local ok, err = pcall(conn.do_handshake, conn)
  if ok and #watch.problems > 0 and not values.insecure then
    ok, err = false, ssl.SSLError("the server is not trusted")
  end
  conn:settimeout(nil)
  if ok then return conn end
  conn:close()
  return nil, err
end

-- Passes on what is said. An end that may have been cut off is an error.
local function talk(conn, values)
  conn.suppress_ragged_eofs = false
  local ok, err = pcall(require("ssl.command.relay"), conn, values["half-close"])
  if ok then
    return 0
  elseif ssl.isinstance(err, ssl.SSLEOFError) then
    error(ssl.SSLError("the server ended the connection without TLS's closing alert: something "
      .. "may be missing"))
  end
  error(err, 0)
end

-- Shows the report where it is wanted.
local function show(values, found, only)
  local screen = terminal.screen(only and 1 or 2, values.colour)
  if values.json then
    report.print_json(screen, found)
  elseif not found.trusted or not values.quiet then
    report.print(screen, found)
  end
  screen:flush()
end

function M.run(values)
  local host, port = names.address(values[1], starttls.PORTS[values.starttls] or 443)
  local target = { host = host, port = port, name = values.servername or host }
  local watch = verification(values.insecure)
  local conn <close>, err = connect(values, target, watch)
  local only = values.report or values.json
  show(values, report.build(target, watch, conn, err), only)
  if not conn then
    return 1
  elseif only then
    return 0
  end
  return talk(conn, values)
end

return M
