/*
** versions.c - the oldest and the newest version of TLS that an SSLContext
** speaks, in the numbers of ssl.TLSVersion.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/constants.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "context/context.h"
#include "context/versions.h"

/* the oldest that OpenSSL was built with */
#if LSSL_SSLV3
#define OLDEST	SSL3_VERSION
#else
#define OLDEST	TLS1_VERSION
#endif
#define NEWEST	TLS1_3_VERSION

typedef struct Version {
  const char *name;
  int number;
  int deprecated;
} Version;

static const Version versions[] = {
  {"MINIMUM_SUPPORTED", LSSL_MINIMUM_SUPPORTED, 0},
  {"MAXIMUM_SUPPORTED", LSSL_MAXIMUM_SUPPORTED, 0},
  {"SSLv3", SSL3_VERSION, 1},
  {"TLSv1", TLS1_VERSION, 1},
  {"TLSv1_1", TLS1_1_VERSION, 1},
  {"TLSv1_2", TLS1_2_VERSION, 0},
  {"TLSv1_3", TLS1_3_VERSION, 0}
};

static const Version *find (lua_Integer number) {
  size_t i;
  for (i = 0; i < LSSL_COUNT(versions); i++) {
    if (versions[i].number == number)
      return &versions[i];
  }
  return NULL;
}

/* does the protocol leave a choice of versions? */
static int hasrange (const Context *c) {
  return c->protocol == LSSL_PROTOCOL_TLS ||
         c->protocol == LSSL_PROTOCOL_TLS_CLIENT ||
         c->protocol == LSSL_PROTOCOL_TLS_SERVER;
}

/* "0x304", as C and Python write it, but Lua's own formatting cannot */
static int badversion (lua_State *L, const char *what, lua_Integer number) {
  char text[32];
  lua_Unsigned n = number < 0 ? 0 - (lua_Unsigned)number
                              : (lua_Unsigned)number;
  char *p = text + sizeof text;
  *--p = '\0';
  do {
    *--p = "0123456789abcdef"[n & 15];
    n >>= 4;
  } while (n > 0);
  return lssl_valueerror(L, "%s %s0x%s", what, number < 0 ? "-" : "", p);
}

/* the version at index 3, once it is known that it may be set */
static const Version *checkversion (lua_State *L, const Context *c,
                                    const char *attribute) {
  lua_Integer number = lssl_checkvalueinteger(L, attribute);
  const Version *v = find(number);
  if (v == NULL)
    badversion(L, "Unsupported TLS/SSL version", number);
  else if (!hasrange(c))
    lssl_valueerror(L, "The context's protocol doesn't support modification "
                       "of highest and lowest version.");
  else if (v->deprecated) {
    lua_pushfstring(L, "ssl.TLSVersion.%s is deprecated", v->name);
    lua_warning(L, lua_tostring(L, -1), 0);
    lua_pop(L, 1);
  }
  return v;
}

/*@ SSLContext.minimum_version (integer, read and write)
** The oldest version that the context speaks, one of `ssl.TLSVersion`.
** `MINIMUM_SUPPORTED` stands for the oldest version that OpenSSL has. Setting a version
** before TLS 1.2 makes a `warn`. Setting it raises `ValueError` for another number, and on
** a context whose protocol is one fixed version.
** OpenSSL: `SSL_CTX_set_min_proto_version`. Since: CPython 3.7.
**
**     ctx.minimum_version = ssl.TLSVersion.TLSv1_3
*/
static int get_minimum (lua_State *L) {
  return lssl_getminimum(L, lssl_attributecontext(L), NULL);
}

static int set_minimum (lua_State *L) {
  return lssl_setminimum(L, lssl_attributecontext(L), NULL);
}

int lssl_getminimum (lua_State *L, Context *c, SSL *ssl) {
  long number = 0;
  if (hasrange(c))
    number = ssl ? SSL_get_min_proto_version(ssl)
                 : SSL_CTX_get_min_proto_version(c->ctx);
  lua_pushinteger(L, number ? number : LSSL_MINIMUM_SUPPORTED);
  return 1;
}

int lssl_setminimum (lua_State *L, Context *c, SSL *const *ssl) {
  const Version *v = checkversion(L, c, "minimum_version");
  int number = v->number;
  if (number == LSSL_MINIMUM_SUPPORTED)
    number = 0;
  else if (number == LSSL_MAXIMUM_SUPPORTED)
    number = NEWEST;
  lssl_checkversionfloor(L, number);
  lssl_checkthere(L, ssl);
  lssl_clearerrors();
  if ((ssl ? SSL_set_min_proto_version(*ssl, number)
           : SSL_CTX_set_min_proto_version(c->ctx, number)) != 1) {
    lssl_clearerrors();
    return badversion(L, "Unsupported protocol version", number);
  }
  if (number == SSL3_VERSION && ssl == NULL)  /* asked for by name */
    SSL_CTX_clear_options(c->ctx, SSL_OP_NO_SSLv3);
  return 0;
}

/*@ SSLContext.maximum_version (integer, read and write)
** The newest version that the context speaks, one of `ssl.TLSVersion`.
** `MAXIMUM_SUPPORTED` stands for the newest version that OpenSSL has. Warnings and errors
** are those of `minimum_version`.
** OpenSSL: `SSL_CTX_set_max_proto_version`. Since: CPython 3.7.
**
**     ctx.maximum_version = ssl.TLSVersion.TLSv1_2  -- for a peer that fails with TLS 1.3
*/
static int get_maximum (lua_State *L) {
  return lssl_getmaximum(L, lssl_attributecontext(L), NULL);
}

static int set_maximum (lua_State *L) {
  return lssl_setmaximum(L, lssl_attributecontext(L), NULL);
}

int lssl_getmaximum (lua_State *L, Context *c, SSL *ssl) {
  long number = 0;
  if (hasrange(c))
    number = ssl ? SSL_get_max_proto_version(ssl)
                 : SSL_CTX_get_max_proto_version(c->ctx);
  lua_pushinteger(L, number ? number : LSSL_MAXIMUM_SUPPORTED);
  return 1;
}

int lssl_setmaximum (lua_State *L, Context *c, SSL *const *ssl) {
  const Version *v = checkversion(L, c, "maximum_version");
  int number = v->number;
  if (number == LSSL_MAXIMUM_SUPPORTED)
    number = 0;
  else if (number == LSSL_MINIMUM_SUPPORTED)
    number = OLDEST;
  if (number != 0)
    lssl_checkversionfloor(L, number);
  lssl_checkthere(L, ssl);
  lssl_clearerrors();
  if ((ssl ? SSL_set_max_proto_version(*ssl, number)
           : SSL_CTX_set_max_proto_version(c->ctx, number)) != 1) {
    lssl_clearerrors();
    return badversion(L, "Unsupported protocol version", number);
  }
  return 0;
}

static const luaL_Reg getters[] = {
  {"minimum_version", get_minimum},
  {"maximum_version", get_maximum},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"minimum_version", set_minimum},
  {"maximum_version", set_maximum},
  {NULL, NULL}
};

void lssl_openversions (lua_State *L) {
  lssl_addtocontext(L, NULL, getters, setters);
}
