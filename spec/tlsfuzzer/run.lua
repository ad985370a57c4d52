-- Usage: lua5.4 spec/tlsfuzzer/run.lua list FOLDER
--        lua5.4 spec/tlsfuzzer/run.lua row FOLDER LOGS NUMBER
-- `list` prints the numbers of the rows of rows.lua for the scripts in FOLDER, a
-- checkout of tlsfuzzer. `row` runs one: the script against our server; then what has
-- failed, against `openssl s_server` with the same settings. It prints a line: "ok",
-- "explained" (s_server fails the same conversations) or "FAILED", and ends with 1 for
-- the last. TLSFUZZER_N is how many conversations of a script are drawn (20; 0: all),
-- PYTHON the interpreter, which has to find tlslite-ng. tools/peers.sh runs all rows.

local socket = require "socket"
local ssl = require "ssl"
local rows = require "tlsfuzzer.rows"
local servers = require "tlsfuzzer.servers"

local LUA, PYTHON = os.getenv("LUA") or "lua5.4", os.getenv("PYTHON") or "python3"
local LIMIT = 300  -- seconds for a script

local folder = assert(arg[2], "which folder is tlsfuzzer's?")

local function read(path)
  local file = io.open(path, "rb")
  if not file then return "" end
  local text = file:read("a")
  file:close()
  return text
end

