-- What a server tells of each of its connections, from one process to another.

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
