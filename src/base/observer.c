/*
** observer.c - a function of the test kit that is told what one connection sends,
** receives and keeps secret.
** SPDX-License-Identifier: MIT
*/
#include "base/observer.h"

/* the registry has a table at this address, from an object to its observer */
static const char observers = 0;

static void pushobservers (lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &observers) == LUA_TTABLE)
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");  /* an observer may refer to its connection */
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &observers);
}

void lssl_setobserver (lua_State *L, int object, Caller *who) {
  int observed = !lua_isnil(L, -1);
  pushobservers(L);
  lua_pushvalue(L, object);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pop(L, 2);
  who->observed = (unsigned char)observed;
}

typedef struct Told {
  const char *kind;
  const void *data;
  size_t size;
} Told;

static int callobserver (lua_State *L) {
  const Told *told = (const Told *)lua_touserdata(L, 1);
  pushobservers(L);
  lua_pushvalue(L, 2);
  lua_rawget(L, -2);
  lua_pushstring(L, told->kind);
  lua_pushlstring(L, (const char *)told->data, told->size);
  lua_call(L, 2, 0);
  return 0;
}

void lssl_tellobserver (Caller *who, const char *kind, const void *data,
                        size_t size) {
  Told told;
  if (who == NULL || !who->observed)
    return;
  told.kind = kind;
  told.data = data;
  told.size = size;
  lssl_protected(who, callobserver, &told);
}
