-- The diagram of a wire as a picture.

local describe = require "ssl.testing.view.describe"
local read_options = require "ssl.testing.options"
local recording = require "ssl.testing.view.recording"

local Wire = recording.Wire

-- Sizes, in pixels.
local LEFT <const>, RIGHT <const>, LINE <const> = 40, 760, 16

local function escape(text)
  return (text:gsub("[&<>\"]", {
    ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
  }):gsub("[^\t\n\x20-\xFF]", "?"))
end

local function text(x, y, class, content, anchor)
  return ('<text x="%d" y="%d" class="%s"%s>%s</text>'):format(x, y, class,
    anchor and (' text-anchor="%s"'):format(anchor) or "", escape(content))
end

-- The arrow of a step, ending in a head, or in a cross if the record was lost.
local function arrow(step, y)
  local from, to = LEFT, RIGHT
  if step.from == "server" then
    from, to = RIGHT, LEFT
  end
  local back = to > from and -8 or 8
  local class = step.encrypted and "encrypted" or "plain"
  local out = { ('<line x1="%d" y1="%d" x2="%d" y2="%d" class="%s"/>'):format(from, y, to + back,
    y, class) }
  if step.fate == "lost" then
    out[2] = text(to + 2 * back, y + 5, "lost", "\xC3\x97", "middle")
  else
    out[2] = ('<path d="M %d %d l %d -4 v 8 z" class="head"/>'):format(to, y, back)
  end
  return table.concat(out, "\n")
end

-- Puts a step into `out`, from `y` down. Returns where it ends.
local function draw_step(out, step, y, times)
  if step.note then
    local server = step.from == "server"
    out[#out + 1] = text(server and RIGHT - 8 or LEFT + 8, y + LINE, "note", step.note,
      server and "end" or "start")
    return y + 2 * LINE
  end
  y = y + LINE
  local title = ("%s, %d bytes%s"):format(step.title, step.size,
    step.fate and (" (%s on the way)"):format(step.fate) or "")
  out[#out + 1] = text(LEFT + 12, y, "title", title)
  if times then
    out[#out + 1] = text(RIGHT - 12, y, "time", ("%.1f ms"):format(step.at * 1000), "end")
  end
  out[#out + 1] = arrow(step, y + 6)
  y = y + 6
  for _, part in ipairs(step.parts) do
    if part[1] and #step.parts > 1 then
      y = y + LINE
      out[#out + 1] = text(LEFT + 24, y, "part", part[1])
    end
    for _, line in ipairs(part[2]) do
      y = y + LINE
      out[#out + 1] = text(LEFT + 36, y, "field", line)
    end
  end
  return y + LINE // 2
end

local STYLE = [[
<style>
  svg { background: #fff; font: 12px system-ui, sans-serif; fill: #222; }
  .side { font-weight: bold; } .title, .part { font-weight: 600; }
  .field, .time { fill: #555; } .note, .lost { fill: #b00; }
  line { stroke: #888; } line.plain { stroke: #b60; stroke-width: 1.5; }
  line.encrypted { stroke: #07a; stroke-width: 3; } .head { fill: #444; }
</style>]]

--@ wire:svg([options])
-- Draws what was said as a picture, for a report or a page. Encrypted records have a
-- thick line. Like `wire:draw`, it shows no secret and no data unless asked.
-- - `options` (table): `times`, `all` and `data`, as for `wire:draw`.
-- Returns a string: an SVG document. Since: an addition.
--
-- Type: fun(options?: { times?: boolean, all?: boolean, data?: boolean }): string
--
--     local testing = require "ssl.testing"
--     local pair = testing.pair({
--       client = ctx, server = server_ctx, server_hostname = "localhost",
--     })
--     pair:handshake()
--     assert(pair.wire:svg():find("^<svg "))
function Wire:svg(options)
  options = read_options("svg", options, { times = "boolean", all = "boolean", data = "boolean" })
  local out, y = {}, 40
  for _, step in ipairs(describe(self, options)) do
    y = draw_step(out, step, y, options.times ~= false)
  end
  local height = y + 20
  local head = {
    ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">'):format(
      RIGHT + LEFT, height, RIGHT + LEFT, height),
    STYLE, text(LEFT, 24, "side", "client", "middle"), text(RIGHT, 24, "side", "server", "middle"),
    ('<line x1="%d" y1="32" x2="%d" y2="%d"/>'):format(LEFT, LEFT, height - 8),
    ('<line x1="%d" y1="32" x2="%d" y2="%d"/>'):format(RIGHT, RIGHT, height - 8),
  }
  return table.concat(head, "\n") .. "\n" .. table.concat(out, "\n") .. "\n</svg>\n"
end
