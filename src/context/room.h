/*
** room.h - opens src/context/: SSLContext, and what can be set on it.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_room_h
#define lssl_context_room_h

#include "base/common.h"

/* Adds what the room has to the module's table on the top. */
void lssl_contextroom (lua_State *L);

#endif
