/*
** handlers.h - what a context calls back: for each message of the protocol, and
** to wait; and what the files of its other callbacks need.
** SPDX-License-Identifier: MIT
**
** The callbacks find everything from the Caller (callback.h): its object is
** the connection, whose context has the functions.
*/
#ifndef lssl_context_handlers_h
#define lssl_context_handlers_h

#include "context/context.h"

void lssl_openhandlers (lua_State *L);

/*
** Gives 'ssl' the handlers that the context has and an SSL does not take over
** by itself, now and when its context is switched. Never raises.
*/
void lssl_preparehandlers (SSL *ssl, const Context *context);

/*
** For the bodies of lssl_protected, whose object is at 2: pushes the context
** and its user value 'which', the function to call. Returns 0, nothing pushed,
** if it has none.
*/
int lssl_pushhandler (lua_State *L, int which);

#endif
