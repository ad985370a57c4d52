/*
** nonblocking.h - how long an SSLSocket waits.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_nonblocking_h
#define lssl_nonblocking_h

#include "common.h"

void lssl_opennonblocking (lua_State *L);

#endif
