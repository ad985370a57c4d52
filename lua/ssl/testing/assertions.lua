-- Assertions on TLS for luassert, with messages that say what was expected and
-- what was found.

local _ssl = require "_ssl"
local common_name = require "ssl.testing.commonname"
local evidence = require "ssl.testing.view.evidence"
local pair = require "ssl.testing.pair"
local policy = require "ssl.testing.policy"

-- The classes of errors, the most special first.
local CLASSES = {
  "SSLCertVerificationError", "SSLZeroReturnError", "SSLWantReadError", "SSLWantWriteError",
  "SSLSyscallError", "SSLEOFError", "SSLError", "TimeoutError", "OSError", "ValueError",
  "NotImplementedError", "Error",
}

-- An error in a few words.
local function describe(err)
  for _, name in ipairs(type(err) == "table" and CLASSES or {}) do
    if _ssl.isinstance(err, _ssl[name]) then
      local code = err.verify_code and (" (verify_code %d)"):format(err.verify_code) or ""
      return name .. " " .. tostring(err.message) .. code
    end
  end
  return err == nil and "no error" or tostring(err)
end

local function show(value)
  return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

-- "reason = X, verify_code = 1", in a fixed order.
local function show_table(expected)
  local parts = {}
  for key, value in pairs(expected) do
    parts[#parts + 1] = ("%s = %s"):format(key, show(value))
  end
  table.sort(parts)
  return #parts > 0 and table.concat(parts, ", ") or "anything"
end

-- Is `err` what `expected` says: nil for any error of ours, a string for its
-- reason, or a table of its fields and its `class`?
local function is_error(err, expected)
  if not _ssl.isinstance(err, _ssl.Error) then
    return false
  end
  for key, value in pairs(type(expected) == "string" and { reason = expected } or expected or {}) do
    if key == "class" then
      if not _ssl[value] or not _ssl.isinstance(err, _ssl[value]) then
        return false
      end
    elseif key == "message" then
      if not tostring(err.message):find(value) then
        return false
      end
    elseif err[key] ~= value then
      return false
    end
  end
  return true
end

local function show_expected(expected)
  return type(expected) == "string" and expected or show_table(expected or {})
end

-- `diagram`: what was said, after the message.
local function fail(state, diagram, format, ...)
  state.failure_message = format:format(...) .. diagram
  return false
end

-- For `is_not`: what was found although it was not to be.
local function pass(state, format, ...)
  state.failure_message = format:format(...)
  return true
end

--@ assert.tls_error(f [, expected])
-- Asserts that a function raises an error of `ssl`. For luassert (busted), there
-- once `ssl.testing` is required.
-- - `f` (function): called without arguments.
-- - `expected` (table or string): fields that the error must have, such as
--   `reason`, `verify_code` and `errno`; `class`, the name of its class;
--   `message`, a pattern. A string is the `reason`.
-- Returns the error. The message of an assertion that fails has the diagram of what
-- was said (`wire:draw`), if a pair or a server of this kit took part. Since: an
-- addition.
--
-- Type: fun(f: function, expected?: ssl.testing.ExpectedError|string): Error
-- Type: ssl.testing.ExpectedError = { class?: string, message?: string, [string]: any }
--
--     local assert = require "luassert"
--     require "ssl.testing"
--     assert.tls_error(function() ctx:load_verify_locations("missing.pem") end, { errno = 2 })
local function tls_error(state, arguments)
  local mark = evidence.mark()
  local result = table.pack(pcall(arguments[1]))
  local expected = arguments[2]
  if result[1] then
    return fail(state, evidence.since(mark),
      "Expected an error of TLS with %s; the function returned%s.",
      show_expected(expected), result.n > 1 and " " .. show(result[2]) or "")
  elseif not is_error(result[2], expected) then
    return fail(state, evidence.since(mark), "Expected an error of TLS with %s; got %s.",
      show_expected(expected), describe(result[2]))
  end
  return pass(state, "Expected no such error of TLS; got %s.", describe(result[2])), { result[2] }
end

-- What can be asked of a connection, by the names of `negotiated`.
local negotiated_fields = {
  version = function(conn) return (conn:version()) end,
  cipher = function(conn) return (conn:cipher()) end,
  alpn = function(conn) return conn:selected_alpn_protocol() end,
  group = function(conn) return conn:group() end,
  resumed = function(conn) return conn.session_reused or false end,
}

--@ assert.negotiated(conn, expected)
-- Asserts what a connection has agreed on with its peer.
-- - `conn` (`SSLSocket` or `SSLObject`).
-- - `expected` (table): of `version` (`"TLSv1.3"`), `cipher` (its name), `alpn`
--   (string, or false for none), `group` (string), `resumed` (boolean).
-- Since: an addition.
--
-- Type: fun(conn: Connection, expected: { version?: string, cipher?: string, alpn?: string|false,
--   group?: string, resumed?: boolean })
--
--     local assert = require "luassert"
--     require "ssl.testing"
--     assert.negotiated(conn, { version = "TLSv1.3", alpn = false, resumed = false })
local function negotiated(state, arguments)
  local conn, wrong = arguments[1], {}
  for name, value in pairs(arguments[2]) do
    local field = negotiated_fields[name]
    if not field then
      error(("assert.negotiated knows no '%s'"):format(tostring(name)), 0)
    end
    local found = field(conn)
    if (found or false) ~= value then
      wrong[#wrong + 1] = ("%s: expected %s, got %s"):format(name, show(value), show(found))
    end
  end
  table.sort(wrong)
  if #wrong > 0 then
    return fail(state, evidence.of(conn), "The connection agreed on something else: %s.",
      table.concat(wrong, "; "))
  end
  return pass(state, "The connection agreed on %s.", show_table(arguments[2]))
end

-- The table of `getpeercert` from a connection, an identity, PEM, DER, or itself.
local function decode(value)
  if type(value) == "userdata" then
    return value:getpeercert()
  elseif type(value) == "table" and value.cert and value.cert.pem then
    value = value.cert.pem
  end
  return type(value) == "string" and _ssl.decode_certificate(value) or value
end

local function sorted(list)
  local copy = table.move(list, 1, #list, 1, {})
  table.sort(copy)
  return table.concat(copy, ", ")
end

local function names_of(cert)
  local names = {}
  for i, name in ipairs(cert.subjectAltName or {}) do
    names[i] = name[2]
  end
  return names
end

local certificate_fields = {
  names = function(cert, value) return sorted(names_of(cert)), sorted(value) end,
  issuer = function(cert, value)
    if type(value) == "table" then
      value = common_name(decode(value).subject)
    end
    return common_name(cert.issuer), value
  end,
  subject = function(cert, value) return common_name(cert.subject), value end,
  serial = function(cert, value) return cert.serialNumber, value end,
}

--@ assert.certificate(certificate, expected)
-- Asserts what a certificate says.
-- - `certificate`: a connection (then its peer's), what `getpeercert` gave, PEM,
--   DER, or a `ssl.testing.Identity`.
-- - `expected` (table): of `names` (array: all in subjectAltName, in any order),
--   `issuer` (its common name, or a `ssl.testing.CA`), `subject` (its common
--   name), `serial` (hexadecimal, as in `getpeercert`).
-- Since: an addition.
--
-- Type: fun(certificate: Connection|Certificate|string|ssl.testing.Identity,
--   expected: { names?: string[], issuer?: string|ssl.testing.CA, subject?: string,
--   serial?: string })
--
--     local assert = require "luassert"
--     local testing = require "ssl.testing"
--     local ca = testing.CA()
--     local identity = ca:issue("a.test", "b.test")
--     assert.certificate(identity, { names = { "b.test", "a.test" }, issuer = ca })
local function certificate(state, arguments)
  local cert, wrong = decode(arguments[1]), {}
  if type(cert) ~= "table" or not next(cert) then
    return fail(state, evidence.of(arguments[1]), "Expected a certificate; there is none.")
  end
  for name, value in pairs(arguments[2] or {}) do
    local field = certificate_fields[name]
    if not field then
      error(("assert.certificate knows no '%s'"):format(tostring(name)), 0)
    end
    local found, wanted = field(cert, value)
    if found ~= wanted then
      wrong[#wrong + 1] = ("%s: expected %s, got %s"):format(name, show(wanted), show(found))
    end
  end
  table.sort(wrong)
  if #wrong > 0 then
    return fail(state, evidence.of(arguments[1]), "The certificate says something else: %s.",
      table.concat(wrong, "; "))
  end
  return pass(state, "The certificate says all that it was not to say.")
end

-- What is not as `expected` says.
local function compare_outcome(outcome, expected)
  local wrong = {}
  for _, name in ipairs({ "client", "server" }) do
    local err = outcome[name].error
    if expected[name] and not is_error(err, expected[name]) then
      wrong[#wrong + 1] = ("the %s to raise %s, got %s"):format(name,
        show_expected(expected[name]), describe(err))
    end
  end
  local alert = outcome.client.alert or outcome.server.alert
  if expected.alert and expected.alert ~= alert then
    wrong[#wrong + 1] = ("the alert %s, got %s"):format(expected.alert, alert or "none")
  end
  return wrong
end

--@ assert.handshake_fails(client, server [, expected])
-- Asserts that a client and a server cannot agree, by a handshake in memory.
-- - `client`, `server` (`SSLContext`s).
-- - `expected` (table): `client` and `server`: what each raises, as for
--   `assert.tls_error`; `alert` (string: the name of the alert that one sent);
--   `server_hostname` (string, `"localhost"` by default).
-- Since: an addition.
--
-- Type: fun(client: SSLContext, server: SSLContext,
--   expected?: { client?: ssl.testing.ExpectedError|string,
--   server?: ssl.testing.ExpectedError|string, alert?: string, server_hostname?: string })
--
--     local assert = require "luassert"
--     require "ssl.testing"
--     assert.handshake_fails(ssl.create_default_context(), server_ctx, {
--       client = { verify_code = 20 }, server = "TLSV1_ALERT_UNKNOWN_CA", alert = "unknown_ca",
--     })
local function handshake_fails(state, arguments)
  local client, server, expected = arguments[1], arguments[2], arguments[3] or {}
  local joined = pair.pair({
    client = client, server = server, server_hostname = expected.server_hostname or "localhost",
  })
  local outcome = joined:handshake()
  if outcome.ok then
    return fail(state, evidence.of_wire(joined.wire),
      "Expected the handshake to fail; it succeeded.")
  end
  local wrong = compare_outcome(outcome, expected)
  if #wrong > 0 then
    return fail(state, evidence.of_wire(joined.wire),
      "The handshake failed otherwise. Expected %s.", table.concat(wrong, "; "))
  end
  return pass(state, "Expected no such failure; the client raised %s, the server %s.",
    describe(outcome.client.error), describe(outcome.server.error))
end

--@ assert.tls_policy(target, wanted [, options])
-- Asserts that a server keeps a policy: any server, a test's server, or a context. A
-- failure names each rule that is broken, how, and why the rule matters.
-- - `target`, `wanted`, `options`: as for `ssl.testing.policy.check`.
-- Returns the `ssl.testing.PolicyReport`. Since: an addition.
--
-- Type: fun(target: string|SSLContext|ssl.testing.Server|{ host?: string, port: integer },
--   wanted: string|ssl.testing.Policy, options?: ssl.scan.Options): ssl.testing.PolicyReport
--
--     local assert = require "luassert"
--     local testing = require "ssl.testing"
--     local server <close> = testing.server()
--     assert.tls_policy(server, {
--       versions = { "TLSv1.2", "TLSv1.3" }, forward_secrecy = true, compression = false,
--     })
local function tls_policy(state, arguments)
  local report = policy.check(arguments[1], arguments[2], arguments[3])
  if not report.ok then
    return fail(state, "", "%s", "Expected a server that keeps its " .. report:failures())
  end
  return pass(state, "%s", "Expected a server that breaks its " .. tostring(report)), { report }
end

local all = { tls_error = tls_error, negotiated = negotiated, certificate = certificate,
  handshake_fails = handshake_fails, tls_policy = tls_policy }

--@ ssl.testing.expect (table)
-- The assertions as plain functions, for frameworks other than busted and for none:
-- `ssl.testing.expect.tls_error(f, expected)` is `assert.tls_error(f, expected)`, and
-- likewise `negotiated`, `certificate`, `handshake_fails` and `tls_policy`. They return
-- what the assertions return, and raise a string error that says what was expected and
-- what was found. Since: an addition.
--
-- Type: table<string, function>
--
--     local testing = require "ssl.testing"
--     local err = testing.expect.tls_error(function()
--       ctx:load_verify_locations("missing.pem")
--     end)
--     assert(err.errno == 2)
--     assert(not pcall(testing.expect.tls_error, function() end))
local expect = {}

for name, check in pairs(all) do
  expect[name] = function(...)
    local state = {}
    local ok, results = check(state, { ... })
    if not ok then
      error(state.failure_message, 2)
    end
    return results and results[1]
  end
end

-- Adds them to luassert, if that is what this program asserts with.
local luassert = package.loaded.luassert
for name, check in pairs(luassert and all or {}) do
  luassert:register("assertion", name, check)
end

return expect
