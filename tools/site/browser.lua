-- Usage: lua5.4 tools/site/browser.lua SITE SHOTS     (needs Chromium)
-- Looks at a built site in headless Chromium, from the file system: takes pictures of some
-- pages, narrow and wide, light and dark; asks the search; and fails if a page is wider than a
-- telephone, keeps light colours in the dark, or if the search does not find what it should.

local SITE, SHOTS = assert(arg[1], "usage: browser.lua SITE SHOTS"), assert(arg[2])

local NARROW, WIDE = "390,844", "1440,1000"

local PICTURES = { "index", "docs/recipes", "docs/errors", "docs/handshake", "docs/architecture",
  "docs/manual/index", "docs/manual/SSLContext" }

-- What people type, and the page that comes first.
local QUESTIONS = {
  ["load_cert_chain"] = "docs/manual/SSLContext.html#sslcontextload_cert_chain",
  ["wireshark"] = "docs/recipes.html#decrypt-a-connection-with-wireshark",
  ["WRONG_VERSION_NUMBER"] = "docs/errors.html#wrong_version_number",
  ["ssl.testing.CA"] = "docs/manual/ssl.testing.html#ssltestingca",
  ["smtp"] = "docs/recipes.html#start-tls-in-smtp",
  ["recv_into"] = "docs/manual/SSLSocket.html#sslsocketrecv_into",
}

-- Put into copies of the pages, which then tell the page that holds them what they are like.
local PROBE = [[<script>
addEventListener("load", function () {
  var page = document.documentElement;
  parent.postMessage([location.pathname, page.scrollWidth - page.clientWidth,
    getComputedStyle(document.body).backgroundColor].join(" "), "*");
});
</script>]]

local HOLDER = [[<!DOCTYPE html><html><head><meta name="color-scheme" content="light dark"></head>
<body><pre id="told"></pre><script>
addEventListener("message", function (event) {
  document.getElementById("told").append(event.data + "\n");
});
</script>%s</body></html>]]

local failed = false
local function complain(format, ...)
  failed = true
  io.stderr:write("site: ", format:format(...), "\n")
end

local function lines_of(command)
  local list, pipe = {}, assert(io.popen(command))
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  return list
end

local function read(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read("a")
end

local function write(name, text)
  local file <close> = assert(io.open(name, "wb"))
  file:write(text)
end

local browser = lines_of("command -v chromium chromium-browser google-chrome")[1]
if not browser then
  print("site: skipped: there is no Chromium here")
  os.exit(true)
end

local here = lines_of("pwd")[1] .. "/"
local profile = lines_of("mktemp -d")[1]
local sandbox = lines_of("id -u")[1] == "0" and " --no-sandbox" or ""

-- What Chromium prints on a page, its complaints included.
local function look(page, size, options)
  return table.concat(lines_of(("timeout 120 %s --headless%s --disable-gpu --hide-scrollbars "
    .. "--user-data-dir=%s --window-size=%s %s 'file://%s' 2>&1"):format(browser, sandbox, profile,
    size, options, page)), "\n")
end

local function take_pictures()
  os.execute("mkdir -p " .. SHOTS)
  for _, page in ipairs(PICTURES) do
    for width, size in pairs({ narrow = NARROW, wide = WIDE }) do
      for mode, option in pairs({ light = "", dark = " --force-dark-mode" }) do
        local name = ("%s%s/%s-%s-%s.png"):format(SHOTS:find("^/") and "" or here, SHOTS,
          page:gsub("/", "."), width, mode)
        os.remove(name)
        look(here .. SITE .. "/" .. page .. ".html", size, "--screenshot=" .. name .. option)
        local file <close> = io.open(name, "rb")
        if not file or #file:read("a") < 10000 then complain("no picture: %s", name) end
      end
    end
  end
end

local function ask()
  for words, expected in pairs(QUESTIONS) do
    local dom = look(here .. SITE .. "/docs/python.html?q=" .. words, WIDE,
      "--virtual-time-budget=5000 --dump-dom")
    local first = dom:match('<ol class="results">%s*<li>%s*<a href="%.%./([^"]*)"') or "nothing"
    if first:sub(1, #expected) ~= expected then
      complain("the search for %s finds %s", words, first)
    end
  end
  local dom = look(here .. SITE .. "/index.html?q=nosuchword", WIDE,
    "--virtual-time-budget=5000 --dump-dom")
  if not dom:find('class="none">Nothing found', 1, true) then
    complain("the search finds what is not there")
  end
end

-- All pages in frames of a telephone's width, light and dark.
local function measure()
  local copy = lines_of("mktemp -d")[1]
  os.execute(("cp -r %s/. %s"):format(SITE, copy))
  local frames, count = {}, 0
  for _, page in ipairs(lines_of(("cd %s && find . -name '*.html' | sort"):format(copy))) do
    local text = read(copy .. "/" .. page)
    write(copy .. "/" .. page, (text:gsub("</head>", function() return PROBE .. "</head>" end)))
    frames[#frames + 1] = ('<iframe src="%s" width="390" height="844"></iframe>'):format(page)
    count = count + 1
  end
  write(copy .. "/holder.html", HOLDER:format(table.concat(frames, "\n")))
  for mode, ground in pairs({ [""] = "rgb(255, 255, 255)",
                              [" --force-dark-mode"] = "rgb(13, 17, 23)" }) do
    local told = look(copy .. "/holder.html", "1200,900",
      "--virtual-time-budget=20000 --dump-dom" .. mode):match('<pre id="told">(.-)</pre>') or ""
    local seen = 0
    for page, over, colour in told:gmatch("(%S+) (%-?%d+) (rgb%([%d, ]+%))") do
      seen = seen + 1
      if tonumber(over) > 0 then
        complain("%s is %s pixels too wide for a telephone", page:sub(#copy + 2), over)
      end
      if colour ~= ground then complain("%s has the colour %s", page, colour) end
    end
    if seen ~= count then complain("%d of %d pages have told how wide they are", seen, count) end
  end
  os.execute("rm -rf " .. copy)
end

take_pictures()
ask()
measure()
os.execute("rm -rf " .. profile)
if not failed then print(("site: fine; pictures are in %s"):format(SHOTS)) end
os.exit(not failed, true)
