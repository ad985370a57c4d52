-- ssl.scan: looks at a TLS server from outside, as a client, and tells what it offers
-- and how it behaves.

local _ssl = require "_ssl"
local behaviour = require "ssl.scan.behaviour"
local names = require "ssl.scan.names"
local probe = require "ssl.scan.probe"
local session = require "ssl.scan.session"
local stream = require "ssl.scan.stream"
local surface = require "ssl.scan.surface"
local socket = require "socket"

local scan = {}

-- The parts of a scan, in their order: a later one may ask what an earlier one found.
local PARTS = {
  { "versions", surface.versions },
  { "ciphers", surface.ciphers },
  { "groups", surface.groups },
  { "signatures", surface.signatures },
  { "certificates", session.certificates },
  { "trust", function(one, result, options)
    if options.context then
      session.trust(one, result, options.context)
    end
  end },
  { "alpn", function(one, result, options)
    session.alpn(one, result, options.alpn or { "h2", "http/1.1" })
  end },
  { "resumption", session.resumption },
  { "renegotiation", session.renegotiation },
  { "extensions", behaviour.extensions },
  { "downgrade", behaviour.downgrade },
  { "rubbish", behaviour.rubbish },
  { "tolerance", behaviour.tolerance },
}

local OPTIONS = { timeout = "number", deadline = "number", host = "string", context = "userdata",
  alpn = "table", parts = "table", prepare = "function", progress = "function" }

local function check_options(options)
  for name, value in pairs(options) do
    if not OPTIONS[name] then
      error(("bad options for 'server' (unexpected keyword argument '%s')"):format(
        tostring(name)), 3)
    elseif type(value) ~= OPTIONS[name] then
      error(("bad value for '%s' (%s expected, got %s)"):format(name, OPTIONS[name],
        type(value)), 3)
    end
  end
  local known = {}
  for _, part in ipairs(PARTS) do
    known[part[1]] = true
  end
  for _, name in ipairs(options.parts or {}) do
    if not known[name] then
      error(("bad value for 'parts' (no part is named '%s')"):format(tostring(name)), 3)
    end
  end
end

-- How to reach a target, and the name to ask it for.
local function reach(target, port, options)
  if _ssl.isinstance(target, _ssl.SSLContext) then
    return stream.memory(target), options.host
  elseif type(target) == "table" and target.port then  -- a ssl.testing.Server
    options.tasks = target.tasks
    return stream.tcp("127.0.0.1", target.port, options), options.host or target.host
  elseif type(target) == "string" and math.type(port) == "integer" then
    return stream.tcp(target, port, options), options.host or target
  end
  error("bad argument #1 to 'server' (host and port, SSLContext or ssl.testing.Server expected)",
    3)
end

local function wanted(parts)
  if not parts then
    return function() return true end
  end
  local set = { versions = true, ciphers = true }  -- what the others build on
  for _, name in ipairs(parts) do
    set[name] = true
    set.groups = set.groups or name == "signatures"
  end
  return function(name) return set[name] end
end

local function speaks(result)
  for _, version in ipairs(names.versions) do
    if result.versions[version] then
      return true
    end
  end
  return false
end

