/*
** tickets.h - the session tickets of an SSLContext.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_tickets_h
#define lssl_context_tickets_h

#include "context/context.h"

void lssl_opentickets (lua_State *L);

/*
** Before a connection of the context at 'context' gets its ticket keys: asks the
** program for the time if they go by its clock. May raise. Clears the queue of
** errors if it asks.
*/
void lssl_telltickets (lua_State *L, const Context *c, int context);

#endif
