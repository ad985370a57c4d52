local command = require "support.command"
local files = require "ssl.testing.files"
local main = require "ssl.command.main"
local process = require "support.process"
local ssl = require "ssl"

describe("lua-ssl", function()
  it("lists its commands", function()
    local out, err, status = command.run("--help")
    assert.same({ "", 0 }, { err, status })
    for _, name in ipairs(main.NAMES) do
      assert.matches(("\n  %-9s %s\n"):format(name, main.find(name).summary), out, 1, true)
    end
    assert.same({ out, "", 0 }, { command.run("-h") })
    assert.same({ out, "", 0 }, { command.run("help") })
  end)

  it("has help for each of them", function()
    for _, name in ipairs(main.NAMES) do
      local out, err, status = command.run(name, "--help")
      assert.same({ "", 0 }, { err, status })
      assert.matches("^Usage: lua%-ssl " .. name .. " ", out)
      assert.same({ out, "", 0 }, { command.run("help", name) })
    end
  end)

  it("tells the versions of all that it is made of", function()
    assert.same({ ("lua-ssl %s, %s, %s\n"):format(ssl.__version__, ssl.OPENSSL_VERSION, _VERSION),
      "", 0 }, { command.run("--version") })
  end)

  it("refuses what it does not understand, with status 2", function()
    for _, case in ipairs({
      { "which command? 'lua-ssl --help' lists them" },
      { "unknown command 'x\\x1B[1m'; 'lua-ssl --help' lists them", "x\27[1m" },
      { "unknown command 'main'; 'lua-ssl --help' lists them", "main" },
      { "unknown option '--x'; 'lua-ssl show --help' tells more", "show", "--x" },
      { "which file?; 'lua-ssl show --help' tells more", "show" },
      { "which host?; 'lua-ssl connect --help' tells more", "connect" },
      { "'b' is not expected; 'lua-ssl connect --help' tells more", "connect", "a", "b" },
      { "'a:b' is neither HOST nor HOST:PORT; 'lua-ssl connect --help' tells more", "connect",
        "a:b" },
      { "'a:0' is neither HOST nor HOST:PORT; 'lua-ssl connect --help' tells more", "connect",
        "a:0" },
      { "'https://a:b/' is neither HOST nor HOST:PORT; 'lua-ssl connect --help' tells more",
        "connect", "https://a:b/" },
      { "'https://a:65536/' is neither HOST nor HOST:PORT; 'lua-ssl scan --help' tells more",
        "scan", "https://a:65536/" },
      { "--policy decides what to look at: leave out --only; 'lua-ssl scan --help' tells more",
        "scan", "a", "--only=groups", "--policy=modern" },
      { "--key needs --cert; 'lua-ssl connect --help' tells more", "connect", "a", "--key=k" },
      { "--port needs a number up to 65535; 'lua-ssl serve --help' tells more", "serve",
        "--port=65536" },
      { "which host?; 'lua-ssl scan --help' tells more", "scan" },
      { "--only knows no 'x'; 'lua-ssl scan --help' tells more", "scan", "a", "--only=groups,x" },
      { "'x' is not expected; 'lua-ssl trust --help' tells more", "trust", "x" },
      { "give --names or --ca; 'lua-ssl cert --help' tells more", "cert" },
    }) do
      assert.same({ "", "lua-ssl: " .. case[1] .. "\n", 2 }, { command.run(table.unpack(case, 2)) })
    end
  end)

  it("has the options of lua-ssl-cert for its own certificates", function()
    local ours, theirs = {}, {}
    for _, option in ipairs(require("ssl.command.options").all(main.find("cert"))) do
      ours["--" .. option.name] = true
    end
    local text = process.run({ process.lua, "bin/lua-ssl-cert", "--help" })
    for name in text:gmatch("\n  (%-%-[%w-]+)") do theirs[name] = true end
    assert.same(theirs, ours)
  end)

  it("makes certificates as lua-ssl-cert does", function()
    local folder <close> = files.folder()
    local dir = folder.path .. "/certs"
    local out, err, status, _
    out, err, status = command.run("cert", "--ca", "--names", "localhost", "--dir", dir,
      "--days=5", "--key-type=Ed25519")
    assert.same({ "", 0 }, { err, status })
    assert.matches("wrote " .. dir .. "/key.pem (private)\n", out, 1, true)
    local text, ok = process.shell("openssl verify -CAfile %s/ca.pem -verify_hostname localhost "
      .. "%s/cert.pem", dir, dir)
    assert.is_true(ok, text)
    local found = command.decode((command.run("show", "--json", dir .. "/cert.pem")))[1]
    assert.equal("Ed25519", found.key.kind)
    assert.is_true(found.not_after - os.time() <= 5 * 86400)
    _, err, status = command.run("cert", "--names", "x.test", "--dir", "/proc/nowhere")
    assert.equal(1, status)
    assert.matches("^lua%-ssl: .*'/proc/nowhere'", err)
    os.execute("rm -r " .. dir)
  end)
end)

describe("The files in share/", function()
  it("are up to date: make manual", function()
    assert.same({}, require("tools.command").outdated())
    assert.matches("tools/command.lua", process.shell("make -n -o all manual"), 1, true)
  end)

  it("complete commands, options and their values in bash", function()
    command.needs(pending, "bash")
    local function complete(...)
      local words = { "lua-ssl", ... }
      for i, word in ipairs(words) do words[i] = process.quoted(word) end
      local program = ([[
        source share/bash-completion/completions/lua-ssl
        COMP_WORDS=(%s); COMP_CWORD=%d; _lua_ssl
        printf '%%s\n' "${COMPREPLY[@]}"]]):format(table.concat(words, " "), #words - 1)
      return (process.run({ "bash", "-c", program }))
    end
    assert.equal("connect\n", complete("con"))
    assert.equal("--servername\n", complete("connect", "--serv"))
    assert.equal("postgres\n", complete("connect", "--starttls", "post"))
    assert.equal("always\n", complete("show", "--colour", "al"))
    assert.equal("README.md\n", complete("show", "READ"))
    assert.equal("lua\n", complete("cert", "--dir", "lu"))
    for _, name in ipairs(main.NAMES) do
      for _, option in ipairs(main.find(name).options) do
        assert.matches("--" .. option.name .. "\n", complete(name, "--" .. option.name), 1, true)
      end
    end
  end)

  it("describe each option in the manual page, which man can read", function()
    command.needs(pending, "man")
    local text = process.run({ "man", "-l", "--warnings", "share/man/man1/lua-ssl.1" }, "",
      "MANWIDTH=1000 LC_ALL=C.UTF-8 MANPAGER=cat"):gsub(".\8", ""):gsub("‐\n *", ""):gsub("‐", "-")
    assert.is_nil(text:find("warning", 1, true))
    for _, name in ipairs(main.NAMES) do
      assert.matches("lua-ssl " .. name, text, 1, true)
      for _, option in ipairs(main.find(name).options) do
        assert.matches("--" .. option.name, text, 1, true)
      end
    end
  end)
end)
