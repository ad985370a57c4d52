/*
** room.h - opens src/luasec/: LuaSec's view of contexts and connections.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_luasec_room_h
#define lssl_luasec_room_h

#include "base/common.h"

/* Sets what the room has as field '_luasec' of the module's table on the top. */
void lssl_luasecroom (lua_State *L);

#endif
