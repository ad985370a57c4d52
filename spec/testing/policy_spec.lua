local ssl = require "ssl"
local system = require "support.system"
local testing = require "ssl.testing"

-- A server as Mozilla's profiles want it; `change(server, ca, options)` breaks it.
local function server_of(profile, change)
  local ca = testing.CA()
  local options = { not_after = os.time() + 80 * 86400 }
  local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  server.minimum_version = profile == "modern" and ssl.TLSVersion.TLSv1_3 or ssl.TLSVersion.TLSv1_2
  server:set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
  server:set_groups("X25519:P-256:P-384")
  if change then
    change(server, ca, options)
  end
  ca:issue("localhost", options):configure_cert(server)
  return server
end

-- The rules that a report calls broken, and the first fault of each.
local function broken(report)
  local out = {}
  for _, line in ipairs(report.lines) do
    if not line.ok then
      out[#out + 1] = line.rule .. ": " .. line.faults[1]
    end
  end
  return table.concat(out, "; ")
end

describe("testing.policy.check", function()
  for _, profile in ipairs({ "modern", "intermediate" }) do
    it("finds nothing wrong with a server that is set up for the profile " .. profile, function()
      local report = testing.policy.check(server_of(profile), profile)
      assert.is_true(report.ok, tostring(report))
      assert.matches("^policy '" .. profile .. "' %(Mozilla 6.0%): 0 of", tostring(report))
    end)
  end

  -- what is done to a good server, and the line that then breaks
  local faults = {
    { "versions: it speaks TLSv1", function(server)
      server:set_ciphers("ALL:@SECLEVEL=0")
      server.minimum_version = -2
    end },
    { "ciphers: TLSv1.2 takes TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: CBC", function(server)
      server:set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    end },
    { "groups: TLSv1.2 takes secp521r1", function(server) server:set_groups("P-521:X25519") end },
    { "lifetime_days: it lives for 401 days", function(_, _, options)
      options.not_after = os.time() + 400 * 86400
    end },
    { "rsa_bits: its RSA key has 1024 bits, not 2048", function(server, _, options)
      server:set_ciphers("ECDHE+AESGCM:@SECLEVEL=1")
      options.key_type = "RSA-1024"
    end },
    { "key_types: its key is Ed25519", function(_, _, options) options.key_type = "Ed25519" end },
    { "certificate_signatures: 'O=ssl.testing' is signed by ecdsa-with-SHA224",
      function(_, _, options) options.digest = "SHA224" end },
    { "stapling: it staples no OCSP response", function(_, _, options)
      options.ocsp = "http://ocsp.test/"
    end },
    { "client_renegotiation: a client may begin", function(server)
      server.options = server.options | 0x100  -- SSL_OP_ALLOW_CLIENT_RENEGOTIATION
    end },
  }
  for _, fault in ipairs(faults) do
    it("finds what is wrong: " .. fault[1], function()
      local report = testing.policy.check(server_of("intermediate", fault[2]), "intermediate")
      assert.is_false(report.ok)
      assert.matches(fault[1], broken(report), 1, true)
    end)
  end

  it("knows what no profile asks for", function()
    local server = server_of("intermediate")
    local stranger = ssl.create_default_context()
    local report = testing.policy.check(server, {
      required_versions = { "TLSv1.1" }, required_groups = { "X25519", "secp521r1" },
      names = { "localhost", "www.example.test" }, days_left = 365, trusted_by = stranger,
      resumption = false, tickets = 1, ticket_lifetime = 60, alpn = { "h2" },
      signatures = { "ed25519" }, server_order = false, tolerance = true,
    }, { host = "localhost" })
    local by_rule = {}
    for _, line in ipairs(report.lines) do
      by_rule[line.rule] = line.faults[1] or "fine"
    end
    assert.equal("it does not speak TLSv1.1", by_rule.required_versions)
    assert.equal("it does not take secp521r1", by_rule.required_groups)
    assert.equal("it does not name www.example.test; it names localhost", by_rule.names)
    assert.matches("^%d+ days are left, not 365$", by_rule.days_left)
    assert.matches("^the client says: ", by_rule.trusted_by)
    assert.equal("it resumes sessions", by_rule.resumption)
    assert.matches("^it sends %d tickets, more than 1$", by_rule.tickets)
    assert.matches("^a ticket is good for %d+ seconds, more than 60$", by_rule.ticket_lifetime)
    assert.equal("it does not take 'h2'", by_rule.alpn)
    assert.matches("signs by ecdsa_secp256r1_sha256", by_rule.signatures)
    assert.matches("the server decides", by_rule.server_order)
    assert.equal("fine", by_rule.tolerance)
  end)

  it("adds rules to a profile's, and replaces them", function()
    local server = server_of("intermediate", function(s) s:set_groups("P-521") end)
    assert.is_true(testing.policy.check(server, {
      profile = "intermediate", groups = { "P-521" }, days_left = 10,
    }).ok)
  end)

  it("looks only at what the rules ask for", function()
    local server = server_of("modern")
    local few = testing.policy.check(server, { versions = { "TLSv1.3" } }).found
    assert.is_nil(few.chains)
    assert.is_nil(few.rubbish)
    local all = testing.policy.check(server, "modern").found
    assert.is_true(few.probes < all.probes)
  end)

  it("says so where a rule has no meaning", function()
    local report = testing.policy.check(server_of("modern"),
      { secure_renegotiation = true, dh_bits = 2048, downgrade = true, rsa_bits = 2048 })
    assert.is_true(report.ok)
    for _, line in ipairs(report.lines) do
      assert.is_false(line.applies, line.rule)
    end
    assert.matches("dh_bits (does not apply)", tostring(report), 1, true)
  end)

  it("fails for a server that speaks no TLS", function()
    local report = testing.policy.check(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "modern")
    assert.is_false(report.ok)
    assert.matches("no version of TLS was agreed on", tostring(report))
  end)

  it("finds a server that answers to plain text", function()
    local server = testing.server({ garbage = "handshake" })
    local report = testing.policy.check(server, { rubbish = true }, { timeout = 1 })
    assert.is_false(report.ok)
  end)

  it("finds a server that goes on in plain after STARTTLS", function()
    local low, socket = require "_ssl_testing", require "socket"
    if not low.fork then
      return pending("needs fork()")
    end
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local process = low.fork(function()
      while true do
        local client = listener:accept()
        while client:receive(1) do
          client:send("220 go ahead\r\n")
        end
        client:close()
      end
    end, listener:getfd())
    listener:close()
    local report = testing.policy.check("127.0.0.1:" .. port, { rubbish = true }, {
      timeout = 1, prepare = function(sock)
        sock:send("\n")
        assert(sock:receive("*l") == "220 go ahead")
      end,
    })
    process:close()
    assert.is_false(report.ok)
    assert.matches("no version of TLS was agreed on", report:failures(), 1, true)
  end)

  it("takes a test's server, \"host:port\", and a table", function()
    if system.windows then return pending("there is no fork") end
    local server = testing.server()
    for _, target in ipairs({ server, "localhost:" .. server.port,
      { host = "localhost", port = server.port } }) do
      local report = testing.policy.check(target, { names = { "localhost" }, chain_order = true })
      assert.is_true(report.ok, tostring(report))
      assert.matches("by localhost:" .. server.port, tostring(report), 1, true)
    end
  end)

  it("refuses rules, names and profiles that do not exist", function()
    local server = server_of("modern")
    for wanted, message in pairs({
      old = "no profile is named 'old'",
      [{ version = { "TLSv1.3" } }] = "no rule is named 'version'",
      [{ versions = "TLSv1.3" }] = "table expected for 'versions', got string",
      [{ versions = { "TLS 1.3" } }] = "no version is named 'TLS 1.3'",
      [{ ciphers = { "AES" } }] = "no cipher is named 'AES'",
      [{ groups = { "P-257" } }] = "no group is named 'P-257'", [7] = "got number",
    }) do
      local ok, err = pcall(testing.policy.check, server, wanted)
      assert.is_false(ok)
      assert.matches(message, err, 1, true)
    end
    assert.matches("host:port", select(2, pcall(testing.policy.check, "localhost", "modern")))
  end)
end)

describe("assert.tls_policy", function()
  it("passes, and gives the report", function()
    local report = assert.tls_policy(server_of("modern"), "modern")
    assert.is_true(report.ok)
  end)

  it("says which rule is broken, how, and why it matters", function()
    local server = testing.server()
    local ok, err = pcall(assert.tls_policy, server,
      { versions = { "TLSv1.3" }, chain_order = true })
    assert.is_false(ok)
    local text = type(err) == "table" and tostring(err.message or err) or tostring(err)
    assert.matches("1 of 2 rules broken by localhost:%d+", text)
    assert.matches("BROKEN  versions: it speaks TLSv1.2", text, 1, true)
    assert.matches("talks down to an old version", text, 1, true)
    assert.not_matches("chain_order", text)
    assert.not_matches("%%s", text)
  end)
end)
