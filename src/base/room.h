/*
** room.h - opens src/base/: how C, Lua and OpenSSL meet.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_room_h
#define lssl_base_room_h

#include "base/common.h"

/* Adds what the room has to the module's table on the top. */
void lssl_baseroom (lua_State *L);

#endif
