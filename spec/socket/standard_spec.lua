local command = require "support.command"
local process = require "support.process"

-- What a program of Lua's prints that gets `line` of the shell as its input.
local function piped(line, program)
  return (process.shell("%s | %s -e %s", line, process.lua, process.quoted(
    "local _ssl = require '_ssl' " .. program)))
end

describe("Standard input, read past Lua's buffer", function()
  it("gives what is there, at least a byte, and nil at the end", function()
    assert.equal("abc\nd\nnil\nnil\n", piped("printf abcd", [[
      print(_ssl._readinput(3))
      print(_ssl._readinput(65536))
      print(_ssl._readinput(1))
      print(_ssl._readinput(1)) ]]))
  end)

  it("does not wait for more than what is there", function()
    assert.equal("a\nb\nnil\n", piped("{ printf a; sleep 0.05; printf b; }", [[
      for _ = 1, 3 do
        _ssl._poll({ 0 }, { "read" })
        print(_ssl._readinput(100))
      end ]]))
  end)

  it("gives an empty string where a descriptor that does not block has nothing", function()
    command.needs(pending, "python3")
    local program = "import os, subprocess, sys; r, w = os.pipe(); os.set_blocking(r, False); "
      .. "sys.exit(subprocess.call(sys.argv[1:], stdin=r))"
    local text = process.run({ "python3", "-c", program, process.lua, "-e",
      "print(#require('_ssl')._readinput(10))" })
    assert.equal("0\n", text)
  end)

  it("is refused where it is closed, and for a size that cannot be", function()
    assert.matches("OSError\t9\n", (process.shell("%s -e %s <&-", process.lua, process.quoted([[
      local ssl = require "ssl"
      local ok, err = pcall(require("_ssl")._readinput, 1)
      print(ssl.isinstance(err, ssl.OSError) and "OSError", err.errno)]]))))
    for _, size in ipairs({ "0", "65537", "'x'" }) do
      assert.matches("false\tbad argument #1 to ", piped("true",
        ("print(pcall(_ssl._readinput, %s))"):format(size)), 1, true)
    end
  end)
end)

describe("A terminal", function()
  it("is told from a pipe and a file", function()
    local program = "local f = require('_ssl')._isterminal print(f(0), f(1), pcall(f, 3))"
    assert.matches("^false\tfalse\tfalse\t.*0 to 2 expected", (process.shell("%s -e %s </dev/null",
      process.lua, process.quoted(program))))
    assert.matches("^true\ttrue\tfalse", (process.run(command.on_terminal(pending, process.lua,
      "-e", program))))
  end)
end)
