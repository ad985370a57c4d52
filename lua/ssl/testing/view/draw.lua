-- The diagram of a wire in text.

local describe = require "ssl.testing.view.describe"
local recording = require "ssl.testing.view.recording"
local read_options = require "ssl.testing.options"

local Wire = recording.Wire

-- Cuts a text into lines of at most `width` bytes, between words.
local function wrap(text, width)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    if line ~= "" and #line + 1 + #word > width then
      lines[#lines + 1], line = line, "    " .. word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = line
  return lines
end

local function seconds(at)
  return at < 1 and ("%.1f ms"):format(at * 1000) or ("%.1f s"):format(at)
end

-- The arrow of a record, `width` bytes wide.
local function arrow(step, width, times)
  local line = step.encrypted and "=" or "-"
  local text = ("%s, %d bytes"):format(step.title, step.size)
  local time = times and " " .. seconds(step.at) .. " " or ""
  if #text + #time + 8 > width then
    text = ("%d messages, %d bytes"):format(step.count or 0, step.size)
  end
  local head = step.fate == "lost" and "X" or step.from == "client" and ">" or "<"
  local line_end = step.fate == "lost" and " " or line
  local fill = line:rep(width - #text - #time - 7)
  if step.from == "client" then
    return line:rep(2) .. " " .. text .. " " .. fill .. time .. line .. line_end .. head
  end
  return head .. line_end .. line .. " " .. text .. " " .. fill .. time .. line:rep(2)
end

-- The lines that an arrow stands above.
local function body(step)
  local out = {}
  if step.fate then
    out[1] = { 4, "(" .. step.fate .. " on the way)" }
  end
  for _, part in ipairs(step.parts) do
    local indent = 4
    if part[1] and #step.parts > 1 then
      out[#out + 1] = { 4, part[1] }
      indent = 6
    end
    for _, line in ipairs(part[2]) do
      out[#out + 1] = { indent, line }
    end
  end
  return out
end

--@ wire:draw([options])
-- Draws what was said, as text: an arrow for each record, and below it what the
-- messages say that matters. Encrypted records have a double line; they are decrypted
-- where the secrets are known. The numbers in brackets are the bytes of the data alone.
-- The diagram has no secret and no data unless you ask for them.
-- - `options` (table): `times` (boolean: the times since the first record; true by
--   default); `width` (integer: of a line; 80 by default); `all` (boolean: long lists
--   whole); `data` (boolean: the first bytes of data); `secrets` (boolean: the lines
--   of a log of secrets, at the end).
-- Returns a string of several lines. Since: an addition.
--
-- Type: fun(options?: { times?: boolean, width?: integer, all?: boolean, data?: boolean,
--   secrets?: boolean }): string
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pair:handshake()
--     local text = pair.wire:draw()
--     assert(text:find("ClientHello") and text:find("server name: localhost"))
function Wire:draw(options)
  options = read_options("draw", options, {
    times = "boolean", width = "number", all = "boolean", data = "boolean", secrets = "boolean",
  })
  local width = math.max(50, math.tointeger(options.width) or 80) - 6
  local out = { "client" .. (" "):rep(width - 6) .. "server" }
  local function add(text)
    out[#out + 1] = "  |" .. text .. (" "):rep(width - #text) .. "|"
  end
  for _, step in ipairs(describe(self, options)) do
    add("")
    if step.note then
      for _, line in ipairs(wrap(step.note, width - 4)) do
        add((step.from == "client" and "* " or (" "):rep(math.max(0, width - #line - 2))) .. line
          .. (step.from == "server" and " *" or ""))
      end
    else
      add(arrow(step, width, options.times ~= false))
      for _, line in ipairs(body(step)) do
        for _, piece in ipairs(wrap(line[2], width - line[1] - 1)) do
          add((" "):rep(line[1]) .. piece)
        end
      end
    end
  end
  for _, line in ipairs(options.secrets and self.secrets:lines() or {}) do
    out[#out + 1] = line
  end
  return table.concat(out, "\n") .. "\n"
end
