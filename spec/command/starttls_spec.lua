local command = require "support.command"
local process = require "support.process"
local start = require "support.plain_starts"
local starttls = require "ssl.command.starttls"

describe("lua-ssl connect --starttls", function()
  local ca, cafile

  before_each(function() ca, cafile = command.authority() end)
  after_each(function() ca = nil end)

  local function connect(protocol, port, ...)
    return command.feed("hello", "connect", "localhost:" .. port, "--starttls", protocol,
      "--cafile", cafile, "--half-close", "--quiet", ...)
  end

  for _, protocol in ipairs(starttls.NAMES) do
    it("speaks " .. protocol .. " as OpenSSL's client does", function()
      local server <close> = start(protocol, ca:issue("localhost"))
      assert.same({ "hello", "", 0 }, { connect(protocol, server.port) })
      local text = process.run({ "openssl", "s_client", "-connect", "localhost:" .. server.port,
        "-starttls", protocol, "-CAfile", cafile, "-verify_return_error" }, "")
      assert.matches("Verification: OK", text, 1, true)
    end)
  end

  it("has a default port for each of them", function()
    for _, protocol in ipairs(starttls.NAMES) do
      assert.is_true(math.type(starttls.PORTS[protocol]) == "integer", protocol)
    end
  end)

  -- What a server says and does in place of the dialog, and what is made of it.
  local function hostile(protocol, dialog, expected, ...)
    local server <close> = start(dialog, ca:issue("localhost"))
    local out, err, status = connect(protocol, server.port, ...)
    assert.same({ "", 1 }, { out, status })
    assert.matches(expected, err, 1, true)
    assert.is_nil(err:gsub("\n$", ""):find("[%c\127]"))
  end

  local function says(text, last)
    return function(conn)
      conn:send(text)
      conn:receive("*l")
      conn:send(last or "")
      conn:receive("*a")
    end
  end

  it("believes nothing that came in the clear", function()
    hostile("pop3", function(conn)
      conn:send("+OK ready\r\n")
      conn:receive("*l")
      conn:send("+OK begin\r\n+OK injected\r\n")
      conn:receive("*a")
    end, "has sent bytes in the clear where TLS should begin")
  end)

  it("refuses a server that does not go over to TLS, and shows what it says", function()
    hostile("pop3", says("+OK\r\n", "-ERR no\27[2J TLS\r\n"),
      "does not start TLS for pop3: it says '-ERR no\\x1B[2J TLS'")
    hostile("imap", says("* BYE busy\r\n"), "does not start TLS for imap: it says '* BYE busy'")
    hostile("smtp", says("554 no\r\n"), "does not start TLS for smtp: it says '554 no'")
    hostile("postgres", function(conn) conn:receive(8) conn:send("N") end,
      "does not start TLS for postgres: it says 'N'")
    hostile("mysql", says("\5\0\0\0\10abc\0"), "does not offer TLS for mysql")
    hostile("mysql", says("\0\0\0\0\0"), "does not offer TLS for mysql")
    hostile("xmpp", says("</stream:features><failure/>"), "does not start TLS for xmpp")
    hostile("ldap", function(conn)
      conn:receive(31)
      conn:send("\x30\x0C\2\1\1\x78\7\10\1\2\4\0\4\0")
    end, "does not start TLS for ldap")
    hostile("ftp", function(conn) conn:close() end,
      "closed the connection before TLS: does it speak ftp here?")
  end)

  it("does not listen for ever", function()
    hostile("smtp", says(("x"):rep(5000)), "line is too long before TLS")
    hostile("smtp", says(("220-x\r\n"):rep(300)), "says too much before TLS")
    hostile("xmpp", says((" "):rep(70000)), "says too much before TLS")
    hostile("imap", says("* OK\r\n"), "did not answer in time, before TLS", "--timeout", "0.3")
    hostile("ldap", function(conn)
      conn:receive(31)
      conn:send("\x30\x84\xFF\xFF\xFF\xFF")
      conn:close()
    end,
      "closed the connection before TLS")
  end)
end)
