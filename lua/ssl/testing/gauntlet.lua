-- Sends a client of any language through all that the kit has against clients, and
-- tells what the client accepted.

local _ssl = require "_ssl"
local authority = require "ssl.testing.authority"
local files = require "ssl.testing.files"
local low = require "_ssl_testing"
local read_options = require "ssl.testing.options"
local report = require "ssl.testing.report"
local socket = require "socket"
local trials = require "ssl.testing.trials"

local OPTIONS = { deadline = "number", jobs = "number", only = "table" }

--@ ssl.testing.GauntletResult
-- What `ssl.testing.gauntlet` gives. `result.rows` is an array of tables, one for each
-- trial: `name`, `why` (strings), `kind` (`"identity"` or `"wire"`), `must` (what a
-- client has to do: `"accept"`, `"refuse"`, or `"may"` for what a client refuses only if
-- it is told to), `needs` (string or nil: what it has to be told), `outcome`
-- (`"accepted"`, `"refused"`, `"hung"` or `"left out"`), `detail` (string: the client's
-- last line, or the error that it raised) and `ok` (boolean). `result.ok` (boolean)
-- tells whether all rows are; `result.accepted` is the array of the names of what was
-- accepted and must not be; `tostring(result)` is the table as text. Since: an addition.
--
-- Type: ssl.testing.GauntletResult = { ok: boolean, rows: ssl.testing.GauntletRow[],
--   accepted: string[] }
-- Type: ssl.testing.GauntletRow = { name: string, why: string, kind: string, must: string,
--   needs?: string, outcome: string, detail?: string, ok: boolean }
local Result = { __name = "ssl.testing.GauntletResult" }
Result.__index = Result

local MARKS = { [true] = " ", [false] = "!" }

function Result:__tostring()
  local out = {}
  for i, row in ipairs(self.rows) do
    local note = row.outcome == "accepted" and row.needs and ("only with: " .. row.needs)
      or not row.ok and row.why or ""
    out[i] = (("%s %-30s %-9s %s"):format(MARKS[row.ok], row.name, row.outcome, note)
      :gsub("%s+$", ""))
  end
  return table.concat(out, "\n")
end

-- The client ------------------------------------------------------------------

