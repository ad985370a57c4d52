-- ssl/context/defaults.lua - contexts with settings for a purpose, and where trusted
-- certificates are by default.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local prelude = require "ssl.base.prelude"

local given = prelude.given

local M = {}

-- Purposes ------------------------------------------------------------------

-- The class of object identifiers; private in CPython too.
local asn1 = setmetatable({}, { __name = "ssl.class" })

local function readonly(self)
  error(("%s is read-only"):format(tostring(self)), 2)
end

local function describe(self)
  return ("_ASN1Object(nid=%d, shortname=%s, longname=%s, oid=%s)"):format(self.nid,
    prelude.repr(self.shortname), prelude.repr(self.longname), prelude.repr(self.oid))
end

local function same(a, b)
  return a.oid == b.oid
end

local function object(class, show, nid, shortname, longname, oid)
  return setmetatable({}, {
    __index = { nid = nid, shortname = shortname, longname = longname, oid = oid },
    __name = "ssl._ASN1Object", __newindex = readonly, __tostring = show, __eq = same,
    class = class,
  })
end

getmetatable(asn1).__call = function(_, oid)
  return object(asn1, describe, _ssl.txt2obj(oid, false))
end

-- An object of OpenSSL's own number, and one of a short name, long name or OID.
function asn1.fromnid(nid)
  return object(asn1, describe, _ssl.nid2obj(nid))
end

function asn1.fromname(name)
  return object(asn1, describe, _ssl.txt2obj(name, true))
end

--@ ssl._ASN1Object(oid)
-- Looks up an object identifier in OpenSSL's table. `_ASN1Object.fromnid(nid)` looks it up
-- by its number, and `_ASN1Object.fromname(name)` by its name. The two purposes are such
-- objects.
-- - `oid` (string): the identifier, with dots.
-- Returns an object with `nid` (integer), `shortname`, `longname` and `oid`
-- (strings). Raises `ValueError` for an unknown one. Since: CPython 3.4.
--
-- Type: fun(oid: string): _ASN1Object
-- Type: _ASN1Object = { nid: integer, shortname: string, longname: string, oid: string,
--   fromnid: fun(nid: integer): _ASN1Object, fromname: fun(name: string): _ASN1Object }
--
--     assert(ssl._ASN1Object("1.3.6.1.5.5.7.3.1").shortname == "serverAuth")
M._ASN1Object = asn1

--@ ssl.Purpose.SERVER_AUTH (Purpose)
-- The purpose of a client's context: to check that a server is who it says it is. It has
-- the fields `nid` (integer), `shortname`, `longname` and `oid` (strings).
-- Since: CPython 3.4.
--
--     assert(ssl.Purpose.SERVER_AUTH.oid == "1.3.6.1.5.5.7.3.1")
--     assert(ssl.Purpose.SERVER_AUTH.shortname == "serverAuth")
--@ ssl.Purpose.CLIENT_AUTH (Purpose)
-- The purpose of a server's context, which may ask clients for certificates. It has the
-- fields of `ssl.Purpose.SERVER_AUTH`. Since: CPython 3.4.
--
--     local ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
--     assert(ctx.protocol == ssl.PROTOCOL_TLS_SERVER)
--@ ssl.Purpose (class)
-- The class of the two purposes. Since: CPython 3.4.
--
-- Type: Purpose: _ASN1Object = {}
--
--     assert(ssl.isinstance(ssl.Purpose.CLIENT_AUTH, ssl.Purpose))
local Purpose = setmetatable({}, {
  __name = "ssl.class", __index = { __name = "Purpose", bases = { asn1 } },
})

local function purpose(name, oid)
  local function show() return "Purpose." .. name end
  Purpose[name] = object(Purpose, show, _ssl.txt2obj(oid, false))
end

purpose("SERVER_AUTH", "1.3.6.1.5.5.7.3.1")
purpose("CLIENT_AUTH", "1.3.6.1.5.5.7.3.2")
M.Purpose = Purpose

