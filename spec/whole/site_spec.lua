-- The parts of tools/site/ that need no pandoc: which pages there are, where links lead, and
-- what the search knows. `make site` and `make site-test` look at the whole.

local links = require "tools.site.links"
local pages = require "tools.site.pages"
local read = require "support.read"
local search = require "tools.site.search"

describe("The site", function()
  it("has a page for each text of docs/, and a place in the menu for it", function()
    local all = pages.all()
    local pipe <close> = io.popen("find docs -name '*.md'")
    local count = 0
    for name in pipe:lines() do
      count = count + 1
      assert(all[name] and all[name].group, name)
      assert.is_truthy(all[name].title)
    end
    assert.is_true(count > 20)
    assert.equal("index.html", all["README.md"].target)
    assert.equal("docs/manual/index.html", all["docs/manual/README.md"].target)
    assert.equal("examples/index.html", all["examples/"].target)
  end)

  it("says of each example what the program is for", function()
    local text = pages.all()["examples/"].text
    local count = 0
    for line in text:gmatch("\n%- ([^\n]+)") do
      count = count + 1
      assert.matches("^%[[%w_/.]+%]%([%w_/.]+%): .+[.\"']$", line)
    end
    assert.is_true(count > 10)
  end)

  it("leads links of the texts to pages, and copies other files", function()
    local all, copied = pages.all(), {}
    local html = '<a href="manual/README.md#names">m</a> <a href="../examples">e</a> '
      .. '<img src="performance.svg"> <a href="https://example.org/x.md">o</a> <a href="#x">x</a>'
    local led = links.lead(html, all["docs/recipes.md"], all, copied)
    assert.equal('<a href="../docs/manual/index.html#names">m</a> '
      .. '<a href="../examples/index.html">e</a> <img src="../docs/performance.svg"> '
      .. '<a href="https://example.org/x.md">o</a> <a href="#x">x</a>', led)
    assert.same({ ["docs/performance.svg"] = true }, copied)
  end)

  it("links names to their entries in the manual, but not in links and headings", function()
    local names = links.names()
    local page = { target = "docs/recipes.html" }
    local html = links.name("<h2><code>ssl.Error</code></h2><p><code>ssl.Error</code> "
      .. "<a href='#'><code>ssl.Error</code></a> <code>nonsense</code></p>", page, names)
    assert.equal('<h2><code>ssl.Error</code></h2><p><a class="name" '
      .. 'href="../docs/manual/ssl.html#sslerror"><code>ssl.Error</code></a> '
      .. "<a href='#'><code>ssl.Error</code></a> <code>nonsense</code></p>", html)
    for name, found in pairs(names) do
      local text = read((found.target:gsub("html$", "md")))
      assert(text:find("](" .. found.part, 1, true), name)
    end
  end)

  it("finds links that lead nowhere", function()
    local files = {
      ["a.html"] = '<h1 id="top"></h1><a href="b/c.html#here"></a><a href="#top"></a>',
      ["b/c.html"] = '<h1 id="here"></h1><a href="../a.html"></a><img src="d.svg">',
      ["b/d.svg"] = true }
    assert.same({}, links.check(files))
    files["a.html"] = '<a href="b/c.html#there"></a><a href="e.html"></a><a href="#top"></a>'
    assert.same({ "a.html: #top", "a.html: b/c.html#there", "a.html: e.html" }, links.check(files))
  end)

  it("cuts pages at their headings for the search", function()
    local pieces = search.pieces('<h1 id="t">Title</h1><p>one &amp; two</p>'
      .. '<h2 id="s"><code>f(x)</code></h2><pre>code &lt;close&gt;</pre>')
    assert.same({ { title = "Title", part = "", text = "one & two" },
      { title = "f(x)", part = "s", text = "code <close>" } }, pieces)
  end)

  it("writes the search's index as a script that ends nowhere early", function()
    local text = search.index({ { target = "a.html", title = 'A "page"\\',
      html = "<h1>A</h1><p>&lt;/script&gt; and\nü</p>" } })
    assert.is_truthy(utf8.len(search.index({ { target = "a", title = "b",
      html = "<h1>b</h1>x" .. ("ü"):rep(1000) } })))
    assert.equal('var SEARCH_INDEX = [\n["A","A \\u0022page\\u0022\\u005c","a.html",'
      .. '"<\\/script> and ü"]\n];\n', text)
  end)
end)
