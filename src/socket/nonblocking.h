/*
** nonblocking.h - how long an SSLSocket waits.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_socket_nonblocking_h
#define lssl_socket_nonblocking_h

#include "connection/connection.h"

/* From now on each call of 'c' may take 'timeout' seconds; < 0: no limit. */
void lssl_settimeout (Conn *c, lua_Number timeout);

/* Do bytes wait inside that poll on the descriptor would not tell of? */
int lssl_isdirty (const Conn *c);

void lssl_opennonblocking (lua_State *L);

#endif
