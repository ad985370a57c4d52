/*
** state.c - data of one Lua state, and where in the user's program it is.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/state.h"

/* its address is the key in the registry */
static const char statekey = 0;

void lssl_openstate (lua_State *L) {
  State *s;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &statekey) == LUA_TNIL) {
    s = (State *)lua_newuserdatauv(L, sizeof *s, LSSL_UVERRORS);
    memset(s, 0, sizeof *s);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &statekey);
  }
  lua_pop(L, 1);
}

void lssl_adoptstate (lua_State *L, int arg) {
  luaL_checktype(L, arg, LUA_TUSERDATA);
  if (lua_rawlen(L, arg) != sizeof(State))
    luaL_error(L, "_ssl is of another build than what uses it");
  lua_pushvalue(L, arg);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &statekey);
}

void lssl_pushstate (lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &statekey);
}

State *lssl_state (lua_State *L) {
  State *s;
  lssl_pushstate(L);
  s = (State *)lua_touserdata(L, -1);
  lua_pop(L, 1);  /* the registry keeps it */
  return s;
}

void lssl_setprelude (lua_State *L, int arg) {
  luaL_checktype(L, arg, LUA_TSTRING);
  lssl_pushstate(L);
  lua_pushvalue(L, arg);
  lua_setiuservalue(L, -2, LSSL_UVPRELUDE);
  lua_pop(L, 1);
}

/* is 'source' PREFIX.lua or PREFIX/anything? */
static int inprelude (const char *source, const char *prefix, size_t len) {
  return prefix != NULL && strncmp(source, prefix, len) == 0 &&
         (source[len] == '/' || source[len] == '\\' ||
          strcmp(source + len, ".lua") == 0);
}

void lssl_pushwhere (lua_State *L) {
  lua_Debug ar;
  size_t len = 0;
  int level;
  const char *prefix;
  lssl_pushstate(L);
  lua_getiuservalue(L, -1, LSSL_UVPRELUDE);
  lua_remove(L, -2);
  prefix = lua_tolstring(L, -1, &len);
  for (level = 0; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline > 0 && !inprelude(ar.source, prefix, len)) {
      lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
      lua_remove(L, -2);
      return;
    }
  }
  lua_pop(L, 1);
  lua_pushliteral(L, "");
}
