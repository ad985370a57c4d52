/*
** environment.c - variables of the environment, kinds of files, numbers
** of errors.
** SPDX-License-Identifier: MIT
*/
#include "base/environment.h"
#include "base/limits.h"
#include "base/platform.h"

const char *lssl_askvariable (lua_State *L, const char *name) {
  if (lssl_mayaskenvironment(L))
    return lssl_pushvariable(L, name);
  lua_pushnil(L);
  return NULL;
}

int lssl_getenv (lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");  /* lua -E */
  if (lua_toboolean(L, -1))
    lua_pushnil(L);
  else
    lssl_askvariable(L, name);
  return 1;
}

int lssl_filetype (lua_State *L) {
  static const char *const names[] = {"file", "directory", "other"};
  const char *path = luaL_checkstring(L, 1);
  FileState s;
  lssl_checkfile(L, path);
  if (lssl_filestate(path, &s) != 0)
    lua_pushnil(L);
  else
    lua_pushstring(L, names[s.kind]);
  return 1;
}

/* LuaSocket gives the text alone, and some of it in lower case */
int lssl_errornumber (lua_State *L) {
  int code = lssl_errorof(luaL_checkstring(L, 1));
  if (code == 0)
    return 0;
  lua_pushinteger(L, code);
  lssl_pusherrortext(L, code);
  return 2;
}
