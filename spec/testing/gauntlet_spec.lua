local socket = require "socket"
local ssl = require "ssl"
local system = require "support.system"
local testing = require "ssl.testing"

-- A client that fetches the page and checks what it is told to.
local function client(change)
  return function(host, port, cafile)
    local context = ssl.create_default_context({ cafile = cafile })
    local options = { server_hostname = host }
    if change then
      change(context, options)
    end
    local sock = assert(socket.connect("127.0.0.1", port))
    sock:settimeout(5)
    local conn <close> = context:wrap_socket(sock, options)
    conn:sendall("GET / HTTP/1.0\r\n\r\n")
    local parts = {}
    for part in function() return conn:recv(4096) end do
      parts[#parts + 1] = part
    end
    return table.concat(parts):find("hello$") ~= nil
  end
end

local function outcomes(result)
  local out = {}
  for _, row in ipairs(result.rows) do
    out[row.name] = row.outcome
  end
  return out
end

if system.windows then
  it("testing.gauntlet needs fork()", function()
    assert.tls_error(function() testing.gauntlet(client()) end, { class = "NotImplementedError" })
  end)
  return
end

describe("testing.gauntlet", function()
  it("finds a client that checks no host name", function()
    local result = testing.gauntlet(client(function(context)
      context.check_hostname = false
    end), { only = { "good", "expired", "wrong_host", "untrusted_root" } })
    assert.is_false(result.ok)
    assert.same({ "wrong_host" }, result.accepted)
  end)

  it("finds a client that takes any end of the stream for the answer's", function()
    assert.same({ "cut_stream" }, testing.gauntlet(client(), { only = { "cut_stream" } }).accepted)
    local careful = client(function(_, options) options.suppress_ragged_eofs = false end)
    assert.is_true(testing.gauntlet(careful, { only = { "cut_stream", "good" } }).ok)
  end)

  it("finds a client that trusts everybody", function()
    local names = { "self_signed", "bad_signature", "not_a_ca", "wrong_usage" }
    local result = testing.gauntlet(client(function(context)
      context.check_hostname = false
      context.verify_mode = ssl.CERT_NONE
    end), { only = names })
    assert.same(names, result.accepted)
  end)

  it("finds a client that waits for ever, and ends it", function()
    local begun = socket.gettime()
    local result = testing.gauntlet(client(), { only = { "stall_data" }, deadline = 0.5 })
    assert.equal("hung", result.rows[1].outcome)
    assert.is_false(result.ok)
    assert.same({}, result.accepted)
    assert.is_true(socket.gettime() - begun < 5)
  end)

  it("ends a command that waits for ever", function()
    local result = testing.gauntlet("cat /dev/zero", { only = { "good" }, deadline = 0.3 })
    assert.equal("hung", result.rows[1].outcome)
    result = testing.gauntlet("sleep 600", { only = { "good" }, deadline = 0.3 })
    assert.equal("hung", result.rows[1].outcome)
  end)

  it("finds nothing against a careful client", function()
    local result = testing.gauntlet(client(function(_, options)
      options.suppress_ragged_eofs = false
    end), { only = { "good", "single_bytes", "plain_text", "garbage_data", "altered_record",
      "reset_data", "old_tls_1_1", "nul_in_name", "weak_key", "sha1", "wildcard_too_wide",
      "ip_as_dns", "missing_intermediate", "revoked_staple", "unknown_signer" } })
    assert.is_true(result.ok, tostring(result))
    local by_name = outcomes(result)
    assert.equal("accepted", by_name.good)
    assert.equal("accepted", by_name.revoked_staple)  -- nobody told it to look
    assert.equal("accepted", by_name.unknown_signer)  -- by the trust anchor of its own
  end)

  it("runs commands, with the places filled in, by their exit status", function()
    local result = testing.gauntlet("test -r {cafile} -a {url} = https://localhost:{port}/",
      { only = { "good" } })
    assert.equal("accepted", result.rows[1].outcome)
    result = testing.gauntlet("sh -c 'echo no, {host} 1>&2; exit 7'", { only = { "wrong_host" } })
    assert.equal("refused", result.rows[1].outcome)
    assert.matches("no, ", result.rows[1].detail, 1, true)
  end)

  it("gives a table as text, with why each fault matters", function()
    local result = testing.gauntlet(function(host) return host == "localhost" end,
      { only = { "expired", "revoked", "ip_as_dns", "partial_wildcard" } })
    local text = tostring(result)
    assert.matches("! expired +accepted  It was valid until yesterday%.", text)
    assert.matches("  revoked +accepted  only with: revocation list", text)
    assert.matches("  ip_as_dns +refused", text)
    assert.matches("  partial_wildcard +left out", text)
  end)

  it("says what a client raised, and when its process ends without a word", function()
    local result = testing.gauntlet(function() error("no such thing", 0) end, { only = { "good" } })
    assert.equal("refused", result.rows[1].outcome)
    assert.equal("no such thing", result.rows[1].detail)
    result = testing.gauntlet(function() os.exit(0) end, { only = { "good" } })
    assert.equal("refused", result.rows[1].outcome)
    assert.matches("without a word", result.rows[1].detail)
  end)

  it("refuses clients and names that it does not know", function()
    assert.matches("string or function expected", select(2, pcall(testing.gauntlet, 1)))
    local ok, err = pcall(testing.gauntlet, "true", { only = { "expird" } })
    assert.is_false(ok)
    assert.matches("no trial is named 'expird'", err)
    assert.error_matches(function() testing.gauntlet("true", { jobs = 0 }) end,
      "bad value for 'jobs' %(1 or more expected%)")
  end)
end)
