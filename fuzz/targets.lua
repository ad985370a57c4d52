-- What is fuzzed: name -> function(bytes). An error that is not one of the
-- module's, an entry left in OpenSSL's queue, and an object left over are findings.

local _ssl = require "_ssl"
local ssl = require "ssl"
local testing = require "ssl.testing"
local calls = require "fuzz.calls"

local targets = {}

-- Lua's own errors start so, after the position; later it may be the input's.
local function isfair(err)
  return ssl.isinstance(err, ssl.Error)
    or type(err) == "string" and not err:gsub("^[^:\n]*:%d+: ", ""):find("^attempt to ")
end

local function try(f, ...)
  local ok, result = pcall(f, ...)
  if not ok and not isfair(result) then error(result, 0) end
  return ok, result
end

local function clean()
  local left = _ssl._counterrors()
  if left > 0 then error(left .. " entries left in OpenSSL's queue", 0) end
end

local ca = testing.CA()
local identity = ca:issue("localhost")
local client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
  ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ca:configure_trust(client)
identity:configure_cert(server)
server.sni_callback = function() end
client._msg_callback = function() end
client:set_alpn_protocols({ "h2", "http/1.1" })
server:set_alpn_protocols({ "http/1.1" })

function targets.certificate(bytes)
  local ok, cert = try(ssl.decode_certificate, bytes)
  if ok then
    assert(type(cert.subject) == "table" and type(cert.notAfter) == "string")
    try(ssl.cert_time_to_seconds, cert.notAfter)
  end
  clean()
end

local extensions = {
  "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.35", "2.5.29.36", "2.5.29.37",
  "2.5.29.54", "1.3.6.1.5.5.7.1.1",
}

-- The rules of a profile: any extension in an authority and in what it issues, and
-- any certificate that is trusted by itself.
function targets.rules(bytes)
  local extension = { extensions = { {
    oid = extensions[(bytes:byte() or 0) % #extensions + 1], value = bytes:sub(3),
    critical = (bytes:byte(2) or 0) % 2 == 1,
  } } }
  local checking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  checking.certificate_profile = "webpki"
  checking.verify_flags = checking.verify_flags | ssl.VERIFY_X509_PARTIAL_CHAIN
  ca:configure_trust(checking)
  local leaf = ca:create_child_ca(extension):issue("*.localhost", "localhost", extension)
  try(checking.verify_certificate, checking, leaf.chain.pem, "localhost")
  if try(checking.load_verify_locations, checking, { cadata = bytes }) then
    try(checking.verify_certificate, checking, bytes)
  end
  clean()
end

function targets.load(bytes)
  local context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  try(context.load_verify_locations, context, { cadata = bytes })
  try(context.load_verify_locations, context, { cadata = ssl.bytearray(bytes) })
  try(context.load_cert_chain, context, { certdata = bytes, keydata = bytes, password = "x" })
  try(context.load_cert_chain, context, { certdata = identity.cert.pem, keydata = bytes })
  try(context.load_crl, context, bytes)
  try(context.get_ca_certs, context)
  try(ssl.PEM_cert_to_DER_cert, bytes)
  clean()
end

-- The whole of a side's view: bytes in, whatever comes out dropped.
local function feed(object, incoming, bytes)
  local at, step = 1, 1 + #bytes % 97
  repeat
    incoming:write(bytes:sub(at, at + step - 1))
    at = at + step
    try(object.do_handshake, object)
  until at > #bytes
  incoming:write_eof()
  try(object.read, object, 1000)
  try(object.write, object, "answer")
  try(object.getpeercert, object)
  try(object.unwrap, object)
  clean()
end

function targets.client(bytes)
  local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  local object = client:wrap_bio(incoming, outgoing, false, "localhost")
  try(object.do_handshake, object)
  feed(object, incoming, bytes)
end

function targets.server(bytes)
  local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  feed(server:wrap_bio(incoming, outgoing, true), incoming, bytes)
end

local dtls_client, dtls_server = ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT),
  ssl.SSLContext(ssl.PROTOCOL_DTLS_SERVER)
ca:configure_trust(dtls_client)
identity:configure_cert(dtls_server)

-- Datagrams for a client or a server, as the first byte says: each behind two bytes of its
-- length.
function targets.datagrams(bytes)
  local incoming, outgoing = ssl.MemoryBIO(true), ssl.MemoryBIO(true)
  local server_side = (bytes:byte() or 0) % 2 == 1
  local object = (server_side and dtls_server or dtls_client):wrap_bio(incoming, outgoing,
    server_side, not server_side and "localhost" or nil)
  try(object.do_handshake, object)
  local at = 2
  while at + 1 < #bytes do
    local size = bytes:byte(at) << 8 | bytes:byte(at + 1)
    incoming:write(bytes:sub(at + 2, at + 1 + size))
    at = at + 2 + size
    try(object.do_handshake, object)
    try(object.handle_timeout, object)
  end
  try(object.read, object)
  try(object.write, object, "answer")
  try(object.unwrap, object)
  clean()
end

function targets.session(bytes)
  local ok, session = try(ssl.SSLSession.from_bytes, bytes)
  if ok then
    assert(ssl.SSLSession.from_bytes(session:to_bytes()) == session)
    local _ = { session.id, session.time, session.timeout, session.has_ticket }
    local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    local made, object = try(client.wrap_bio, client, incoming, outgoing, false, "localhost",
      session)
    if made then try(object.do_handshake, object) end
  end
  clean()
end

-- Names and values of an options table, each behind its length.
function targets.options(bytes)
  local options, at = {}, 1
  local values = { true, 1, -1, "x", {}, "localhost", client, 1.5 }
  while at < #bytes do
    local length = bytes:byte(at) % 24
    local name = bytes:sub(at + 1, at + length)
    at = at + length + 1
    options[name] = values[(bytes:byte(at) or 0) % #values + 1]
    at = at + 1
  end
  try(ssl.create_default_context, options)
  try(client.wrap_bio, client, options)
  try(client.load_verify_locations, client, options)
  try(server.load_cert_chain, server, options)
  clean()
end

-- Random calls of the API; the bytes choose.
targets.calls = calls

return targets
