/*
** ech.c - Encrypted ClientHello (RFC 9849): the server's keys, and what a client
** encrypts to.
** SPDX-License-Identifier: MIT
**
** OpenSSL has it since 4.0. Its OSSL_ECHSTORE holds configurations, with private
** keys or without; a context or a connection gets a copy of one.
*/
#include <string.h>

#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "context/context.h"
#include "context/ech.h"

/* far more than anybody rotates, and a bound for a table's word on its length */
#define MAXECHKEYS	64

#if LSSL_ECH

static void freestore (void *store) {
  OSSL_ECHSTORE_free((OSSL_ECHSTORE *)store);
}

/* pushes a box with a new store */
static OSSL_ECHSTORE *newstore (lua_State *L) {
  void **box = lssl_newbox(L, freestore);
  lssl_clearerrors();
  *box = OSSL_ECHSTORE_new(NULL, NULL);
  if (*box == NULL)
    lssl_raisequeue(L, NULL);
  return (OSSL_ECHSTORE *)*box;
}

/* pushes a box with a BIO that reads the bytes, which outlive the box */
static BIO *reader (lua_State *L, const unsigned char *data, size_t size) {
  int length = lssl_toint(L, size);
  void **box = lssl_newbox(L, lssl_freebio);
  lssl_clearerrors();
  *box = BIO_new_mem_buf(data, length);
  if (*box == NULL)
    lssl_raisequeue(L, NULL);
  return (BIO *)*box;
}

static int givestore (Context *c, SSL *const *ssl, OSSL_ECHSTORE *store) {
  return ssl ? SSL_set1_echstore(*ssl, store)
             : SSL_CTX_set1_echstore(c->ctx, store);
}

/* raises what OpenSSL has no good words for */
static int refuse (lua_State *L, const char *text) {
  if (lssl_outofmemory())
    return lssl_raisememory(L);
  lssl_clearerrors();
  return lssl_sslerror(L, 0, text);
}

/* pushes the second block of the PEM text as base64 without line breaks */
static void pushconfig (lua_State *L, const char *pem) {
  const char *start = strstr(pem, "-----BEGIN ECHCONFIG-----\n");
  const char *c = start ? strchr(start, '\n') : "";
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (; *c != '\0' && *c != '-'; c++) {
    if (*c != '\n')
      luaL_addchar(&b, *c);
  }
  luaL_pushresult(&b);
}

/* pushes the PEM text of a new key, and its configuration */
static int pushkey (lua_State *L, const char *publicname, uint8_t longest) {
  OSSL_HPKE_SUITE suite = OSSL_HPKE_SUITE_DEFAULT;
  OSSL_ECHSTORE *store = newstore(L);
  void **output = lssl_newbox(L, lssl_freebio);
  char *text;
  long size;
  lssl_clearerrors();
  if (OSSL_ECHSTORE_new_config(store, OSSL_ECH_CURRENT_VERSION, longest,
                               publicname, suite) != 1)
    return refuse(L, "OpenSSL makes no ECH key for this public_name");
  *output = BIO_new(BIO_s_secmem());
  if (*output == NULL ||
      OSSL_ECHSTORE_write_pem(store, 0, (BIO *)*output) != 1)
    return lssl_raisequeue(L, NULL);
  size = BIO_get_mem_data((BIO *)*output, &text);
  lua_pushlstring(L, text, (size_t)size);
  pushconfig(L, lua_tostring(L, -1));
  return 2;
}

/* reads the key at the top into the store, which then has to have 'count' */
static void readkey (lua_State *L, OSSL_ECHSTORE *store, int count) {
  static const char name[] = ":set_ech_keys";
  int base = lua_gettop(L), keys = 0;
  size_t size;
  const unsigned char *pem = lssl_tobytes(L, -1, &size);
  BIO *bio;
  if (pem == NULL)
    lssl_argerror(L, 2, name, "array of strings or bytearrays expected");
  bio = reader(L, pem, size);
  if (OSSL_ECHSTORE_read_pem(store, bio, count == 1 ? OSSL_ECH_FOR_RETRY
                                                    : OSSL_ECH_NO_RETRY) != 1)
    refuse(L, "an ECH key has to be PEM text with a private key and its "
           "ECHCONFIG");
  if (OSSL_ECHSTORE_num_keys(store, &keys) != 1 || keys != count)
    lssl_valueerror(L, "ECH key %d has no private key", count);
  lua_settop(L, base);
}

static int setkeys (lua_State *L, Context *c, int count) {
  OSSL_ECHSTORE *store = newstore(L);
  int i;
  for (i = 1; i <= count; i++) {
    lua_rawgeti(L, 2, i);
    readkey(L, store, i);
    lua_pop(L, 1);
  }
  lssl_clearerrors();
  if (givestore(c, NULL, count > 0 ? store : NULL) != 1)
    return lssl_raisequeue(L, NULL);
  return 0;
}

