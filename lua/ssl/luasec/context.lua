-- ssl/luasec/context.lua - the functions of LuaSec's module `ssl.context`, each of which
-- sets one thing on a context.
-- SPDX-License-Identifier: MIT
--
-- A context is an SSLContext: what is set here and what its own attributes set is the
-- same. Each function returns true, or false and a text.

local _ssl = require "_ssl"
local problem = require "ssl.luasec.problem"
local wire = require "ssl.luasec.wire"

local luasec = _ssl._luasec
local methods = _ssl._methods("SSLContext")
local M = {}

-- The name of a file, for a message; nil for what is PEM itself.
local function filename(text)
  return not tostring(text):find("-----BEGIN", 1, true) and tostring(text) or nil
end

--@ context.create(protocol)
-- Makes a context with the default settings of OpenSSL. Such a context checks no certificates.
-- - `protocol` (string): `"any"`, or the only version to speak: `"tlsv1"`, `"tlsv1_1"`,
--   `"tlsv1_2"` or `"tlsv1_3"`.
-- Returns an `SSLContext`; or nil and a text for another protocol. OpenSSL: `SSL_CTX_new`.
--
-- Type: fun(protocol: string): SSLContext?, string?
--
--     local ctx = assert(context.create("any"))
function M.create(protocol)
  local ctx = luasec.newcontext(protocol)
  if not ctx then
    return nil, ("invalid protocol (%s)"):format(protocol)
  end
  return ctx
end

--@ context.setmode(ctx, mode)
-- Sets on which side the connections of the context are.
-- - `mode` (string): `"client"` or `"server"`.
-- Returns true; or false and a text.
--
-- Type: fun(ctx: SSLContext, mode: "client"|"server"): boolean, string?
--
--     assert(context.setmode(ctx, "client"))
function M.setmode(ctx, mode)
  if luasec.setmode(ctx, mode) then
    return true
  end
  return false, ("invalid mode (%s)"):format(mode)
end

--@ context.loadkey(ctx, key [, password])
-- Loads the private key.
-- - `key` (string): the name of a file in PEM, or the PEM text.
-- - `password` (string or function): the password of an encrypted key. A function is called
--   without arguments, and only if the key is encrypted. If it does not return a string, there
--   is no password.
-- Returns true; or false and a text that names the file and the reason. OpenSSL:
-- `SSL_CTX_use_PrivateKey`.
--
-- Type: fun(ctx: SSLContext, key: string, password?: string|(fun(): string?)): boolean, string?
--
--     assert(context.loadkey(ctx, keyfile))
function M.loadkey(ctx, key, password)
  if password ~= nil and type(password) ~= "string" and type(password) ~= "function" then
    error("invalid callback value", 2)
  end
  local ask = password
  if type(password) == "function" then
    function ask()
      local answer = password()
      return type(answer) == "string" and answer or ""
    end
  end
  return problem.try("error loading private key", filename(key), luasec.loadkey, ctx, key,
    ask)
end

--@ context.loadcert(ctx, certificate)
-- Loads the certificate that the context shows to peers, and the certificates that lead from it
-- to its authority.
-- - `certificate` (string): the name of a file in PEM, or the PEM text.
-- Returns true; or false and a text that names the file and the reason. OpenSSL:
-- `SSL_CTX_use_certificate`.
--
-- Type: fun(ctx: SSLContext, certificate: string): boolean, string?
--
--     assert(context.loadcert(ctx, certfile))
function M.loadcert(ctx, certificate)
  return problem.try("error loading certificate", filename(certificate), luasec.loadcert, ctx,
    certificate)
end

--@ context.checkkey(ctx)
-- Tells whether the private key belongs to the certificate.
-- Returns a boolean. OpenSSL: `SSL_CTX_check_private_key`.
--
-- Type: fun(ctx: SSLContext): boolean
--
--     context.loadcert(ctx, certfile)
--     context.loadkey(ctx, keyfile)
--     assert(context.checkkey(ctx))
M.checkkey = luasec.checkkey

--@ context.locations(ctx [, cafile [, capath]])
-- Loads the certificates of the authorities to trust.
-- - `cafile` (string): the name of a file in PEM, or the PEM text.
-- - `capath` (string): a folder of such files, prepared by `openssl rehash`.
-- Returns true; or false and a text that names the file and the reason. OpenSSL:
-- `X509_STORE_load_file`, `X509_STORE_load_path`.
--
-- Type: fun(ctx: SSLContext, cafile?: string, capath?: string): boolean, string?
--
--     assert(context.locations(ctx, cafile))
function M.locations(ctx, cafile, capath)
  if cafile == nil and capath == nil then
    return false, "error loading CA locations (neither file nor folder)"
  end
  local data
  if cafile ~= nil and not filename(cafile) then
    cafile, data = nil, cafile
  end
  return problem.try("error loading CA locations", cafile or capath, methods.load_verify_locations,
    ctx, cafile, capath, data)
end

