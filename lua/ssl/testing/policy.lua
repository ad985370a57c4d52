-- Holds a server to a policy, and says which line of it the server breaks.

local profiles = require "ssl.testing.profiles"
local rules = require "ssl.testing.rules"
local scan = require "ssl.scan"

--@ ssl.testing.policy (table)
-- Policies for servers: which versions, ciphers, keys and habits a server may have.
-- `ssl.testing.policy.check` holds a server to one; `assert.tls_policy` does so in a
-- test. Without busted: `assert(report.ok, tostring(report))`. Since: an addition.
--
--     local testing = require "ssl.testing"
--     local report = testing.policy.check(server_ctx, "intermediate")
--     assert(report.lines[1].rule == "versions" and report.lines[1].ok, tostring(report))
local policy = {}

--@ ssl.testing.PolicyReport
-- What `ssl.testing.policy.check` gives. `report.ok` (boolean) tells whether the server
-- keeps the whole policy. `report.lines` is an array, one table for each rule: `rule`
-- (its name), `ok` (boolean), `faults` (array of strings), `why` (string: why the rule
-- matters), `applies` (boolean: false where the rule has no meaning for this server).
-- `report.found` is what `ssl.scan.server` has found. `tostring(report)` is a text of
-- all lines, `report:failures()` one of those that failed. Since: an addition.
--
-- Type: ssl.testing.PolicyReport = { ok: boolean, lines: ssl.testing.PolicyLine[],
--   title: string, target?: string, found: ssl.scan.Result }
-- Type: ssl.testing.PolicyLine = { rule: string, ok: boolean, applies: boolean,
--   faults: string[], why: string }
--
--     local testing = require "ssl.testing"
--     local report = testing.policy.check(server_ctx, { versions = { "TLSv1.3" } })
--     assert(not report.ok and report.lines[1].rule == "versions")
--     assert(report:failures():find("it speaks TLSv1.2", 1, true))
local Report = { __name = "ssl.testing.PolicyReport" }
Report.__index = Report

local function heading(self)
  local failed = 0
  for _, line in ipairs(self.lines) do
    failed = failed + (line.ok and 0 or 1)
  end
  return ("%s: %d of %d rules broken%s"):format(self.title, failed, #self.lines,
    self.target and " by " .. self.target or "")
end