static int setconfig (lua_State *L, Context *c, SSL *const *ssl,
                      const unsigned char *config, size_t size) {
  OSSL_ECHSTORE *store = newstore(L);
  if (config != NULL &&
      OSSL_ECHSTORE_read_echconfiglist(store, reader(L, config, size)) != 1)
    return refuse(L, "no ECH configuration that this OpenSSL understands, in "
                  "base64 or as bytes");
  lssl_checkthere(L, ssl);
  if (givestore(c, ssl, config ? store : NULL) != 1)
    return lssl_raisequeue(L, NULL);
  return 0;
}

/* the status, and the outer name, which is the caller's, in '*outer'; else NULL */
static int getstatus (SSL *ssl, void **outer) {
  char *inner = NULL, *name = NULL;
  int status;
  lssl_clearerrors();
  status = SSL_ech_get1_status(ssl, &inner, &name);
  OPENSSL_free(inner);
  if (outer != NULL)
    *outer = name;
  else
    OPENSSL_free(name);
  lssl_clearerrors();
  return status;
}

static const char *statusname (int status) {
  switch (status) {
    case SSL_ECH_STATUS_BACKEND: return "backend";
    case SSL_ECH_STATUS_GREASE_ECH: return "grease_ech";
    case SSL_ECH_STATUS_GREASE: return "grease";
    case SSL_ECH_STATUS_SUCCESS: return "success";
    case SSL_ECH_STATUS_FAILED: return "failed";
    case SSL_ECH_STATUS_NOT_TRIED: return "not_tried";
    case SSL_ECH_STATUS_BAD_NAME: return "bad_name";
    case SSL_ECH_STATUS_NOT_CONFIGURED: return "not_configured";
    case SSL_ECH_STATUS_FAILED_ECH: return "failed_ech";
    case SSL_ECH_STATUS_FAILED_ECH_BAD_NAME: return "failed_ech_bad_name";
    default: return NULL;
  }
}

#else

static int unavailable (lua_State *L) {
  return lssl_notimplemented(L, "Encrypted ClientHello needs OpenSSL 4.0 or "
                             "newer; this is %s",
                             OpenSSL_version(OPENSSL_VERSION));
}

#endif


/*
** {======================================================
** Servers
** =======================================================
*/

/*@ ssl.generate_ech_key(public_name [, maximum_name_length])
** Makes a server's key for Encrypted ClientHello. Clients that know its public part send
** the name that they want in encrypted form; an observer sees `public_name` alone.
** - `public_name` (string): the name that everybody may see. The server needs a
**   certificate for this name too: a client whose configuration is out of date checks it
**   to trust the newer configuration that the server sends.
** - `maximum_name_length` (integer): the length of the longest name that hides behind the
**   key, from 0 to 255. Clients pad shorter names to this length. With 0, the default,
**   they choose.
** Returns `key` (string): PEM text for `set_ech_keys`, with the private key and the
** configuration, to be kept secret. Returns `config` (string): base64 text for clients
** (`set_ech_config`) and for the `ech` parameter of the name's HTTPS record.
** Raises `ValueError` for a name or a length out of range, `SSLError` if OpenSSL refuses
** the name, and `NotImplementedError` before OpenSSL 4.0 (`ssl.HAS_ECH`).
** OpenSSL: `OSSL_ECHSTORE_new_config`; RFC 9849, 4; RFC 9934. Since: an addition.
**
** Type: named fun(public_name: string, maximum_name_length?: integer): string, string
**
**     if ssl.HAS_ECH then
**       local key, config = ssl.generate_ech_key("public.example")
**       server_ctx:set_ech_keys{key}
**       ctx:set_ech_config(config)
**     end
*/
static int generateechkey (lua_State *L) {
  static const char name[] = "generate_ech_key";
  const char *publicname;
  size_t size;
  lua_Integer longest = 0;
  lssl_arguments(L, name, "public_name maximum_name_length");
  publicname = lssl_checkcstring(L, 1, name);
  size = lua_rawlen(L, 1);
  if (!lua_isnil(L, 2))
    longest = lssl_checkrange(L, 2, 0, 255, name);
  if (size == 0 || size > 255)
    return lssl_valueerror(L, "public_name has to have 1 to 255 bytes");
#if LSSL_ECH
  return pushkey(L, publicname, (uint8_t)longest);
#else
  (void)publicname, (void)longest;
  return unavailable(L);
#endif
}

