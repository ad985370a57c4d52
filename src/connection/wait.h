/*
** wait.h - the one loop that all blocking calls share.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_wait_h
#define lssl_connection_wait_h

#include "connection/attempt.h"

/*
** Runs 'op' on the connection at index 1 and returns the number of results.
** Waits (by poll; in the read itself, see patience.h; or by the context's waiter,
** which may yield) for as long as the connection's timeout allows in all. To be
** returned from a C function.
*/
int lssl_operate (lua_State *L, Conn *c, Operation *op);

/* Raises if a call that occupies one of 'uses' is under way. */
void lssl_checkidle (lua_State *L, const Conn *c, int uses);

/*
** The same without Lua, for the files of makefile: asks no waiter, calls no
** callbacks, and returns how the last attempt ended. What Lua would be told by
** an error is STEP_FAILED with the system's number for it in 'outcome':
** ETIMEDOUT, EAGAIN where waiting is not allowed, EBUSY.
*/
Step lssl_operatequietly (Conn *c, Operation *op, int nowait);

#endif
