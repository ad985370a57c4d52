local command = require "support.command"
local files = require "ssl.testing.files"
local process = require "support.process"
local testing = require "ssl.testing"

local DAY = 86400

-- What `trust` says where OpenSSL looks at these.
local function trust(file, folder, ...)
  return command.shell(("SSL_CERT_FILE=%s SSL_CERT_DIR=%s %s"):format(process.quoted(file),
    process.quoted(folder), command.line("trust", ...)))
end

describe("lua-ssl trust", function()
  local good, over, soon, early, folder, paths

  before_each(function()
    local now = os.time()
    good, over = testing.CA({ common_name = "good" }), testing.CA({ common_name = "over",
      not_before = now - 9 * DAY, not_after = now - 3 * DAY })
    soon = testing.CA({ common_name = "soon", not_after = now + 5 * DAY })
    early = testing.CA({ common_name = "early", not_before = now + 4 * DAY })
    folder = files.folder()
    paths = folder:write({ ["a file"] = good.cert.pem .. over.cert.pem .. good.cert.pem,
      ["12345678.0"] = soon.cert.pem, ["12345678.1"] = early.cert.pem .. good.cert.pem,
      ["87654321.0"] = "junk", ["not-hashed.pem"] = testing.CA().cert.pem })
  end)

  after_each(function()
    good, over, soon, early, folder, paths = nil, nil, nil, nil, nil, nil
  end)

  it("tells the places, counts each authority once, and names those to look at", function()
    local out, err, status = trust(paths["a file"], folder.path)
    assert.same({ "", 0 }, { err, status })
    assert.matches("a file\n          by SSL_CERT_FILE\n          2 authorities", out, 1, true)
    assert.matches("by SSL_CERT_DIR\n          2 authorities", out, 1, true)
    assert.matches("Trusted authorities: 4\n", out, 1, true)
    assert.matches("CN=over: ended 3 days ago\n", out, 1, true)
    assert.matches("CN=soon: %d days left\n", out)
    assert.matches("CN=early: not valid for another %d days\n", out)
    assert.is_nil(out:find("CN=good", 1, true))
    assert.matches("CN=good: 3%d%d%d days left", (trust(paths["a file"], folder.path, "--all")))
  end)

  it("tells the same as JSON", function()
    local out = trust(paths["a file"], folder.path, "--json", "--all")
    local found = command.decode(out)
    assert.same({ 4, 3, 4 }, { found.count, #found.notable, #found.authorities })
    assert.same({
      { kind = "file", path = paths["a file"], variable = "SSL_CERT_FILE", set = true,
        authorities = 2 },
      { kind = "folder", path = folder.path, variable = "SSL_CERT_DIR", set = true,
        authorities = 2 },
    }, found.places)
    local states = {}
    for _, one in ipairs(found.notable) do states[one.subject:match("CN=(%w+)")] = one.state end
    assert.same({ over = "late", soon = "soon", early = "early" }, states)
  end)

  it("says so where all is well", function()
    local only = folder:write({ only = good.cert.pem }).only
    assert.matches("all are valid now, and for two weeks to come", trust(only, "/nowhere"), 1, true)
  end)

  it("fails where nobody is trusted, and says what to do", function()
    local out, err, status = trust("/nowhere/file", "/nowhere")
    assert.same({ "", 1 }, { err, status })
    assert.matches("Every server will be refused. Install the system's authorities", out, 1, true)
  end)

  it("looks into folders with odd names", function()
    local odd = folder.path .. "/it's; a $(folder)"
    assert(os.execute("mkdir " .. process.quoted(odd)))
    local file = folder:write({ ["it's; a $(folder)/12345678.0"] = good.cert.pem })
    local out = trust("/nowhere/file", odd)
    os.remove(next(file) and file["it's; a $(folder)/12345678.0"])
    assert(os.execute("rmdir " .. process.quoted(odd)))
    assert.matches("Trusted authorities: 1\n", out, 1, true)
  end)
end)
