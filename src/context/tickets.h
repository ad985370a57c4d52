/*
** tickets.h - the session tickets of an SSLContext.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_tickets_h
#define lssl_context_tickets_h

#include "base/common.h"

void lssl_opentickets (lua_State *L);

#endif