-- PROTOCOL_TLS_CLIENT or PROTOCOL_TLS_SERVER; `arg` is where the purpose was.
local function protocol_for(which, arg, name)
  if not _ssl.isinstance(which, asn1) then
    prelude.typeerror(arg, name, "Purpose", which)
  elseif which == Purpose.SERVER_AUTH then
    return _ssl.PROTOCOL_TLS_CLIENT
  elseif which == Purpose.CLIENT_AUTH then
    return _ssl.PROTOCOL_TLS_SERVER
  end
  return prelude.valueerror("%s", tostring(which))
end

-- Contexts ------------------------------------------------------------------

local function load_trust(context, which, cafile, capath, cadata)
  if given(cafile) or given(capath) or given(cadata) then
    context:load_verify_locations(given(cafile) and cafile or nil,
      given(capath) and capath or nil, given(cadata) and cadata or nil)
  elseif context.verify_mode ~= _ssl.CERT_NONE then
    context:load_default_certs(which)
  end
end

local function set_keylog(context)
  local file = _ssl._getenv("SSLKEYLOGFILE")
  if given(file) then
    context.keylog_filename = file
  end
end

--@ ssl.create_default_context([purpose [, cafile [, capath [, cadata]]]])
-- Makes a context with good settings for a purpose. The settings may become stricter in
-- later versions. If your program needs certain settings, make an `SSLContext` yourself.
--
-- A client's context requires a certificate that is valid for the host name, so you have
-- to give a `server_hostname` to `wrap_socket`. Certificates must be well formed
-- (`VERIFY_X509_STRICT`), and a chain ends at any trusted certificate
-- (`VERIFY_X509_PARTIAL_CHAIN`).
--
-- If the environment variable `SSLKEYLOGFILE` names a file, the keys of all connections
-- are written to that file, for programs such as Wireshark. A setuid program and
-- `lua -E` ignore the variable.
-- - `purpose` (Purpose): `ssl.Purpose.SERVER_AUTH` (the default) for a client,
--   `ssl.Purpose.CLIENT_AUTH` for a server.
-- - `cafile` (string): path of a file of trusted certificates in PEM.
-- - `capath` (string): path of a folder of them, made by `openssl rehash`.
-- - `cadata` (string or bytearray): the certificates themselves, PEM or DER.
--   If you give none of the three, a client trusts the authorities of the system.
-- Returns an `SSLContext`. Raises `OSError` if a file cannot be read, `SSLError` if there
-- is no certificate in it, and `ValueError` for an `_ASN1Object` that is neither purpose.
-- Anything else as a purpose is a string error ("bad argument #1 ... (Purpose expected, got
-- string)"). Since: CPython 3.4.
--
-- Type: named fun(purpose?: Purpose, cafile?: string, capath?: string,
--   cadata?: string|bytearray): SSLContext
--
--     local ctx = ssl.create_default_context({ cafile = cafile })
--     assert(ctx.check_hostname and ctx.verify_mode == ssl.CERT_REQUIRED)
--     local server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
--     server:load_cert_chain(certfile, keyfile)
function M.create_default_context(...)
  local which, cafile, capath, cadata =
    prelude.arguments("create_default_context", "purpose cafile capath cadata", ...)
  which = which == nil and Purpose.SERVER_AUTH or which
  local context = _ssl.SSLContext(protocol_for(which, 1, "create_default_context"))
  context.verify_flags = context.verify_flags | _ssl.VERIFY_X509_PARTIAL_CHAIN
    | _ssl.VERIFY_X509_STRICT
  load_trust(context, which, cafile, capath, cadata)
  set_keylog(context)
  return context
end

