local command = require "support.command"
local findings = require "ssl.command.findings"
local process = require "support.process"
local ssl = require "ssl"
local start = require "support.plain_starts"
local testing = require "ssl.testing"

describe("lua-ssl scan", function()
  local ca, cafile

  before_each(function() ca, cafile = command.authority() end)
  after_each(function() ca = nil end)

  local function scan(server, ...)
    return command.run("scan", "localhost:" .. server.port, "--cafile", cafile, ...)
  end

  -- A server that speaks what this OpenSSL can be made to.
  local function old_server()
    return start(function() end, ca:issue("localhost", { key_type = "RSA-2048" }), function(ctx)
      ctx:set_ciphers("ALL:@SECLEVEL=0")
      ctx.minimum_version = ssl.TLSVersion.TLSv1
    end)
  end

  local function good_server()
    return start(function() end, ca:issue("localhost", "127.0.0.1"))
  end

  local function marked(list, mark)
    local out = {}
    for _, one in ipairs(list) do
      if one.mark == mark then out[#out + 1] = one.text end
    end
    return table.concat(out, "\n")
  end

  it("marks what a server offers, and finds nothing bad in a good one", function()
    local server <close> = good_server()
    local out, err, status = command.shell("LC_ALL=C.UTF-8 " .. command.line("scan",
      "localhost:" .. server.port, "--cafile", cafile) .. " </dev/null")
    assert.same({ "", 0 }, { err, status })
    for _, line in ipairs({ "  ✓ TLSv1.3\n", "  ✓ TLSv1.1 is not offered\n", "\nCiphers\n",
      "  ✓ TLSv1.3 TLS_AES_256_GCM_SHA384, 256 bits\n", "\nGroups\n", "\nSignature algorithms\n",
      "  ✓ trusted\n", "    no OCSP response is stapled\n", "    by ticket (TLS 1.2)\n",
      "  ✓ secure renegotiation (RFC 5746)\n", "  ✓ plain HTTP: " }) do
      assert.matches(line, out, 1, true)
    end
    assert.is_nil(out:find("✗", 1, true))
  end)

  it("finds what is bad in an old one, and fails", function()
    local server <close> = old_server()
    local out, err, status = scan(server, "--json", "--servername", "other.test", "--only",
      "ciphers,trust")
    assert.same({ "", 1 }, { err, status })
    local list = command.decode(out).findings
    local bad, weak = marked(list, "bad"), marked(list, "weak")
    assert.matches("TLSv1.1 is offered: its use is forbidden", bad, 1, true)
    assert.matches("_anon_[%w_]+, %d+ bits: nobody proves who the server is", bad)
    assert.matches("not trusted: ", bad, 1, true)
    assert.matches("TLS_RSA_WITH_AES_128_GCM_SHA256, 128 bits: whoever gets", weak, 1, true)
  end)

  it("finds the versions and ciphers that sslscan finds", function()
    command.needs(pending, "sslscan")
    for _, make in ipairs({ old_server, good_server }) do
      local server <close> = make()
      local text = process.run({ "sslscan", "--xml=-", "--no-heartbleed", "127.0.0.1:"
        .. server.port })
      local theirs, ours = {}, {}
      for version, id in text:gmatch('<cipher status="%w+" sslversion="([^"]+)".-id="0x(%x+)"') do
        theirs[version:gsub("1%.0$", "1") .. " " .. tonumber(id, 16)] = true
      end
      local found = command.decode((scan(server, "--json", "--only=ciphers"))).found
      assert.is_nil(found.rubbish)
      local missing = {}
      for version, suites in pairs(found.ciphers) do
        for _, suite in ipairs(suites) do
          ours[version .. " " .. math.tointeger(suite.code)] = true
        end
      end
      for name in pairs(theirs) do
        if not ours[name] then missing[#missing + 1] = name end
      end
      assert.is_true(next(theirs) ~= nil, text)
      assert.same({}, missing)  -- what sslscan cannot offer may be in ours alone
    end
  end)

  it("writes JSON in which lists are lists, and bytes are in PEM alone", function()
    local server <close> = good_server()
    local out = scan(server, "--json", "--only=alpn,certificates")
    local found = command.decode(out).found
    assert.matches('"alpn": []', out, 1, true)
    assert.matches('"faults": []', out, 1, true)
    assert.is_nil(out:find("{}", 1, true))
    assert.matches("-----BEGIN CERTIFICATE-----", found.chains[1][1].pem, 1, true)
    for name, value in pairs(found.chains[1][1]) do
      assert(type(value) ~= "string" or not value:find("[^%g%s]"), name)
    end
  end)

  it("holds a server to a profile, and says why its rules matter", function()
    local server <close> = good_server()
    local out, err, status = command.shell("LC_ALL=C " .. command.line("scan",
      "localhost:" .. server.port, "--cafile", cafile, "--policy", "modern"))
    assert.same({ "", 1 }, { err, status })
    assert.matches("Rules kept\n", out, 1, true)
    assert.matches("Rules broken\n", out, 1, true)
    assert.matches("  !! versions: it speaks TLSv1.2 (", out, 1, true)
  end)

  it("speaks another protocol first", function()
    local server <close> = start("pop3", ca:issue("localhost"))
    local out, err = scan(server, "--starttls", "pop3", "--policy=modern", "--json", "--timeout=2")
    assert.equal("", err)
    assert.matches("it speaks TLSv1.2", out, 1, true)
  end)

  it("says so where there is no TLS, or nobody", function()
    local server <close> = testing.server({ ca = ca, plain = "220 hello\27[2J\r\n" })
    local out, _, status = scan(server, "--timeout=1")
    assert.equal(1, status)
    assert.matches("no version of TLS", out, 1, true)
    server:close()
    local err
    out, err, status = scan(server)
    assert.same({ "", 1 }, { out, status })
    assert.matches("^lua%-ssl: ", err)
  end)
end)

describe("Each finding", function()
  it("is bad only where old clients are no excuse", function()
    local function of(suite)
      suite.name, suite.bits = "X", 128
      local list = findings.of({ speaks_tls = true, versions = {},
        ciphers = { ["TLSv1.2"] = { suite } } })
      for _, one in ipairs(list) do
        if one.topic == "Ciphers" then return one.mark end
      end
    end
    assert.equal("good", of({ faults = {}, forward_secret = true, encryption = "AES_128_GCM" }))
    assert.equal("weak", of({ faults = { "a" }, encryption = "AES_128_GCM" }))
    assert.equal("weak", of({ faults = { "a", "b" }, encryption = "AES_128_CBC_SHA" }))
    assert.equal("bad", of({ faults = { "a", "b", "c" }, encryption = "3DES_EDE_CBC_SHA" }))
    assert.equal("bad", of({ faults = { "a" }, forward_secret = true, encryption = "RC4_128_SHA" }))
  end)
end)
