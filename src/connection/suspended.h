/*
** suspended.h - calls whose wait may yield: those that a context's waiter waits
** for, and those in which the program answers what OpenSSL asks.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_suspended_h
#define lssl_connection_suspended_h

#include "connection/attempt.h"

/*
** Goes on with the call whose last attempt ended as 's', and returns the number
** of its results. It may wait until 'end' (< 0: for ever); 0: not at all. To be
** returned from a C function.
*/
int lssl_suspend (lua_State *L, Conn *c, const Operation *op, Step s,
                  lua_Number end);

/* Raises the want-error of a call that may not wait. */
int lssl_raisewant (lua_State *L, Step s);

void lssl_opensuspended (lua_State *L);

#endif
