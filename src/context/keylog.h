/*
** keylog.h - SSLContext.keylog_filename.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_keylog_h
#define lssl_context_keylog_h

#include "context/context.h"

void lssl_openkeylog (lua_State *L);

/* Has the observers of the context's connections told their secrets. Never raises. */
void lssl_watchsecrets (const Context *c);

#endif
