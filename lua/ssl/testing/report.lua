-- What a server or a proxy tells of each of its connections, from one process to another.

local _ssl = require "_ssl"
local loop = require "ssl.testing.loop"
local socket = require "socket"

local report = {}

-- The bytes of a table of plain values.
function report.write(entry)
  local parts = {}
  for key, value in pairs(entry) do
    parts[#parts + 1] = ("[%q]=%q"):format(key, value)
  end
  return string.pack("<s4", "return {" .. table.concat(parts, ",") .. "}")
end

-- Takes the reports that are complete off the front of `bytes`, into `list`.
-- Returns the rest.
function report.read(bytes, list)
  local at = 1
  while #bytes - at + 1 >= 4 and #bytes - at + 1 >= 4 + string.unpack("<I4", bytes, at) do
    local text
    text, at = string.unpack("<s4", bytes, at)
    list[#list + 1] = assert(load(text, "=report", "t", {}))()
  end
  return bytes:sub(at)
end

-- Gets the reports that the process of `self` sends within `timeout` seconds; `what`
-- names that process.
function report.receive(self, timeout, what)
  local bytes = self.process:read(math.ceil(timeout * 1000))
  if not bytes then
    error(("the %s's process has ended"):format(what), 0)
  end
  self.rest = report.read(self.rest .. bytes, self.reports)
end

-- Waits until `self` has `count` reports (1 by default), but `timeout` seconds at most (10
-- by default), and takes them off. `poll(left)` gets more within `left` seconds; `format`
-- is the text of the TimeoutError, with places for the number of reports and for `count`.
function report.await(self, count, timeout, poll, format)
  count = count or 1
  local deadline = socket.gettime() + (timeout or 10)
  while #self.reports < count do
    local left = deadline - socket.gettime()
    if left <= 0 then
      error(_ssl.TimeoutError((_ssl._errornumber("Connection timed out")),
        format:format(#self.reports, count)))
    end
    poll(left)
  end
  local out = {}
  for i = 1, count do
    out[i] = table.remove(self.reports, 1)
  end
  return table.unpack(out)
end

-- A function that sends entries by `send` (what low.fork gives its function), without
-- ever waiting: what the parent has no room for goes out by a task of `tasks`.
function report.sender(send, tasks)
  local pending, waiting = "", false
  local out = { getfd = function() return send() end }
  local function flush()
    pending = pending:sub(send(pending, true) + 1)
  end
  local function finish()
    while pending ~= "" do
      loop.wait(out, "write")
      flush()
    end
    waiting = false
  end
  return function(entry)
    pending = pending .. report.write(entry)
    flush()
    if pending ~= "" and not waiting then
      waiting = true
      tasks:spawn(finish)
    end
  end
end

local kinds = { string = true, number = true, boolean = true }

-- The value, if it can be told.
function report.plain(value)
  if kinds[type(value)] then
    return value
  end
end

-- The fields of an error that tests ask for.
function report.error(stage, err)
  local entry = { ok = false, stage = stage, error = tostring(err) }
  if type(err) == "table" then
    for _, name in ipairs({ "message", "reason", "library", "errno", "verify_code" }) do
      entry[name] = report.plain(err[name])
    end
  end
  return entry
end

function report.success(conn)
  return { ok = true, version = conn:version() }
end

return report
