/*
** plainsocket.h - the plain socket below an SSLSocket: accepting, connecting,
** shutting down.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_plainsocket_h
#define lssl_plainsocket_h

#include "common.h"

void lssl_openplainsocket (lua_State *L);

#endif
