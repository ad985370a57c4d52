/*
** binding.c - channel bindings (RFC 5929, RFC 9266) and exported keying
** material (RFC 5705).
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "connection/binding.h"
#include "connection/connection.h"

/* the longest Finished message: one digest */
#define MAXFINISHED	EVP_MAX_MD_SIZE

/* the most keying material one call gives; far more than any protocol asks */
#define MAXEXPORT	(16 * 1024)

/*
** The first Finished message of the handshake (RFC 5929, 3): the client's, but
** the server's if a session was resumed.
*/
static int unique (lua_State *L, const Conn *c, SSL *ssl) {
  unsigned char data[MAXFINISHED];
  size_t size;
  if (!SSL_is_dtls(ssl) && SSL_version(ssl) >= TLS1_3_VERSION)
    return lssl_valueerror(L, "tls-unique is not defined for TLS 1.3 "
                           "(RFC 9266); use tls-exporter");
  if (SSL_session_reused(ssl) && SSL_get_extms_support(ssl) != 1)
    return lssl_valueerror(L, "tls-unique binds nothing in a session that was "
                           "resumed without the extended master secret "
                           "(RFC 7627)");
  if (SSL_session_reused(ssl) ? c->server : !c->server)
    size = SSL_get_finished(ssl, data, sizeof data);
  else
    size = SSL_get_peer_finished(ssl, data, sizeof data);
  if (size == 0)
    lua_pushnil(L);
  else
    lua_pushlstring(L, (const char *)data, size);
  return 1;
}

/* the digest for a certificate (RFC 5929, 4.1); NULL if it defines none */
static const EVP_MD *digestfor (const X509 *cert) {
  int digest = NID_undef;
  if (!X509_get_signature_info((X509 *)(uintptr_t)cert, &digest, NULL, NULL,
                               NULL))
    return NULL;
  if (digest == NID_md5 || digest == NID_sha1)
    return EVP_sha256();
  return EVP_get_digestbynid(digest);
}

