/*
** peer.c - what was negotiated, who the peer is, and the session.
** SPDX-License-Identifier: MIT
*/
#include <errno.h>

#include <openssl/objects.h>

#include "arguments.h"
#include "certificate.h"
#include "class.h"
#include "connection.h"
#include "errors.h"
#include "handlers.h"
#include "peer.h"
#include "psk.h"
#include "resumption.h"
#include "session.h"

/*
** {======================================================
** Certificates
** =======================================================
*/

static void freecertificate (void *p) {
  X509_free((X509 *)p);
}

/* the SSL of the method at 1, with a finished handshake; raises */
static SSL *established (lua_State *L, Conn *c) {
  SSL *ssl = lssl_checkssl(L, c);
  if (ssl == NULL)
    lssl_oserror(L, ENOTCONN, NULL);
  if (!SSL_is_init_finished(ssl))
    lssl_valueerror(L, "handshake not done yet");
  return ssl;
}

/*@ SSLSocket:getpeercert([binary_form])
** The certificate that the peer showed.
** - `binary_form` (boolean): as bytes (DER) instead of a table.
** Returns nil if the peer showed none; with `binary_form` a string; else a
** table: empty if the certificate was not checked, otherwise with `subject`,
** `issuer` (arrays of arrays of name and value), `version`, `serialNumber`,
** `notBefore`, `notAfter`, and where there are any `subjectAltName` (array of
** kind and value), `OCSP`, `caIssuers`, `crlDistributionPoints` (arrays of
** strings). Raises `ValueError` before the handshake is done.
** OpenSSL: `SSL_get1_peer_certificate`. Since: CPython 2.6.
**
**     local cert = conn:getpeercert()
**     assert(cert.subjectAltName[1][1] == "DNS")
*/
static int peer_getpeercert (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  SSL *ssl;
  void **box;
  X509 *cert;
  int binary;
  lssl_arguments(L, ":getpeercert", "binary_form");
  binary = lua_toboolean(L, 2);
  ssl = established(L, c);
  box = lssl_newbox(L, freecertificate);
  *box = cert = SSL_get1_peer_certificate(ssl);
  if (cert == NULL)
    lua_pushnil(L);
  else if (binary)
    lssl_pushder(L, cert);
  else if (SSL_CTX_get_verify_mode(SSL_get_SSL_CTX(ssl)) & SSL_VERIFY_PEER)
    lssl_pushcertificate(L, cert);
  else
    lua_newtable(L);
  lssl_emptybox(L, -2);
  return 1;
}

/* pushes an array of DER strings; 'first' (may be NULL) comes before 'chain' */
static int pushchain (lua_State *L, X509 *first, STACK_OF(X509) *chain) {
  int i, n = chain ? sk_X509_num(chain) : 0;
  lua_createtable(L, n + (first != NULL), 0);
  if (first != NULL) {
    lssl_pushder(L, first);
    lua_rawseti(L, -2, 1);
  }
  for (i = 0; i < n; i++) {
    lssl_pushder(L, sk_X509_value(chain, i));
    lua_rawseti(L, -2, i + 1 + (first != NULL));
  }
  return 1;
}

/*@ SSLSocket:get_verified_chain()
** The chain from the peer's certificate to the trusted one at its end, as the
** check found it. Where `verify_mode` is `CERT_NONE` it is what OpenSSL could put
** together for a client, and proves nothing.
** Returns an array of strings (DER), empty if the peer showed no certificate, or
** if a session was resumed.
** OpenSSL: `SSL_get0_verified_chain`. Since: CPython 3.13.
**
**     assert(#conn:get_verified_chain() == 2)
*/
static int peer_getverifiedchain (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  return pushchain(L, NULL, ssl ? SSL_get0_verified_chain(ssl) : NULL);
}

/*@ SSLSocket:get_unverified_chain()
** The certificates that the peer sent, its own first, checked or not.
** Returns an array of strings (DER). OpenSSL: `SSL_get_peer_cert_chain`.
** Since: CPython 3.13.
**
**     assert(conn:get_unverified_chain()[1] == conn:getpeercert(true))
*/
static int peer_getunverifiedchain (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  SSL *ssl = lssl_checkssl(L, c);
  X509 *own = NULL;
  if (ssl != NULL && c->server)  /* where OpenSSL leaves it out */
    own = SSL_get0_peer_certificate(ssl);
  return pushchain(L, own, ssl ? SSL_get_peer_cert_chain(ssl) : NULL);
}

