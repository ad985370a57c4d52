-- Usage: lua5.4 tools/policypeers.lua BUILD_FOLDER [NUMBER ...]      make policy-peers
-- Scans ten servers by ssl.scan, by sslscan and by testssl.sh, and prints what each
-- finds that the others do not. A scanner that is not installed is left out, and said
-- so; likewise a server. The logs stay in BUILD_FOLDER/policypeers.

local scan = require "ssl.scan"
local names = require "ssl.scan.names"
local ssl = require "ssl"
local testing = require "ssl.testing"
local socket = require "socket"

local logs = (arg[1] or "build") .. "/policypeers"
local ca = testing.CA()

-- The servers -----------------------------------------------------------------

local function context(change, ...)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  for _, key_type in ipairs({ ... }) do
    ca:issue("localhost", { key_type = key_type }):configure_cert(ctx)
  end
  change(ctx)
  return testing.server({ context = ctx, ca = ca })
end

local function free_port()
  local listener <close> = setmetatable({ socket = assert(socket.bind("127.0.0.1", 0)) },
    { __close = function(self) self.socket:close() end })
  local _, port = listener.socket:getsockname()
  return math.tointeger(tonumber(port))
end

local files = ca:issue("localhost", "127.0.0.1", { key_type = "RSA" }):files()

-- A server of another program; `command` has %d for the port.
local function program(command)
  return function()
    local port = free_port()
    local line = command:gsub("{cert}", files.chain):gsub("{key}", files.key):format(port)
    local pipe = assert(io.popen("echo $$; exec " .. line .. " >/dev/null 2>&1 </dev/null", "r"))
    local pid = pipe:read("n")
    local deadline = socket.gettime() + 10
    repeat
      local conn = socket.connect("127.0.0.1", port)
      if conn then
        conn:close()
        break
      end
      socket.sleep(0.1)
    until socket.gettime() > deadline
    return { port = port, close = function()
      os.execute(("kill %d 2>/dev/null"):format(pid))
      pipe:close()
    end }
  end
end

local SERVERS = {
  { "this module's default", function() return context(function() end, "P-256") end },
  { "Mozilla's modern", function()
    return context(function(ctx)
      ctx.minimum_version = ssl.TLSVersion.TLSv1_3
      ctx:set_groups("X25519:P-256:P-384")
    end, "P-256")
  end },
  { "Mozilla's intermediate, two keys", function()
    return context(function(ctx)
      ctx:set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
      ctx:set_groups("X25519:P-256:P-384")
    end, "P-256", "RSA")
  end },
  { "all that OpenSSL has", function()
    return context(function(ctx)
      ctx:set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
      ctx.minimum_version = -2
    end, "P-256", "RSA")
  end },
  { "RSA key exchange alone", function()
    return context(function(ctx)
      ctx:set_ciphers("kRSA+AES")
      ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    end, "RSA")
  end },
  { "Ed25519, P-521 and X448", function()
    return context(function(ctx) ctx:set_groups("P-521:X448") end, "Ed25519")
  end },
  { "TLS 1.2, CBC, the client's order", function()
    return context(function(ctx)
      ctx:set_ciphers("ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA")
      ctx.options = ctx.options & ~ssl.OP_CIPHER_SERVER_PREFERENCE
      ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    end, "RSA")
  end },
  { "openssl s_server", program("openssl s_server -accept %d -cert {cert} -key {key} -www "
    .. "-cipher DEFAULT:@SECLEVEL=0"), "command -v openssl" },
  { "gnutls-serv", program("gnutls-serv --port %d --x509certfile {cert} --x509keyfile {key} "
    .. "--http --priority NORMAL:+VERS-TLS1.0:+VERS-TLS1.1"), "command -v gnutls-serv" },
  { "Node.js", program("node -e \"const fs=require('fs');require('https').createServer({"
    .. "cert:fs.readFileSync('{cert}'),key:fs.readFileSync('{key}')},"
    .. "(q,a)=>a.end('hello')).listen(%d)\""), "command -v node" },
}

-- The scanners ----------------------------------------------------------------

-- What a scanner finds: sets of versions, of "version cipher", and of groups.
local function findings()
  return { versions = {}, ciphers = {}, groups = {} }
end

local function registry_group(name)
  name = name:lower():gsub(" .*", ""):gsub("^prime256v1$", "secp256r1")
  for known in pairs(names.groups.by_name) do
    if known:lower() == name then
      return known
    end
  end
  return name
end

local function ours(port)
  local out = findings()
  local found = scan.server("127.0.0.1", port, { host = "localhost",
    parts = { "versions", "ciphers", "groups" } })
  for version, spoken in pairs(found.versions) do
    out.versions[version] = spoken or nil
  end
  for version, list in pairs(found.ciphers) do
    for _, suite in ipairs(list) do
      out.ciphers[("%s %04X"):format(version, suite.code)] = true
    end
  end
  for _, list in pairs(found.groups) do
    for _, group in ipairs(list) do
      out.groups[group] = true
    end
  end
  out.probes = found.probes
  return out
