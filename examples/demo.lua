-- Fetches a page over TLS and tells what was negotiated:
--   lua5.4 examples/demo.lua            from a server of its own, in a child process
--   lua5.4 examples/demo.lua URL        from a site

local socket = require "socket"
local ssl = require "ssl"

local url = ...

local page = "HTTP/1.0 200 OK\r\n\r\nHello over TLS.\n"

-- In the child: tells its port and its authority, serves one page, ends.
local function serve()
  local ca = require("ssl.testing").CA()
  local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  ca:issue("localhost"):configure_cert(ctx)
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(10)
  print(select(2, listener:getsockname()))
  io.write(ca.cert.pem)
  io.stdout:flush()
  local tcp = assert(listener:accept())
  tcp:settimeout(10)
  local conn <close> = ctx:wrap_socket(tcp, { server_side = true })
  conn:recv(4096)
  conn:sendall(page)
  conn:unwrap():close()
end

local function show(conn)
  local name, _, bits = conn:cipher()
  local cert = conn:getpeercert()
  print("version:  " .. conn:version())
  print("cipher:   " .. name .. ", " .. bits .. " bits")
  local known, group = pcall(conn.group, conn)  -- OpenSSL 3.2 and newer tell it
  print("group:    " .. (known and group or "not told by " .. ssl.OPENSSL_VERSION))
  for _, entry in ipairs(cert.subjectAltName or {}) do
    print("names:    " .. entry[2])
  end
  print("until:    " .. cert.notAfter)
end

local function fetch(ctx, host, port, path)
  local tcp = assert(socket.tcp())
  tcp:settimeout(10)
  local connected, reason = tcp:connect(host, port)
  if not connected then error(reason, 0) end
  local conn <close> = ctx:wrap_socket(tcp, { server_hostname = host })
  show(conn)
  conn:sendall(("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n"):format(path, host))
  print()
  for part in function() return conn:recv(16384) end do
    io.write(part)
  end
  conn:unwrap():close()
end

-- With the authorities that the system trusts.
local function fetch_url()
  local host, port, path = url:match("^https://([^/:]+):?(%d*)(.*)$")
  if not host then error("usage: demo.lua [https://HOST[:PORT]/PATH]", 0) end
  fetch(ssl.create_default_context(), host, tonumber(port) or 443, path == "" and "/" or path)
end

-- With the authority that the child made, and no other.
local function fetch_own()
  local lua = os.getenv("LUA") or arg[-1]
  local child <close> = assert(io.popen(("%s %s --serve"):format(lua, arg[0])))
  local port, pem = child:read("n"), child:read("L")
  repeat
    pem = pem .. child:read("L")
  until pem:find("END CERTIFICATE", 1, true)
  local ctx = ssl.create_default_context({ cadata = pem })
  fetch(ctx, "localhost", port, "/")
end

if url == "--serve" then
  serve()
else
  local ok, err = pcall(url and fetch_url or fetch_own)
  if not ok then
    io.stderr:write("demo: ", ssl.isinstance(err, ssl.Error) and err.message or err, "\n")
    os.exit(1, true)
  end
end
