/*
** compression.c - how an SSLContext's certificates are compressed (RFC 8879).
** SPDX-License-Identifier: MIT
**
** OpenSSL has it since 3.2, with the algorithms that it was built with. A client that
** is asked for its certificate compresses it then. A server's have to be compressed
** before: once for each context. OpenSSL keeps what it has compressed when another
** certificate is loaded, and would send it with the other's signature: then it has
** to be compressed anew, or may not be sent.
*/
#include <string.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "context/compression.h"

typedef struct Algorithm {
  const char *name;
  int number;			/* RFC 8879, 7.3 */
  int built;			/* has this OpenSSL got it? */
} Algorithm;

#if LSSL_CERTCOMPRESSION && !defined(OPENSSL_NO_BROTLI)
#define BROTLI	1
#else
#define BROTLI	0
#endif
#if LSSL_CERTCOMPRESSION && !defined(OPENSSL_NO_ZLIB)
#define ZLIB	1
#else
#define ZLIB	0
#endif
#if LSSL_CERTCOMPRESSION && !defined(OPENSSL_NO_ZSTD)
#define ZSTD	1
#else
#define ZSTD	0
#endif

/* in OpenSSL's order, by which clients take them unless told otherwise */
static const Algorithm algorithms[LSSL_COMPRESSIONS] = {
  {"brotli", 2, BROTLI}, {"zlib", 1, ZLIB}, {"zstd", 3, ZSTD}
};

/* the one that is named by the string on the top, or NULL */
static const Algorithm *find (lua_State *L) {
  const char *name = lua_tostring(L, -1);
  size_t i, size = lua_rawlen(L, -1);
  for (i = 0; i < LSSL_COUNT(algorithms); i++) {
    if (strlen(algorithms[i].name) == size &&
        memcmp(algorithms[i].name, name, size) == 0)
      return &algorithms[i];
  }
  return NULL;
}

static void checkbuilt (lua_State *L, const Algorithm *a) {
  if (a->built)
    return;
#if LSSL_CERTCOMPRESSION
  lssl_notimplemented(L, "this OpenSSL was built without '%s'", a->name);
#else
  lssl_notimplemented(L, "certificate compression needs OpenSSL 3.2 or newer; "
                      "this is %s", OpenSSL_version(OPENSSL_VERSION));
#endif
}

/* what the array at 3 names */
typedef struct Choices {
  int numbers[LSSL_COMPRESSIONS];
  size_t count;
} Choices;

/* adds the name on the top */
static void addchoice (lua_State *L, Choices *choices) {
  const Algorithm *a;
  size_t i;
  if (lua_type(L, -1) != LUA_TSTRING)
    lssl_valuetypeerror(L, "certificate_compression",
                        "an array of strings is required");
  a = find(L);
  if (a == NULL)
    lssl_valueerror(L, "certificate_compression has 'brotli', 'zlib' and 'zstd', "
                    "not '%s'", lua_tostring(L, -1));
  for (i = 0; i < choices->count; i++) {
    if (choices->numbers[i] == a->number)
      lssl_valueerror(L, "'%s' is given twice for certificate_compression",
                      a->name);
  }
  checkbuilt(L, a);
  choices->numbers[choices->count++] = a->number;
}

static Choices checkchoices (lua_State *L) {
  Choices choices = {{0, 0, 0}, 0};
  lua_Unsigned i, n;
  if (!lua_istable(L, 3))
    lssl_valuetypeerror(L, "certificate_compression",
                        "an array of strings is required");
  n = lua_rawlen(L, 3);
  for (i = 1; i <= n; i++) {
    lua_rawgeti(L, 3, (lua_Integer)i);
    addchoice(L, &choices);  /* the fourth is given twice at the latest */
    lua_pop(L, 1);
  }
  return choices;
}