local function quoted(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

-- A command for the shell, with the values of its places filled in.
local function fill(command, host, port, cafile)
  local values = { host = host, port = port, cafile = cafile,
    url = ("https://%s:%d/"):format(host, port) }
  return (command:gsub("{(%a+)}", function(name)
    return values[name] and quoted(values[name])
  end))
end

-- The last line that tells something: not one of a stack's.
local function last_line(text)
  local last = ""
  for line in text:gmatch("[^\n]+") do
    if line:find("^[^%s]") and line ~= "stack traceback:" then
      last = line
    end
  end
  return last
end

-- Runs a command. Its number is told first, so that the parent can end it.
local function run_command(command, tell)
  local pipe = assert(io.popen("echo $$; exec " .. command .. " 2>&1 < /dev/null", "r"))
  tell({ pid = pipe:read("n") or 0 })
  local text = pipe:read("a")
  local ok = pipe:close()
  tell({ accepted = ok or false, detail = last_line(text):sub(1, 300) })
end

local function run_function(client, host, port, cafile, tell)
  local ok, accepted = pcall(client, host, port, cafile)
  tell({ accepted = ok and accepted and true or false,
    detail = not ok and tostring(accepted):sub(1, 300) or "" })
end

-- Starts the client in a process of its own.
local function start_client(client, host, port, cafile)
  return low.fork(function(send)
    warn("@off")  -- of the parent's objects, which are not ours to close
    local function tell(entry)
      send(report.write(entry))
    end
    if type(client) == "string" then
      run_command(fill(client, host, port, cafile), tell)
    else
      run_function(client, host, port, cafile, tell)
    end
  end, 0)
end

-- The trials ------------------------------------------------------------------

local Run = {}
Run.__index = Run

local function start(row, client, ca, cafile, deadline)
  local self = setmetatable({ row = row, entries = {}, rest = "" }, Run)
  self.server = row.make(ca)
  if row.anchor then
    self.folder = files.folder()
    cafile = self.folder:write({ ["ca.pem"] = row.anchor.cert.pem })["ca.pem"]
  end
  self.process = start_client(client, row.host or "localhost", self.server.port, cafile)
  self.ends = socket.gettime() + deadline
  return self
end

local function kill(pid)
  if pid and pid > 0 then
    os.execute(("kill -9 %d 2>/dev/null"):format(pid))
  end
end

-- Looks whether the client is done. Returns what came of it, or nil.
function Run:poll(milliseconds)
  local bytes = self.process:read(milliseconds)
  if bytes then
    self.rest = report.read(self.rest .. bytes, self.entries)
  end
  local last = self.entries[#self.entries]
  if last and last.accepted ~= nil then
    return last.accepted and "accepted" or "refused", last.detail
  elseif not bytes then
    return "refused", "the client's process ended without a word"
  elseif socket.gettime() >= self.ends then
    kill(self.entries[1] and self.entries[1].pid)
    return "hung", "the deadline passed"
  end
end

function Run:close()
  self.process:close()
  self.server:close()
  if self.folder then
    self.folder:close()
  end
end

Run.__close = Run.close

local GOOD = { accept = { accepted = true }, refuse = { refused = true },
  may = { refused = true, accepted = true } }

local function conclude(row, outcome, detail)
  row.outcome, row.detail = outcome, detail
  row.ok = outcome == "left out" or GOOD[row.must][outcome] or false
  row.make, row.anchor = nil, nil
end

-- Runs all rows, as many at a time as `jobs` says.
local function run_all(rows, jobs, begin)
  local running, next_row = {}, 1
  local _ <close> = setmetatable({}, { __close = function()
    for run in pairs(running) do
      run:close()
    end
  end })
  local count = 0
  while next_row <= #rows or count > 0 do
    while next_row <= #rows and count < jobs do
      local row = rows[next_row]
      next_row = next_row + 1
      if row.left_out then
        conclude(row, "left out", row.left_out)
      else
        running[begin(row)] = true
        count = count + 1
      end
    end
    for run in pairs(running) do
      local outcome, detail = run:poll(10)
      if outcome then
        running[run] = nil
        count = count - 1
        run:close()
        conclude(run.row, outcome, detail)
      end
    end
  end
end

--@ ssl.testing.gauntlet(client [, options])
-- Sends a client through every broken identity of `ssl.testing.broken` and every way in
-- which a test's server can misbehave, and tells what the client accepted. The client
-- may be of any language. Each server is an HTTPS server whose only page is `/`, with
-- the body `hello`.
-- - `client` (string or function): a command, or a function. A command is one program
--   with its arguments; `{host}`, `{port}`, `{cafile}` and `{url}` stand for what it
--   has to connect to, and for a file with the authority to trust. It has accepted the
--   server if its exit status is 0. A function gets `host`, `port` and `cafile`, runs in
--   a process of its own, and returns true if it has accepted the server; if it returns
--   false or raises an error, it has refused.
-- - `options` (table): `deadline` (number: seconds for each trial, 10 by default; a
--   client that takes longer has `"hung"`), `jobs` (integer: trials at a time, 4 by
--   default), `only` (array: names of trials; all by default).
-- Returns a `ssl.testing.GauntletResult`. Raises `NotImplementedError` on Windows, which
-- has no fork. Since: an addition.
--
-- Type: fun(client: string|(fun(host: string, port: integer, cafile: string): any),
--   options?: { deadline?: number, jobs?: integer, only?: string[] }
--   ): ssl.testing.GauntletResult
--
--     local socket, ssl = require "socket", require "ssl"
--     local testing = require "ssl.testing"
--     local result = testing.gauntlet(function(host, port, cafile)
--       local context = ssl.create_default_context({ cafile = cafile })
--       local sock = assert(socket.connect("127.0.0.1", port))
--       local conn <close> = context:wrap_socket(sock, { server_hostname = host })
--       conn:sendall("GET / HTTP/1.0\r\n\r\n")
--       return conn:recv(4096) ~= nil
--     end, { only = { "good", "expired", "wrong_host", "reset_handshake" } })
--     assert(result.ok, tostring(result))
local function gauntlet(client, options)
  if type(client) ~= "string" and type(client) ~= "function" then
    error(("bad argument #1 to 'gauntlet' (string or function expected, got %s)"):format(
      type(client)), 2)
  elseif not low.fork then
    error(_ssl.NotImplementedError("no gauntlet: this system has no fork()"))
  end
  options = read_options("gauntlet", options, OPTIONS)
  if options.jobs and options.jobs < 1 then
    error("bad value for 'jobs' (1 or more expected)", 2)
  end
  local ca = authority.CA()
  local rows, unknown = trials.list(ca, options.only)
  if not rows then
    error(("bad value for 'only' (no trial is named '%s')"):format(tostring(unknown)), 2)
  end
  local paths <close> = ca:files()
  run_all(rows, options.jobs or 4, function(row)
    return start(row, client, ca, paths.ca, options.deadline or 10)
  end)
  local result = setmetatable({ ok = true, rows = rows, accepted = {} }, Result)
  for _, row in ipairs(rows) do
    result.ok = result.ok and row.ok
    if row.outcome == "accepted" and row.must == "refuse" then
      table.insert(result.accepted, row.name)
    end
  end
  return result
end

return { gauntlet = gauntlet }
