-- The runner's flags: how each is read, and into which of the three configurations
-- (first connection, resumed ones, retry after rejected early data) it goes.
--
-- A flag that is not in the table asks for what this shim cannot do: `parse` then says
-- which, and the shim answers that the test is not implemented.

local ssl = require "ssl"

local M = {}

-- "set": no value. "number", "text", "base64": one value. "numbers", "texts": one value,
-- and again for the next. "credential": begins a further certificate.
local kinds = {
  -- where the runner listens, and which of its tests this is
  ["-port"] = "number", ["-shim-id"] = "number", ["-ipv6"] = "set",
  ["-server"] = "set", ["-resume-count"] = "number",
  ["-is-handshaker-supported"] = "set",
  ["-allow-hint-mismatch"] = "set",  -- of the handshaker's, which there is none

  -- versions, ciphers, groups, signatures
  ["-min-version"] = "number", ["-max-version"] = "number", ["-expect-version"] = "number",
  ["-no-tls1"] = "set", ["-no-tls11"] = "set", ["-no-tls12"] = "set", ["-no-tls13"] = "set",
  ["-cipher"] = "text", ["-server-preference"] = "set",
  ["-expect-cipher"] = "number", ["-expect-cipher-aes"] = "number",
  ["-expect-cipher-no-aes"] = "number",
  ["-curves"] = "numbers", ["-key-shares"] = "numbers", ["-expect-curve-id"] = "number",
  ["-expect-hrr"] = "set", ["-expect-no-hrr"] = "set",
  ["-verify-prefs"] = "numbers", ["-expect-peer-signature-algorithm"] = "number",
  ["-fips-202205"] = "set", ["-wpa-202304"] = "set", ["-cnsa-202407"] = "set",
  ["-cnsa1-202603"] = "set", ["-cnsa2-202603"] = "set",

  -- certificates
  ["-cert-file"] = "text", ["-key-file"] = "text", ["-signing-prefs"] = "numbers",
  ["-ocsp-response"] = "base64", ["-new-x509-credential"] = "credential",
  ["-expect-selected-credential"] = "number",
  ["-trust-cert"] = "text", ["-verify-peer"] = "set",
  ["-verify-fail"] = "set", ["-expect-verify-result"] = "set",
  ["-use-custom-verify-callback"] = "set", ["-require-any-client-certificate"] = "set",
  ["-expect-no-peer-cert"] = "set", ["-expect-peer-cert-file"] = "text",
  ["-enable-ocsp-stapling"] = "set", ["-expect-ocsp-response"] = "base64",
  ["-use-ocsp-callback"] = "set", ["-set-ocsp-in-callback"] = "set",
  ["-decline-ocsp-callback"] = "set", ["-fail-ocsp-callback"] = "set",
  ["-use-early-callback"] = "set", ["-fail-early-callback"] = "set",
  ["-install-ddos-callback"] = "set", ["-fail-ddos-callback"] = "set",
  ["-use-old-client-cert-callback"] = "set",
  ["-new-rpk-credential"] = "credential",
  ["-accepted-peer-cert-types"] = "numbers", ["-available-client-cert-types"] = "numbers",
  ["-expect-peer-certificate-type"] = "number", ["-expect-peer-rpk-sha256"] = "base64",
  ["-psk"] = "text", ["-psk-identity"] = "text",

  -- names and protocols
  ["-host-name"] = "text", ["-expect-server-name"] = "text", ["-expect-no-server-name"] = "set",
  ["-advertise-alpn"] = "text", ["-select-alpn"] = "text", ["-expect-alpn"] = "text",
  ["-expect-advertised-alpn"] = "text", ["-decline-alpn"] = "set", ["-reject-alpn"] = "set",
  ["-advertise-npn"] = "text", ["-select-next-proto"] = "text", ["-expect-next-proto"] = "text",
  ["-expect-no-next-proto"] = "set",

  -- sessions
  ["-no-ticket"] = "set", ["-expect-session-miss"] = "set", ["-expect-session-id"] = "set",
  ["-expect-no-session-id"] = "set", ["-expect-no-session"] = "set",
  ["-expect-ticket-renewal"] = "set", ["-renew-ticket"] = "set",
  ["-use-ticket-callback"] = "set", ["-use-ticket-aead-callback"] = "set",
  ["-expect-extended-master-secret"] = "set",

  -- the course of a connection
  ["-async"] = "set", ["-implicit-handshake"] = "set", ["-handshake-twice"] = "set",
  ["-no-op-extra-handshake"] = "set", ["-handshake-never-done"] = "set",
  ["-shim-writes-first"] = "set", ["-shim-initial-write"] = "text",
  ["-repeat-shim-initial-write"] = "number", ["-read-size"] = "number",
  ["-write-different-record-sizes"] = "set", ["-partial-write"] = "set",
  ["-shim-shuts-down"] = "set", ["-check-close-notify"] = "set",
  ["-peek-then-read"] = "set", ["-key-update"] = "set", ["-key-update-before-read"] = "set",
  ["-export-keying-material"] = "number", ["-export-label"] = "text",
  ["-export-context"] = "text", ["-use-export-context"] = "set",
  ["-use-exporter-between-reads"] = "set", ["-tls-unique"] = "set",
  ["-expect-msg-callback"] = "text",
  ["-renegotiate-freely"] = "set", ["-renegotiate-ignore"] = "set",
  ["-expect-total-renegotiations"] = "number",
  ["-expect-secure-renegotiation"] = "set", ["-expect-no-secure-renegotiation"] = "set",
}

