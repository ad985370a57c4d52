-- Usage: make limbo CASES=limbo.json [PROFILE=none]
-- Gives each case of x509-limbo to SSLContext:verify_certificate and, where it has a
-- key and wants no certain time or depth, to a handshake in memory as well; both have
-- to come to the same verdict. PROFILE is a certificate_profile ("webpki" if nothing
-- is said, "none" for CPython's rules). Prints every case that ends otherwise than
-- x509-limbo expects, with the reason in explained.lua, which is checked: does
-- `openssl verify` say the same, does another case expect the opposite? Fails where
-- there is no reason, where it does not hold, and where it is no longer needed.

local json = require "dkjson"
local ssl = require "ssl"
local testing = require "ssl.testing"
local explained = require "limbo.explained"
local openssl = require "limbo.openssl"

local path, profile = arg[1], arg[2] ~= "" and arg[2] or "webpki"
if not path or path == "" then
  io.stderr:write("make limbo CASES=limbo.json: what x509-limbo's `limbo compile` writes\n")
  os.exit(2)
end

local function read(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read("a")
  file:close()
  return assert(json.decode(text, 1, nil))
end

-- "2024-03-01T00:00:00.999+00:00" in seconds since 1970, without the fraction.
local function seconds(text)
  if not text then return nil end
  local y, m, d, rest = text:match("^(%d+)%-(%d+)%-(%d+)T(%d+:%d+:%d+)")
  local month = ({ "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
    "Dec" })[tonumber(m)]
  return ssl.cert_time_to_seconds(("%s %2d %s %d GMT"):format(month, d, rest, y))
end

-- Who checks: a client if the case is about a server, and the reverse.
local function checker(case)
  local servers = case.validation_kind == "SERVER"
  local ctx = ssl.create_default_context(servers and ssl.Purpose.SERVER_AUTH
    or ssl.Purpose.CLIENT_AUTH, { cadata = table.concat(case.trusted_certs, "\n") })
  ctx.verify_mode = ssl.CERT_REQUIRED
  ctx.verify_flags = ctx.verify_flags | ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
  ctx.certificate_profile = profile ~= "none" and profile or nil
  for _, crl in ipairs(case.crls) do
    ctx:load_crl(crl)
    ctx.verify_flags = ctx.verify_flags | ssl.VERIFY_CRL_CHECK_LEAF
  end
  return ctx
end

-- The names that the certificate has to have, all of them; false for none.
local function names(case)
  local list = {}
  for _, name in ipairs(case.expected_peer_names) do list[#list + 1] = name.value end
  list[#list + 1] = case.expected_peer_name and case.expected_peer_name.value
  return #list > 0 and list or { false }
end

local function verify(case)
  local ctx = checker(case)
  local certificates = { case.peer_certificate, table.unpack(case.untrusted_intermediates) }
  for _, name in ipairs(names(case)) do
    ctx:verify_certificate(certificates, {
      name = name or nil, time = seconds(case.validation_time), depth = case.max_chain_depth,
    })
  end
end

local function has_handshake(case)
  return case.peer_certificate_key and not case.validation_time and not case.max_chain_depth
end

-- The other side, which shows the case's certificate and takes any.
local function shower(case)
  local servers = case.validation_kind == "SERVER"
  local ctx = ssl.SSLContext(servers and ssl.PROTOCOL_TLS_SERVER or ssl.PROTOCOL_TLS_CLIENT)
  ctx.check_hostname = false
  ctx.verify_mode = ssl.CERT_NONE
  ctx:set_ciphers("ALL:@SECLEVEL=0")
  ctx:load_cert_chain({
    certdata = case.peer_certificate .. "\n" .. table.concat(case.untrusted_intermediates, "\n"),
    keydata = case.peer_certificate_key,
  })
  return ctx
end

local own = testing.CA():issue("localhost")

-- What the checking side's handshake raises, nil if nothing; and whether there was
-- one, since some keys fit no cipher.
local function shake(case)
  local ctx, other = checker(case), shower(case)
  if case.validation_kind == "SERVER" then
    local name = case.expected_peer_name and case.expected_peer_name.value
    ctx.check_hostname = name ~= nil
    local outcome = testing.pair({ client = ctx, server = other, server_hostname = name })
      :handshake()
    return outcome.client.error, outcome.server.error
  end
  own:configure_cert(ctx)
  local outcome = testing.pair({ client = other, server = ctx }):handshake()
  return outcome.server.error, outcome.client.error
end

-- "SUCCESS" or "FAILURE", and why.
local function verdict(case)
  local ok, err = pcall(verify, case)
  if has_handshake(case) then
    local refused, theirs = shake(case)
    local same = (refused == nil) == ok or theirs and theirs.reason == "NO_SHARED_CIPHER"
    assert(same, ("%s: the handshake %s, verify_certificate %s"):format(case.id,
      tostring(refused), tostring(err)))
  end
  return ok and "SUCCESS" or "FAILURE", not ok and err.message or nil
end

local counts = {
  cases = 0, handshakes = 0, right = 0, shaken = 0, explained = 0, wrong = 0,
}

local function count(what) counts[what] = counts[what] + 1 end

local function report(kind, case, text)
  print(("%-10s %s: %s expected; %s"):format(kind, case.id, case.expected_result, text))
end

local cases, verdicts = {}, {}

-- Does the reason hold for a case that ended by `got`?
local function holds(reason, case, got)
  if reason.openssl then
    return openssl(case, checker(case).security_level, seconds(case.validation_time)) == got
  end
  local other = cases[reason.against]
  return other ~= nil and other.expected_result == got and verdicts[reason.against] == got
end

-- A case that ended as it should; a reason why it does not is a mistake.
local function right(case, reason)
  count("right")
  if has_handshake(case) then count("shaken") end
  if reason and rawget(explained[profile], case.id) then
    report("NEEDLESS", case, "is as expected, and has a reason in explained.lua")
    count("wrong")
  end
end

local function different(case, reason, got, why)
  if reason and holds(reason, case, got) then
    report("explained", case, reason.why)
    count("explained")
  else
    report("WRONG", case, why or "accepted")
    count("wrong")
  end
end

local order = read(path).testcases
for _, case in ipairs(order) do
  local got, why = verdict(case)
  cases[case.id], verdicts[case.id], case.why = case, got, why
  count("cases")
  if has_handshake(case) then count("handshakes") end
end
for _, case in ipairs(order) do
  local reason = explained[profile][case.id]
  if verdicts[case.id] == case.expected_result then
    right(case, reason)
  else
    different(case, reason, verdicts[case.id], case.why)
  end
end

print(("profile %s: %d cases, %d as expected, %d explained, %d wrong"):format(profile,
  counts.cases, counts.right, counts.explained, counts.wrong))
print(("by a handshake, too: %d cases, %d as expected"):format(counts.handshakes, counts.shaken))
os.exit(counts.wrong == 0 and counts.cases > 0)
