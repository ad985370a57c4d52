/*
** tickets.h - the session tickets of an SSLContext.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_tickets_h
#define lssl_tickets_h

#include "common.h"

void lssl_opentickets (lua_State *L);

#endif
