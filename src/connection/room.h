/*
** room.h - opens src/connection/: TLS without a descriptor.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_room_h
#define lssl_connection_room_h

#include "base/common.h"

/* Adds what the room has to the module's table on the top. */
void lssl_connectionroom (lua_State *L);

#endif
