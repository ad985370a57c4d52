/*
** module.c - luaopen__ssl: opens the rooms, from the ground up.
** SPDX-License-Identifier: MIT
*/
#include <openssl/crypto.h>

#include "base/room.h"
#include "x509/room.h"
#include "context/room.h"
#include "connection/room.h"
#include "socket/room.h"
#include "luasec/room.h"

/* 3.0 of 3.0.19, as a number: 0xMNN, for the 0xMNN00PP0 of a whole version */
#define release(version)	((version) >> 20)

/*
** A library of an older minor release may lack what the headers promised. An
** older patch release does not: those mend errors, and add nothing.
*/
static void checkversion (lua_State *L) {
  if (release(OpenSSL_version_num()) < release(OPENSSL_VERSION_NUMBER))
    luaL_error(L, "_ssl was built for %s, but runs on the older %s",
               OPENSSL_VERSION_TEXT, OpenSSL_version(OPENSSL_VERSION));
}

LSSL_EXPORT int luaopen__ssl (lua_State *L);

LSSL_EXPORT int luaopen__ssl (lua_State *L) {
  luaL_checkversion(L);
  checkversion(L);
  lua_newtable(L);
  lssl_baseroom(L);
  lssl_x509room(L);
  lssl_contextroom(L);
  lssl_connectionroom(L);
  lssl_socketroom(L);
  lssl_luasecroom(L);
  return 1;
}
