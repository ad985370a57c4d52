/*
** room.c - opens src/connection/: TLS without a descriptor.
** SPDX-License-Identifier: MIT
*/
#include "connection/memorybio.h"
#include "connection/object.h"
#include "connection/polling.h"
#include "connection/room.h"
#include "connection/suspended.h"

void lssl_connectionroom (lua_State *L) {
  lssl_openmemorybio(L);
  lssl_openpolling(L);
  lssl_opensuspended(L);
  lssl_openobject(L);
}
