-- The SSLContext that a configuration of the runner asks for.

local ssl = require "ssl"
local names = require "spec.bogo.names"
local report = require "spec.bogo.report"
local settings = require "spec.bogo.settings"

local M = {}

-- Calls what may be too much for this OpenSSL: a group or an algorithm that it lacks.
local function attempt(what, f, ...)
  local ok, err = pcall(f, ...)
  if not ok then report.unimplemented(("%s: %s"):format(what, err)) end
end

local function setversions(ctx, config, chosen)
  ctx.minimum_version = chosen.oldest
  ctx.maximum_version = chosen.newest or ssl.TLSVersion.MAXIMUM_SUPPORTED
  for name, option in pairs({
    no_tls1 = ssl.OP_NO_TLSv1, no_tls11 = ssl.OP_NO_TLSv1_1, no_tls12 = ssl.OP_NO_TLSv1_2,
    no_tls13 = ssl.OP_NO_TLSv1_3,
  }) do
    if config[name] then ctx.options = ctx.options | option end
  end
end

local function setoptions(ctx, config, chosen)
  local options = ctx.options | ssl.OP_LEGACY_SERVER_CONNECT
  if chosen.serverchooses then
    options = options | ssl.OP_CIPHER_SERVER_PREFERENCE
  else
    options = options & ~ssl.OP_CIPHER_SERVER_PREFERENCE
  end
  if config.no_ticket then options = options | ssl.OP_NO_TICKET end
  if config.renegotiate_freely then
    options = options & ~ssl.OP_NO_RENEGOTIATION
  else
    options = options | ssl.OP_NO_RENEGOTIATION
  end
  ctx.options = options
end

local function setalgorithms(ctx, chosen)
  attempt("cipher", ctx.set_ciphers, ctx, chosen.ciphers)
  ctx:set_ciphersuites(chosen.ciphersuites)
  if chosen.groups then attempt("groups", ctx.set_groups, ctx, chosen.groups) end
  attempt("signatures", ctx.set_server_sigalgs, ctx, chosen.server_signatures)
  attempt("signatures", ctx.set_client_sigalgs, ctx, chosen.client_signatures)
end

local function loadcertificates(ctx, config)
  local credentials = #config.credentials > 0 and config.credentials or { config }
  for _, credential in ipairs(credentials) do
    if credential.raw then
      attempt("raw public key", ctx.load_private_key, ctx, credential.key_file)
    elseif credential.cert_file then
      attempt("certificate", ctx.load_cert_chain, ctx, credential.cert_file,
        credential.key_file)
    end
  end
end

-- The kinds of certificate: those of what a side has been given, in that order.
local function shown(credentials)
  local kinds, seen = {}, {}
  for _, credential in ipairs(credentials) do
    local kind = credential.raw and "rpk" or "x509"
    if not seen[kind] then kinds[#kinds + 1] = kind end
    seen[kind] = true
  end
  return #kinds > 0 and kinds or nil
end

local function kinds(numbers)
  local named = {}
  for i, number in ipairs(numbers or {}) do
    named[i] = names.kinds[number] or report.unimplemented("kind of certificate " .. number)
  end
  return #named > 0 and named or nil
end

local function setkinds(ctx, config)
  local accepted_kinds = kinds(config.accepted_peer_cert_types)
  local servers = accepted_kinds
  local clients = kinds(config.available_client_cert_types) or shown(config.credentials)
  if config.server then servers, clients = shown(config.credentials), accepted_kinds end
  attempt("kinds of certificate", function()
    if servers then ctx.server_certificate_types = servers end
    if clients then ctx.client_certificate_types = clients end
  end)
end

-- A verdict on each certificate as the runner wants it; where nobody has to show one,
-- nobody is asked.
local function setverification(ctx, config)
  if config.server then
    ctx.verify_mode = config.require_any_client_certificate and ssl.CERT_REQUIRED
      or config.verify_peer and ssl.CERT_OPTIONAL or ssl.CERT_NONE
  else
    ctx.check_hostname = false
    local raw = config.accepted_peer_cert_types  -- BoringSSL always verifies what may be one
    ctx.verify_mode = (config.verify_peer or raw) and ssl.CERT_REQUIRED or ssl.CERT_NONE
  end
  if ctx.verify_mode ~= ssl.CERT_NONE and (config.trust_cert or "") ~= "" then
    ctx:load_verify_locations(config.trust_cert)
  end
  ctx.verify_callback = function() return not config.verify_fail end
end

local function setstapling(ctx, config)
  if not config.server then
    ctx.ocsp_callback = function() return not config.fail_ocsp_callback end
    ctx.ocsp_stapling = config.enable_ocsp_stapling and ssl.CERT_OPTIONAL or ssl.CERT_NONE
    return
  end
  local response = (config.credentials[1] or config).ocsp_response
  ctx.ocsp_response = function()
    if config.fail_ocsp_callback then error("the runner wants the callback to fail") end
    return not config.decline_ocsp_callback and response or nil
  end
end

-- "\x03foo\x03bar" as an array.
local function protocols(wire)
  local array, i = {}, 1
  while i <= #wire do
    array[#array + 1], i = ("s1"):unpack(wire, i)
  end
  return array
end

local function setprotocols(ctx, config)
  if config.server then
    if config.select_alpn then ctx:set_alpn_protocols{ config.select_alpn } end
    if config.reject_alpn then
      ctx:set_alpn_protocols{ "none of those that are offered" }
      ctx.strict_alpn = true
    end
    if config.advertise_npn then ctx:set_npn_protocols(protocols(config.advertise_npn)) end
  else
    if config.advertise_alpn then ctx:set_alpn_protocols(protocols(config.advertise_alpn)) end
    if config.select_next_proto then ctx:set_npn_protocols{ config.select_next_proto } end
  end
end

local function setkeys(ctx, config)
  if not config.psk then return end
  if config.server then
    ctx:set_psk_server_callback(function(identity)
      if (identity or "") == (config.psk_identity or "") then return config.psk end
      return ""
    end, config.psk_identity)
  else
    ctx:set_psk_client_callback(function(hint)
      if hint ~= config.psk_identity then return nil, "" end
      return config.psk_identity, config.psk
    end)
  end
end

-- What a server does as soon as it has seen the client's hello. Only where a test wants
-- it: OpenSSL then says in resumed connections of TLS 1.3, too, that it has seen the name.
local function setcallback(ctx, config, state)
  if not config.server or not (config.expect_server_name or config.expect_no_server_name or
     config.fail_early_callback or config.fail_ddos_callback) then
    return
  end
  ctx.sni_callback = function(_, name)
    state.servername = name
    if config.fail_early_callback then return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE end
    if config.fail_ddos_callback then return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR end
  end
end

--- A context for `config`. What its callbacks learn is written to `state`, which is
--- another one for each connection: state.current.
function M.new(config, state)
  local ctx = ssl.SSLContext(config.server and ssl.PROTOCOL_TLS_SERVER
    or ssl.PROTOCOL_TLS_CLIENT)
  local chosen = settings.of(config)
  setversions(ctx, config, chosen)
  setoptions(ctx, config, chosen)
  setalgorithms(ctx, chosen)
  loadcertificates(ctx, config)
  setkinds(ctx, config)
  setverification(ctx, config)
  setstapling(ctx, config)
  setprotocols(ctx, config)
  setkeys(ctx, config)
  setcallback(ctx, config, state)
  return ctx
end

return M
