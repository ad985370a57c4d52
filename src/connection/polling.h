/*
** polling.h - waiting by poll(2).
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_polling_h
#define lssl_connection_polling_h

#include "connection/attempt.h"

/*
** Polls and tries again for as long as the attempts wait, until 'end' (< 0: for
** ever), and returns how the last attempt ended. It waits still if the time is up
** and the call is to be told so; otherwise that raises TimeoutError.
*/
Step lssl_waitbypoll (lua_State *L, Conn *c, Operation *op, Step s,
                      lua_Number end);

/* Poll has waited once more for what this connection always waits for. */
void lssl_endpoll (Conn *c, const Operation *op, Step s);

void lssl_openpolling (lua_State *L);

#endif
