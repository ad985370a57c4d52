local testing = require "ssl.testing"
local process = require "support.process"
local read = require "support.read"

-- The README's blocks of Lua, in their order.
local blocks = {}
for code in read("README.md"):gmatch("\n```lua\n(.-)```") do blocks[#blocks + 1] = code end

-- Runs before the client: every address is the local one, every port `%d`.
local to_port = [[
local methods = getmetatable(require("socket").tcp4()).__index
local real = methods.connect
function methods.connect(self) return real(self, "127.0.0.1", %d) end
require("socket").dns.getaddrinfo = function() return { { addr = "127.0.0.1" } } end
]]

-- Runs before the server: it takes a free port, which it tells.
local to_free_port = [[
local socket = require "socket"
local real = socket.bind
function socket.bind()
  local listener = assert(real("127.0.0.1", 0))
  print("port: " .. select(2, listener:getsockname()))
  io.stdout:flush()
  return listener
end
]]

-- The words of a command that runs a block in a folder, after a preamble.
local function words(folder, preamble, block)
  return { "sh", "-c", 'cd "$1" && exec "$2" -e "$3"', "sh", folder, process.lua,
    preamble .. block }
end

describe("The README", function()
  it("opens with the two commands", function()
    assert.matches("^# [^\n]+\n\n    make demo\n    make test\n", read("README.md"))
  end)

  it("has a client, a server and a test of about ten lines", function()
    assert.equal(3, #blocks)
    for _, code in ipairs(blocks) do
      assert.is_true(select(2, code:gsub("\n[^\n]", "")) <= 15)
    end
  end)

  -- What the client prints when a server with a certificate for `name` answers.
  local function run_client(name)
    local identity = testing.CA():issue(name)
    local files <close> = identity:files()
    local server <close> = testing.https({ ["/"] = "the page" },
      { ca = identity.issuer, identity = identity })
    return process.run(words(".", to_port:format(server.port), blocks[1]), "",
      "SSL_CERT_FILE=" .. files.ca)
  end

  it("has a client that fetches a page as it is pasted", function()
    local text, status = run_client("example.org")
    assert.equal(0, status, text)
    assert.matches("^HTTP/1%.%d 200 ", text)
    assert.matches("the page$", text)
  end)

  it("has a client that talks to no server that it cannot verify", function()
    local text, status = run_client("example.com")
    assert.equal(1, status)
    assert.matches("Hostname mismatch, certificate is not valid for 'example.org'", text, 1, true)
  end)

  it("has a server that serves with the files that the command makes", function()
    local folder = os.tmpname()
    os.remove(folder)
    local _ <close> = setmetatable({}, { __close = function()
      os.execute("rm -r " .. process.quoted(folder))
    end })
    local said, made = process.run({ process.lua, "bin/lua-ssl-cert",
      "--ca", "--names", "localhost", "--dir", folder })
    assert.equal(0, made, said)
    local server <close> = process.start(words(folder, to_free_port, blocks[2]))
    local port = server:expect("^port: (%d+)$")
    local text, status = process.run({ process.lua, "examples/https_get.lua",
      "https://localhost:" .. port .. "/", folder .. "/ca.pem" })
    assert.equal(0, status, text)
    assert.equal("Hello over TLS.\n", text)
  end)

  -- Its test is one of ours: the block calls busted's `it`.
  assert(load(blocks[3], "=README.md", "t", setmetatable({ it = it, assert = assert },
    { __index = _G })))()

  it("names files that are there", function()
    local text = read("README.md")
    for name in text:gmatch("`([%w%-_/]+/[%w%-_./]+)`") do
      assert(os.rename(name, name), name)
    end
  end)
end)