-- The text of one line, with why it matters if it is broken.
local function describe(line)
  if line.ok then
    return ("  ok      %s%s"):format(line.rule, line.applies and "" or " (does not apply)")
  end
  local out = {}
  for i, fault in ipairs(line.faults) do
    out[i] = ("  BROKEN  %s: %s"):format(line.rule, fault)
  end
  out[#out + 1] = ("          %s"):format(line.why)
  return table.concat(out, "\n")
end

local function text(self, all)
  local out = { heading(self) }
  for _, line in ipairs(self.lines) do
    if all or not line.ok then
      out[#out + 1] = describe(line)
    end
  end
  return table.concat(out, "\n")
end

function Report:__tostring()
  return text(self, true)
end

--@ report:failures()
-- Returns the rules that the server breaks, how, and why they matter (a string).
-- Since: an addition.
--
-- Type: fun(): string
--
--     local testing = require "ssl.testing"
--     local report = testing.policy.check(server_ctx, { names = { "www.example.test" } })
--     assert(report:failures():find("BROKEN  names: it does not name www", 1, true))
function Report:failures()
  return text(self, false)
end

local function check_rule(name, wanted)
  local rule = rules.rules[name]
  if not rule then
    error(("bad policy (no rule is named '%s')"):format(tostring(name)), 0)
  elseif not (" " .. rule.kind .. " "):find(" " .. type(wanted) .. " ", 1, true) then
    error(("bad policy (%s expected for '%s', got %s)"):format(rule.kind:gsub(" ", " or "), name,
      type(wanted)), 0)
  end
end

-- The rules of a policy, those of its profile included, and its title.
local function expand(wanted)
  if type(wanted) == "string" then
    wanted = { profile = wanted }
  elseif type(wanted) ~= "table" then
    error(("bad policy (table or name of a profile expected, got %s)"):format(type(wanted)), 0)
  end
  local out, title = {}, "policy"
  if wanted.profile ~= nil then
    local profile = profiles[wanted.profile]
    if not profile then
      error(("no profile is named '%s'"):format(tostring(wanted.profile)), 0)
    end
    for name, value in pairs(profile) do
      out[name] = value
    end
    title = ("policy '%s' (%s)"):format(wanted.profile, profile.source)
  end
  for name, value in pairs(wanted) do
    out[name] = value
  end
  out.profile, out.source = nil, nil
  for name, value in pairs(out) do
    check_rule(name, value)
  end
  return out, title
end

-- The parts of a scan that the rules need.
local function parts_of(wanted)
  local set, list = {}, {}
  for name in pairs(wanted) do
    for _, part in ipairs(rules.rules[name].parts) do
      if not set[part] then
        set[part] = true
        list[#list + 1] = part
      end
    end
  end
  table.sort(list)
  return list
end

local function judge(name, found, wanted)
  local rule, faults = rules.rules[name], {}
  local applies = rule.judge(found, wanted, function(format, ...)
    faults[#faults + 1] = format:format(...)
  end)
  table.sort(faults)
  return { rule = name, ok = #faults == 0, faults = faults, why = rule.why,
    applies = applies ~= nil }
end

-- Where a target is: what scan.server wants, and its name in reports.
local function reach(target)
  if type(target) == "string" then
    local host, port = target:match("^%[?([^%]]-)%]?:(%d+)$")
    if not host then
      error(("bad target '%s' (\"host:port\" expected)"):format(target), 0)
    end
    return host, math.tointeger(tonumber(port)), target
  elseif type(target) == "table" and target.port then
    local host = type(target.host) == "string" and target.host or "localhost"
    local name = ("%s:%d"):format(host, target.port)
    if getmetatable(target) then  -- a ssl.testing.Server
      return target, nil, name
    end
    return host, target.port, name
  end
  return target, nil, nil
end

-- Options of the scan, for the names that the rules give.
local function options_of(options, wanted)
  local out = {}
  for name, value in pairs(options or {}) do
    out[name] = value
  end
  out.parts = parts_of(wanted)
  out.context = wanted.trusted_by
  out.alpn = wanted.alpn
  out.host = out.host or type(wanted.names) == "table" and wanted.names[1] or nil
  return out
end

--@ ssl.testing.policy.check(target, wanted [, options])
-- Holds a server to a policy. It looks at the server by `ssl.scan.server`; only at what
-- the rules ask for.
-- - `target` (string, table, `SSLContext` or `ssl.testing.Server`): `"host:port"`, a
--   table of `host` and `port`, a server's context (which is asked in memory), or a
--   test's server.
-- - `wanted` (string or table): a profile, `"modern"` or `"intermediate"` (Mozilla's,
--   version 6.0), or a table of rules. With a field `profile`, the table's rules are
--   added to the profile's, and replace those of the same name.
-- - `options` (table): `host` (string: the name to ask for), `timeout`, `deadline`,
--   `prepare`: as for `ssl.scan.server`.
-- The rules, by what they allow at most or want at least:
-- - `versions`, `ciphers`, `groups`, `signatures`: arrays of the only names allowed.
--   Ciphers have IANA's names or OpenSSL's. `required_versions` and `required_groups`:
--   arrays of names that have to be there.
-- - `forward_secrecy` (true), `faultless_ciphers` (true: no cipher with a known fault),
--   `server_order` (boolean: who chooses the cipher), `dh_bits` (number).
-- - `names` (array: all in the certificate, wildcards count), `days_left`,
--   `lifetime_days`, `rsa_bits` (numbers), `key_types` (array of `"EC"`, `"RSA"`,
--   `"Ed25519"`, ...), `curves`, `certificate_signatures` (arrays of names),
--   `chain_order` (true), `trusted_by` (`SSLContext`: a client's), `stapling` (boolean,
--   or `"named"`: if the certificate names an OCSP responder).
-- - `resumption` (boolean), `ticket_lifetime` (number: seconds), `tickets` (number),
--   `alpn` (array of protocols).
-- - `secure_renegotiation`, `client_renegotiation`, `extended_master_secret`,
--   `compression`, `heartbeat` (booleans), `downgrade` (true: it marks older versions,
--   and refuses fallbacks),
--   `rubbish` (true: it answers nothing that is not TLS), `tolerance` (true).
-- Returns a `ssl.testing.PolicyReport`. Raises a string error for an unknown rule or
-- name, and what `ssl.scan.server` raises. Since: an addition.
--
-- Type: fun(target: string|SSLContext|ssl.testing.Server|{ host?: string, port: integer },
--   wanted: string|ssl.testing.Policy, options?: ssl.scan.Options): ssl.testing.PolicyReport
-- Type: ssl.testing.Policy = { profile?: string, source?: string, versions?: string[],
--   required_versions?: string[], ciphers?: string[], forward_secrecy?: boolean,
--   faultless_ciphers?: boolean, server_order?: boolean, groups?: string[],
--   required_groups?: string[], dh_bits?: number, signatures?: string[], names?: string[],
--   days_left?: number, lifetime_days?: number, chain_order?: boolean, key_types?: string[],
--   rsa_bits?: number, curves?: string[], certificate_signatures?: string[],
--   trusted_by?: SSLContext, stapling?: boolean|string, resumption?: boolean,
--   ticket_lifetime?: number, tickets?: number, alpn?: string[],
--   secure_renegotiation?: boolean, client_renegotiation?: boolean,
--   extended_master_secret?: boolean, compression?: boolean, heartbeat?: boolean,
--   downgrade?: boolean, rubbish?: boolean, tolerance?: boolean }
--
--     local testing = require "ssl.testing"
--     local report = testing.policy.check(server_ctx, {
--       versions = { "TLSv1.2", "TLSv1.3" }, forward_secrecy = true, days_left = 30,
--     })
--     assert(report.ok, tostring(report))
function policy.check(target, wanted, options)
  local expanded, title = expand(wanted)
  local where, port, name = reach(target)
  local found = scan.server(where, port, options_of(options, expanded))
  local report = setmetatable({ ok = true, lines = {}, title = title, target = name,
    found = found }, Report)
  if not found.speaks_tls then
    report.ok = false
    report.lines[1] = { rule = "tls", ok = false, applies = true,
      faults = { "no version of TLS was agreed on" },
      why = "Nothing else can be told of a server that does not answer." }
    return report
  end
  for _, rule in ipairs(rules.order) do
    if expanded[rule] ~= nil then
      local line = judge(rule, found, expanded[rule])
      report.ok = report.ok and line.ok
      report.lines[#report.lines + 1] = line
    end
  end
  return report
end

--@ ssl.testing.policy.profiles (table)
-- The profiles, from name to table of rules, for your own to start from. `source` tells
-- whose they are. Both of Mozilla's also get rules that no document argues about:
-- `chain_order`, no `compression`, no `heartbeat`, `secure_renegotiation`, no
-- `client_renegotiation`, `downgrade`, `rubbish`, and `stapling` where the certificate
-- names an OCSP responder. Since: an addition.
--
-- Type: table<string, ssl.testing.Policy>
--
--     local testing = require "ssl.testing"
--     assert(testing.policy.profiles.modern.versions[1] == "TLSv1.3")
policy.profiles = profiles

return policy
