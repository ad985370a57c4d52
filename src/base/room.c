/*
** room.c - opens src/base/: how C, Lua and OpenSSL meet.
** SPDX-License-Identifier: MIT
*/
#include "base/base64.h"
#include "base/bytearray.h"
#include "base/class.h"
#include "base/constants.h"
#include "base/counters.h"
#include "base/environment.h"
#include "base/errorclasses.h"
#include "base/platform.h"
#include "base/prelude.h"
#include "base/random.h"
#include "base/room.h"
#include "base/state.h"

static const luaL_Reg functions[] = {
  {"isinstance", lssl_isinstance},
  {"_methods", lssl_methods},
  {"_getenv", lssl_getenv},
  {"_filetype", lssl_filetype},
  {"_errornumber", lssl_errornumber},
  {"_base64encode", lssl_base64encode},
  {"_base64decode", lssl_base64decode},
  {NULL, NULL}
};

void lssl_baseroom (lua_State *L) {
  if (!lssl_openplatform())
    luaL_error(L, "the system's sockets cannot be used");
  lssl_openstate(L);
  luaL_setfuncs(L, functions, 0);
  lssl_openboxes(L);
  lssl_openerrorclasses(L);
  lssl_openprelude(L);
  lssl_openconstants(L);
  lssl_openbytearray(L);
  lssl_openrandom(L);
  lssl_opencounters(L);
}
