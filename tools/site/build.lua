-- Usage: lua5.4 tools/site/build.lua FOLDER     (needs pandoc)
-- Writes the site: README, docs/, the manual and the examples as HTML, with a menu and a
-- search, which work from the file system. Ends with status 1 if a link leads nowhere.

package.path = "./?.lua;" .. package.path

local links = require "tools.site.links"
local search = require "tools.site.search"
local sources = require "tools.site.pages"

local OUT = assert(arg[1], "usage: build.lua FOLDER")
local AT_ONCE = 4

-- Pandoc does several pages at the same time; each begins when its pipe is opened.
local function convert(pages)
  local running = {}
  local function finish(page)
    page.html = page.pipe:read("a")
    assert(page.pipe:close(), "pandoc failed: " .. page.source)
    os.remove(page.file)
  end
  for i, page in ipairs(pages) do
    page.file = os.tmpname()
    local file <close> = assert(io.open(page.file, "wb"))
    file:write(page.text)
    file:close()
    page.pipe = assert(io.popen("pandoc -f gfm -t html5 --wrap=none " .. page.file))
    running[i] = page
    if i > AT_ONCE then finish(running[i - AT_ONCE]) end
  end
  for i = math.max(1, #pages - AT_ONCE + 1), #pages do finish(running[i]) end
end

-- Pandoc numbers the lines of programs, for which there is no use here. Tables get a frame
-- that scrolls where the screen is narrow.
local function tidy(html)
  return (html:gsub('<span id="cb[%d-]+"><a href="#cb[%d-]+"[^>]*></a>(.-)</span>\n', "%1\n")
    :gsub('<span id="cb[%d-]+"><a href="#cb[%d-]+"[^>]*></a>(.-)</span></code>', "%1</code>")
    :gsub('<div class="sourceCode" id="cb%d+">', '<div class="sourceCode">')
    :gsub("<table>", '<div class="table"><table>'):gsub("</table>", "</table></div>")
    :gsub("<table style=[^>]*>", '<div class="table"><table>'):gsub("<col style=[^>]*/>", ""))
end

-- A link to itself in each heading below the first.
local function mark_headings(html)
  return (html:gsub('(<h[2-4] id="([^"]*)">)(.-)(</h[2-4]>)',
    '%1%3 <a class="mark" href="#%2" aria-label="Link to this heading">#</a>%4'))
end

local function menu(page, pages)
  local out, group = {}, nil
  for _, other in ipairs(pages) do
    if other.group and other.group ~= group then
      out[#out + 1] = (group and "</ul>\n" or "") .. "<h2>" .. other.group .. "</h2>\n<ul>"
      group = other.group
    end
    if other.group then
      out[#out + 1] = ('<li><a href="%s"%s>%s</a></li>'):format(
        links.relative(page.target, other.target),
        other == page and ' aria-current="page"' or "", other.short)
    end
  end
  return table.concat(out, "\n") .. "\n</ul>"
end

-- The headings of the second level, for the margin of a wide screen.
local function contents(html)
  local out = {}
  for id, title in html:gmatch('<h2 id="([^"]*)">(.-)</h2>') do
    out[#out + 1] = ('<li><a href="#%s">%s</a></li>'):format(id, (title:gsub("</?a[^>]*>", "")))
  end
  if #out < 2 then return "" end
  return '<nav class="contents" aria-label="On this page"><h2>On this page</h2>\n<ul>\n'
    .. table.concat(out, "\n") .. "\n</ul></nav>"
end

local function whole(page, pages, template)
  local values = { title = page.title, root = links.relative(page.target, ""),
    menu = menu(page, pages), contents = contents(page.html), body = mark_headings(page.html) }
  return (template:gsub("{{(%l+)}}", values))
end

local function write(name, text)
  local folder = name:match("^(.*)/")
  os.execute(("mkdir -p '%s/%s'"):format(OUT, folder or ""))
  local file <close> = assert(io.open(OUT .. "/" .. name, "wb"))
  file:write(text)
end

local function build()
  local pages, files, copied = sources.all(), {}, {}
  local names, template = links.names(), assert(sources.read("tools/site/template.html"))
  convert(pages)
  for _, page in ipairs(pages) do
    page.html = links.name(links.lead(tidy(page.html), page, pages, copied), page, names)
    files[page.target] = whole(page, pages, template)
  end
  os.execute(("rm -rf '%s' && mkdir -p '%s'"):format(OUT, OUT))
  for name, html in pairs(files) do write(name, html) end
  write("search-index.js", search.index(pages))
  for _, name in ipairs({ "style.css", "search.js" }) do
    write(name, assert(sources.read("tools/site/" .. name)))
    files[name] = true
  end
  for name in pairs(copied) do
    local text = sources.read(name)
    if text then
      write(name, text)
      files[name] = true
    end
  end
  return pages, links.check(files)
end

local pages, problems = build()
for _, problem in ipairs(problems) do io.stderr:write("leads nowhere: ", problem, "\n") end
print(("%d pages in %s/index.html"):format(#pages, OUT))
os.exit(#problems == 0, true)
