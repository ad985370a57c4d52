/*
** ticketring.h - ssl.TicketRing: a ring of ticket keys (ring.h) as a Lua object.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_ticketring_h
#define lssl_context_ticketring_h

#include "context/ring.h"

void lssl_openticketring (lua_State *L);

/* The ring of the TicketRing at 'arg', which keeps its reference; NULL: none. */
Ring *lssl_toring (lua_State *L, int arg);

/*
** Asks the clock of the TicketRing at 'arg' for the time, if the program gave
** one. May raise.
*/
void lssl_tellring (lua_State *L, int arg);

#endif
