-- The runner of the specs, with files that end in every way there is.

local files = require "ssl.testing.files"
local loopback = require "support.loopback"
local process = require "support.process"

local folder

-- Files of these contents as words for a command, in the order of their names.
local function written(contents)
  local named, paths = {}, {}
  for name, code in pairs(contents) do named[name .. "_spec.lua"] = code end
  for _, path in pairs(folder:write(named)) do paths[#paths + 1] = path end
  table.sort(paths)
  return paths
end

local function command(limit, paths)
  return { "env", "JOBS=2", "LIMIT=" .. limit, "UNDER=", "LSSL_BUILD=" .. folder.path,
    "sh", "tools/suite.sh", table.unpack(paths) }
end

-- What the runner prints, the folder left out, and its exit status.
local function run(limit, contents, ...)
  local paths = written(contents)
  table.move({ ... }, 1, select("#", ...), #paths + 1, paths)
  local text, status = process.run(command(limit, paths))
  local own = (folder.path .. "/"):gsub("%p", "%%%0")
  return text:gsub(own, ""), status
end

-- The lines that name a failed file again, sorted, without the seconds; the last one.
local function ending(text)
  local failed = {}
  for line in text:gmatch("\nFAILED ([^\n]+)") do
    failed[#failed + 1] = line:gsub("skipped, [%d.]+ s", "skipped")
  end
  table.sort(failed)
  return failed, text:match("([^\n]+)\n$")
end

describe("The runner of the specs", function()
  before_each(function() folder = files.folder() end)

  after_each(function()
    os.remove(folder.path .. "/times")
    folder:close()
  end)

  it("prints one line for a file that passes, what it complained of, and the sum", function()
    local text, status = run(100, {
      one = [[it("passes", function() end) it("waits", function() pending("x") end)]],
      two = [[io.stderr:write("careful\n") it("passes", function() io.write("much") end)]],
    })
    assert.equal(0, status, text)
    assert.matches("one_spec.lua: 1 passed, 0 failed, 1 skipped, [%d.]+ s\n", text)
    assert.matches("two_spec.lua: 1 passed, 0 failed, 0 skipped, [%d.]+ s\ncareful\n", text)
    assert.is_nil(text:find("much", 1, true))
    assert.same({ {}, "2 passed, 0 failed, 1 skipped" }, { ending(text) })
  end)

  it("counts, shows and names every file that fails", function()
    local text, status = run(100, {
      bad = [[it("a", function() assert.equal(1, 2) end) it("b", function() error("boom") end)
        it("c", function() end)]],
      crashing = [[it("a", function() os.execute("kill -KILL $PPID") end)]],
      empty = "",
      exiting = [[it("a", function() os.exit(0) end)]],
      unloadable = [[it("a", function(]],
      whole = [[it("a", function() end)]],
    }, "missing_spec.lua")
    assert.equal(1, status, text)
    assert.matches("boom", text, 1, true)
    assert.matches("Expected objects to be equal", text, 1, true)
    local failed, last = ending(text)
    assert.same({
      "bad_spec.lua: 1 passed, 2 failed, 0 skipped",
      "crashing_spec.lua: 0 passed, 1 failed, 0 skipped: signal 9",
      "empty_spec.lua: 0 passed, 1 failed, 0 skipped: no specs",
      "exiting_spec.lua: 0 passed, 1 failed, 0 skipped: ended early",
      "missing_spec.lua: 0 passed, 2 failed, 0 skipped",
      "unloadable_spec.lua: 0 passed, 1 failed, 0 skipped",
    }, failed)
    assert.equal("2 passed, 8 failed, 0 skipped", last)
  end)

  it("ends a file that takes too long", function()
    local hanging = [[it("hangs", function() os.execute("sleep 60") end)]]
    local text, status = run(1, { one = hanging, two = hanging })
    assert.equal(1, status, text)
    assert.same({ {
      "one_spec.lua: 0 passed, 1 failed, 0 skipped: more than 1 s",
      "two_spec.lua: 0 passed, 1 failed, 0 skipped: more than 1 s",
    }, "0 passed, 2 failed, 0 skipped" }, { ending(text) })
  end)

  it("takes the processes that a file started with it when it is ended", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    listener:settimeout(60)
    local waiting = ("require('socket').connect('127.0.0.1', %d):receive(1)"):format(port)
    local hanging = ("it('hangs', function() os.execute(%q) end)"):format(
      process.lua .. " -e " .. process.quoted(waiting) .. "; true")
    local runner <close> = process.start(command(100, written({ a = hanging, b = hanging })))
    local one, other = net:add(listener:accept()), net:add(listener:accept())
    runner:stop()
    for _, conn in ipairs({ one, other }) do
      conn:settimeout(30)
      assert.equal("closed", select(2, conn:receive(1)))
    end
  end)

  it("is busted itself for one file, or with options of busted's", function()
    local text = run(100, { one = [[it("passes", function() end)]] })
    assert.matches("\n1 success / 0 failures / 0 errors / 0 pending : ", text)
    text = run(100, { two = [[it("passes", function() end)]] }, "--list")
    assert.matches("^[^\n]*passes\n$", text)
  end)
end)