/*@ SSLContext.certificate_compression (array of strings, read and write)
** The algorithms by which certificates may be compressed in TLS 1.3, best first:
** `"zlib"`, `"brotli"`, `"zstd"`. A chain of certificates is most of what a server sends
** in a handshake; compressed, it often fits into the first packets.
**
** A client accepts certificates that are compressed by one of these algorithms. So does
** a server that asks for its client's certificate. Once you have set the attribute, a
** server also sends its own certificates compressed, to clients that accept this. It
** compresses them only once for all connections. The same holds for a certificate that
** a connection alone has got before its handshake (`SSLSocket:load_cert_chain`), but not
** for one that it gets in a callback. An empty array turns all of it off.
**
** By default a context has the algorithms that OpenSSL was built with, in its order,
** and a server compresses nothing. Before OpenSSL 3.2 the array is empty
** (`ssl.HAS_CERTIFICATE_COMPRESSION`).
**
** Setting it raises `ValueError` for an unknown name and for one that is given twice,
** and `NotImplementedError` for an algorithm that OpenSSL lacks.
** OpenSSL: `SSL_CTX_set1_cert_comp_preference`, `SSL_CTX_compress_certs`; RFC 8879.
** Since: an addition.
**
** Type: ("brotli"|"zlib"|"zstd")[]
**
**     server_ctx.certificate_compression = server_ctx.certificate_compression
*/
static int get_compression (lua_State *L) {
  const Context *c = lssl_attributecontext(L);
  size_t i, j;
  lua_newtable(L);
  if (!c->comp.chosen) {
    for (i = 0; i < LSSL_COUNT(algorithms); i++) {
      if (algorithms[i].built) {
        lua_pushstring(L, algorithms[i].name);
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
      }
    }
    return 1;
  }
  for (i = 0; i < c->comp.count; i++) {
    for (j = 0; algorithms[j].number != c->comp.numbers[i]; j++)
      ;
    lua_pushstring(L, algorithms[j].name);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int set_compression (lua_State *L) {
  Context *c = lssl_attributecontext(L);
  Choices choices = checkchoices(L);
  size_t i;
#if LSSL_CERTCOMPRESSION
  lssl_clearerrors();
  if (SSL_CTX_set1_cert_comp_preference(c->ctx, choices.numbers,
                                        choices.count) != 1)
    return lssl_raisequeue(L, NULL);
#endif
  c->comp.chosen = 1;
  c->comp.done = 0;
  c->comp.count = (unsigned char)choices.count;
  for (i = 0; i < choices.count; i++)
    c->comp.numbers[i] = (unsigned char)choices.numbers[i];
  return 0;
}

#if LSSL_CERTCOMPRESSION

static int compresses (const Context *c) {
  return c->comp.chosen && c->comp.count > 0;
}

void lssl_compresscerts (Context *c) {
  if (compresses(c) && !c->comp.done) {
    c->comp.done = 1;
    c->comp.failed = (SSL_CTX_compress_certs(c->ctx, 0) != 1);
    lssl_clearerrors();
  }
}

void lssl_holdcompressed (const Context *c, SSL *ssl) {
  if (c->comp.failed)
    SSL_set_options(ssl, SSL_OP_NO_TX_CERTIFICATE_COMPRESSION);
}

/* in the middle of a handshake OpenSSL compresses none */
void lssl_compressown (const Context *c, SSL *ssl) {
  if (SSL_is_server(ssl) && !(compresses(c) && SSL_compress_certs(ssl, 0) == 1))
    SSL_set_options(ssl, SSL_OP_NO_TX_CERTIFICATE_COMPRESSION);
  lssl_clearerrors();
}

/* a host may have compressed the certificates of its context itself */
void lssl_forgetcompressed (Context *c) {
  c->comp.done = 0;
  if (c->foreign && !compresses(c))
    SSL_CTX_set_options(c->ctx, SSL_OP_NO_TX_CERTIFICATE_COMPRESSION);
}

#else

void lssl_compresscerts (Context *c) {
  (void)c;
}

void lssl_holdcompressed (const Context *c, SSL *ssl) {
  (void)c, (void)ssl;
}

void lssl_compressown (const Context *c, SSL *ssl) {
  (void)c, (void)ssl;
}

void lssl_forgetcompressed (Context *c) {
  (void)c;
}

#endif

static const luaL_Reg getters[] = {
  {"certificate_compression", get_compression},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"certificate_compression", set_compression},
  {NULL, NULL}
};

void lssl_opencompression (lua_State *L) {
  lssl_addtocontext(L, NULL, getters, setters);
}
