/*
** room.h - opens src/socket/: TLS over a descriptor.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_room_h
#define lssl_socket_room_h

#include "base/common.h"

/* Adds what the room has to the module's table on the top. */
void lssl_socketroom (lua_State *L);

#endif