/* the digest of the server's certificate */
static int endpoint (lua_State *L, const Conn *c, SSL *ssl) {
  X509 *cert = c->server ? SSL_get_certificate(ssl)
                         : SSL_get0_peer_certificate(ssl);
  const EVP_MD *md = cert ? digestfor(cert) : NULL;
  unsigned char data[EVP_MAX_MD_SIZE];
  unsigned int size;
  if (cert == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lssl_clearerrors();
  if (md == NULL)
    return lssl_valueerror(L, "tls-server-end-point is not defined for the "
                           "signature of this certificate (RFC 5929)");
  if (!X509_digest(cert, md, data, &size))
    return lssl_raisequeue(L, NULL);
  lua_pushlstring(L, (const char *)data, size);
  return 1;
}

static int exporter (lua_State *L, const Conn *c, SSL *ssl) {
  static const char label[] = "EXPORTER-Channel-Binding";
  unsigned char data[32];
  (void)c;
  lssl_clearerrors();
  if (SSL_export_keying_material(ssl, data, sizeof data, label,
                                 sizeof label - 1,
                                 (const unsigned char *)"", 0, 1) != 1)
    return lssl_raisequeue(L, NULL);
  lua_pushlstring(L, (const char *)data, sizeof data);
  OPENSSL_cleanse(data, sizeof data);
  return 1;
}

/*@ SSLSocket:get_channel_binding([cb_type])
** Returns bytes that identify the connection. An authentication that includes them
** is valid for this connection alone.
** - `cb_type` (string): one of `ssl.CHANNEL_BINDING_TYPES`: `"tls-unique"` (the
**   default, but not for TLS 1.3), `"tls-server-end-point"` or `"tls-exporter"`.
** Returns a string, or nil before the handshake is done. Raises `ValueError` for
** another type, and for a type that is not defined for this connection.
**
** `"tls-unique"` is not defined for a session that was resumed without the
** extended master secret (RFC 7627): there an attacker in between can get the same
** bytes on both of his connections. CPython returns the bytes nevertheless.
** OpenSSL: `SSL_get_finished`, `SSL_export_keying_material`; RFC 5929, RFC
** 9266. Since: CPython 3.3; the last two types are an addition.
**
** Type: named fun(cb_type?: "tls-unique"|"tls-server-end-point"|"tls-exporter"): string?
**
**     local binding = conn:get_channel_binding("tls-exporter")
**     assert(binding == peer:get_channel_binding("tls-exporter"))
*/
static int binding_get (lua_State *L) {
  static const struct {
    const char *name;
    int (*push) (lua_State *L, const Conn *c, SSL *ssl);
  } types[] = {
    {"tls-unique", unique},
    {"tls-server-end-point", endpoint},
    {"tls-exporter", exporter}
  };
  Conn *c = lssl_selfconn(L);
  SSL *ssl;
  const char *type;
  size_t i;
  lssl_arguments(L, ":get_channel_binding", "cb_type");
  type = types[0].name;
  if (!lua_isnil(L, 2))
    type = lssl_checkcstring(L, 2, ":get_channel_binding");
  for (i = 0; i < LSSL_COUNT(types) && strcmp(types[i].name, type) != 0; i++)
    ;
  if (i == LSSL_COUNT(types))
    return lssl_valueerror(L, "'%s' channel binding type not implemented",
                           type);
  ssl = lssl_checkssl(L, c);
  if (ssl != NULL && SSL_is_init_finished(ssl))
    return types[i].push(L, c, ssl);
  lua_pushnil(L);
  return 1;
}

static void freesecret (void *p) {
  OPENSSL_clear_free(p, MAXEXPORT);
}

/*@ SSLSocket:export_keying_material(label, length [, context])
** Derives secret bytes from the connection. Both sides get the same bytes, and no
** one else can derive them.
** - `label` (string): what the bytes are for, as registered with IANA.
** - `length` (integer): how many bytes, up to 16384.
** - `context` (string or bytearray): other data to which to bind the bytes.
** Returns a string. Raises `ValueError` for a bad length, or before the handshake
** is done. OpenSSL: `SSL_export_keying_material`; RFC 5705. Since: an addition.
**
** Type: named fun(label: string, length: integer, context?: string|bytearray): string
**
**     local key = conn:export_keying_material("EXPERIMENTAL-demo", 16)
**     assert(key == peer:export_keying_material("EXPERIMENTAL-demo", 16))
*/
static int binding_export (lua_State *L) {
  static const char name[] = ":export_keying_material";
  Conn *c = lssl_selfconn(L);
  size_t labelsize, length, contextsize = 0;
  const char *label;
  const unsigned char *context = NULL;
  SSL *ssl;
  void **box;
  lssl_arguments(L, name, "label length context");
  label = lssl_checkstring(L, 2, &labelsize, name);
  length = (size_t)lssl_checkrange(L, 3, 1, MAXEXPORT, name);
  if (!lua_isnil(L, 4))
    context = lssl_checkbytes(L, 4, &contextsize, name);
  box = lssl_newbox(L, freesecret);
  ssl = lssl_checkssl(L, c);  /* after what may run a finalizer */
  if (ssl == NULL)
    return lssl_oserror(L, ENOTCONN, NULL);
  if (!SSL_is_init_finished(ssl))
    return lssl_valueerror(L, "handshake not done yet");
  lssl_clearerrors();
  *box = OPENSSL_zalloc(MAXEXPORT);
  if (*box == NULL ||
      SSL_export_keying_material(ssl, (unsigned char *)*box, length, label,
                                 labelsize, context, contextsize,
                                 !lua_isnil(L, 4)) != 1)
    return lssl_raisequeue(L, NULL);
  lua_pushlstring(L, (const char *)*box, length);
  lssl_emptybox(L, -2);
  return 1;
}

const luaL_Reg lssl_bindingmethods[] = {
  {"get_channel_binding", binding_get},
  {"export_keying_material", binding_export},
  {NULL, NULL}
};
