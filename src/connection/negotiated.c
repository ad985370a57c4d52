/*
** negotiated.c - what both sides agreed on: version, cipher, group, protocols
** above TLS, and the algorithms of the signatures.
** SPDX-License-Identifier: MIT
*/
#include <openssl/objects.h>

#include "base/class.h"
#include "base/free.h"
#include "context/ech.h"
#include "connection/connection.h"
#include "connection/negotiated.h"

/* pushes the three facts of a cipher */
static void pushcipher (lua_State *L, const SSL_CIPHER *cipher) {
  lua_pushstring(L, SSL_CIPHER_get_name(cipher));
  lua_pushstring(L, SSL_CIPHER_get_version(cipher));
  lua_pushinteger(L, SSL_CIPHER_get_bits(cipher, NULL));
}

/*@ SSLSocket:cipher()
** Tells which cipher the connection uses.
** Returns its name, the version of the protocol that defines it, and the number
** of its secret bits. Before there is a cipher, it returns nil.
** OpenSSL: `SSL_get_current_cipher`. Since: CPython 2.6.
**
** Type: fun(): string?, string?, integer?
**
**     local name, protocol, bits = conn:cipher()
**     assert(bits >= 128)
*/
static int conn_cipher (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  const SSL_CIPHER *cipher = ssl ? SSL_get_current_cipher(ssl) : NULL;
  if (cipher == NULL) {
    lua_pushnil(L);
    return 1;
  }
  pushcipher(L, cipher);
  return 3;
}

/* those of 'ours' that are among 'theirs', as the caller's; NULL: no memory */
static STACK_OF(SSL_CIPHER) *common (STACK_OF(SSL_CIPHER) *ours,
                                     STACK_OF(SSL_CIPHER) *theirs) {
  STACK_OF(SSL_CIPHER) *shared = sk_SSL_CIPHER_dup(ours);
  int i = sk_SSL_CIPHER_num(shared);
  while (--i >= 0) {
    if (sk_SSL_CIPHER_find(theirs, sk_SSL_CIPHER_value(shared, i)) < 0)
      sk_SSL_CIPHER_delete(shared, i);
  }
  return shared;
}

