/*
** chain.c - lists of certificates from Lua's values, and back.
** SPDX-License-Identifier: MIT
*/
#include "base/arguments.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/errors.h"
#include "base/free.h"
#include "base/outcome.h"
#include "x509/certificate.h"
#include "x509/chain.h"

int lssl_keepcertificate (X509 *cert, void *list) {
  if (!X509_up_ref(cert))
    return 0;
  if (sk_X509_push((STACK_OF(X509) *)list, cert) > 0)
    return 1;
  X509_free(cert);
  return 0;
}

/* adds those in the bytes at 'index' */
static void add (lua_State *L, int index, STACK_OF(X509) *list,
                 const char *what) {
  Source source = {NULL, 0, 0, 0, NULL, NULL};
  Reading reading;
  source.data = lssl_tobytes(L, index, &source.size);
  source.der = lssl_isder(source.data, source.size);
  reading = lssl_readcertificates(&source, lssl_keepcertificate, list);
  if (reading != READ_OK)
    lssl_raisereading(L, reading, source.der, what);
}

static void addall (lua_State *L, int index, STACK_OF(X509) *list,
                    const char *what, const char *name) {
  lua_Integer i, n = (lua_Integer)lua_rawlen(L, index);
  for (i = 1; i <= n; i++) {
    if (lua_rawgeti(L, index, i) != LUA_TSTRING)
      lssl_argerror(L, index, name, "an array of strings is required");
    add(L, lua_gettop(L), list, what);
    lua_pop(L, 1);
  }
}

STACK_OF(X509) *lssl_checkchainarg (lua_State *L, int arg, const char *what,
                                    const char *name) {
  void **box = lssl_newbox(L, lssl_freecertificates);
  STACK_OF(X509) *list;
  lssl_clearerrors();
  *box = list = sk_X509_new_null();
  if (list == NULL)
    lssl_raisequeue(L, NULL);
  if (lua_type(L, arg) == LUA_TSTRING || lssl_isbytearray(L, arg))
    add(L, arg, list, what);
  else if (lssl_isplain(L, arg))
    addall(L, arg, list, what, name);
  else
    lssl_typeerror(L, arg, name, "string, bytearray or array of strings");
  if (sk_X509_num(list) == 0)
    lssl_valueerror(L, "no certificate in '%s'", what);
  return list;
}

int lssl_pushchain (lua_State *L) {
  STACK_OF(X509) *chain = (STACK_OF(X509) *)lssl_unbox(L, -1);
  int i, n = sk_X509_num(chain);
  luaL_checkstack(L, 8, "chain");
  lua_createtable(L, n > 0 ? n : 0, 0);
  for (i = 0; i < n; i++) {
    lssl_pushder(L, sk_X509_value(chain, i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lssl_emptybox(L, -2);
  lua_remove(L, -2);
  return 1;
}
