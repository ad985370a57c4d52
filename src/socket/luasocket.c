/*
** luasocket.c - the LuaSocket objects that connections are made of: their methods,
** and what is remembered of them.
** SPDX-License-Identifier: MIT
**
** Most are of one class, whose methods are kept: to find them by name took a fifth
** of what Lua does for a connection.
*/
#include <string.h>

#include "base/errors.h"
#include "socket/luasocket.h"

/* their addresses are the keys in the registry of functions, and of the class */
static const char forgetkey = 0, recallkey = 0, timeoutskey = 0, classkey = 0;

/* user values of what is kept of the class, after its methods */
enum {
  HELD = LSSL_OFCLASS + 1,	/* objects by connections; a weak table */
  METATABLE,
  CLASSVALUES = METATABLE
};

static const char *const names[] = {"getfd", "setfd", "dirty", "gettimeout",
                                    "getstats", "getfamily", "close",
                                    "detach"};

/*
** {======================================================
** Methods
** =======================================================
*/

/* pushes what is kept of the class of the object at 'index'; 0, nothing, if nothing is */
static int pushclass (lua_State *L, int index) {
  const void *metatable, **class;
  if (!lua_getmetatable(L, index))
    return 0;
  metatable = lua_topointer(L, -1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &classkey);
  class = (const void **)lua_touserdata(L, -1);
  if (class != NULL && *class == metatable) {
    lua_remove(L, -2);
    return 1;
  }
  lua_pop(L, 2);
  return 0;
}

int lssl_isconnection (lua_State *L, int index) {
  int yes = pushclass(L, index);
  if (yes)
    lua_pop(L, 1);
  return yes;
}

/* the same of any object */
static int findmethod (lua_State *L, int index, const char *name) {
  if (lua_type(L, index) != LUA_TUSERDATA && !lua_istable(L, index))
    return 0;
  if (lua_type(L, index) == LUA_TUSERDATA &&
      luaL_getmetafield(L, index, "__index") == LUA_TNIL)
    return 0;
  if (lua_type(L, index) == LUA_TUSERDATA)
    lua_pop(L, 1);
  if (lua_getfield(L, index, name) == LUA_TFUNCTION)
    return 1;
  lua_pop(L, 1);
  return 0;
}

int lssl_pushmethod (lua_State *L, int index, Method method) {
  if (method >= LSSL_OFCLASS || !pushclass(L, index))
    return findmethod(L, index, names[method]);
  lua_getiuservalue(L, -1, (int)method + 1);
  lua_remove(L, -2);
  return 1;
}

int lssl_callmethod (lua_State *L, int index, Method method) {
  if (!lssl_pushmethod(L, index, method))
    return 0;
  lua_pushvalue(L, index);
  lua_call(L, 1, 1);
  return 1;
}

int lssl_luasocketclass (lua_State *L) {
  const void **class;
  int i;
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  class = (const void **)lua_newuserdatauv(L, sizeof *class, CLASSVALUES);
  *class = lua_topointer(L, 1);
  lua_getfield(L, 1, "__index");
  for (i = 0; i < LSSL_OFCLASS; i++) {
    if (lua_getfield(L, 4, names[i]) != LUA_TFUNCTION)
      return 0;
    lua_setiuservalue(L, 3, i + 1);
  }
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 3, HELD);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, 3, METATABLE);
  lua_settop(L, 3);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &classkey);
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** Streams of the Unix domain
** =======================================================
*/

static int isunixstream (lua_State *L, int index) {
  return luaL_testudata(L, index, "unixstream{master}") != NULL ||
         luaL_testudata(L, index, "unixstream{client}") != NULL;
}

int lssl_unixbytes (lua_State *L) {
  if (!isunixstream(L, 1))
    return lssl_typeerror(L, 1, "_unixbytes", "unixstream");
  lua_pushlstring(L, (const char *)lua_touserdata(L, 1), lua_rawlen(L, 1));
  return 1;
}

int lssl_pushtimeouts (lua_State *L, int index) {
  if (lssl_pushmethod(L, index, LSSL_GETTIMEOUT))
    return 1;
  if (isunixstream(L, index) &&
      lua_rawgetp(L, LUA_REGISTRYINDEX, &timeoutskey) == LUA_TFUNCTION)
    return 1;
  return 0;
}

/* }====================================================== */


/*
** {======================================================
** What is remembered
** =======================================================
*/

int lssl_seconds (lua_State *L) {
  lua_pushnumber(L, (lua_Number)lssl_now());
  return 1;
}

int lssl_luasocket (lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  lua_settop(L, 3);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &timeoutskey);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &recallkey);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &forgetkey);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &classkey);  /* named with another's table */
  return 0;
}

/* calls a method of 'object', and pushes 'n' results; the class is at 'class' */
static void callkept (lua_State *L, int class, Method method, int object,
                      int n) {
  lua_getiuservalue(L, class, (int)method + 1);
  lua_pushvalue(L, object);
  lua_call(L, 1, n);
}

/* pushes the text that recall reads (LAYOUT), from the six values on the top */
static void pushmemory (lua_State *L) {
  char memory[1 + 5 * sizeof(double)];
  double numbers[5];
  int i;
  memory[0] = strcmp(luaL_checkstring(L, -6), "inet6") == 0 ? 6 : 4;
  for (i = 0; i < 5; i++)
    numbers[i] = (double)luaL_checknumber(L, i - 5);
  numbers[4] = lssl_now() - numbers[4];
  memcpy(memory + 1, numbers, sizeof numbers);
  lua_pushlstring(L, memory, sizeof memory);
}

/* M.forget of the file in Lua, for the object at 'object' of the class at 'class' */
static void forget (lua_State *L, int self, int object, int class) {
  callkept(L, class, LSSL_GETFAMILY, object, 1);
  callkept(L, class, LSSL_GETTIMEOUT, object, 2);
  callkept(L, class, LSSL_GETSTATS, object, 3);
  pushmemory(L);
  lua_getiuservalue(L, class, HELD);
  lua_pushvalue(L, self);
  lua_pushvalue(L, object);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  lua_setiuservalue(L, self, LSSL_UVWRAPPED);
}

void lssl_forgetwrapped (lua_State *L, int self) {
  int object = lua_gettop(L) + 1;
  if (lua_getiuservalue(L, self, LSSL_UVWRAPPED) != LUA_TUSERDATA)
    ;  /* nothing that could be made again */
  else if (pushclass(L, object))
    forget(L, self, object, object + 1);
  else if (lua_rawgetp(L, LUA_REGISTRYINDEX, &forgetkey) == LUA_TFUNCTION) {
    lua_pushvalue(L, self);  /* the prelude is loaded: it gave the function */
    lua_pushvalue(L, object);
    lua_call(L, 2, 1);
    if (lua_isstring(L, -1))
      lua_setiuservalue(L, self, LSSL_UVWRAPPED);
  }
  lua_settop(L, object - 1);
}

void lssl_pushwrapped (lua_State *L, int self) {
  if (lua_getiuservalue(L, self, LSSL_UVWRAPPED) == LUA_TSTRING) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &recallkey);
    lua_pushvalue(L, self);
    lua_rotate(L, -3, -1);
    lua_call(L, 2, 1);
  }
}

/* }====================================================== */