/*@ SSLSocket:shared_ciphers()
** The ciphers that both sides offered.
** Returns an array of `{name, protocol, bits}`; nil for a client, or before the
** handshake. OpenSSL: `SSL_get_client_ciphers`. Since: CPython 3.5.
**
** Type: fun(): { [1]: string, [2]: string, [3]: integer }[]?
**
**     local name, protocol, bits = table.unpack(peer:shared_ciphers()[1])
**     assert(bits >= 128)
*/
static int conn_sharedciphers (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  void **box = lssl_newbox(L, lssl_freeciphers);
  SSL *ssl = lssl_checkssl(L, c);  /* after what may run a finalizer */
  STACK_OF(SSL_CIPHER) *ours = ssl ? SSL_get_ciphers(ssl) : NULL;
  STACK_OF(SSL_CIPHER) *theirs = ssl ? SSL_get_client_ciphers(ssl) : NULL;
  STACK_OF(SSL_CIPHER) *shared;
  int i;
  if (ours == NULL || theirs == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lssl_clearerrors();
  *box = shared = common(ours, theirs);
  if (shared == NULL)
    return lssl_raisequeue(L, NULL);
  lua_createtable(L, sk_SSL_CIPHER_num(shared), 0);
  for (i = 0; i < sk_SSL_CIPHER_num(shared); i++) {
    lua_createtable(L, 3, 0);
    pushcipher(L, sk_SSL_CIPHER_value(shared, i));
    lua_rawseti(L, -4, 3);
    lua_rawseti(L, -3, 2);
    lua_rawseti(L, -2, 1);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/*@ SSLSocket:compression()
** Tells which compression the connection uses. This is nil: compressed TLS leaks
** the data that it carries, so OpenSSL is built without it.
** Returns a string or nil. OpenSSL: `SSL_get_current_compression`.
** Since: CPython 3.3.
**
** Type: fun(): string?
**
**     assert(conn:compression() == nil)
*/
static int conn_compression (lua_State *L) {
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
** Type: fun(): string?
**
**     assert(conn:version() == "TLSv1.3")
*/
static int conn_version (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  lua_pushstring(L, ssl && SSL_is_init_finished(ssl) ? SSL_get_version(ssl)
                                                     : NULL);
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
** Tells which protocol both sides have agreed on: see
** `SSLContext:set_alpn_protocols`.
** Returns a string, or nil if they agreed on none.
** OpenSSL: `SSL_get0_alpn_selected`; RFC 7301. Since: CPython 3.5.
**
** Type: fun(): string?
**
**     ctx:set_alpn_protocols{"h2", "http/1.1"}
**     server_ctx:set_alpn_protocols{"h2"}
**     if conn:selected_alpn_protocol() == "h2" then print("HTTP/2") end
*/
static int conn_alpn (lua_State *L) {
  SSL *ssl = lssl_checkssl(L, lssl_selfconn(L));
  const unsigned char *name = NULL;
  unsigned int size = 0;
  if (ssl != NULL)
    SSL_get0_alpn_selected(ssl, &name, &size);
  return pushprotocol(L, name, size);
}

/*@ SSLSocket:selected_npn_protocol()
** Tells which protocol both sides have agreed on by NPN: see
** `SSLContext:set_npn_protocols`. NPN is the forerunner of ALPN, and TLS 1.3 does
** not have it. Deprecated.
** Returns a string, or nil. OpenSSL: `SSL_get0_next_proto_negotiated`.
** Since: CPython 3.3.
**
** Type: fun(): string?
**
**     assert(conn:selected_npn_protocol() == nil)
*/
static int conn_npn (lua_State *L) {
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
** Type: fun(): string?
**
**     print(conn:group())                           -- x25519
*/
static int conn_group (lua_State *L) {
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

#if OPENSSL_VERSION_NUMBER < 0x30500000L

/* a PSS signature by a key for nothing else, which OpenSSL has no kind for */
#define KEYOFPSS	(-1)

/* is the key of ours, or of the peer's, one for PSS alone? */
static int ispss (SSL *ssl, int peers) {
  const X509 *cert = peers ? SSL_get0_peer_certificate(ssl)
                           : SSL_get_certificate(ssl);
  const EVP_PKEY *key = cert ? X509_get0_pubkey(cert) : NULL;
  return key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA_PSS;
}

/*
** The name of a signature scheme (RFC 8446, 4.2.3) from the kind of signature and
** the digest, for OpenSSL before 3.5: with ECDSA and TLS 1.2 the curve is that
** of the name for TLS 1.3.
*/
static const char *schemename (int kind, int digest) {
  static const struct {
    int kind, digest;
    const char *name;
  } schemes[] = {
    {EVP_PKEY_RSA_PSS, NID_sha256, "rsa_pss_rsae_sha256"},
    {EVP_PKEY_RSA_PSS, NID_sha384, "rsa_pss_rsae_sha384"},
    {EVP_PKEY_RSA_PSS, NID_sha512, "rsa_pss_rsae_sha512"},
    {KEYOFPSS, NID_sha256, "rsa_pss_pss_sha256"},
    {KEYOFPSS, NID_sha384, "rsa_pss_pss_sha384"},
    {KEYOFPSS, NID_sha512, "rsa_pss_pss_sha512"},
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
    {EVP_PKEY_DSA, NID_sha1, "dsa_sha1"},
    {EVP_PKEY_DSA, NID_sha224, "dsa_sha224"},
    {EVP_PKEY_DSA, NID_sha256, "dsa_sha256"},
    {EVP_PKEY_DSA, NID_sha384, "dsa_sha384"},
    {EVP_PKEY_DSA, NID_sha512, "dsa_sha512"},
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
      if (kind == EVP_PKEY_RSA_PSS && ispss(ssl, peers))
        kind = KEYOFPSS;
      name = schemename(kind, digest);
    }
#endif
  }
  lua_pushstring(L, name);
  return 1;
}

/*@ SSLSocket:server_sigalg()
** Tells which algorithm the server signed the handshake with. The names are those
** of RFC 8446, 4.2.3, such as `"ecdsa_secp256r1_sha256"`.
** Returns a string, or nil if the server signed nothing, as when a session is
** resumed. OpenSSL: `SSL_get0_peer_signature_name` (3.5),
** `SSL_get_peer_signature_type_nid`. Since: CPython 3.15.
**
** Type: fun(): string?
**
**     print(conn:server_sigalg())                   -- ecdsa_secp256r1_sha256
*/
static int conn_serversigalg (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  return pushscheme(L, lssl_checkssl(L, c), !c->server);
}

/*@ SSLSocket:client_sigalg()
** Tells which algorithm the client signed the handshake with. The name is as for
** `server_sigalg`.
** Returns a string, or nil if the client showed no certificate. Since: CPython 3.15.
**
** Type: fun(): string?
**
**     ctx:load_cert_chain(certfile, keyfile)
**     server_ctx:load_verify_locations(cafile)
**     server_ctx.verify_mode = ssl.CERT_REQUIRED
**     print(peer:client_sigalg())                   -- ecdsa_secp256r1_sha256
*/
static int conn_clientsigalg (lua_State *L) {
  Conn *c = lssl_selfconn(L);
  return pushscheme(L, lssl_checkssl(L, c), c->server);
}

/*@ SSLSocket.hello_retry (boolean, read only)
** Whether the server asked for a second ClientHello in the handshake, and so made it a
** round trip longer: the client guessed a key exchange that the server does not want.
** Put the group that the server wants first in `SSLContext:set_groups`, to avoid that.
** It is false before TLS 1.3. RFC 8446, 4.1.4. Since: an addition.
**
**     assert(conn.hello_retry == false)
*/
static int get_helloretry (lua_State *L) {
  lua_pushboolean(L, ((const Conn *)lua_touserdata(L, 1))->caller.retried);
  return 1;
}

/*@ SSLSocket.ech_status (string, read only)
** How it went with Encrypted ClientHello: `"success"` if the name was encrypted and the
** handshake is the one that was encrypted. Others are OpenSSL's `SSL_ECH_STATUS_*` in
** lower case: `"not_configured"` and `"not_tried"` if there was nothing to encrypt,
** `"grease"` if the client only looked as if it did (`ssl.OP_ECH_GREASE`), `"grease_ech"`
** if the server sent configurations in answer to that, `"failed_ech"` if the server could
** not decrypt and sent newer configurations, `"failed_ech_bad_name"` if it did and has no
** certificate for the public name, `"bad_name"`, `"backend"` and `"failed"`.
** nil before OpenSSL 4.0 (`ssl.HAS_ECH`), and if there is no TLS connection.
** OpenSSL: `SSL_ech_get1_status`. Since: an addition.
**
** Type: string?
**
**     assert(conn.ech_status == (ssl.HAS_ECH and "not_configured" or nil))
*/
static int get_echstatus (lua_State *L) {
  const Conn *c = (const Conn *)lua_touserdata(L, 1);
  if (c->ssl == NULL)
    lua_pushnil(L);
  else
    lssl_pushechstatus(L, c->ssl);
  return 1;
}

/*@ SSLSocket.ech_retry (string, read only)
** The configurations (bytes of an ECHConfigList) that the server wants this client to use
** for Encrypted ClientHello from now on, for `set_ech_config`. nil if the server sent
** none, or did not prove that it is the server of the public name.
** OpenSSL: `SSL_ech_get1_retry_config`; RFC 9849, 6.1.6. Since: an addition.
**
** Type: string?
**
**     assert(conn.ech_retry == nil)
*/
static int get_echretry (lua_State *L) {
  const Conn *c = (const Conn *)lua_touserdata(L, 1);
  lssl_pushechretry(L, &c->ssl);
  return 1;
}

const luaL_Reg lssl_negotiatedgetters[] = {
  {"hello_retry", get_helloretry},
  {"ech_status", get_echstatus},
  {"ech_retry", get_echretry},
  {NULL, NULL}
};

const luaL_Reg lssl_negotiatedmethods[] = {
  {"cipher", conn_cipher},
  {"shared_ciphers", conn_sharedciphers},
  {"compression", conn_compression},
  {"version", conn_version},
  {"selected_alpn_protocol", conn_alpn},
  {"selected_npn_protocol", conn_npn},
  {"group", conn_group},
  {"server_sigalg", conn_serversigalg},
  {"client_sigalg", conn_clientsigalg},
  {NULL, NULL}
};
