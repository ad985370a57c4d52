/*
** deadline.h - the time limit of a call: one for all of it, on a clock that only
** goes forward.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_connection_deadline_h
#define lssl_connection_deadline_h

#include "connection/attempt.h"

/* When a call that has to wait, or did already, has to end; < 0: never. */
lua_Number lssl_deadline (const Conn *c, const Operation *op);

/* Seconds until 'end', at least 0; < 0: for ever. */
lua_Number lssl_remaining (lua_Number end);

/*
** Seconds that one wait of the call may take: until 'end', or until the timer of DTLS
** is over, if that is sooner; '*timer' tells which.
*/
lua_Number lssl_onewait (const Conn *c, lua_Number end, int *timer);

/* Seconds (< 0: for ever) as poll(2) takes them. */
int lssl_milliseconds (lua_Number seconds);

/* Readers and setters of seconds: nil (-1) for none, else not negative. */
lua_Number lssl_checktimeout (lua_State *L, int arg, const char *name);
void lssl_pushtimeout (lua_State *L, lua_Number timeout);

#endif
