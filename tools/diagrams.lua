-- Usage: lua5.4 tools/diagrams.lua     (needs graphviz and mscgen)
-- Draws docs/diagrams/*.svg from the *.dot and *.msc beside them. The drawings are kept in
-- the tree, so that they can be seen without these programs. Their colours follow the
-- reader's choice of light or dark.

local FOLDER = "docs/diagrams/"

-- The programs draw in black on white; this is said of what they drew.
local STYLE = [[
<style>
  svg { --paper: #ffffff; --ink: #24292f; --line: #57606a; --fill: #f3f6fa;
    --ground: #dbeafe; --apart: #f1f0e8; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #d6dde6; --line: #8b97a5; --fill: #1c2530;
      --ground: #17324f; --apart: #2a2922; }
  }
  text { fill: var(--ink); font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
    paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
  .title { font-weight: 600; }
  .node text { stroke: none; font-size: 13px; }
  line, path { stroke: var(--line); }
  .paper { fill: var(--paper); stroke: none; }
  .node path { fill: var(--fill); stroke: var(--line); }
  .ground path { fill: var(--ground); }
  .apart path { fill: var(--apart); }
  .tip { fill: var(--line); stroke: var(--line); }
</style>]]

local function read(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read("a")
end

local function run(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("a")
  assert(pipe:close(), command)
  return text
end

-- The drawing without what differs from one version of the program to the next, as one
-- element that scales.
local function element(text)
  local width, height = text:match('viewBox="[%d.]+ [%d.]+ ([%d.]+) ([%d.]+)"')
  local inside = text:match("<svg[^>]*>(.*)</svg>"):gsub("<!%-%-.-%-%->\n?", "")
    :gsub("<title>.-</title>\n?", "")
  return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" role="img">')
    :format(width, height, width) .. "\n" .. STYLE
    .. '<rect class="paper" width="100%" height="100%"/>' .. inside .. "</svg>\n"
end

local draw = {}

function draw.dot(name)
  return (element(run("dot -Tsvg " .. name))
    :gsub('<polygon fill="white" stroke="[%w]+" ', '<polygon class="paper" ')
    :gsub('<polygon fill="black" stroke="black" ', '<polygon class="tip" ')
    :gsub(' font%-family="[^"]*"', "")
    :gsub(' fill="none" stroke="black"', ' fill="none"'))
end

-- mscgen puts a white shape behind each text, which it measures by a font of its own. The
-- middle of the shape is the middle of the text. The text of an arrow goes above its line;
-- the first row are the titles.
local function place(tip, left, bottom, right, text)
  local middle = (tonumber(left) + tonumber(right)) / 2
  local class = tonumber(bottom) < 20 and ' class="title"' or ""
  return ('%s<text x="%g" y="%g" text-anchor="middle"%s>%s</text>'):format(tip, middle,
    tonumber(bottom) - (tip == "" and 0 or 5), class, text)
end

function draw.msc(name)
  local out = os.tmpname()
  run(("mscgen -T svg -i %s -o %s"):format(name, out))
  local text = element(read(out))
  os.remove(out)
  local shape = '<polygon fill="white" points="([%d.]+),[%d.]+ ([%d.]+),[%d.]+ [%d.]+,([%d.]+) '
    .. '[^>]*/>%s*<text[^>]*>%s*(.-)%s*</text>'
  text = text:gsub('(<polygon fill="black"[^>]*/>%s*)' .. shape, function(tip, x1, x2, y, words)
    return place(tip, x1, y, x2, words)
  end):gsub(shape, function(x1, x2, y, words) return place("", x1, y, x2, words) end)
  return (text:gsub('<polygon fill="black"', '<polygon class="tip"')
    :gsub('<polygon fill="white"', '<polygon class="paper"'):gsub(' stroke="black"', ""))
end

for name in io.popen("LC_ALL=C ls " .. FOLDER):lines() do
  local base, kind = name:match("^(.*)%.(%l+)$")
  if draw[kind] then
    local file <close> = assert(io.open(FOLDER .. base .. ".svg", "wb"))
    file:write(draw[kind](FOLDER .. name))
  end
end
