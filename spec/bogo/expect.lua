-- What the runner expects of a connection whose handshake is done, or that has ended.
-- Each check returns nothing, or what is wrong.

local names = require "spec.bogo.names"
local sha256 = require "spec.bogo.sha256"
local ssl = require "ssl"

local M = {}

local function mismatch(what, got, wanted)
  return ("%s is %s, wanted %s"):format(what, tostring(got), tostring(wanted))
end

local function contains(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

-- The number of the cipher in use.
local function cipher(tls)
  local name = tls:cipher()
  for _, one in ipairs(tls.context:get_ciphers()) do
    if one.name == name then return one.id & 0xffff end
  end
end

local checks = {}

function checks.resumed(tls, config, is)
  local wanted = is.resumption and not config.expect_session_miss or false
  if tls.session_reused ~= wanted then return mismatch("session_reused", not wanted, wanted) end
end

function checks.version(tls, config)
  local wanted = names.versions[config.expect_version]
  if wanted and tls:version() ~= wanted then
    return mismatch("the version", tls:version(), wanted)
  end
end

function checks.cipher(tls, config)
  local wanted = config.expect_cipher or config.expect_cipher_aes
  if wanted and cipher(tls) ~= wanted then return mismatch("the cipher", cipher(tls), wanted) end
end

function checks.group(tls, config)
  local wanted = names.grouped[config.expect_curve_id]
  if wanted and not contains(wanted, tls:group()) then
    return mismatch("the group", tls:group(), wanted[1])
  end
end

-- Of a resumed session OpenSSL does not know what its first connection was signed with.
function checks.signature(tls, config)
  local wanted = names.signatures[config.expect_peer_signature_algorithm]
  local got
  if config.server then got = tls:client_sigalg() else got = tls:server_sigalg() end
  if wanted and not tls.session_reused and got ~= wanted then
    return mismatch("the peer's signature", got, wanted)
  end
end

function checks.alpn(tls, config)
  local wanted = config.server and config.select_alpn or config.expect_alpn
  if config.server and not config.select_alpn then wanted = nil end
  if tls:selected_alpn_protocol() ~= wanted then
    return mismatch("ALPN's protocol", tls:selected_alpn_protocol(), wanted)
  end
end

function checks.npn(tls, config)
  local wanted = config.expect_next_proto
  if (wanted or config.expect_no_next_proto) and tls:selected_npn_protocol() ~= wanted then
    return mismatch("NPN's protocol", tls:selected_npn_protocol(), wanted)
  end
end

function checks.servername(_, config, is)
  local wanted = config.expect_server_name
  if wanted and is.servername ~= wanted or config.expect_no_server_name and is.servername then
    return mismatch("the server's name", is.servername, wanted)
  end
end

-- A retry is a second hello of the client's.
function checks.retry(_, config, is)
  local retried = is.messages.hellos > 1
  if config.expect_hrr and not retried or config.expect_no_hrr and retried then
    return mismatch("HelloRetryRequest", retried, not retried)
  end
end

-- TLS 1.3 has for itself what extensions gave to older versions.
function checks.extensions(tls, config, is)
  local theirs = config.server and is.messages.clienthello or is.messages.serverhello
  local older = tls:version() ~= "TLSv1.3"
  if config.expect_extended_master_secret and older and not theirs[23] then
    return "no extended master secret"
  end
  if config.expect_secure_renegotiation and older and not theirs[0xff01] then
    return "no secure renegotiation"
  end
  if config.expect_no_secure_renegotiation and theirs[0xff01] then
    return "secure renegotiation"
  end
  local advertised = config.expect_advertised_alpn
  if advertised and theirs[16] ~= (">s2"):pack(advertised) then
    return mismatch("what ALPN offers", theirs[16], advertised)
  end
end

-- The certificates in a file in PEM, as DER.
local function chainof(file)
  local chain, handle = {}, assert(io.open(file))
  for pem in handle:read("a"):gmatch("%-%-%-%-%-BEGIN CERT.-%-%-%-%-%-END CERT[^\n]*") do
    chain[#chain + 1] = ssl.PEM_cert_to_DER_cert(pem)
  end
  handle:close()
  return chain
end

function checks.certificate(tls, config)
  local leaf = tls:getpeercert(true)
  if config.expect_no_peer_cert or config.psk or config.expect_peer_rpk_sha256 then
    if leaf then return "the peer shows a certificate" end
  elseif not leaf and (not config.server or config.require_any_client_certificate) then
    return "the peer shows no certificate"
  end
  if config.expect_peer_cert_file then
    local chain = tls:get_unverified_chain() or { leaf }
    if table.concat(chain) ~= table.concat(chainof(config.expect_peer_cert_file)) then
      return "the peer shows other certificates"
    end
  end
end

function checks.kind(tls, config)
  local key = tls:get_peer_public_key()
  local kind = tls:getpeercert(true) and "x509" or key and "rpk" or nil
  local wanted = names.kinds[config.expect_peer_certificate_type]
  if wanted and kind ~= wanted then return mismatch("the kind of certificate", kind, wanted) end
  local digest = config.expect_peer_rpk_sha256
  if digest and sha256(key or "") ~= digest then return "another raw public key" end
end

function checks.staple(tls, config)
  local wanted = config.expect_ocsp_response
  if wanted and tls:ocsp_response() ~= wanted then return "another OCSP response" end
end

-- Does the client have a session now that it did not have before?
local function hasnewsession(tls, is)
  local session = tls.session
  return session ~= nil and (session.has_ticket or
    (tls:version() ~= "TLSv1.3" and session.id ~= "")) and session ~= is.offered
end

-- Before TLS 1.3 a session is there when the handshake is done.
function checks.session(tls, config, is)
  if config.server or tls:version() == "TLSv1.3" then return end
  local wanted = not config.expect_no_session and
    (not tls.session_reused or config.expect_ticket_renewal or false)
  if hasnewsession(tls, is) ~= wanted then return mismatch("a new session", not wanted, wanted) end
end

function checks.cached(tls, config, is)
  if not config.server or is.resumption then return end
  local count = tls.context:session_stats().number
  if config.expect_session_id and count == 0 or config.expect_no_session_id and count > 0 then
    return mismatch("the number of cached sessions", count, count == 0 and 1 or 0)
  end
end

--- Raises what is wrong with a connection whose handshake is done. `is` tells what else is
--- known of it.
function M.handshake(tls, config, is)
  for _, check in pairs(checks) do
    local wrong = check(tls, config, is)
    if wrong then error(wrong, 0) end
  end
end

--- The same of one whose data have been exchanged: TLS 1.3 brings sessions only then.
function M.exchange(tls, config, is)
  if not config.server and tls:version() == "TLSv1.3" then
    local wanted = not config.expect_no_session and not config.shim_shuts_down
    if hasnewsession(tls, is) ~= wanted then
      error(mismatch("a new session", not wanted, wanted), 0)
    end
  end
end

--- And of one that has ended.
function M.ended(ctx, config, is)
  local got = ctx:session_stats().connect_renegotiate - is.renegotiations
  if got ~= (config.expect_total_renegotiations or 0) then
    error(mismatch("the number of renegotiations", got, config.expect_total_renegotiations), 0)
  end
  local wanted = config.expect_msg_callback
  if wanted and is.messages.text ~= wanted then
    error(mismatch("the order of messages", is.messages.text, wanted), 0)
  end
end

return M
