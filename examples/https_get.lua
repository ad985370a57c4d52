-- Fetches a page and prints its body:
--   lua5.4 examples/https_get.lua https://example.org/ [CAFILE [SECONDS]]
-- What is wrong with the server is said in one line, and ends with status 1.

local socket = require "socket"
local ssl = require "ssl"

local url, cafile, timeout = ...

local function fail(text)
  io.stderr:write(text, "\n")
  os.exit(1, true)
end

-- The reasons why a certificate is refused (X509_V_ERR_* of OpenSSL).
local verdicts = {
  [9] = "its certificate is not valid yet", [10] = "its certificate has expired",
  [62] = "its certificate names another host", [64] = "its certificate names another address",
}

local function explain(err)
  if ssl.isinstance(err, ssl.SSLCertVerificationError) then
    return verdicts[err.verify_code] or "its certificate is not trusted: " .. err.verify_message
  elseif ssl.isinstance(err, ssl.TimeoutError) or err == "timeout" then
    return "timed out"
  elseif ssl.isinstance(err, ssl.Error) then
    return err.message
  end
  return tostring(err)
end

-- https://host:port/path; an IPv6 address stands in brackets.
local function parse(text)
  local host, port, path = tostring(text):match("^https://([%w%.%-_]+):?(%d*)(.*)$")
  if not host then
    host, port, path = tostring(text):match("^https://%[([%x:%.]+)%]:?(%d*)(.*)$")
  end
  if not host then fail("usage: https_get.lua https://HOST[:PORT]/PATH [CAFILE [SECONDS]]") end
  return host, tonumber(port) or 443, path:find("^/") and path or "/" .. path
end

local function get(host, port, path)
  local tcp = assert(socket.tcp())
  tcp:settimeout(tonumber(timeout) or 10)
  local ok, err = tcp:connect(host, port)
  if not ok then error(err, 0) end
  local ctx = ssl.create_default_context({ cafile = cafile })
  local conn <close> = ctx:wrap_socket(tcp, { server_hostname = host })
  conn:sendall(("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n"):format(path, host))
  local parts = {}
  for part in function() return conn:recv(16384) end do
    parts[#parts + 1] = part
  end
  return table.concat(parts)
end

local host, port, path = parse(url)
local ok, answer = pcall(get, host, port, path)
if not ok then fail(host .. ": " .. explain(answer)) end
io.write(answer:match("\r?\n\r?\n(.*)$") or answer)