local function lines(command)
  local pipe, out = assert(io.popen("LC_ALL=C " .. command)), {}
  for line in pipe:lines() do out[#out + 1] = line end
  pipe:close()
  return out
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Does the script take the option, a letter with an argument?
local function takes(script, letter)
  local app = script:gsub("-", "_")
  local text = read(("%s/tlsfuzzer/_apps/test_%s.py"):format(folder, app))
  return text:find('getopt%(argv,%s*"[%a:]*' .. letter .. ":") ~= nil
end

-- Why the script does not apply, or nil.
local function left_out(script)
  local entry = rows.left_out[script]
  if not entry then return nil end
  if not entry.since then return entry[1] end
  return ssl.OPENSSL_VERSION_NUMBER < entry.since
    and ("%s, which OpenSSL has since 3.%d"):format(entry[1], entry.since >> 20 & 0xFF) or nil
end

-- How the script is run: a list of rows as in rows.lua.
local function rows_of(script)
  if rows.rows[script] then return rows.rows[script] end
  if script:find("^tls13%-") then return { { server = "default" } } end
  local cipher = rows.ciphers[script] or rows.CIPHER
  return { { server = "old" }, takes(script, "C") and { "-C", cipher, server = "default" } or nil }
end

-- {script =, server =, arguments...}, for each script in the folder.
local function all_rows()
  local out = {}
  for _, script in ipairs(lines(("ls %s/scripts | sed -n 's/^test-\\(.*\\)\\.py$/\\1/p'")
      :format(quote(folder)))) do
    local why = left_out(script)
    for _, row in ipairs(why and { { left_out = why } } or rows_of(script)) do
      local copy = { script = script, server = row.server, left_out = row.left_out,
        table.unpack(row) }
      for _, argument in ipairs(row.client or {}) do copy[#copy + 1] = argument end
      out[#out + 1] = copy
    end
  end
  return out
end

-- Servers ---------------------------------------------------------------------

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return math.tointeger(tonumber(port))
end

local function wait_for(port)
  for _ = 1, 300 do
    local sock = socket.connect("127.0.0.1", port)
    if sock then return sock:close() end
    socket.sleep(0.1)
  end
  error("no server at port " .. port)
end

local function keys(server)
  local name = server.keys or "serverX509"
  return quote(("%s/tests/%sCert.pem"):format(folder, name)),
    quote(("%s/tests/%sKey.pem"):format(folder, name))
end

-- Each starts a server that ends with the file it returns; and its port.
local function ours(name, log)
  local cert, key = keys(servers[name])
  local port = free_port()
  local file = assert(io.popen(("%s spec/tlsfuzzer/serve.lua %s %s %s %s %d > %s 2>&1"):format(LUA,
    name, quote(folder), cert, key, port, quote(log)), "w"))
  wait_for(port)
  return file, port
end

-- s_server would not end with its standard input.
local function openssls(name, log)
  local cert, key = keys(servers[name])
  local port = free_port()
  local flags = servers[name].flags:gsub("{tests}", folder .. "/tests")
  local command = ("openssl s_server -www -serverpref -accept 127.0.0.1:%d %s > %s 2>&1"):format(
    port, ("-cert %s -key %s %s"):format(cert, key, flags), quote(log))
  local file = assert(io.popen(command .. " & cat > /dev/null; kill $!", "w"))
  wait_for(port)
  return file, port
end

-- Scripts ---------------------------------------------------------------------

-- Runs the conversations in `names`, all if it is nil: the names of those that failed,
-- and whether the script came to its end.
local function run(row, port, log, names)
  local words = { "timeout", tostring(LIMIT), PYTHON,
    ("%s/scripts/test-%s.py"):format(folder, row.script), "-h", "localhost", "-p", tostring(port) }
  if takes(row.script, "n") then
    words[#words + 1] = "-n"
    words[#words + 1] = os.getenv("TLSFUZZER_N") or "20"
  end
  for _, argument in ipairs(row) do
    words[#words + 1] = argument:gsub("{tests}", folder .. "/tests")
  end
  for _, name in ipairs(names or {}) do words[#words + 1] = name end
  for i, word in ipairs(words) do words[i] = quote(word) end
  os.execute(("%s > %s 2>&1 </dev/null"):format(table.concat(words, " "), quote(log)))
  local text, failed = read(log), {}
  local list = text:match("\nFAILED:\n(.*)$") or ""
  for name in list:gmatch("\n?\t['\"](.-)['\"]\n") do failed[#failed + 1] = name end
  return failed, text:find("\nTOTAL: %d") ~= nil, tonumber(text:match("\nPASS: (%d+)") or 0)
end

local function contains(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
end

-- The names that fail here and pass there.
local function difference(here, there)
  local out = {}
  for _, name in ipairs(here) do
    if not contains(there, name) then out[#out + 1] = name end
  end
  return out
end

local function report(kind, row, text)
  print(("%-9s tlsfuzzer %s%s%s: %s"):format(kind, row.script, row.server and ", " or "",
    row.server or "", text))
  return kind ~= "FAILED"
end

local function run_row(row, logs, number)
  if row.left_out then return report("left out", row, row.left_out) end
  local log = ("%s/tlsfuzzer-%s-%d"):format(logs, row.script, number)
  local file, port = ours(row.server, log .. "-server.log")
  local failed, ended, passed = run(row, port, log .. ".log")
  local healthy = file:close() and not read(log .. "-server.log"):find("FAILED", 1, true)
  if not healthy then return report("FAILED", row, "our server; see " .. log .. "-server.log") end
  if ended and #failed == 0 then return report("ok", row, passed .. " conversations") end
  file, port = openssls(row.server, log .. "-s_server.log")
  local same, theirs = run(row, port, log .. "-openssl.log", failed)
  file:close()
  local ours_alone = difference(failed, same)
  if passed == 0 or not ended and not theirs then
    return report("FAILED", row, "does not fit this server; see " .. log .. ".log")
  elseif ended ~= theirs or #ours_alone > 0 then
    return report("FAILED", row, ("%s; see %s.log"):format(table.concat(ours_alone, ", "), log))
  end
  return report("explained", row, ("%d conversations; openssl s_server fails the same %d"):format(
    passed, #failed))
end

local list = all_rows()
if arg[1] == "list" then
  for i in ipairs(list) do print(i) end
else
  local number = math.tointeger(tonumber(arg[4]))
  os.exit(run_row(list[number], arg[3], number))
end
