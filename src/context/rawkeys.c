/*
** rawkeys.c - raw public keys (RFC 7250) in place of certificates: which kinds of
** certificate servers and clients show and take.
** SPDX-License-Identifier: MIT
**
** OpenSSL has them since 3.2. Before, X.509 is all that can be set and got.
*/
#include <string.h>

#include <openssl/tls1.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "context/context.h"
#include "context/rawkeys.h"

#if defined(TLSEXT_cert_type_rpk)
#define X509TYPE	TLSEXT_cert_type_x509
#define RPKTYPE		TLSEXT_cert_type_rpk
#else
#define X509TYPE	0
#define RPKTYPE		2
#endif

/* the numbers (RFC 7250, 9) of what a list names: each at most once */
typedef struct Kinds {
  unsigned char numbers[2];
  size_t count;
} Kinds;

/* adds the name on the top; 'attribute' is what it was given for */
static void addkind (lua_State *L, Kinds *kinds, const char *attribute) {
  const char *name;
  unsigned char number;
  if (lua_type(L, -1) != LUA_TSTRING)
    lssl_valuetypeerror(L, attribute, "an array of strings is required");
  name = lua_tostring(L, -1);
  if (strcmp(name, "x509") != 0 && strcmp(name, "rpk") != 0)
    lssl_valueerror(L, "%s has 'x509' and 'rpk', not '%s'", attribute, name);
  number = (*name == 'x') ? X509TYPE : RPKTYPE;
  if (memchr(kinds->numbers, number, kinds->count) != NULL)
    lssl_valueerror(L, "'%s' is given twice for %s", name, attribute);
  kinds->numbers[kinds->count++] = number;
}

/* what the array at 3 names */
static Kinds checkkinds (lua_State *L, const char *attribute) {
  Kinds kinds = {{0, 0}, 0};
  lua_Unsigned i, n;
  if (!lua_istable(L, 3))
    lssl_valuetypeerror(L, attribute, "an array of strings is required");
  n = lua_rawlen(L, 3);
  if (n == 0)
    lssl_valueerror(L, "%s may not be empty", attribute);
  for (i = 1; i <= n; i++) {
    lua_rawgeti(L, 3, (lua_Integer)i);
    addkind(L, &kinds, attribute);  /* the third is given twice at the latest */
    lua_pop(L, 1);
  }
  return kinds;
}

/* certificates alone, for which nothing is said in the handshake */
static int isusual (const Kinds *kinds) {
  return kinds->count == 1 && kinds->numbers[0] == X509TYPE;
}

static int setkinds (lua_State *L, const char *attribute, int server) {
  Context *c = lssl_attributecontext(L);
  Kinds kinds = checkkinds(L, attribute);
#if defined(TLSEXT_cert_type_rpk)
  const unsigned char *numbers = isusual(&kinds) ? NULL : kinds.numbers;
  size_t count = isusual(&kinds) ? 0 : kinds.count;
  lssl_clearerrors();
  if ((server ? SSL_CTX_set1_server_cert_type(c->ctx, numbers, count)
              : SSL_CTX_set1_client_cert_type(c->ctx, numbers, count)) != 1)
    return lssl_raisequeue(L, NULL);
#else
  (void)c, (void)server;
  if (!isusual(&kinds))
    return lssl_notimplemented(L, "raw public keys need OpenSSL 3.2 or newer; "
                               "this is %s", OpenSSL_version(OPENSSL_VERSION));
#endif
  return 0;
}

/* pushes what is so while nothing has been set */
static void pushusual (lua_State *L) {
  lua_newtable(L);
  lua_pushliteral(L, "x509");
  lua_rawseti(L, -2, 1);
}

static int getkinds (lua_State *L, int server) {
  Context *c = lssl_attributecontext(L);
#if defined(TLSEXT_cert_type_rpk)
  unsigned char *numbers = NULL;
  size_t i, count = 0;
  if (server)
    SSL_CTX_get0_server_cert_type(c->ctx, &numbers, &count);
  else
    SSL_CTX_get0_client_cert_type(c->ctx, &numbers, &count);
  if (count > 0) {
    lua_newtable(L);
    for (i = 0; i < count; i++) {
      lua_pushstring(L, numbers[i] == X509TYPE ? "x509" : "rpk");
      lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
  }
#endif
  (void)c, (void)server;
  pushusual(L);
  return 1;
}

/*@ SSLContext.server_certificate_types (array of strings, read and write)
** The kinds of certificate that a server of this context can show, or that a client of
** it accepts, best first: `"x509"` for certificates (the default), and `"rpk"` for raw
** public keys. Both sides need a kind in common. A server that does not know of kinds
** shows a certificate, which the client checks as always.
**
** A raw public key is the public part of the server's private key: see
** `load_private_key` and `load_cert_chain`. No authority vouches for such a key, and it
** names no host. So a client whose `verify_mode` demands a check refuses the key
** (`verify_code` 95), unless its `verify_callback` returns `true` for it. If you accept
** raw keys alone, that callback alone decides who the server is, whatever
** `check_hostname` says.
**
** Setting the attribute raises `ValueError` for another kind, for a kind given twice, and
** for an empty array. Before OpenSSL 3.2, it raises `NotImplementedError` for raw keys.
** OpenSSL: `SSL_CTX_set1_server_cert_type`; RFC 7250. Since: an addition.
**
**     if ssl.OPENSSL_VERSION_NUMBER >= 0x30200000 then
**       ctx.server_certificate_types = {"rpk", "x509"}
**     end
*/
static int get_servertypes (lua_State *L) {
  return getkinds(L, 1);
}

static int set_servertypes (lua_State *L) {
  return setkinds(L, "server_certificate_types", 1);
}

/*@ SSLContext.client_certificate_types (array of strings, read and write)
** The kinds of certificate that a client of this context can show, or that a server of
** it accepts when it asks for one. Kinds and errors are those of
** `server_certificate_types`.
** OpenSSL: `SSL_CTX_set1_client_cert_type`; RFC 7250. Since: an addition.
**
**     assert(server_ctx.client_certificate_types[1] == "x509")
*/
static int get_clienttypes (lua_State *L) {
  return getkinds(L, 0);
}

static int set_clienttypes (lua_State *L) {
  return setkinds(L, "client_certificate_types", 0);
}

static const luaL_Reg getters[] = {
  {"server_certificate_types", get_servertypes},
  {"client_certificate_types", get_clienttypes},
  {NULL, NULL}
};

static const luaL_Reg setters[] = {
  {"server_certificate_types", set_servertypes},
  {"client_certificate_types", set_clienttypes},
  {NULL, NULL}
};

void lssl_openrawkeys (lua_State *L) {
  lssl_addtocontext(L, NULL, getters, setters);
}
