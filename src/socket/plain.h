/*
** plain.h - the plain socket below an SSLSocket: accepting, connecting,
** shutting down.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_plain_h
#define lssl_socket_plain_h

#include "base/common.h"

void lssl_openplainsocket (lua_State *L);

#endif
