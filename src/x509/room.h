/*
** room.h - opens src/x509/: certificates and names, without a connection.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_x509_room_h
#define lssl_x509_room_h

#include "base/common.h"

/* Adds what the room has to the module's table on the top. */
void lssl_x509room (lua_State *L);

#endif
