/*
** verification.c - LuaSec's "lsec_continue": a check of certificates that goes on
** after errors, and remembers them for the program to judge.
** SPDX-License-Identifier: MIT
*/
#include <openssl/x509v3.h>

#include "base/callback.h"
#include "base/errors.h"
#include "base/limits.h"
#include "connection/connection.h"
#include "luasec/link.h"
#include "luasec/verification.h"

typedef struct Fault {
  int code, depth;
} Fault;

/* pushes the array at 'i' of the table on the top, which gets a new one */
static void pushpart (lua_State *L, lua_Integer i) {
  if (lua_rawgeti(L, -1, i) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, i);
  }
}

/* body: adds the fault to those of the SSLSocket */
static int record (lua_State *L) {
  const Fault *f = (const Fault *)lua_touserdata(L, 1);
  if (lua_getiuservalue(L, 2, LSSL_UVFAULTS) != LUA_TTABLE) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 2, LSSL_UVFAULTS);
  }
  pushpart(L, (lua_Integer)f->depth + 1);
  lua_pushstring(L, X509_verify_cert_error_string(f->code));
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  return 0;
}

/* what could not be remembered would be accepted unseen */
static int on_fault (int ok, X509_STORE_CTX *store) {
  SSL *ssl = (SSL *)X509_STORE_CTX_get_ex_data(store,
    SSL_get_ex_data_X509_STORE_CTX_idx());
  Fault f;
  if (ok)
    return 1;
  f.code = X509_STORE_CTX_get_error(store);
  f.depth = X509_STORE_CTX_get_error_depth(store);
  return lssl_protected(lssl_getcaller(ssl), record, &f);
}

/* (context, on): whether the check goes on after errors */
static int goon (lua_State *L) {
  Context *c = lssl_testcontext(L, 1);
  luaL_argcheck(L, c != NULL, 1, "invalid context");
  lssl_checkchangeable(L, c);
  if (lua_toboolean(L, 2))
    lssl_checkinsecure(L, "a check may not go on after an error");
  SSL_CTX_set_verify(c->ctx, SSL_CTX_get_verify_mode(c->ctx),
                     lua_toboolean(L, 2) ? on_fault : NULL);
  return 0;
}

/* (context): takes servers' certificates for those of clients as well */
static int ignorepurpose (lua_State *L) {
  Context *c = lssl_testcontext(L, 1);
  X509_VERIFY_PARAM *param;
  luaL_argcheck(L, c != NULL, 1, "invalid context");
  lssl_checkchangeable(L, c);
  lssl_checkinsecure(L, "the purpose of certificates may not be ignored");
  param = SSL_CTX_get0_param(c->ctx);
  lssl_clearerrors();
  if (!X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER) ||
      !X509_VERIFY_PARAM_set_trust(param, X509_TRUST_SSL_SERVER))
    return lssl_raisequeue(L, NULL);
  return 0;
}

int lssl_pushfaults (lua_State *L, int index) {
  int top = lua_gettop(L), faults;
  lua_Integer depth, i;
  lua_getiuservalue(L, index, 1);
  if (lua_getiuservalue(L, -1, LSSL_UVFAULTS) != LUA_TTABLE) {
    lua_settop(L, top);
    return 0;
  }
  faults = top + 2;
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, faults)) {
    depth = lua_tointeger(L, -2);
    lua_newtable(L);
    for (i = 1; lua_rawgeti(L, -2, i) != LUA_TNIL; i++)
      lua_rawseti(L, -2, i);
    lua_pop(L, 1);
    lua_rawseti(L, faults + 1, depth);
    lua_pop(L, 1);
  }
  lua_replace(L, top + 1);
  lua_settop(L, top + 1);
  return 1;
}

static const luaL_Reg functions[] = {
  {"goon", goon},
  {"ignorepurpose", ignorepurpose},
  {NULL, NULL}
};

void lssl_openluasecverification (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
