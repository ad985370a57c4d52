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

/*
** A library older than the headers may lack what the headers promised, or
** have another layout of what they describe.
*/
static void checkversion (lua_State *L) {
  if (OpenSSL_version_num() < OPENSSL_VERSION_NUMBER)
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
  return 1;
}
