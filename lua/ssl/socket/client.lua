-- ssl/socket/client.lua - functions that need no context of the caller's.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local defaults = require "ssl.context.defaults"
local pem = require "ssl.x509.pem"
local prelude = require "ssl.base.prelude"

local given = prelude.given

local M = {}

-- LuaSocket's error text as an error object.
local function connect_error(text)
  if text == "timeout" then
    return _ssl.TimeoutError("timed out")
  end
  local code, message = _ssl._errornumber(text)
  if code then
    return _ssl.OSError(code, message)
  end
  return _ssl.OSError(text)
end

-- A connected LuaSocket object; tries all addresses of the host, IPv6 and IPv4.
local function connect(host, port, timeout)
  local tcp = require("socket").tcp()
  tcp:settimeout(timeout)
  local ok, err = tcp:connect(host, port)
  if not ok then
    tcp:close()
    error(connect_error(err))
  end
  return tcp
end

-- Host and port, from {host, port} or from two arguments.
local function split_address(name, ...)
  local first = ...
  if type(first) == "string" then
    return prelude.arguments(name, "host port ssl_version ca_certs timeout", ...)
  end
  local addr, version, ca_certs, timeout =
    prelude.arguments(name, "addr* ssl_version ca_certs timeout", ...)
  if type(addr) ~= "table" then
    prelude.typeerror(1, name, "{host, port}", addr)
  end
  return addr[1], addr[2], version, ca_certs, timeout
end

--@ ssl.get_server_certificate(addr [, ssl_version [, ca_certs [, timeout]]])
-- Fetches the certificate of a TLS server. Without `ca_certs` it verifies nothing: the
-- certificate is that of whoever answers.
-- - `addr` (array): `{host, port}`, or host and port as two arguments.
-- - `ssl_version` (integer): `ssl.PROTOCOL_TLS_CLIENT` by default.
-- - `ca_certs` (string): path of trusted certificates in PEM. The server's certificate
--   must lead to one of them. The host name is not compared.
-- - `timeout` (number): seconds for the connection, and then again for the handshake. By
--   default there is no limit.
-- Returns the certificate in PEM (string). Raises `OSError` if the connection fails,
-- `SSLCertVerificationError` and other `SSLError`s if the handshake fails, and
-- `TimeoutError`. Needs LuaSocket. Since: CPython 2.6 (`timeout`: 3.10).
--
-- Type: named fun(addr*: Address, ssl_version?: integer, ca_certs?: string,
--   timeout?: number): string
-- Type: named fun(host: string, port: integer, ssl_version?: integer, ca_certs?: string,
--   timeout?: number): string
-- Type: Address = { [1]: string, [2]: integer }
--
--     local pem = ssl.get_server_certificate({ host, port }, { ca_certs = cafile })
--     assert(pem:find("BEGIN CERTIFICATE", 1, true))
function M.get_server_certificate(...)
  local host, port, version, ca_certs, timeout = split_address("get_server_certificate", ...)
  prelude.checkstring(host, 1, "get_server_certificate")
  if math.type(port) ~= "integer" then
    prelude.typeerror(1, "get_server_certificate", "integer port", port)
  end
  local context = defaults._create_unverified_context({
    protocol = version == nil and _ssl.PROTOCOL_TLS_CLIENT or version,
    cert_reqs = ca_certs ~= nil and _ssl.CERT_REQUIRED or _ssl.CERT_NONE,
    cafile = ca_certs,
  })
  local tcp = connect(host, port, timeout)
  local _ <close> = setmetatable({}, { __close = function() tcp:close() end })
  local conn <close> = context:wrap_socket(tcp, { server_hostname = host })
  return pem.DER_cert_to_PEM_cert(conn:getpeercert(true))
end

--@ ssl.wrap_socket(sock [, keyfile [, certfile [, server_side [, ...]]]])
-- Wraps a socket by a context that is made for it alone. By default this function
-- verifies nothing, does not compare the host name, and does not send it. Use
-- `SSLContext:wrap_socket` with a context of `create_default_context` instead.
--
-- You may give the options by position, in this order:
-- - `sock`: see `SSLContext:wrap_socket`.
-- - `keyfile`, `certfile` (strings): paths, as for `load_cert_chain`. A server needs
--   them. Here and below, an empty string is the same as nil.
-- - `server_side` (boolean): false by default.
-- - `cert_reqs` (integer): a `CERT_*` constant; `ssl.CERT_NONE` by default.
-- - `ssl_version` (integer): a `PROTOCOL_*` constant; `ssl.PROTOCOL_TLS` by default.
-- - `ca_certs` (string): path of trusted certificates in PEM.
-- - `do_handshake_on_connect`, `suppress_ragged_eofs` (booleans): see
--   `SSLContext:wrap_socket`; true by default.
-- - `ciphers` (string): see `SSLContext:set_ciphers`.
-- Returns an `SSLSocket`. Raises `ValueError` if a certificate is missing: "certfile must
-- be specified for server-side operations", "certfile must be specified". Raises `OSError`
-- if a file cannot be read, and `SSLError` for wrong contents or ciphers. The handshake can
-- raise `SSLCertVerificationError`, other `SSLError`s and `TimeoutError`.
--
-- It makes a `warn`: deprecated since CPython 3.7. Since: CPython 2.6, but not in 3.12.
--
-- Type: named fun(sock*: Socket, keyfile?: string, certfile?: string, server_side?: boolean,
--   cert_reqs?: integer, ssl_version?: integer, ca_certs?: string,
--   do_handshake_on_connect?: boolean, suppress_ragged_eofs?: boolean,
--   ciphers?: string): SSLSocket
--
--     local socket = require "socket"
--     local tcp = assert(socket.connect(host, port))
--     local conn <close> = ssl.wrap_socket(tcp, { cert_reqs = ssl.CERT_REQUIRED,
--                                                 ca_certs = cafile })
--     conn:sendall("hello")
function M.wrap_socket(...)
  local sock, keyfile, certfile, server_side, cert_reqs, version, ca_certs, handshake, ragged,
    ciphers = prelude.arguments("wrap_socket", "sock* keyfile certfile server_side cert_reqs "
      .. "ssl_version ca_certs do_handshake_on_connect suppress_ragged_eofs ciphers", ...)
  prelude.deprecated("ssl.wrap_socket() is deprecated, use SSLContext.wrap_socket()")
  if server_side and not given(certfile) then
    prelude.valueerror("certfile must be specified for server-side operations")
  elseif given(keyfile) and not given(certfile) then
    prelude.valueerror("certfile must be specified")
  end
  local context = _ssl.SSLContext(version == nil and _ssl.PROTOCOL_TLS or version)
  context.verify_mode = cert_reqs == nil and _ssl.CERT_NONE or cert_reqs
  if given(ca_certs) then context:load_verify_locations(ca_certs) end
  if given(certfile) then context:load_cert_chain(certfile, keyfile) end
  if given(ciphers) then context:set_ciphers(ciphers) end
  return context:wrap_socket(sock, {
    server_side = server_side,
    do_handshake_on_connect = handshake,
    suppress_ragged_eofs = ragged,
  })
end

return M