--@ ssl.scan.server(target [, port [, options]])
-- Looks at a TLS server: connects to it some hundred times, and tells what it offers.
-- It offers the server what OpenSSL cannot offer too, such as SSL 2.0 and export
-- ciphers, by ClientHellos that it writes itself. Scan only servers whose owners allow
-- it.
-- - `target` (string, `SSLContext` or `ssl.testing.Server`): the host's name or address;
--   or a server's context, which is asked in memory; or a test's server.
-- - `port` (integer): with a host.
-- - `options` (table): `timeout` (number: seconds for each connection, 5 by default),
--   `deadline` (number: seconds in all, 300 by default), `host` (string: the name to ask
--   for, the target by default), `context` (`SSLContext`: a client's, which decides
--   whether the server can be trusted), `alpn` (array of strings: protocols to ask for,
--   `"h2"` and `"http/1.1"` by default), `parts` (array of strings: all by default;
--   `"versions"`, `"ciphers"`, `"groups"`, `"signatures"`, `"certificates"`, `"trust"`,
--   `"alpn"`, `"resumption"`, `"renegotiation"`, `"extensions"`,
--   `"downgrade"`, `"rubbish"`, `"tolerance"`), `prepare` (function: gets each LuaSocket object
--   before TLS begins, for STARTTLS), `progress` (function: gets the name of each part
--   before it begins).
-- Returns a table. A field is nil if its part was left out, or has no meaning for this
-- server.
-- - `speaks_tls` (boolean). If it is false, there is nothing else.
-- - `versions` (table): from `"SSLv2"`, `"SSLv3"`, `"TLSv1"`, `"TLSv1.1"`, `"TLSv1.2"`
--   and `"TLSv1.3"` to booleans.
-- - `ciphers` (table): from a version to an array of suites, in the server's order if it
--   has one. A suite has `code` (integer), `name` (string: IANA's), `key_exchange`,
--   `encryption` (strings), `bits` (integer), `forward_secret`, `aead` (booleans) and
--   `faults` (array of strings).
-- - `server_order` (table): from a version to a boolean.
-- - `groups` (table): from `"TLSv1.3"` and the newest older version to an array of names;
--   `dh_bits` (integer): the smallest prime of Diffie-Hellman.
-- - `signatures` (table): from `"TLSv1.2"` and `"TLSv1.3"` to an array of names.
-- - `chains` (array): one chain for each certificate of the server. A chain is an array,
--   with a field `in_order` (boolean); its elements have `subject`, `issuer`, `names`,
--   `not_before`, `not_after` (seconds since 1970), `lifetime_days`, `days_left`,
--   `key_type` (`"RSA"`, `"EC"`, ...), `key_bits`, `curve`, `signature`, `serial`,
--   `self_signed`, `ocsp` (a URL or nil), `der` and `pem`. `staple` (string): the stapled
--   OCSP response.
-- - `trusted` (boolean), `trust_error` (string), `verify_code` (integer): with `context`.
-- - `alpn` (array of strings).
-- - `resumption` (table): `session_id`, `ticket`, `psk` (booleans), `lifetime` (integer:
--   seconds) and `tickets` (integer: how many in TLS 1.3).
-- - `client_renegotiation` (boolean): whether a client of TLS 1.2 may begin anew.
-- - `compression`, `heartbeat`, `secure_renegotiation`, `extended_master_secret`,
--   `encrypt_then_mac` (booleans).
-- - `downgrade` (table): `sentinel` and `scsv` (booleans).
-- - `rubbish` (table): from `"http"`, `"noise"`, `"empty_record"`, `"huge_record"`,
--   `"half_hello"` and `"data_first"` to `"alert"`, `"closed"`, `"reset"`, `"silent"` or
--   `"answer"`.
-- - `tolerates` (table): `grease`, `long_hello` and `future_version` (booleans).
-- - `probes` (integer): the number of connections; `seconds` (number).
-- Raises `OSError` if it cannot connect, `TimeoutError` after the deadline.
-- RFC 8446, RFC 5246, RFC 8701. Since: an addition.
--
-- Type: fun(target: string, port: integer, options?: ssl.scan.Options): ssl.scan.Result
-- Type: fun(target: SSLContext|ssl.testing.Server, port?: nil,
--   options?: ssl.scan.Options): ssl.scan.Result
-- Type: ssl.scan.Options = { timeout?: number, deadline?: number, host?: string,
--   context?: SSLContext, alpn?: string[], parts?: string[], prepare?: fun(sock: any),
--   progress?: fun(part: string) }
-- Type: ssl.scan.Suite = { code: integer, name: string, key_exchange: string,
--   encryption: string, bits: integer, forward_secret: boolean, aead: boolean,
--   faults: string[] }
-- Type: ssl.scan.Chain = { [integer]: ssl.scan.Certificate, in_order: boolean }
-- Type: ssl.scan.Certificate = { subject: string, issuer: string, names: string[],
--   not_before: integer, not_after: integer, lifetime_days: integer, days_left: integer,
--   key_type: string, key_bits?: integer, curve?: string, signature: string, serial: string,
--   self_signed: boolean, ocsp?: string, der: string, pem: string }
-- Type: ssl.scan.Result = { speaks_tls: boolean, versions?: table<string, boolean>,
--   ciphers?: table<string, ssl.scan.Suite[]>, server_order?: table<string, boolean>,
--   groups?: table<string, string[]>, dh_bits?: integer, signatures?: table<string, string[]>,
--   chains?: ssl.scan.Chain[], staple?: string, trusted?: boolean, trust_error?: string,
--   verify_code?: integer, alpn?: string[], resumption?: { session_id?: boolean,
--   ticket?: boolean, psk?: boolean, lifetime?: integer, tickets?: integer },
--   client_renegotiation?: boolean,
--   compression?: boolean, heartbeat?: boolean, secure_renegotiation?: boolean,
--   extended_master_secret?: boolean, encrypt_then_mac?: boolean,
--   downgrade?: { sentinel?: boolean, scsv?: boolean }, rubbish?: table<string, string>,
--   tolerates?: { grease?: boolean, long_hello?: boolean, future_version?: boolean },
--   probes: integer, seconds: number }
--
--     local scan = require "ssl.scan"
--     local found = scan.server(server_ctx, nil, { parts = { "versions" } })
--     assert(found.versions["TLSv1.3"] and not found.versions.SSLv3)
function scan.server(target, port, options)
  if type(port) == "table" then
    port, options = nil, port
  end
  options = options or {}
  check_options(options)
  local copy = { timeout = 5, deadline = 300 }
  for name, value in pairs(options) do
    copy[name] = value
  end
  local open, host = reach(target, port, copy)
  copy.host, copy.clock = host, socket.gettime
  local one, result, want = probe.new(open, copy), { host = host, port = port }, wanted(copy.parts)
  local begun = socket.gettime()
  for _, part in ipairs(PARTS) do
    if want(part[1]) and result.speaks_tls ~= false then
      if copy.progress then
        copy.progress(part[1])
      end
      part[2](one, result, copy)
      if part[1] == "versions" then
        result.speaks_tls = speaks(result)
      end
    end
  end
  result.probes, result.seconds = one.count, socket.gettime() - begun
  return result
end

return scan
