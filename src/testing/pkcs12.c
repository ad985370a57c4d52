/*
** pkcs12.c - a key with its certificates as one file, for tests.
** SPDX-License-Identifier: MIT
*/
#include <openssl/pkcs12.h>

#include "base/arguments.h"
#include "base/class.h"
#include "base/free.h"
#include "base/outcome.h"
#include "testing/issuer.h"
#include "testing/key.h"
#include "testing/pkcs12.h"

/* pushes a userdata that owns a stack of the array's certificates at 'arg' */
static STACK_OF(X509) *newstack (lua_State *L, int arg) {
  lua_Integer i;
  STACK_OF(X509) *stack;
  void **box = lssl_newbox(L, lssl_freecertificates);
  luaL_checktype(L, arg, LUA_TTABLE);
  *box = stack = sk_X509_new_null();
  if (stack == NULL)
    lssl_raisequeue(L, NULL);
  for (i = 1; lua_rawgeti(L, arg, i) != LUA_TNIL; i++) {
    X509 *x = lssl_checkcertificate(L, -1, "pkcs12");
    if (!X509_add_cert(stack, x, X509_ADD_FLAG_UP_REF))
      lssl_raisequeue(L, NULL);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return stack;
}

/* pkcs12(password, key, certificate, others): its DER */
static int pkcs12 (lua_State *L) {
  const char *password = lssl_checkcstring(L, 1, "pkcs12");
  EVP_PKEY *key = lssl_checkkey(L, 2, "pkcs12");
  X509 *x = lssl_checkcertificate(L, 3, "pkcs12");
  STACK_OF(X509) *others = newstack(L, 4);
  BIO *bio = lssl_newbio(L);
  void **box = lssl_newbox(L, lssl_freepkcs12);
  lssl_clearerrors();
  *box = PKCS12_create(password, NULL, key, x, others, 0, 0, 0, 0, 0);
  if (*box == NULL || i2d_PKCS12_bio(bio, (PKCS12 *)*box) != 1)
    return lssl_raisequeue(L, NULL);
  lssl_pushbio(L, bio);
  return 1;
}

static const luaL_Reg functions[] = {
  {"pkcs12", pkcs12},
  {NULL, NULL}
};

void lssl_openissuerpkcs12 (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
