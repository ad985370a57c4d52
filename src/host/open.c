/*
** open.c - how a Lua state gets the library's modules, which are all inside.
** SPDX-License-Identifier: MIT
*/
#include "base/errors.h"
#include "host/parts.h"
#include "lssl.h"

int luaopen__ssl (lua_State *L);

#if defined(LSSL_TESTING)
int luaopen__ssl_testing (lua_State *L);
#endif

int lssl_version (void) {
  return LSSL_VERSION_NUMBER;
}

/*
** {======================================================
** Modules in a state that may have no package library
** =======================================================
*/

/* the registry's own fields: those of package.preload and package.loaded */
static void pushpreload (lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
}

static void pushloaded (lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

/* pushes what the loader on the top gives for 'name', which it replaces */
static void load (lua_State *L, const char *name) {
  lua_pushstring(L, name);
  lua_pushliteral(L, ":preload:");
  lua_call(L, 2, 1);
  pushloaded(L);
  if (lua_isnil(L, -2)) {  /* as require: the module's value is then true */
    lua_pushboolean(L, 1);
    lua_replace(L, -3);
  }
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

void lssl_require (lua_State *L, const char *name) {
  luaL_checkstack(L, 6, NULL);
  pushloaded(L);
  if (lua_getfield(L, -1, name) != LUA_TNIL) {
    lua_remove(L, -2);
    return;
  }
  pushpreload(L);
  if (lua_getfield(L, -1, name) == LUA_TNIL)
    luaL_error(L, "module '%s' is not one of this library's", name);
  lua_replace(L, -4);
  lua_pop(L, 2);
  load(L, name);
}

/* require(name), for the library's own sources where the state has none */
static int require (lua_State *L) {
  lssl_require(L, luaL_checkstring(L, 1));
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** The library's sources
** =======================================================
*/

/* gives the chunk on the top an environment with a 'require' */
static void equip (lua_State *L) {
  if (lua_getglobal(L, "require") == LUA_TNIL) {
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, require);
    lua_setfield(L, -2, "require");
    lua_createtable(L, 0, 1);
    lua_pushglobaltable(L);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_setupvalue(L, -3, 1);
  }
  lua_pop(L, 1);
}

/* loader(name, ...) of a source: upvalue the Part */
static int loadpart (lua_State *L) {
  const Part *part = (const Part *)lua_touserdata(L, lua_upvalueindex(1));
  lua_settop(L, 1);
  lua_pushfstring(L, "@%s", part->file);
  if (luaL_loadbufferx(L, (const char *)part->text, part->size,
                       lua_tostring(L, 2), "t") != LUA_OK)
    return lua_error(L);
  equip(L);
  lua_pushvalue(L, 1);
  lua_pushstring(L, part->file);
  lua_call(L, 2, 1);
  return 1;
}

int lssl_open (lua_State *L) {
  const Part *part;
  luaL_checkstack(L, 4, NULL);
  pushpreload(L);
  lua_pushcfunction(L, luaopen__ssl);
  lua_setfield(L, -2, "_ssl");
#if defined(LSSL_TESTING)
  lua_pushcfunction(L, luaopen__ssl_testing);
  lua_setfield(L, -2, "_ssl_testing");
#endif
  for (part = lssl_parts; part->module != NULL; part++) {
    lua_pushlightuserdata(L, (void *)(uintptr_t)part);
    lua_pushcclosure(L, loadpart, 1);
    lua_setfield(L, -2, part->module);
  }
  lua_pop(L, 1);
  return 0;
}

/* }====================================================== */
