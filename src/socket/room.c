/*
** room.c - opens src/socket/: TLS over a descriptor.
** SPDX-License-Identifier: MIT
*/
#include "socket/address.h"
#include "socket/constants.h"
#include "socket/datagrams.h"
#include "socket/io.h"
#include "socket/luasocket.h"
#include "socket/makefile.h"
#include "socket/nonblocking.h"
#include "socket/options.h"
#include "socket/plain.h"
#include "socket/poll.h"
#include "socket/room.h"
#include "socket/socket.h"
#include "socket/standard.h"

static const luaL_Reg functions[] = {
  {"_luasocket", lssl_luasocket},
  {"_luasocketclass", lssl_luasocketclass},
  {"_seconds", lssl_seconds},
  {"_unixbytes", lssl_unixbytes},
  {"_poll", lssl_polltable},
  {"_readinput", lssl_readinput},
  {"_isterminal", lssl_isterminalnumber},
  {NULL, NULL}
};

void lssl_socketroom (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  lssl_opensockconstants(L);
  lssl_opensocket(L);
  lssl_opensocketio(L);
  lssl_opennonblocking(L);
  lssl_openaddress(L);
  lssl_opensockoptions(L);
  lssl_openplainsocket(L);
  lssl_openmakefile(L);
  lssl_opendatagrams(L);
}