-- Those that belong to the certificate begun last.
local ofcredential = {
  ["-cert-file"] = true, ["-key-file"] = true, ["-signing-prefs"] = true,
  ["-ocsp-response"] = true,
}

local function frombase64(text)
  return ssl.PEM_cert_to_DER_cert(("%s\n%s\n%s"):format(ssl.PEM_HEADER, text, ssl.PEM_FOOTER))
end

local readers = {
  set = function() return true end,
  number = tonumber, numbers = tonumber,
  text = function(value) return value end,
  base64 = frombase64,
}

local function store(config, name, kind, value)
  local target = ofcredential[name] and config.credentials[#config.credentials] or config
  local field = name:sub(2):gsub("-", "_")
  if kind == "credential" then
    table.insert(config.credentials, { raw = name == "-new-rpk-credential" })
  elseif kind == "numbers" then
    target[field] = target[field] or {}
    table.insert(target[field], value)
  else
    target[field] = value
  end
end

-- "-on-resume-cipher" is "-cipher" for the resumed connections alone. The shim is never
-- a handshaker.
local function split(flag)
  local name, skipped = flag, false
  for _, prefix in ipairs({ "-on-shim", "-on-handshaker" }) do
    if name:sub(1, #prefix + 1) == prefix .. "-" then
      name, skipped = name:sub(#prefix + 1), prefix == "-on-handshaker"
    end
  end
  for _, which in ipairs({ "initial", "resume", "retry" }) do
    local prefix = "-on-" .. which
    if name:sub(1, #prefix + 1) == prefix .. "-" then
      return name:sub(#prefix + 1), which, skipped
    end
  end
  return name, nil, skipped
end

--- Reads the arguments of the program: a table of the configurations `initial`, `resume`
--- and `retry`; or nil and the flag that is not known.
function M.parse(arguments)
  local configs = {}
  for _, which in ipairs({ "initial", "resume", "retry" }) do
    configs[which] = { credentials = {} }
  end
  local i = 1
  while i <= #arguments do
    local name, only, skipped = split(arguments[i])
    local kind = kinds[name]
    if not kind then return nil, name end
    local text
    if kind ~= "set" and kind ~= "credential" then
      i = i + 1
      text = arguments[i]
    end
    for which, config in pairs(configs) do
      if not skipped and (only or which) == which then
        store(config, name, kind, kind ~= "credential" and readers[kind](text) or nil)
      end
    end
    i = i + 1
  end
  return configs
end

return M
