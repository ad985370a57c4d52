/*
** nonblocking.h - how long an SSLSocket waits.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_nonblocking_h
#define lssl_socket_nonblocking_h

#include "base/common.h"

void lssl_opennonblocking (lua_State *L);

#endif