--@ ssl._create_unverified_context([options])
-- Makes a context that trusts everybody, unless you say otherwise. Use it for tests, and
-- for peers that you know by other means. The function is private in CPython, but widely
-- used.
-- - `protocol` (integer): a `PROTOCOL_*` constant; by default that of `purpose`.
-- - `cert_reqs` (integer): a `CERT_*` constant; `ssl.CERT_NONE` by default.
-- - `check_hostname` (boolean): false by default; true needs `cert_reqs` too.
-- - `purpose` (Purpose): `ssl.Purpose.SERVER_AUTH` by default.
-- - `certfile`, `keyfile` (strings): see `SSLContext:load_cert_chain`.
-- - `cafile`, `capath`, `cadata`: see `create_default_context`.
-- Returns an `SSLContext`. Raises `ValueError` ("certfile must be specified") for a key
-- without a certificate, `OSError` if a file cannot be read, and `SSLError` if its contents
-- are not right. Since: CPython 3.4.
--
-- Type: named fun(protocol?: integer; cert_reqs?: integer, check_hostname?: boolean,
--   purpose?: Purpose, certfile?: string, keyfile?: string, cafile?: string, capath?: string,
--   cadata?: string|bytearray): SSLContext
--
--     local ctx = ssl._create_unverified_context()
--     assert(ctx.verify_mode == ssl.CERT_NONE and not ctx.check_hostname)
function M._create_unverified_context(...)
  local protocol, cert_reqs, check_hostname, which, certfile, keyfile, cafile, capath, cadata =
    prelude.arguments("_create_unverified_context", "protocol cert_reqs check_hostname "
      .. "purpose certfile keyfile cafile capath cadata", ...)
  which = which == nil and Purpose.SERVER_AUTH or which
  local default = protocol_for(which, 4, "_create_unverified_context")
  local context = _ssl.SSLContext(protocol == nil and default or protocol)
  context.check_hostname = check_hostname or false
  context.verify_mode = cert_reqs == nil and _ssl.CERT_NONE or cert_reqs
  if given(keyfile) and not given(certfile) then
    prelude.valueerror("certfile must be specified")
  elseif given(certfile) then
    context:load_cert_chain(certfile, keyfile)
  end
  load_trust(context, which, cafile, capath, cadata)
  set_keylog(context)
  return context
end

--@ ssl._create_default_https_context([purpose [, options]])
-- What programs replace by `_create_unverified_context` to turn verification off;
-- in the beginning the same as `create_default_context`. `purpose`, `options`: as
-- there. Since: CPython 2.7.9.
--
-- Type: named fun(purpose?: Purpose, cafile?: string, capath?: string,
--   cadata?: string|bytearray): SSLContext
--
--     assert(ssl._create_default_https_context == ssl.create_default_context)
M._create_default_https_context = M.create_default_context

--@ ssl._create_stdlib_context([options])
-- The same as `_create_unverified_context`, with its `options`. Since: CPython 3.4.
--
-- Type: named fun(protocol?: integer; cert_reqs?: integer, check_hostname?: boolean,
--   purpose?: Purpose, certfile?: string, keyfile?: string, cafile?: string, capath?: string,
--   cadata?: string|bytearray): SSLContext
--
--     assert(ssl._create_stdlib_context == ssl._create_unverified_context)
M._create_stdlib_context = M._create_unverified_context

-- Paths ---------------------------------------------------------------------

--@ ssl.get_default_verify_paths()
-- Tells where OpenSSL looks for trusted certificates.
-- Returns a table with these fields:
-- - `cafile`, `capath` (strings): the file and the folder that `load_default_certs` uses;
--   nil if there is no such file or folder.
-- - `openssl_cafile_env`, `openssl_capath_env` (strings): the names of the environment
--   variables that can name others.
-- - `openssl_cafile`, `openssl_capath` (strings): the paths that OpenSSL was built with.
-- OpenSSL: `X509_get_default_cert_file`. Since: CPython 3.4.
--
-- Type: fun(): { cafile?: string, capath?: string, openssl_cafile_env: string,
--   openssl_cafile: string, openssl_capath_env: string, openssl_capath: string }
--
--     local paths = ssl.get_default_verify_paths()
--     assert(paths.openssl_cafile_env == "SSL_CERT_FILE")
--     assert(paths.openssl_capath_env == "SSL_CERT_DIR")
function M.get_default_verify_paths()
  local paths = {}
  paths.openssl_cafile_env, paths.openssl_cafile, paths.openssl_capath_env,
    paths.openssl_capath = _ssl.get_default_verify_paths()
  local cafile = os.getenv(paths.openssl_cafile_env) or paths.openssl_cafile
  local capath = os.getenv(paths.openssl_capath_env) or paths.openssl_capath
  paths.cafile = _ssl._filetype(cafile) == "file" and cafile or nil
  paths.capath = _ssl._filetype(capath) == "directory" and capath or nil
  return paths
end

return M