--@ context.setcipher(ctx, list)
-- Sets the ciphers for TLS 1.2 and older.
-- - `list` (string): the ciphers, in OpenSSL's notation.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set_cipher_list`.
--
-- Type: fun(ctx: SSLContext, list: string): boolean, string?
--
--     assert(context.setcipher(ctx, "ECDHE+AESGCM"))
function M.setcipher(ctx, list)
  return problem.try("error setting cipher list", list, methods.set_ciphers, ctx, list)
end

--@ context.setciphersuites(ctx, list)
-- Sets the cipher suites for TLS 1.3.
-- - `list` (string): their names, with colons between them.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set_ciphersuites`.
--
-- Type: fun(ctx: SSLContext, list: string): boolean, string?
--
--     assert(context.setciphersuites(ctx, "TLS_AES_128_GCM_SHA256"))
function M.setciphersuites(ctx, list)
  return problem.try("error setting cipher list", list, methods.set_ciphersuites, ctx, list)
end

--@ context.setdepth(ctx, depth)
-- Sets how many certificates may stand between the peer's certificate and a trusted one.
-- - `depth` (integer): their number.
-- Returns true. OpenSSL: `SSL_CTX_set_verify_depth`.
--
-- Type: fun(ctx: SSLContext, depth: integer): boolean
--
--     assert(context.setdepth(ctx, 3))
function M.setdepth(ctx, depth)
  luasec.setdepth(ctx, depth)
  return true
end

--@ context.setverify(ctx, ...)
-- Sets whether to check the peer's certificate.
-- - `...` (strings): `"none"`, `"peer"`, `"client_once"`, `"fail_if_no_peer_cert"`.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set_verify`.
--
-- Type: fun(ctx: SSLContext, ...: string): boolean, string?
--
--     assert(context.setverify(ctx, "peer", "fail_if_no_peer_cert"))
M.setverify = luasec.setverify

--@ context.setoptions(ctx, ...)
-- Sets options of OpenSSL.
-- - `...` (strings): names from `ssl.config.options`.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set_options`.
--
-- Type: fun(ctx: SSLContext, ...: string): boolean, string?
--
--     assert(context.setoptions(ctx, "no_ticket", "no_compression"))
M.setoptions = luasec.setoptions

--@ context.setdhparam(ctx, callback)
-- Sets the parameters of Diffie-Hellman, which a server needs for the ciphers `DHE-…`.
-- - `callback` (function): returns the parameters in PEM (string), or nil for none. It is called
--   at once, with false and 2048, the size that OpenSSL uses today.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set0_tmp_dh_pkey`.
--
-- Type: fun(ctx: SSLContext,
--   callback: fun(export: boolean, bits: integer): string?): boolean, string?
--
--     assert(context.setdhparam(ctx, function(export, bits) return nil end))
function M.setdhparam(ctx, callback)
  local pem = callback(false, 2048)
  if type(pem) ~= "string" then
    return true
  end
  return problem.try("error setting DH parameters", nil, methods.load_dh_params, ctx,
    { dhdata = pem })
end

--@ context.setcurve(ctx, name)
-- Allows one group only for the key exchange.
-- - `name` (string): one of `ssl.config.curves`, or another group of OpenSSL's.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set1_groups_list`.
--
-- Type: fun(ctx: SSLContext, name: string): boolean, string?
--
--     assert(context.setcurve(ctx, "P-256"))
function M.setcurve(ctx, name)
  if problem.try("", nil, methods.set_groups, ctx, name) then
    return true
  end
  return false, ("elliptic curve '%s' not supported"):format(name)
end

--@ context.setcurveslist(ctx, list)
-- Sets the groups for the key exchange.
-- - `list` (string): their names, with colons between them, best first.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set1_groups_list`.
--
-- Type: fun(ctx: SSLContext, list: string): boolean, string?
--
--     assert(context.setcurveslist(ctx, "X25519:P-256"))
function M.setcurveslist(ctx, list)
  if problem.try("", nil, methods.set_groups, ctx, list) then
    return true
  end
  return false, ('unknown elliptic curve in "%s"'):format(list)
end

--@ context.setalpn(ctx, list)
-- Sets the protocols that a client offers by ALPN.
-- - `list` (string): the protocols in the form of the wire. Each name follows a byte with its
--   length.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set_alpn_protos`.
--
-- Type: fun(ctx: SSLContext, list: string): boolean, string?
--
--     assert(context.setalpn(ctx, "\2h2\8http/1.1"))
function M.setalpn(ctx, list)
  local ok, names = pcall(wire.unpack, list)
  if not ok then
    return false, "error setting ALPN (not a list as it is sent)"
  end
  return problem.try("error setting ALPN", nil, methods.set_alpn_protocols, ctx, names)
end

--@ context.setalpncb(ctx, callback)
-- Sets the function by which a server chooses a protocol (ALPN).
-- - `callback` (function): gets the client's protocols, and returns the one that the server
--   chooses, both in the form of the wire. If it returns nil, no protocol is chosen.
-- Returns true. OpenSSL: `SSL_CTX_set_alpn_select_cb`.
--
-- Type: fun(ctx: SSLContext, callback: fun(offered: string): string?): boolean
--
--     assert(context.setalpncb(ctx, function(offered) return "\2h2" end))
function M.setalpncb(ctx, callback)
  luasec.setalpncallback(ctx, callback)
  return true
