/*
** embedder.c - a host for specs: a Lua module that makes Lua states of its own and
** drives the static library in them, so that specs in Lua can look at lssl.h.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include "lssl.h"

#define STATE	"embedder.state"

/*
** {======================================================
** States
** =======================================================
*/

typedef struct Host {
  lua_State *L;			/* the state that the host runs; NULL: closed */
} Host;

static lua_State *checkstate (lua_State *L) {
  Host *host = (Host *)luaL_checkudata(L, 1, STATE);
  luaL_argcheck(L, host->L != NULL, 1, "closed");
  return host->L;
}

/* what the modules need, and no more: what a sandbox would have */
static void openfew (lua_State *S) {
  static const luaL_Reg few[] = {
    {LUA_GNAME, luaopen_base}, {LUA_STRLIBNAME, luaopen_string},
    {LUA_TABLIBNAME, luaopen_table}, {LUA_MATHLIBNAME, luaopen_math},
    {LUA_UTF8LIBNAME, luaopen_utf8}, {LUA_COLIBNAME, luaopen_coroutine},
    {NULL, NULL}
  };
  const luaL_Reg *lib;
  for (lib = few; lib->name != NULL; lib++) {
    luaL_requiref(S, lib->name, lib->func, 1);
    lua_pop(S, 1);
  }
}

/* new(kind): "all" libraries, "few", or "late": all, but after lssl_open */
static int newstate (lua_State *L) {
  const char *kind = luaL_optstring(L, 1, "all");
  Host *host = (Host *)lua_newuserdatauv(L, sizeof *host, 0);
  host->L = NULL;
  luaL_setmetatable(L, STATE);
  host->L = luaL_newstate();
  if (host->L == NULL)
    return luaL_error(L, "no memory");
  if (strcmp(kind, "all") == 0)
    luaL_openlibs(host->L);
  else if (strcmp(kind, "few") == 0)
    openfew(host->L);
  lua_pushcfunction(host->L, lssl_open);
  if (lua_pcall(host->L, 0, 0, 0) != LUA_OK)
    return luaL_error(L, "%s", lua_tostring(host->L, -1));
  if (strcmp(kind, "late") == 0)
    luaL_openlibs(host->L);
  return 1;
}

static int closestate (lua_State *L) {
  Host *host = (Host *)luaL_checkudata(L, 1, STATE);
  if (host->L != NULL)
    lua_close(host->L);
  host->L = NULL;
  return 0;
}

/* what is on the top of S as a string, popped; its own errors are objects */
static void pushtop (lua_State *L, lua_State *S) {
  size_t size;
  const char *text = luaL_tolstring(S, -1, &size);
  lua_pushlstring(L, text, size);
  lua_pop(S, 2);
}

/*
** run(state, source, ...): runs the chunk with strings as arguments. Returns true
** and its result as a string; false and the error as one.
*/
static int run (lua_State *L) {
  lua_State *S = checkstate(L);
  size_t size;
  const char *source = luaL_checklstring(L, 2, &size);
  int n = lua_gettop(L), i, status;
  status = luaL_loadbuffer(S, source, size, "=script");
  if (status == LUA_OK) {
    for (i = 3; i <= n; i++) {
      const char *text = luaL_checklstring(L, i, &size);
      lua_pushlstring(S, text, size);
    }
    status = lua_pcall(S, n - 2, 1, 0);
  }
  lua_pushboolean(L, status == LUA_OK);
  pushtop(L, S);
  return 2;
}

static int protectedrequire (lua_State *S) {
  lssl_require(S, lua_tostring(S, 1));
  return 1;
}

/* require(state, name [, global]): lssl_require; the result as that global */
static int requiremodule (lua_State *L) {
  lua_State *S = checkstate(L);
  lua_pushcfunction(S, protectedrequire);
  lua_pushstring(S, luaL_checkstring(L, 2));
  if (lua_pcall(S, 1, 1, 0) == LUA_OK && !lua_isnoneornil(L, 3)) {
    lua_setglobal(S, luaL_checkstring(L, 3));
    return 0;
  }
  pushtop(L, S);
  return 1;
}

/* }====================================================== */


static int version (lua_State *L) {
  lua_pushinteger(L, lssl_version());
  lua_pushinteger(L, LSSL_VERSION_NUMBER);
  lua_pushliteral(L, LSSL_VERSION);
  return 3;
}

static const luaL_Reg methods[] = {
  {"run", run},
  {"require", requiremodule},
  {"close", closestate},
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"new", newstate},
  {"version", version},
  {NULL, NULL}
};

int luaopen_embedder (lua_State *L);

int luaopen_embedder (lua_State *L) {
  luaL_newmetatable(L, STATE);
  lua_pushcfunction(L, closestate);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, closestate);
  lua_setfield(L, -2, "__close");
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
