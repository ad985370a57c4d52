/*
** peer.c - who the peer is: its certificate, the chains, the stapled response.
** SPDX-License-Identifier: MIT
**
** What allocates Lua's memory may run a finalizer that closes the connection:
** so an SSL is asked for after the last box is made, and what is taken from it
** goes into the box.
*/
#include "base/arguments.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "x509/certificate.h"
#include "x509/chain.h"
#include "connection/connection.h"
#include "connection/peer.h"

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
** Returns the certificate that the peer showed.
** - `binary_form` (boolean): whether to return the certificate as bytes (DER)
**   instead of a table.
** Returns a table, or with `binary_form` a string. If the peer showed no
** certificate, it returns nil. If the certificate was not checked, the table is
** empty. Otherwise the table has these fields:
** - `subject`, `issuer` (arrays of arrays of name and value);
** - `version`, `serialNumber`, `notBefore`, `notAfter`;
** - if the certificate has them: `subjectAltName` (array of kind and value),
**   `OCSP`, `caIssuers`, `crlDistributionPoints` (arrays of strings).
** Raises `ValueError` before the handshake is done.
** OpenSSL: `SSL_get1_peer_certificate`. Since: CPython 2.6.
**
** Type: named fun(binary_form?: false): Certificate?
** Type: named fun(binary_form: true): string?
** Type: Certificate = { subject?: string[][][], issuer?: string[][][], version?: integer,
**   serialNumber?: string, notBefore?: string, notAfter?: string, subjectAltName?: string[][],
**   OCSP?: string[], caIssuers?: string[], crlDistributionPoints?: string[] }
**
**     local cert = conn:getpeercert()
**     local kind, name = table.unpack(cert.subjectAltName[1])
**     assert(kind == "DNS" and name == "localhost")
*/
static int peer_getpeercert (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  SSL *ssl;
  void **box;
  X509 *cert;
  int binary;
  lssl_arguments(L, ":getpeercert", "binary_form");
  binary = lua_toboolean(L, 2);
  box = lssl_newbox(L, freecertificate);
  ssl = established(L, c);
  *box = cert = SSL_get1_peer_certificate(ssl);
  if (cert == NULL)
    lua_pushnil(L);
  else if (binary)
    lssl_pushder(L, cert);
  else if (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER)
    lssl_pushcertificate(L, cert);
  else
    lua_newtable(L);
  lssl_emptybox(L, -2);
  return 1;
}

/* puts 'first' and 'chain', each of which may be NULL, into the box; 0: no memory */
static int keepchain (void **box, X509 *first, STACK_OF(X509) *chain) {
  STACK_OF(X509) *all = chain ? X509_chain_up_ref(chain) : sk_X509_new_null();
  *box = all;
  return all != NULL && (first == NULL ||
         X509_add_cert(all, first, X509_ADD_FLAG_UP_REF |
                                   X509_ADD_FLAG_PREPEND));
}

/*@ SSLSocket:get_verified_chain()
** Returns the chain that the check of the peer's certificate has built: from the
** certificate to the trusted one at its end. If a client's `verify_mode` is
** `CERT_NONE`, the chain is what OpenSSL could put together, and proves nothing.
** Returns an array of strings (DER). The array is empty if the peer showed no
** certificate, or if a session was resumed.
** OpenSSL: `SSL_get0_verified_chain`. Since: CPython 3.13.
**
** Type: fun(): string[]
**
**     assert(#conn:get_verified_chain() == 2)
*/
static int peer_getverifiedchain (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  void **box = lssl_newbox(L, lssl_freecertificates);
  SSL *ssl = lssl_checkssl(L, c);
  lssl_clearerrors();
  if (!keepchain(box, NULL, ssl ? SSL_get0_verified_chain(ssl) : NULL))
    return lssl_raisequeue(L, NULL);
  return lssl_pushchain(L);
}

/*@ SSLSocket:get_unverified_chain()
** Returns the certificates as the peer sent them, its own first, whether they were
** checked or not.
** Returns an array of strings (DER). OpenSSL: `SSL_get_peer_cert_chain`.
** Since: CPython 3.13.
**
** Type: fun(): string[]
**
**     assert(conn:get_unverified_chain()[1] == conn:getpeercert(true))
*/
static int peer_getunverifiedchain (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  void **box = lssl_newbox(L, lssl_freecertificates);
  SSL *ssl = lssl_checkssl(L, c);
  X509 *own = NULL;
  if (ssl != NULL && c->server)  /* where OpenSSL leaves it out */
    own = SSL_get0_peer_certificate(ssl);
  lssl_clearerrors();
  if (!keepchain(box, own, ssl ? SSL_get_peer_cert_chain(ssl) : NULL))
    return lssl_raisequeue(L, NULL);
  return lssl_pushchain(L);
}