end

local function run(command, log)
  local name = ("%s/%s"):format(logs, log)
  os.execute(("timeout 280 %s > %s 2>&1 < /dev/null"):format(command, name))
  local file = assert(io.open(name))
  local text = file:read("a")
  file:close()
  return text
end

local function version_of(kind, number)
  return kind == "ssl" and "SSLv" .. number or "TLSv" .. (number == "1.0" and "1" or number)
end

local function sslscan(port, number)
  local out = findings()
  local text = run("sslscan --xml=- --no-colour localhost:" .. port, number .. ".sslscan")
  for kind, number_of in text:gmatch('<protocol type="(%a+)" version="([%d.]+)" enabled="1"') do
    out.versions[version_of(kind, number_of)] = true
  end
  for version, code in text:gmatch('<cipher status="%a+" sslversion="([^"]+)".- id="0x(%x+)"') do
    out.ciphers[version:gsub("v1%.0$", "v1") .. " " .. code:upper()] = true
  end
  for group in text:gmatch('<group .- name="([^"]+)"') do
    out.groups[registry_group(group)] = true
  end
  return out
end

local TESTSSL = { SSLv2 = "SSLv2", SSLv3 = "SSLv3", TLS1 = "TLSv1", TLS1_1 = "TLSv1.1",
  TLS1_2 = "TLSv1.2", TLS1_3 = "TLSv1.3" }

local function testssl(port, number)
  local out, json = findings(), ("%s/%s.json"):format(logs, number)
  os.remove(json)
  run(("testssl --quiet --color 0 --warnings off --ip one -p -E -f --jsonfile %s localhost:%d")
    :format(json, port), number .. ".testssl")
  local file = io.open(json)
  local text = file and file:read("a") or ""
  for id, finding in text:gmatch('"id"%s*:%s*"([^"]+)".-"finding"%s*:%s*"([^"]*)"') do
    if TESTSSL[id] and finding:find("^offered") then
      out.versions[TESTSSL[id]] = true
    end
    local version, code = id:match("^cipher%-(.+)_x(%x+)$")
    if version then
      local name = version:gsub("^tls1_", "TLSv1."):gsub("^tls1$", "TLSv1"):gsub("^ssl", "SSLv")
      out.ciphers[("%s %04X"):format(name, tonumber(code, 16))] = true
    end
    if id == "PFS_ECDHE_curves" or id == "FS_ECDHE_curves" or id == "DH_groups" then
      for group in finding:gmatch("%S+") do
        out.groups[registry_group(group)] = true
      end
    end
  end
  if file then
    file:close()
  end
  return out
end

-- The comparison --------------------------------------------------------------

-- What is in one set and not in the other, sorted.
local function missing(from, in_set)
  local list = {}
  for name in pairs(from) do
    if not in_set[name] then
      list[#list + 1] = name
    end
  end
  table.sort(list)
  return table.concat(list, " ")
end

local function count(set)
  local n = 0
  for _ in pairs(set) do
    n = n + 1
  end
  return n
end

local function compare(what, mine, theirs)
  local more, less = missing(mine, theirs), missing(theirs, mine)
  if more == "" and less == "" then
    return ("%s: the same %d"):format(what, count(mine))
  end
  return ("%s: %d and %d%s%s"):format(what, count(mine), count(theirs),
    more ~= "" and "; only ssl.scan: " .. more or "", less ~= "" and "; only it: " .. less or "")
end

local PEERS = { { "sslscan", sslscan }, { "testssl", testssl } }

local function there(command)
  return os.execute(command .. " >/dev/null 2>&1") == true
end

os.execute("mkdir -p " .. logs)
local wanted = {}
for i = 2, #arg do
  wanted[tonumber(arg[i])] = true
end
for number, server in ipairs(SERVERS) do
  if next(wanted) and not wanted[number] then
    goto continue
  elseif server[3] and not there(server[3]) then
    print(("%d. %s: left out, it is not installed"):format(number, server[1]))
    goto continue
  end
  local running = server[2]()
  local begun = socket.gettime()
  local mine = ours(running.port)
  print(("%d. %s: %d connections, %.1f s"):format(number, server[1], mine.probes,
    socket.gettime() - begun))
  for _, peer in ipairs(PEERS) do
    if there("command -v " .. peer[1]) then
      begun = socket.gettime()
      local theirs = peer[2](running.port, number)
      print(("   %s, %.0f s"):format(peer[1], socket.gettime() - begun))
      for _, what in ipairs({ "versions", "ciphers", "groups" }) do
        print("     " .. compare(what, mine[what], theirs[what]))
      end
    else
      print(("   %s: left out, it is not installed"):format(peer[1]))
    end
  end
  running:close()
  ::continue::
end
