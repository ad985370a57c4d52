local loops = require "support.loops"
local process = require "support.process"

local function example(name, ...)
  return process.run({ process.lua, "examples/" .. name .. ".lua", ... })
end

describe("any_loop.lua", function()
  for _, name in ipairs({ "blocking", table.unpack(loops.names) }) do
    if name == "blocking" or loops.new(name) then
      it("runs the same client " .. (name == "blocking" and "without a loop" or "under " .. name),
        function()
          assert.equal(("3 clients under %s: 9 lines came back\n"):format(name),
            (example("any_loop", name)))
        end)
    else
      pending(name .. " is not installed")
    end
  end
end)

describe("An example with an argument that it has not", function()
  for name, arguments in pairs({ any_loop = { "none" }, echo_client = { "localhost" },
      echo_server = { "port" }, https_server = { ".", "port" },
      idle_server = loops.new("cqueues") and { "many" } or nil }) do
    it("says how it is used: " .. name, function()
      local text, status = example(name, table.unpack(arguments))
      assert.equal(1, status)
      assert.matches("^usage: " .. name .. "%.lua [^\n]+\n$", text)
    end)
  end
end)

describe("idle_server.lua", function()
  if not loops.new("cqueues") then
    pending("cqueues is not installed")
    return
  end

  it("holds connections that say nothing, and loses none", function()
    local text, status = example("idle_server", "300")
    assert.equal(0, status, text)
    local kibibytes = text:match("^300 connections, 300 echoed, ([%d.]+) KiB of memory each\n$")
    assert(kibibytes, text)
  end)
end)

describe("mutual_tls.lua", function()
  it("serves whom it knows, as far as they may, and nobody else", function()
    local text, status = example("mutual_tls")
    assert.equal(0, status, text)
    for _, line in ipairs({ "alice: echo: one\n", "bob: you may not write\n",
        "a stranger: [^\n]*: %[SSL: TLSV1_ALERT_UNKNOWN_CA%]",
        "nobody: [^\n]*: %[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED%]" }) do
      assert.matches(line, text)
    end
  end)
end)

describe("tls_in_tls.lua", function()
  it("fetches a page over TLS inside TLS", function()
    assert.equal("TLSv1.3 around TLSv1.3\nHello through two tunnels.\n", (example("tls_in_tls")))
  end)
end)

describe("luv_object.lua", function()
  if not loops.new("luv") then
    pending("luv is not installed")
    return
  end

  it("speaks TLS over luv's streams", function()
    assert.equal("echoed: hello\n", (example("luv_object")))
  end)
end)

describe("starttls.lua", function()
  it("goes from plain to TLS and back", function()
    local text, status = example("starttls")
    assert.equal(0, status, text)
    assert.equal([[
S: 220 mail.test ESMTP
C: EHLO client.test
S: 250 STARTTLS
C: STARTTLS
S: 220 go ahead
   TLSv1.3
C: EHLO client.test
S: 250 AUTH PLAIN
C: XPLAIN
S: 220 in plain
   plain
C: EHLO client.test
S: 250 STARTTLS
C: QUIT
S: 221 bye
]], text)
  end)

  it("refuses a command slipped in before the handshake", function()
    local text, status = example("starttls", "inject")
    assert.equal(0, status, text)
    assert.matches("S: 501 no commands after STARTTLS\n$", text)
  end)
end)
