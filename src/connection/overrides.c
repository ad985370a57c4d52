/*
** overrides.c - what one connection has instead of what its context has: its
** certificate, the versions, ciphers and protocols that it speaks, and its ECH
** configuration.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>

#include "base/class.h"
#include "base/errors.h"
#include "x509/certificate.h"
#include "context/algorithms.h"
#include "context/ech.h"
#include "context/identity.h"
#include "context/protocols.h"
#include "context/versions.h"
#include "connection/connection.h"
#include "connection/overrides.h"

/* the SSL of a connection whose settings may be changed now; raises */
static SSL *changing (lua_State *L, const Conn *c) {
  SSL *ssl = lssl_checkssl(L, c);
  if (ssl == NULL)
    lssl_oserror(L, ENOTCONN, NULL);
  if (c->busy)
    lssl_valueerror(L, "the connection is in use by the call whose callback "
                    "this is");
  lssl_checkchangeable(L, c->caller.context);
  return ssl;
}

/*@ SSLSocket:load_cert_chain(certfile [, keyfile [, password]])
** Loads the certificate that this connection alone shows to its peer, in place of
** its context's of the same kind of key. Call it before the handshake, or in
** `client_hello_callback` and `certificate_callback`.
** - `certfile`, `keyfile` (strings): paths, as for `SSLContext:load_cert_chain`.
** - `password` (string, bytearray or function): of an encrypted key, as there.
** - `certdata`, `keydata` (strings or bytearrays; by name only): the contents
**   instead of a file's name.
** Returns nothing. Raises what `SSLContext:load_cert_chain` raises: `OSError`,
** `SSLError`, `ValueError`; and `OSError` (ENOTCONN, EBADF) if there is no TLS
** connection. OpenSSL: `SSL_use_cert_and_key`. Since: an addition.
**
** Type: named fun(certfile: string, keyfile?: string, password?: Password;
**   certdata?: string|bytearray, keydata?: string|bytearray)
**
**     server_ctx.certificate_callback = function(conn)
**       conn:load_cert_chain{ certfile = certfile, keyfile = keyfile }
**     end
*/
static int conn_loadcertchain (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  changing(L, c);
  return lssl_loadcertchain(L, c->caller.context, &c->ssl);
}

/*@ SSLSocket:set_ech_config(config)
** Has this client's connection alone encrypt its ClientHello, or not: see
** `SSLContext:set_ech_config`. Call it before the handshake: on an `SSLObject`, or on a
** socket that is wrapped with `do_handshake_on_connect = false`.
** - `config` (string or bytearray): as for the context; nil for none.
** Returns nothing. Raises what the context's method raises; `ValueError` once the
** handshake has begun; and `OSError` (ENOTCONN, EBADF) if there is no TLS connection.
** OpenSSL: `SSL_set1_echstore`. Since: an addition.
**
** Type: named fun(config: string|bytearray|nil)
**
**     if ssl.HAS_ECH then
**       local _, config = ssl.generate_ech_key("public.example")
**       local incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
**       local object = ctx:wrap_bio(incoming, outgoing, { server_hostname = "a.example" })
**       object:set_ech_config(config)
**     end
*/
static int conn_setechconfig (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  if (SSL_get_state(changing(L, c)) != TLS_ST_BEFORE)
    return lssl_valueerror(L, "an ECH configuration can only be set before the "
                           "handshake");
  return lssl_setechconfig(L, c->caller.context, &c->ssl);
}

/*@ SSLSocket:get_certificate()
** Returns the certificate that this side shows to its peer, in DER (string), or nil if it
** shows none. A server with certificates of several kinds knows in `ocsp_response` which
** one this connection has chosen. Raises `OSError` (EBADF) after the connection's end.
** OpenSSL: `SSL_get_certificate`. Since: an addition.
**
** Type: fun(): string?
**
**     assert(conn:get_certificate() == nil)  -- a client without one
*/
static int conn_getcertificate (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  void **box = lssl_newbox(L, lssl_freecertificate);
  SSL *ssl = lssl_checkssl(L, c);  /* after what may run a finalizer */
  X509 *cert = ssl ? SSL_get_certificate(ssl) : NULL;
  if (cert == NULL || !X509_up_ref(cert)) {
    lua_pushnil(L);
    return 1;
  }
  *box = cert;
  lssl_pushder(L, cert);
  return 1;
}

/*
** The same for what is agreed on at the beginning of the handshake. While a
** ClientHello's callback runs, it is not agreed on yet, for the first time or the
** second.
*/
static Conn *agreeing (lua_State *L, const char *what) {
  Conn *c = lssl_selfconn(L);
  SSL *ssl = changing(L, c);
  if (SSL_get_state(ssl) != TLS_ST_BEFORE && !c->caller.naming)
    lssl_valueerror(L, "%s can only be set before the handshake, and in "
                    "client_hello_callback", what);
  return c;
}

