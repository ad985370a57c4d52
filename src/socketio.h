/*
** socketio.h - what an SSLSocket reads and writes.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socketio_h
#define lssl_socketio_h

#include "common.h"

void lssl_opensocketio (lua_State *L);

#endif