end

-- The hints of contexts whose callback was set before or comes after.
local hints = setmetatable({}, { __mode = "k" })
local servers = setmetatable({}, { __mode = "k" })

local function set_server(ctx)
  return problem.try("error setting PSK", nil, methods.set_psk_server_callback, ctx,
    servers[ctx], hints[ctx])
end

--@ context.setpskhint(ctx, hint)
-- Sets the hint that a server sends to clients, so that they know which identity to use. TLS 1.3
-- has no such hint.
-- - `hint` (string): the hint.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_use_psk_identity_hint`.
--
-- Type: fun(ctx: SSLContext, hint: string): boolean, string?
--
--     assert(context.setpskhint(ctx, "printers"))
function M.setpskhint(ctx, hint)
  hints[ctx] = hint
  return set_server(ctx)
end

-- A key that cannot be used is none.
local function usable(key, most)
  return type(key) == "string" and #key <= most and key or ""
end

--@ context.setserverpskcb(ctx, callback)
-- Sets the function that gives a server the key that it shares with a client.
-- - `callback` (function): gets the client's identity (string) and how many bytes the key may
--   have at most. It returns the key (string). If it returns something else, there is no key.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set_psk_server_callback`.
--
-- Type: fun(ctx: SSLContext,
--   callback: fun(identity: string, most: integer): string?): boolean, string?
--
--     assert(context.setserverpskcb(ctx, function(identity, most) return "secret" end))
function M.setserverpskcb(ctx, callback)
  servers[ctx] = function(identity, most)
    return usable(callback(identity or "", most), most)
  end
  return set_server(ctx)
end

--@ context.setclientpskcb(ctx, callback)
-- Sets the function that gives a client the key that it shares with the server.
-- - `callback` (function): gets the server's hint (string or nil), and how many bytes the
--   identity and the key may have at most. It returns both (strings). If it returns something
--   else, there is no key.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set_psk_client_callback`.
--
-- Type: fun(ctx: SSLContext, callback: (fun(hint: string?, identity_size: integer,
--   key_size: integer): string?, string?)): boolean, string?
--
--     assert(context.setclientpskcb(ctx, function(hint) return "client", "secret" end))
function M.setclientpskcb(ctx, callback)
  local function ask(hint, longest, most)
    local identity, key = callback(hint, longest, most)
    if type(identity) ~= "string" or #identity > longest then
      return nil, ""
    end
    return identity, usable(key, most)
  end
  return problem.try("error setting PSK", nil, methods.set_psk_client_callback, ctx, ask)
end

--@ context.setdane(ctx, ...)
-- Makes the clients of the context check servers by TLSA records. Each connection gets its
-- records by `setdane` and `settlsa`.
-- - `...` (strings): `"no_ee_namechecks"`: if a record names the server's own key, do not check
--   the server's name.
-- Returns true, or false if OpenSSL has no DANE. Raises a string error for another word.
-- OpenSSL: `SSL_CTX_dane_enable`; RFC 7671.
--
-- Type: fun(ctx: SSLContext, ...: "no_ee_namechecks"): boolean
--
--     assert(context.setdane(ctx, "no_ee_namechecks"))
function M.setdane(ctx, ...)
  local dane = {}
  for i, word in ipairs({ ... }) do
    if word ~= "no_ee_namechecks" then
      error(("bad argument #%d to 'setdane' (invalid option '%s')"):format(i + 1, tostring(word)),
        2)
    end
    dane[word] = true
  end
  ctx.dane = dane
  return true
end

-- What `setverifyext` sets of verify_flags.
local flags = {
  crl_check = _ssl.VERIFY_CRL_CHECK_LEAF,
  crl_check_chain = _ssl.VERIFY_CRL_CHECK_CHAIN,
}

--@ SSLContext:setverifyext(...)
-- Sets what else there is about checking certificates, as LuaSec's contexts do.
-- - `...` (strings): `"lsec_continue"`: the handshake goes on whatever is wrong, for
--   the program to judge by `getpeerverification`; `"lsec_ignore_purpose"`: a client may
--   show a server's certificate; `"crl_check"` and `"crl_check_chain"`: certificates are
--   looked for in revocation lists.
-- Returns true; or false and a text. OpenSSL: `SSL_CTX_set_verify`,
-- `X509_VERIFY_PARAM_set_flags`. Since: LuaSec.
--
-- Type: fun(...: string): boolean, string?
--
--     assert(ctx:setverifyext("crl_check"))
function methods.setverifyext(ctx, ...)
  local wanted = {}
  for _, name in ipairs({ ... }) do
    if not flags[name] and name ~= "lsec_continue" and name ~= "lsec_ignore_purpose" then
      return false, ("invalid verify option (%s)"):format(tostring(name))
    end
    wanted[name] = true
  end
  luasec.goon(ctx, wanted.lsec_continue)
  if wanted.lsec_ignore_purpose then
    luasec.ignorepurpose(ctx)
  end
  for name, flag in pairs(flags) do
    if wanted[name] then
      ctx.verify_flags = ctx.verify_flags | flag
    end
  end
  return true
end

return M
