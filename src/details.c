/*
** details.c - what else was negotiated: the algorithms of the signatures, and
** the stapled OCSP response.
** SPDX-License-Identifier: MIT
*/
#include <openssl/objects.h>

#include "connection.h"
#include "details.h"
#include "errors.h"

/*@ SSLSocket:ocsp_response()
** The OCSP response that the server stapled, as it came: see
** `SSLContext.ocsp_stapling`. On the server's side, what it stapled.
** Returns a string (DER), or nil. OpenSSL: `SSL_get_tlsext_status_ocsp_resp`;
** RFC 6960. Since: an addition.
**
**     assert(conn:ocsp_response() == nil)
*/
static int conn_ocspresponse (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  const unsigned char *data = NULL;
  long size = ssl ? SSL_get_tlsext_status_ocsp_resp(ssl, &data) : -1;
  if (data == NULL || size <= 0)
    lua_pushnil(L);
  else
    lua_pushlstring(L, (const char *)data, (size_t)size);
  return 1;
}

#if OPENSSL_VERSION_NUMBER < 0x30500000L

/*
** The name of a signature scheme (RFC 8446, 4.2.3) from the kind of key and the
** digest, for OpenSSL before 3.5. What it does not tell apart is told by the
** group of the key.
*/
static const char *schemename (int kind, int digest) {
  static const struct {
    int kind, digest;
    const char *name;
  } schemes[] = {
    {EVP_PKEY_RSA_PSS, NID_sha256, "rsa_pss_rsae_sha256"},
    {EVP_PKEY_RSA_PSS, NID_sha384, "rsa_pss_rsae_sha384"},
    {EVP_PKEY_RSA_PSS, NID_sha512, "rsa_pss_rsae_sha512"},
    {EVP_PKEY_RSA, NID_sha1, "rsa_pkcs1_sha1"},
    {EVP_PKEY_RSA, NID_sha224, "rsa_pkcs1_sha224"},
    {EVP_PKEY_RSA, NID_sha256, "rsa_pkcs1_sha256"},
    {EVP_PKEY_RSA, NID_sha384, "rsa_pkcs1_sha384"},
    {EVP_PKEY_RSA, NID_sha512, "rsa_pkcs1_sha512"},
    {EVP_PKEY_EC, NID_sha1, "ecdsa_sha1"},
    {EVP_PKEY_EC, NID_sha224, "ecdsa_sha224"},
    {EVP_PKEY_EC, NID_sha256, "ecdsa_secp256r1_sha256"},
    {EVP_PKEY_EC, NID_sha384, "ecdsa_secp384r1_sha384"},
    {EVP_PKEY_EC, NID_sha512, "ecdsa_secp521r1_sha512"},
    {EVP_PKEY_ED25519, NID_undef, "ed25519"},
    {EVP_PKEY_ED448, NID_undef, "ed448"}
  };
  size_t i;
  for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
    if (schemes[i].kind == kind &&
        (schemes[i].digest == digest || schemes[i].digest == NID_undef))
      return schemes[i].name;
  }
  return NULL;
}

#endif

/* pushes the scheme of our signature, or of the peer's; nil if none was made */
static int pushscheme (lua_State *L, SSL *ssl, int peers) {
  const char *name = NULL;
  if (ssl != NULL) {
#if OPENSSL_VERSION_NUMBER >= 0x30500000L
    if ((peers ? SSL_get0_peer_signature_name(ssl, &name)
               : SSL_get0_signature_name(ssl, &name)) != 1)
      name = NULL;
#else
    int kind = NID_undef, digest = NID_undef;
    int known = peers ? SSL_get_peer_signature_type_nid(ssl, &kind)
                      : SSL_get_signature_type_nid(ssl, &kind);
    if (known == 1) {
      if ((peers ? SSL_get_peer_signature_nid(ssl, &digest)
                 : SSL_get_signature_nid(ssl, &digest)) != 1)
        digest = NID_undef;
      name = schemename(kind, digest);
    }
#endif
  }
  lua_pushstring(L, name);
  return 1;
}

/*@ SSLSocket:server_sigalg()
** The algorithm by which the server signed the handshake, as RFC 8446, 4.2.3
** names it, such as `"ecdsa_secp256r1_sha256"`.
** Returns a string; nil if it signed nothing, as when a session is resumed.
** OpenSSL: `SSL_get0_peer_signature_name` (3.5),
** `SSL_get_peer_signature_type_nid`. Since: CPython 3.15.
**
**     assert(type(conn:server_sigalg()) == "string")
*/
static int conn_serversigalg (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  return pushscheme(L, lssl_checkssl(L, c), !c->server);
}

/*@ SSLSocket:client_sigalg()
** The algorithm by which the client signed the handshake, if it showed a
** certificate. Otherwise as `server_sigalg`. Since: CPython 3.15.
**
**     assert(conn:client_sigalg() == nil)
*/
static int conn_clientsigalg (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  return pushscheme(L, lssl_checkssl(L, c), c->server);
}

const luaL_Reg lssl_detailmethods[] = {
  {"ocsp_response", conn_ocspresponse},
  {"server_sigalg", conn_serversigalg},
  {"client_sigalg", conn_clientsigalg},
  {NULL, NULL}
};
