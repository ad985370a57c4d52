/*
** target.c - a libFuzzer program that runs a Lua function on each input:
** fuzz/targets.lua has the functions, $FUZZ_TARGET names one. Built with the
** module's own sources inside, instrumented; see fuzz/run.sh.
** SPDX-License-Identifier: MIT
*/
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

extern int luaopen__ssl (lua_State *L);
extern int LLVMFuzzerInitialize (int *argc, char ***argv);
extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static lua_State *L;

static void fail (void) {
  fprintf(stderr, "fuzz: %s\n", luaL_tolstring(L, -1, NULL));
  abort();
}

int LLVMFuzzerInitialize (int *argc, char ***argv) {
  (void)argc; (void)argv;
  L = luaL_newstate();
  luaL_openlibs(L);
  luaL_requiref(L, "_ssl", luaopen__ssl, 0);
  if (luaL_dofile(L, "fuzz/targets.lua"))
    fail();
  lua_getfield(L, -1, getenv("FUZZ_TARGET"));
  if (!lua_isfunction(L, -1)) {
    lua_pushliteral(L, "no such target in fuzz/targets.lua");
    fail();
  }
  return 0;
}

/* what a target raises is a finding: it catches what may be raised */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  int top = lua_gettop(L);
  lua_pushvalue(L, top);
  lua_pushlstring(L, (const char *)data, size);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK)
    fail();
  lua_settop(L, top);
  return 0;
}