/*@ SSLSocket:set_alpn_protocols(alpn_protocols)
** Sets the protocols that this connection alone may speak on top of TLS, in place
** of its context's. `strict_alpn` of the context holds for them, too. Call it before
** the handshake; on a server, also in `client_hello_callback`.
** - `alpn_protocols` (array of strings): names, as for `SSLContext:set_alpn_protocols`.
**   An empty array: none.
** Returns nothing. Raises what `SSLContext:set_alpn_protocols` raises: `SSLError`,
** `ValueError`; `ValueError` once the handshake has begun, and for a server whose
** context belongs to a host in C or to LuaSec's view; and `OSError` (ENOTCONN,
** EBADF) if there is no TLS connection.
** OpenSSL: `SSL_set_alpn_protos`; RFC 7301. Since: an addition.
**
** Type: named fun(alpn_protocols*: string[])
**
**     server_ctx.client_hello_callback = function(conn, hello)
**       local old = hello.name == "old.test"
**       conn:set_alpn_protocols(old and { "http/1.1" } or { "h2", "http/1.1" })
**     end
*/
static int conn_setalpn (lua_State *L) {
  Conn *c = agreeing(L, "ALPN protocols");
  return lssl_setconnalpn(L, &c->caller, &c->ssl);
}

/*@ SSLSocket:set_ciphers(ciphers)
** Chooses the ciphers of TLS 1.2 and older for this connection alone, in place of its
** context's. Call it before the handshake; on a server, also in
** `client_hello_callback`. If it raises an error, the connection stays as it was.
** - `ciphers` (string): a list, as for `SSLContext:set_ciphers`.
** Returns nothing. Raises `SSLError` if the list selects no cipher, `ValueError` once
** the handshake has begun, and `OSError` (ENOTCONN, EBADF) if there is no TLS
** connection. OpenSSL: `SSL_set_cipher_list`. Since: an addition.
**
** Type: named fun(ciphers: string)
**
**     server_ctx.client_hello_callback = function(conn, hello)
**       if hello.name == "strict.test" then conn:set_ciphers("ECDHE+AESGCM") end
**     end
*/
static int conn_setciphers (lua_State *L) {
  Conn *c = agreeing(L, "ciphers");
  return lssl_setciphers(L, c->caller.context, &c->ssl);
}

/*@ SSLSocket:set_ciphersuites(ciphersuites)
** Chooses the ciphers of TLS 1.3 for this connection alone; otherwise as
** `SSLSocket:set_ciphers`.
** - `ciphersuites` (string): names, as for `SSLContext:set_ciphersuites`. An empty
**   string turns TLS 1.3 off.
** Returns nothing. Raises `SSLError` for an unknown name, `ValueError` once the
** handshake has begun, and `OSError` (ENOTCONN, EBADF) if there is no TLS connection.
** OpenSSL: `SSL_set_ciphersuites`. Since: an addition.
**
** Type: named fun(ciphersuites: string)
**
**     server_ctx.client_hello_callback = function(conn, hello)
**       conn:set_ciphersuites("TLS_AES_128_GCM_SHA256")
**     end
*/
static int conn_setciphersuites (lua_State *L) {
  Conn *c = agreeing(L, "ciphers");
  return lssl_setciphersuites(L, c->caller.context, &c->ssl);
}

/*@ SSLSocket.minimum_version (integer, read and write)
** The oldest version of TLS that this connection speaks, one of `ssl.TLSVersion`.
** At first it is its context's. Setting it raises as for
** `SSLContext.minimum_version`, and `OSError` if there is no TLS connection. It
** has to be set before the version is agreed on: before the handshake, or in
** `client_hello_callback`. OpenSSL: `SSL_set_min_proto_version`.
** Since: an addition.
**
**     server_ctx.client_hello_callback = function(conn, hello)
**       if hello.name == "pay.example" then conn.minimum_version = ssl.TLSVersion.TLSv1_3 end
**     end
*/
static int get_minimum (lua_State *L) {
  const Conn *c = (const Conn *)lua_touserdata(L, 1);
  if (c->ssl == NULL) {
    lua_pushnil(L);
    return 1;
  }
  return lssl_getminimum(L, c->caller.context, c->ssl);
}

static int set_minimum (lua_State *L) {
  const Conn *c = (const Conn *)lua_touserdata(L, 1);
  changing(L, c);
  return lssl_setminimum(L, c->caller.context, &c->ssl);
}

/*@ SSLSocket.maximum_version (integer, read and write)
** The newest version of TLS that this connection speaks; otherwise as
** `minimum_version`. OpenSSL: `SSL_set_max_proto_version`. Since: an addition.
**
**     server_ctx.client_hello_callback = function(conn, hello)
**       if hello.name == "old.example" then conn.maximum_version = ssl.TLSVersion.TLSv1_2 end
**     end
*/
static int get_maximum (lua_State *L) {
  const Conn *c = (const Conn *)lua_touserdata(L, 1);
  if (c->ssl == NULL) {
    lua_pushnil(L);
    return 1;
  }
  return lssl_getmaximum(L, c->caller.context, c->ssl);
}

static int set_maximum (lua_State *L) {
  const Conn *c = (const Conn *)lua_touserdata(L, 1);
  changing(L, c);
  return lssl_setmaximum(L, c->caller.context, &c->ssl);
}

const luaL_Reg lssl_overridemethods[] = {
  {"load_cert_chain", conn_loadcertchain},
  {"set_ech_config", conn_setechconfig},
  {"get_certificate", conn_getcertificate},
  {"set_alpn_protocols", conn_setalpn},
  {"set_ciphers", conn_setciphers},
  {"set_ciphersuites", conn_setciphersuites},
  {NULL, NULL}
};

const luaL_Reg lssl_overridegetters[] = {
  {"minimum_version", get_minimum},
  {"maximum_version", get_maximum},
  {NULL, NULL}
};

const luaL_Reg lssl_overridesetters[] = {
  {"minimum_version", set_minimum},
  {"maximum_version", set_maximum},
  {NULL, NULL}
};