/*@ SSLSocket:verify_client_post_handshake()
** Asks the client of a TLS 1.3 server for its certificate, after the
** handshake; it comes, and is checked, with what is read next.
** Returns nothing. Raises `SSLError` for a client, for TLS 1.2, before the
** handshake, or if the client did not offer it (`post_handshake_auth`).
** OpenSSL: `SSL_verify_client_post_handshake`; RFC 8446, 4.6.2.
** Since: CPython 3.8.
**
**     local ok, err = pcall(conn.verify_client_post_handshake, conn)
**     assert(err.reason == "NOT_SERVER")
*/
static int peer_verifyclient (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  if (ssl == NULL)
    return lssl_valueerror(L, "No SSL wrapper around the socket");
  lssl_clearerrors();
  if (SSL_verify_client_post_handshake(ssl) != 1)
    return lssl_raisequeue(L, NULL);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** What was negotiated
** =======================================================
*/

/* pushes the three facts of a cipher */
static void pushcipher (lua_State *L, const SSL_CIPHER *cipher) {
  lua_pushstring(L, SSL_CIPHER_get_name(cipher));
  lua_pushstring(L, SSL_CIPHER_get_version(cipher));
  lua_pushinteger(L, SSL_CIPHER_get_bits(cipher, NULL));
}

/*@ SSLSocket:cipher()
** The cipher in use.
** Returns its name, the version of the protocol that defines it, and the
** number of its secret bits; nil before there is one.
** OpenSSL: `SSL_get_current_cipher`. Since: CPython 2.6.
**
**     local name, protocol, bits = conn:cipher()
**     assert(bits >= 128)
*/
static int peer_cipher (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  const SSL_CIPHER *cipher = ssl ? SSL_get_current_cipher(ssl) : NULL;
  if (cipher == NULL) {
    lua_pushnil(L);
    return 1;
  }
  pushcipher(L, cipher);
  return 3;
}

/*@ SSLSocket:shared_ciphers()
** The ciphers that both sides offered.
** Returns an array of `{name, protocol, bits}`; nil for a client, or before the
** handshake. OpenSSL: `SSL_get_client_ciphers`. Since: CPython 3.5.
**
**     assert(conn:shared_ciphers() == nil)
*/
static int peer_sharedciphers (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  STACK_OF(SSL_CIPHER) *ours = ssl ? SSL_get_ciphers(ssl) : NULL;
  STACK_OF(SSL_CIPHER) *theirs = ssl ? SSL_get_client_ciphers(ssl) : NULL;
  lua_Integer found = 0;
  int i;
  if (ours == NULL || theirs == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lua_newtable(L);
  for (i = 0; i < sk_SSL_CIPHER_num(ours); i++) {
    const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(ours, i);
    if (sk_SSL_CIPHER_find(theirs, (SSL_CIPHER *)(uintptr_t)cipher) < 0)
      continue;
    lua_createtable(L, 3, 0);
    pushcipher(L, cipher);
    lua_rawseti(L, -4, 3);
    lua_rawseti(L, -3, 2);
    lua_rawseti(L, -2, 1);
    lua_rawseti(L, -2, ++found);
  }
  return 1;
}

/*@ SSLSocket:compression()
** The compression in use: nil, since compressed TLS leaks what it carries and
** OpenSSL is built without it.
** Returns a string or nil. OpenSSL: `SSL_get_current_compression`.
** Since: CPython 3.3.
**
**     assert(conn:compression() == nil)
*/
static int peer_compression (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  const char *name = NULL;
#if !defined(OPENSSL_NO_COMP)
  const COMP_METHOD *method = ssl ? SSL_get_current_compression(ssl) : NULL;
  if (method != NULL && COMP_get_type(method) != NID_undef)
    name = OBJ_nid2sn(COMP_get_type(method));
#endif
  (void)ssl;
  lua_pushstring(L, name);
  return 1;
}

/*@ SSLSocket:version()
** The version of the protocol in use, such as `"TLSv1.3"`.
** Returns a string; nil before the handshake is done.
** OpenSSL: `SSL_get_version`. Since: CPython 3.5.
**
**     assert(conn:version() == "TLSv1.3")
*/
static int peer_version (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  lua_pushstring(L, ssl && SSL_is_init_finished(ssl) ? SSL_get_version(ssl)
                                                     : NULL);
  return 1;
}

/*@ SSLSocket:pending()
** The number of bytes that are decrypted and wait to be read.
** Returns an integer. OpenSSL: `SSL_pending`. Since: CPython 2.6.
**
**     assert(conn:pending() == 0)
*/
static int peer_pending (lua_State *L) {
  const Conn *c = lssl_selfconn(L);
  SSL *ssl = lssl_checkssl(L, c);
  lua_Integer n = ssl ? SSL_pending(ssl) : 0;
  lua_pushinteger(L, n + (lua_Integer)lssl_textsize(&c->text));
  return 1;
}

static int pushprotocol (lua_State *L, const unsigned char *name,
                         unsigned int size) {
  if (name == NULL || size == 0)
    lua_pushnil(L);
  else
    lua_pushlstring(L, (const char *)name, size);
  return 1;
}

/*@ SSLSocket:selected_alpn_protocol()
** The protocol that was agreed upon: see `SSLContext:set_alpn_protocols`.
** Returns a string, or nil. OpenSSL: `SSL_get0_alpn_selected`; RFC 7301.
** Since: CPython 3.5.
**
**     assert(conn:selected_alpn_protocol() == nil)
*/
static int peer_alpn (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  const unsigned char *name = NULL;
  unsigned int size = 0;
  if (ssl != NULL)
    SSL_get0_alpn_selected(ssl, &name, &size);
  return pushprotocol(L, name, size);
}

/*@ SSLSocket:selected_npn_protocol()
** The protocol agreed upon by NPN, the forerunner of ALPN, which TLS 1.3 no
** longer has: see `SSLContext:set_npn_protocols`. Deprecated.
** Returns a string, or nil. OpenSSL: `SSL_get0_next_proto_negotiated`.
** Since: CPython 3.3.
**
**     assert(conn:selected_npn_protocol() == nil)
*/
static int peer_npn (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  const unsigned char *name = NULL;
  unsigned int size = 0;
#if !defined(OPENSSL_NO_NEXTPROTONEG)
  if (ssl != NULL)
    SSL_get0_next_proto_negotiated(ssl, &name, &size);
#endif
  (void)ssl;
  return pushprotocol(L, name, size);
}

/*@ SSLSocket:group()
** The group (curve) of the key exchange, such as `"x25519"`.
** Returns a string; nil before there is one, or if there was no exchange.
** OpenSSL: `SSL_get_negotiated_group`. Since: CPython 3.15.
**
**     assert(type(conn:group()) == "string")
*/
static int peer_group (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  const char *name = NULL;
  if (ssl != NULL && SSL_get0_session(ssl) != NULL) {
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
    name = SSL_get0_group_name(ssl);
#else
    int nid = (int)SSL_get_negotiated_group(ssl);
    name = nid ? SSL_group_to_name(ssl, nid) : NULL;
#endif
  }
  lua_pushstring(L, name);
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Attributes
** =======================================================
*/

static Conn *attribute (lua_State *L) {
  return (Conn *)lua_touserdata(L, 1);
}

/*@ SSLSocket.context (SSLContext, read and write)
** The context of the connection. It may be set, in an `sni_callback`, to the
** one of the host that the client asks for: the connection then shows that
** context's certificate and uses its handlers; its versions, options and
** verification stay as they were. OpenSSL: `SSL_set_SSL_CTX`.
** Since: CPython 3.2.
**
**     assert(conn.context == ctx)
*/
static int get_context (lua_State *L) {
  lua_getiuservalue(L, 1, LSSL_UVCONTEXT);
  return 1;
}

static int set_context (lua_State *L) {
  Conn *c = attribute(L);
  Context *context = lssl_tocontext(L, 3);
  if (context == NULL)
    return lssl_valuetypeerror(L, "context", "The value must be a SSLContext");
  if (c->ssl != NULL) {
    if (SSL_set_SSL_CTX(c->ssl, context->ctx) == NULL)
      return lssl_raisequeue(L, NULL);
    lssl_preparehandlers(c->ssl, context);
    if (c->server)
      lssl_preparepsk(c->ssl, context);
  }
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 1, LSSL_UVCONTEXT);
  return 0;
}

/*@ SSLSocket.server_side (boolean, read only)
** Whether this is the server's side of the connection. Since: CPython 3.2.
**
**     assert(not conn.server_side)
*/
static int get_serverside (lua_State *L) {
  lua_pushboolean(L, attribute(L)->server);
  return 1;
}

/*@ SSLSocket.server_hostname (string or nil, read only)
** The name of the server as it was given, in its ASCII form; nil on the
** server's side. Since: CPython 3.2.
**
**     assert(conn.server_hostname == "localhost")
*/
static int get_serverhostname (lua_State *L) {
  lua_getiuservalue(L, 1, LSSL_UVHOSTNAME);
  return 1;
}

/*@ SSLSocket.session (SSLSession or nil, read and write)
** The session of the connection; with TLS 1.3 it can be resumed only once data
** have been read, since tickets come after the handshake. A client may set it
** before the handshake to resume an earlier connection of the same context; a
** session whose server would not pass the verification of this connection is
** not offered to it, and the handshake a full one. Setting it raises
** `ValueError` for a session of another context, on the server's side, or after
** the handshake. OpenSSL: `SSL_set_session`. Since: CPython 3.6.
**
**     assert(ssl.isinstance(conn.session, ssl.SSLSession))
*/
static int get_session (lua_State *L) {
  Conn *c = attribute(L);
  if (c->ssl == NULL) {
    lua_getiuservalue(L, 1, LSSL_UVSESSION);
    return 1;
  }
  lua_getiuservalue(L, 1, LSSL_UVCONTEXT);
  lssl_pushsession(L, c->ssl, lua_gettop(L));
  return 1;
}

static void checksession (lua_State *L, const Conn *c, int arg,
                          SSL_SESSION **session) {
  const void *owner, *mine;
  *session = lssl_tosession(L, arg, &owner);
  if (*session == NULL)
    lssl_valuetypeerror(L, "session", "Value is not a SSLSession.");
  lua_getiuservalue(L, 1, LSSL_UVCONTEXT);
  mine = lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (owner != NULL && owner != mine)
    lssl_valueerror(L, "Session refers to a different SSLContext.");
  if (c->server)
    lssl_valueerror(L, "Cannot set session for server-side SSLSocket.");
  if (c->ssl != NULL && SSL_is_init_finished(c->ssl))
    lssl_valueerror(L, "Cannot set session after handshake.");
}

void lssl_keepsession (lua_State *L, int arg) {
  SSL_SESSION *session;
  checksession(L, attribute(L), arg, &session);
  lua_pushvalue(L, arg);
  lua_setiuservalue(L, 1, LSSL_UVSESSION);
}

static int set_session (lua_State *L) {
  Conn *c = attribute(L);
  SSL_SESSION *session;
  if (c->ssl == NULL) {
    lssl_keepsession(L, 3);
    return 0;
  }
  checksession(L, c, 3, &session);
  lssl_clearerrors();
  if (!lssl_offersession(c->ssl, session))
    return lssl_raisequeue(L, NULL);
  return 0;
}

/*@ SSLSocket.session_reused (boolean or nil, read only)
** Whether the handshake resumed an earlier session; nil for a socket that is
** not connected. OpenSSL: `SSL_session_reused`. Since: CPython 3.6.
**
**     assert(conn.session_reused == false)
*/
static int get_sessionreused (lua_State *L) {
  Conn *c = attribute(L);
  if (c->ssl == NULL)
    lua_pushnil(L);
  else
    lua_pushboolean(L, SSL_session_reused(c->ssl));
  return 1;
}

/* }====================================================== */


const luaL_Reg lssl_peermethods[] = {
  {"getpeercert", peer_getpeercert},
  {"get_verified_chain", peer_getverifiedchain},
  {"get_unverified_chain", peer_getunverifiedchain},
  {"verify_client_post_handshake", peer_verifyclient},
  {"cipher", peer_cipher},
  {"shared_ciphers", peer_sharedciphers},
  {"compression", peer_compression},
  {"version", peer_version},
  {"pending", peer_pending},
  {"selected_alpn_protocol", peer_alpn},
  {"selected_npn_protocol", peer_npn},
  {"group", peer_group},
  {NULL, NULL}
};

const luaL_Reg lssl_peergetters[] = {
  {"context", get_context},
  {"server_side", get_serverside},
  {"server_hostname", get_serverhostname},
  {"session", get_session},
  {"session_reused", get_sessionreused},
  {NULL, NULL}
};

const luaL_Reg lssl_peersetters[] = {
  {"context", set_context},
  {"session", set_session},
  {NULL, NULL}
};
