-- Usage: lua5.4 tools/gauntlet.lua BUILD_FOLDER [NAME ...]      make gauntlet
-- Sends clients in many languages through ssl.testing.gauntlet, and writes the tables of
-- docs/gauntlet.md. A client that is not installed is left out, and said so. With names
-- of clients it only prints what those did.

local testing = require "ssl.testing"

local PAGE = "docs/gauntlet.md"
local BEGINNING, END = "<!-- written by make gauntlet -->\n", "<!-- end -->\n"

local build = (arg[1] or "build") .. "/gauntlet"
local lua = os.getenv("LUA") or "lua5.4"
-- the system's, not one of a virtual environment
local python = os.rename("/usr/bin/python3", "/usr/bin/python3") and "/usr/bin/python3" or "python3"
local version = _VERSION:match("%d%.%d")

-- Debian's modules for this Lua, without ours.
local others = ("env LUA_PATH='/usr/share/lua/%s/?.lua;/usr/share/lua/%s/?/init.lua' LUA_CPATH="
  .. "'/usr/lib/%s/lua/%s/?.so;/usr/local/lib/lua/%s/?.so' %s "):format(version, version,
  io.popen("cc -print-multiarch"):read("l") or "", version, version, lua)

-- This module: with its defaults, or with all that it can check.
local function ours(strict)
  return function(host, port, cafile)
    local socket, ssl = require "socket", require "ssl"
    local context = ssl.create_default_context({ cafile = cafile })
    if strict then
      context.certificate_profile = "webpki"
      context.ocsp_stapling = ssl.CERT_OPTIONAL
    end
    local sock = assert(socket.connect("127.0.0.1", port))
    sock:settimeout(8)
    local conn <close> = context:wrap_socket(sock,
      { server_hostname = host, suppress_ragged_eofs = not strict })
    conn:sendall("GET / HTTP/1.0\r\n\r\n")
    local parts = {}
    for part in function() return conn:recv(4096) end do
      parts[#parts + 1] = part
    end
    local head, body = table.concat(parts):match("^(.-\r\n\r\n)(.*)$")
    local length = head and tonumber(head:match("Content%-Length: (%d+)"))
    return body == "hello" and (length or 5) == 5
  end
end

-- {name, present (a command that succeeds where the client is), version (a command that
-- prints it), client, prepare (a command)}
local CLIENTS = {
  { name = "ssl", version = "echo this module, with its defaults", client = ours() },
  { name = "ssl, strict", version = "echo this module, with 'certificate_profile,' "
    .. "'ocsp_stapling, and no suppress_ragged_eofs'", client = ours(true) },
  { name = "curl", present = "command -v curl",
    version = "curl --version | head -1 | cut -d ' ' -f 1,2,5",
    client = "curl -sS --max-time 8 --cacert {cafile} {url}" },
  { name = "wget", present = "command -v wget", version = "wget --version | head -1",
    client = "wget -q -O - --timeout=8 --tries=1 --ca-certificate={cafile} {url}" },
  { name = "urllib", present = "command -v " .. python, version = python .. " --version",
    client = python .. " tools/gauntlet/urllib_client.py {url} {cafile}" },
  { name = "requests", present = python .. " -c 'import requests'",
    version = python .. " -c 'import requests; print(\"requests\", requests.__version__)'",
    client = python .. " tools/gauntlet/requests_client.py {url} {cafile}" },
  { name = "Node", present = "command -v node", version = "echo Node.js $(node --version)",
    client = "node tools/gauntlet/node_client.js {url} {cafile}" },
  { name = "Go", present = "command -v go", version = "go version",
    prepare = ("go build -o %s/go_client tools/gauntlet/go_client.go"):format(build),
    client = build .. "/go_client {url} {cafile}" },
  { name = "Java", present = "command -v javac", version = "java -version 2>&1 | head -1",
    prepare = ("javac -d %s tools/gauntlet/JavaClient.java"):format(build),
    client = "java -Xshare:auto -XX:TieredStopAtLevel=1 -cp " .. build
      .. " JavaClient {url} {cafile}" },
  { name = "LuaSec", present = others .. "-e 'assert(require(\"ssl\").wrap)'",
    version = others .. "-e 'print(\"LuaSec \" .. require(\"ssl\")._VERSION .. \", ssl.wrap\")'",
    client = others .. "tools/gauntlet/luasec_client.lua {host} {port} {cafile}" },
  { name = "LuaSec https", present = others .. "-e 'assert(require(\"ssl\").wrap)'",
    version = "echo LuaSec, its module ssl.https with 'verify = \"peer\"'",
    client = others .. "tools/gauntlet/luasec_https_client.lua {url} {cafile}" },
  { name = "luaossl", present = others .. "-e 'require \"openssl\" require \"cqueues\"'",
    version = "dpkg-query -W -f 'luaossl ${Version}, by cqueues' lua-luaossl",
    client = others .. "tools/gauntlet/luaossl_client.lua {host} {port} {cafile}" },
}

local function succeeds(command)
  return os.execute(command .. " >/dev/null 2>&1") == true
end

local function output(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local text = pipe:read("a")
  pipe:close()
  return (text:gsub("%s+$", ""))
end

-- Runs each client that is there; those that the command line names, if any.
local function run(wanted)
  local done = {}
  for _, one in ipairs(CLIENTS) do
    if #wanted > 0 and not wanted[one.name] then
      goto continue
    elseif one.present and not succeeds(one.present)
        or one.prepare and not succeeds(one.prepare) then
      print(("left out %s: it is not installed"):format(one.name))
    else
      local result = testing.gauntlet(one.client, { deadline = 25, jobs = 3 })
      done[#done + 1] = { name = one.name, version = output(one.version), result = result }
      print(("%-14s accepts what it must not: %s"):format(one.name,
        #result.accepted > 0 and table.concat(result.accepted, ", ") or "nothing"))
      for _, row in ipairs(result.rows) do
        if not row.ok or #wanted > 0 then
          print(("               %-9s %s: %s"):format(row.outcome, row.name, row.detail))
        end
      end
    end
    ::continue::
  end
  return done
end

local WORDS = { accepted = "accepts", refused = "", hung = "hangs", ["left out"] = "" }

-- A table of the rows that `choose` wants, one column for each client.
local function grid(done, choose)
  local out = { "| server |", "| --- |" }
  for _, client in ipairs(done) do
    out[1] = out[1] .. " " .. client.name .. " |"
    out[2] = out[2] .. " --- |"
  end
  for i, row in ipairs(done[1].result.rows) do
    if choose(row) then
      local line = ("| `%s`: %s |"):format(row.name, row.why)
      for _, client in ipairs(done) do
        local theirs = client.result.rows[i]
        local word = WORDS[theirs.outcome]
        line = line .. (theirs.ok and word == "accepts" and " accepts |"
          or theirs.ok and " |" or (" **%s** |"):format(word == "" and "refuses" or word))
      end
      out[#out + 1] = line
    end
  end
  return table.concat(out, "\n")
end

local function page(done)
  local versions = {}
  for i, client in ipairs(done) do
    versions[i] = ("- %s: %s"):format(client.name, client.version)
  end
  return table.concat({
    table.concat(versions, "\n"),
    "### What every client must refuse, or take",
    grid(done, function(row) return row.must ~= "may" and row.outcome ~= "left out" end),
    "### What a client refuses if it is told to",
    grid(done, function(row) return row.must == "may" end),
  }, "\n\n") .. "\n"
end

local function write(text)
  local file = assert(io.open(PAGE, "rb"))
  local old = file:read("a")
  file:close()
  local _, first = old:find(BEGINNING, 1, true)
  local last = assert(old:find(END, 1, true), PAGE .. " has no marks")
  file = assert(io.open(PAGE, "wb"))
  file:write(old:sub(1, first), "\n", text, "\n", old:sub(last))
  file:close()
  print("wrote " .. PAGE)
end

os.execute("mkdir -p " .. build)
local wanted = {}
for i = 2, #arg do
  wanted[i - 1], wanted[arg[i]] = arg[i], true
end
local done = run(wanted)
if #wanted == 0 then
  write(page(done))
end
