-- What a server shows once it is spoken to in earnest: certificates, stapled
-- responses, protocols above TLS, resumption.

local _ssl = require "_ssl"
local certificate = require "ssl.scan.certificate"
local handshake = require "ssl.scan.handshake"
local names = require "ssl.scan.names"

local session = {}

-- Ciphers by the kind of certificate that they need, before TLS 1.3, and signature
-- algorithms that do the same in TLS 1.3.
local KINDS = {
  { "ECDSA", "ECDSA", "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512" },
  { "RSA", "RSA", "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:\z
    rsa_pkcs1_sha256" },
}

-- Adds a chain (DER) unless it is there.
local function add_chain(result, ders)
  for _, chain in ipairs(result.chains) do
    if chain[1].der == ders[1] then
      return
    end
  end
  local chain = {}
  for i, der in ipairs(ders) do
    local ok, read = pcall(certificate.read, der)
    if not ok then
      result.chain_error = handshake.describe(read)
      return
    end
    chain[i] = read
  end
  chain.in_order = certificate.in_order(chain)
  result.chains[#result.chains + 1] = chain
end

-- Before TLS 1.3 a certificate crosses the wire in plain.
local function chain_in_plain(probe, result, version, pattern)
  local codes = {}
  for _, suite in ipairs(result.ciphers[version] or {}) do
    if suite.key_exchange:find(pattern) then
      codes[#codes + 1] = suite.code
    end
  end
  if #codes > 0 then
    local found = probe:ask(probe:offer(version, codes, { only_hello = false, staple = true }))
    if found.certificates and #found.certificates > 0 then
      add_chain(result, found.certificates)
      result.staple = result.staple or found.staple
    end
  end
end

local function chain_of_handshake(probe, result, ctx)
  ctx.ocsp_stapling = _ssl.CERT_OPTIONAL
  ctx.ocsp_callback = function() return true end
  local conn, err = handshake.connect(probe, ctx)
  if not conn then
    result.handshake_error = result.handshake_error or handshake.describe(err)
    return
  end
  local _ <close> = conn
  add_chain(result, conn.object:get_unverified_chain())
  result.staple = result.staple or conn.object:ocsp_response()
end

--- `result.chains`: an array of chains, one for each certificate that the server has.
-- A chain is an array of tables (see `ssl.scan.certificate`), the server's own first,
-- with a field `in_order`. `result.staple`: the stapled OCSP response (DER), or nil.
function session.certificates(probe, result)
  result.chains = {}
  for _, kind in ipairs(KINDS) do
    for i = #names.versions - 1, 2, -1 do
      chain_in_plain(probe, result, names.versions[i], kind[2])
    end
    if result.versions["TLSv1.3"] then
      local ctx = handshake.context("TLSv1.3")
      ctx:set_server_sigalgs(kind[3])
      chain_of_handshake(probe, result, ctx)
    end
  end
  if result.versions["TLSv1.3"] and #result.chains == 0 then
    chain_of_handshake(probe, result, handshake.context("TLSv1.3"))
  end
  if #result.chains > 0 then
    result.handshake_error = nil
  end
end

--- `result.trusted`, and `result.trust_error` if a careful client refuses the server.
function session.trust(probe, result, ctx)
  local conn, err = handshake.connect(probe, ctx)
  result.trusted = conn ~= nil
  result.trust_error = not conn and handshake.describe(err) or nil
  result.verify_code = not conn and type(err) == "table" and err.verify_code or nil
  if conn then
    conn:close()
  end
end

--- `result.alpn`: which of `protocols` the server takes, each asked for alone.
function session.alpn(probe, result, protocols)
  result.alpn = {}
  for _, protocol in ipairs(protocols) do
    local ctx = handshake.context()
    ctx:set_alpn_protocols({ protocol })
    local conn = handshake.connect(probe, ctx)
    if conn then
      if conn.object:selected_alpn_protocol() == protocol then
        table.insert(result.alpn, protocol)
      end
      conn:close()
    end
  end
end

-- A session of a whole handshake, and the number of tickets that came after it.
local function first_session(probe, ctx, version)
  local tickets = 0
  ctx._msg_callback = function(_, direction, _, content, message)
    if direction == "read" and content == 22 and message == 4 then
      tickets = tickets + 1
    end
  end
  local conn <close> = handshake.connect(probe, ctx)
  if not conn then
    return nil
  end
  local ends = probe.clock() + math.min(probe.timeout, 2)
  while version == "TLSv1.3" and tickets == 0 and probe.clock() < ends do
    conn:read(0.25)  -- nothing but tickets may come
    if conn.stream.instant then
      break
    end
  end
  return conn.object.session, tickets
end

-- What a server does with a session that it has given.
local function resumes(probe, version, options)
  local ctx = handshake.context(version)
  ctx.options = ctx.options | (options or 0)
  local old, tickets = first_session(probe, ctx, version)
  if not old then
    return { resumed = false, tickets = 0 }
  end
  local found = { tickets = tickets, has_ticket = old.has_ticket,
    lifetime = old.has_ticket and old.ticket_lifetime_hint or nil }
  local conn = handshake.connect(probe, ctx, old)
  found.resumed = conn and conn.object.session_reused or false
  if conn then
    conn:close()
  end
  return found
end

--- `result.resumption`: `session_id` and `ticket` (TLS 1.2), `psk` (TLS 1.3),
-- booleans; `lifetime` (seconds, as the server hints) and `tickets` (how many it
-- sends in TLS 1.3).
function session.resumption(probe, result)
  local out = { session_id = false, ticket = false, psk = false }
  if result.versions["TLSv1.2"] then
    local by_id = resumes(probe, "TLSv1.2", _ssl.OP_NO_TICKET)
    out.session_id = by_id.resumed and not by_id.has_ticket
    local by_ticket = resumes(probe, "TLSv1.2")
    out.ticket = by_ticket.resumed and by_ticket.has_ticket or false
    out.lifetime = out.ticket and by_ticket.lifetime or nil
  end
  if result.versions["TLSv1.3"] then
    local psk = resumes(probe, "TLSv1.3")
    out.psk, out.tickets = psk.resumed, psk.tickets
    out.lifetime = psk.resumed and math.max(psk.lifetime or 0, out.lifetime or 0) or out.lifetime
  end
  result.resumption = out
end

--- `result.client_renegotiation`: whether the server begins another handshake when a
-- client asks; nil for a server without TLS 1.2.
function session.renegotiation(probe, result)
  if not result.versions["TLSv1.2"] then
    return
  end
  local conn <close> = handshake.connect(probe, handshake.context("TLSv1.2"))
  if conn then
    result.client_renegotiation = conn:renegotiate()
  end
end

return session
