/*
** callback.c - the way from OpenSSL's callbacks into Lua and back.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <openssl/crypto.h>

#include "base/callback.h"
#include "base/errors.h"

/* one index for the process, made once; constant from then on */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static int callerindex = -1;

static void makeindex (void) {
  callerindex = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

int lssl_setcaller (SSL *ssl, Caller *who) {
  return CRYPTO_THREAD_run_once(&once, makeindex) && callerindex >= 0 &&
         SSL_set_ex_data(ssl, callerindex, who);
}

Caller *lssl_getcaller (const SSL *ssl) {
  return (Caller *)SSL_get_ex_data(ssl, callerindex);
}

int lssl_protected (Caller *who, lua_CFunction body, void *data) {
  lua_State *L = who ? who->L : NULL;
  if (L == NULL || !lua_checkstack(L, 8))
    return 0;
  if (who->patience.how > LSSL_POLLS)  /* what runs now may want the call to end */
    who->patience.how = LSSL_POLLS;
  lua_pushcfunction(L, body);  /* neither of these three allocates */
  lua_pushlightuserdata(L, data);
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 2, 0, 0) == LUA_OK)
    return 1;
  if (!who->failed) {
    who->failed = 1;
    lua_setiuservalue(L, 1, LSSL_UVCAUSE);
  }
  else
    lua_pop(L, 1);
  return 0;
}

void lssl_setcause (lua_State *L, Caller *who, int object) {
  if (who->failed) {
    int error = lua_gettop(L);
    lua_getiuservalue(L, object, LSSL_UVCAUSE);
    if (lua_istable(L, error))
      lua_setfield(L, error, "cause");
    who->failed = 0;
    lua_pushnil(L);
    lua_setiuservalue(L, object, LSSL_UVCAUSE);
    lua_settop(L, error);
  }
}

void lssl_raisecause (lua_State *L, Caller *who, int object) {
  if (who->failed) {
    who->failed = 0;
    lua_getiuservalue(L, object, LSSL_UVCAUSE);
    lua_pushnil(L);  /* who catches the error is its owner */
    lua_setiuservalue(L, object, LSSL_UVCAUSE);
    lua_error(L);
  }
}

/* is the error on the top Lua's for a yield that cannot be? */
static int hasyielded (lua_State *L) {
  return lua_type(L, -1) == LUA_TSTRING &&
         strstr(lua_tostring(L, -1), "attempt to yield") != NULL;
}

void lssl_callhandler (lua_State *L, int nargs, int nresults,
                       const char *callback, const char *instead) {
  if (lua_pcall(L, nargs, nresults, 0) == LUA_OK)
    return;
  if (hasyielded(L))
    lssl_stringerror(L, "'%s' may not yield: %s", callback, instead);
  lua_error(L);
}

int lssl_badreturn (lua_State *L, const char *callback, const char *text) {
  return lssl_stringerror(L, "bad return value from '%s' (%s)", callback,
                          text);
}
