-- What a server tells of each of its connections, from one process to another.

local loop = require "ssl.testing.loop"

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