/* the raw key that the peer showed, or NULL */
static EVP_PKEY *rawkey (SSL *ssl) {
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
  return SSL_get0_peer_rpk(ssl);
#else
  (void)ssl;
  return NULL;
#endif
}

/*@ SSLSocket:get_peer_public_key()
** Returns the peer's public key. It is the key of the peer's certificate, or the
** raw key that the peer showed (see `SSLContext.server_certificate_types`). Pin
** this key rather than a certificate: a renewed certificate often keeps its key.
** Returns a string (SubjectPublicKeyInfo in DER), or nil if the peer showed no key.
** Raises `ValueError` before the handshake is done.
** OpenSSL: `X509_get_X509_PUBKEY`, `SSL_get0_peer_rpk`; RFC 5280, 4.1.2.7.
** Since: an addition.
**
** Type: fun(): string?
**
**     local key = conn:get_peer_public_key()
**     assert(key:byte() == 0x30)
*/
static int peer_getpublickey (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  void **certbox = lssl_newbox(L, freecertificate);
  void **keybox = lssl_newbox(L, lssl_freekey);
  SSL *ssl = established(L, c);
  X509 *cert;
  EVP_PKEY *key = rawkey(ssl);
  *certbox = cert = SSL_get1_peer_certificate(ssl);
  if (key != NULL && EVP_PKEY_up_ref(key))
    *keybox = key;
  if (cert != NULL)
    lssl_pushkey(L, X509_get_X509_PUBKEY(cert));
  else if (*keybox != NULL)
    lssl_pushrawkey(L, key);
  else
    lua_pushnil(L);
  lssl_emptybox(L, -2);
  lssl_emptybox(L, -3);
  return 1;
}

/*@ SSLSocket:ocsp_response()
** Returns the OCSP response that the server stapled, without a change. On the
** server's side, it is the response that this side stapled. See
** `SSLContext.ocsp_stapling`.
** Returns a string (DER), or nil. OpenSSL: `SSL_get_tlsext_status_ocsp_resp`;
** RFC 6960. Since: an addition.
**
** Type: fun(): string?
**
**     server_ctx.ocsp_response = ocsp               -- an OCSP response in DER
**     ctx.ocsp_stapling = ssl.CERT_REQUIRED
**     if conn:ocsp_response() == ocsp then print("as the server stapled it") end
*/
static int peer_ocspresponse (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  const unsigned char *data = NULL;
  long size = ssl ? SSL_get_tlsext_status_ocsp_resp(ssl, &data) : -1;
  if (data == NULL || size <= 0)
    lua_pushnil(L);
  else
    lua_pushlstring(L, (const char *)data, (size_t)size);
  return 1;
}

/*@ SSLSocket:verify_client_post_handshake()
** Asks the client of a TLS 1.3 server for its certificate after the handshake. The
** certificate comes with the data that the server reads next, and is checked then.
** The client must have set `post_handshake_auth`.
** Returns nothing. Raises `SSLError` on a client's side, with TLS 1.2, before the
** handshake, or if the client did not set `post_handshake_auth`.
** OpenSSL: `SSL_verify_client_post_handshake`; RFC 8446, 4.6.2.
** Since: CPython 3.8.
**
** Type: fun()
**
**     ctx:load_cert_chain(certfile, keyfile)
**     ctx.post_handshake_auth = true
**     server_ctx:load_verify_locations(cafile)
**     server_ctx.post_handshake_auth = true
**     server_ctx.verify_mode = ssl.CERT_REQUIRED
**     conn:sendall("GET /private")
**     peer:recv(100)
**     peer:verify_client_post_handshake()           -- asks for the certificate
**     peer:sendall("who are you?")
**     conn:recv(100)                                -- the client reads, and sends it
**     conn:sendall("GET /private")
**     assert(peer:recv(100) == "GET /private" and peer:getpeercert())
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

const luaL_Reg lssl_peermethods[] = {
  {"getpeercert", peer_getpeercert},
  {"get_verified_chain", peer_getverifiedchain},
  {"get_unverified_chain", peer_getunverifiedchain},
  {"get_peer_public_key", peer_getpublickey},
  {"ocsp_response", peer_ocspresponse},
  {"verify_client_post_handshake", peer_verifyclient},
  {NULL, NULL}
};