/*@ SSLContext:set_ech_keys(keys)
** Sets the keys with which a server decrypts the ClientHellos of Encrypted ClientHello.
** A client whose ClientHello no key decrypts gets the configurations of the first key,
** to try again with them.
**
** To change the keys, put the new key first and publish its configuration. Keep the old
** keys behind it for as long as clients may have their configurations, which is the time
** to live of the HTTPS record.
** - `keys` (array of strings or bytearrays): PEM texts from `ssl.generate_ech_key`, 64 at
**   most. With an empty array, the server has no keys: it then knows nothing of Encrypted
**   ClientHello.
** Returns nothing. Connections that were made before keep their keys. `sni_callback` and
** `server_hostname` see the name that was encrypted. Raises `ValueError` for more keys or
** one without a private key, `SSLError` for text that is no key and on a client's
** context, and `NotImplementedError` before OpenSSL 4.0 (`ssl.HAS_ECH`).
** OpenSSL: `OSSL_ECHSTORE_read_pem`, `SSL_CTX_set1_echstore`; RFC 9934.
** Since: an addition.
**
** Type: fun(keys: (string|bytearray)[])
**
**     if ssl.HAS_ECH then
**       local new = ssl.generate_ech_key("public.example")
**       local old = ssl.generate_ech_key("public.example")
**       server_ctx:set_ech_keys{new, old}
**     end
*/
static int context_setechkeys (lua_State *L) {
  static const char name[] = ":set_ech_keys";
  Context *c = lssl_changingcontext(L);
  size_t count;
  lssl_arguments(L, name, "keys*");
  if (lssl_isclients(c))
    return lssl_sslerror(L, 0, lua_pushfstring(L,
      "Cannot set ECH keys of a %s context", lssl_protocolname(c)));
  if (!lua_istable(L, 2))
    return lssl_typeerror(L, 2, name, "table");
  count = lua_rawlen(L, 2);
  if (count > MAXECHKEYS)
    return lssl_valueerror(L, "more than %d ECH keys", MAXECHKEYS);
#if LSSL_ECH
  return setkeys(L, c, (int)count);
#else
  return unavailable(L);
#endif
}

/* }====================================================== */


/*
** {======================================================
** Clients
** =======================================================
*/

/*@ SSLContext:set_ech_config(config)
** Has the clients of the context encrypt their ClientHello, so that observers do not see
** which name they ask for. They see the public name of the configuration. The call does
** not weaken anything: a handshake in which the server could not decrypt fails
** (`reason` `"ECH_REQUIRED"`), and the error's `ech_retry` has the configurations that
** the server wants instead, if it proved that it is the server of the public name. Set
** these, and connect again, once.
** - `config` (string or bytearray): what the server publishes: the `ech` parameter of its
**   HTTPS record, in base64 or as bytes; or `ech_retry`. With nil, the clients encrypt
**   nothing.
** Returns nothing. Raises `SSLError` for text that is no configuration, or that has none
** for this OpenSSL; and `NotImplementedError` before OpenSSL 4.0 (`ssl.HAS_ECH`).
** OpenSSL: `OSSL_ECHSTORE_read_echconfiglist`; RFC 9849. Since: an addition.
**
** Type: named fun(config: string|bytearray|nil)
**
**     if ssl.HAS_ECH then
**       local _, config = ssl.generate_ech_key("public.example")
**       ctx:set_ech_config(config)
**     end
*/
static int context_setechconfig (lua_State *L) {
  return lssl_setechconfig(L, lssl_changingcontext(L), NULL);
}

int lssl_setechconfig (lua_State *L, Context *c, SSL *const *ssl) {
  static const char name[] = ":set_ech_config";
  const unsigned char *config = NULL;
  size_t size = 0;
  lssl_arguments(L, name, "config");
  if (!lua_isnil(L, 2))
    config = lssl_checkbytes(L, 2, &size, name);
  if (lssl_isservers(c))
    return lssl_sslerror(L, 0, lua_pushfstring(L,
      "Cannot set an ECH configuration of a %s context", lssl_protocolname(c)));
#if LSSL_ECH
  return setconfig(L, c, ssl, config, size);
#else
  (void)ssl, (void)config;
  return unavailable(L);
#endif
}

void lssl_pushechstatus (lua_State *L, SSL *ssl) {
#if LSSL_ECH
  lua_pushstring(L, statusname(getstatus(ssl, NULL)));
#else
  (void)ssl;
  lua_pushnil(L);
#endif
}

void lssl_pushechname (lua_State *L, SSL *const *ssl) {
#if LSSL_ECH
  void **box = lssl_newbox(L, lssl_freebytes);
  if (*ssl != NULL &&
      getstatus(*ssl, box) == SSL_ECH_STATUS_FAILED_ECH_BAD_NAME)
    lua_pushstring(L, (const char *)*box);
  else
    lua_pushnil(L);
#else
  (void)ssl;
  lua_pushnil(L);
#endif
}

void lssl_pushechretry (lua_State *L, SSL *const *ssl) {
#if LSSL_ECH
  void **box = lssl_newbox(L, lssl_freebytes);
  int status = *ssl ? getstatus(*ssl, NULL) : SSL_ECH_STATUS_FAILED;
  size_t size = 0;
  if ((status == SSL_ECH_STATUS_FAILED_ECH ||
       status == SSL_ECH_STATUS_GREASE_ECH) &&
      SSL_ech_get1_retry_config(*ssl, (unsigned char **)box, &size) == 1 &&
      *box != NULL)
    lua_pushlstring(L, (const char *)*box, size);
  else
    lua_pushnil(L);
  lssl_clearerrors();
#else
  (void)ssl;
  lua_pushnil(L);
#endif
}

/* }====================================================== */


static const luaL_Reg functions[] = {
  {"generate_ech_key", generateechkey},
  {NULL, NULL}
};

static const luaL_Reg methods[] = {
  {"set_ech_keys", context_setechkeys},
  {"set_ech_config", context_setechconfig},
  {NULL, NULL}
};

void lssl_openech (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  lssl_addtocontext(L, methods, NULL, NULL);
}
