/*
** prelude.c - what lua/ssl/ asks C for.
** SPDX-License-Identifier: MIT
*/
#include <string.h>

#include "base/arguments.h"
#include "base/errors.h"
#include "base/outcome.h"
#include "base/prelude.h"
#include "base/state.h"

/* (prefix): the common prefix of the prelude's sources */
static int prelude (lua_State *L) {
  lssl_setprelude(L, 1);
  return 0;
}

/* copies the string at 'arg' out of the stack */
static void copy (lua_State *L, int arg, char *to, size_t size) {
  size_t len;
  const char *s = luaL_checklstring(L, arg, &len);
  luaL_argcheck(L, len < size, arg, "too long");
  memcpy(to, s, len + 1);
}

/* (name, parameters, ...) -> one value per parameter: lssl_arguments */
static int arguments (lua_State *L) {
  char name[64], parameters[256];
  copy(L, 1, name, sizeof name);
  copy(L, 2, parameters, sizeof parameters);
  lua_remove(L, 1);
  lua_remove(L, 1);
  lssl_arguments(L, name, parameters);
  return lua_gettop(L);
}

/* (arg, name, text): raises lssl_argerror's error */
static int argerror (lua_State *L) {
  return lssl_argerror(L, (int)luaL_checkinteger(L, 1),
                       luaL_checkstring(L, 2), luaL_checkstring(L, 3));
}

/* (errno) -> the OSError for it */
static int oserror (lua_State *L) {
  lssl_pushoserror(L, (int)luaL_checkinteger(L, 1));
  return 1;
}

/* () -> the state's data, for lssl_adoptstate */
static int state (lua_State *L) {
  lssl_pushstate(L);
  return 1;
}

/*
** For specs: the objects not yet finalized; an entry put on OpenSSL's error
** queue; the number of entries taken off it.
*/
static int alive (lua_State *L) {
  lua_pushinteger(L, lssl_state(L)->alive);
  return 1;
}

static int pusherror (lua_State *L) {
  (void)L;
  lssl_pusherror();
  return 0;
}

static int counterrors (lua_State *L) {
  lua_pushinteger(L, lssl_counterrors());
  return 1;
}

static const luaL_Reg functions[] = {
  {"_prelude", prelude},
  {"_arguments", arguments},
  {"_argerror", argerror},
  {"_oserror", oserror},
  {"_state", state},
  {"_alive", alive},
  {"_pusherror", pusherror},
  {"_counterrors", counterrors},
  {NULL, NULL}
};

void lssl_openprelude (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
