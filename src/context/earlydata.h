/*
** earlydata.h - what servers of an SSLContext take of TLS 1.3's early data, and
** how they are kept from taking them twice.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_earlydata_h
#define lssl_context_earlydata_h

#include "context/context.h"

/* Adds its attributes to SSLContext. */
void lssl_openearlydata (lua_State *L);

/*
** Raises if a server of the context would take early data, and nothing would tell
** it that it has had them before.
*/
void lssl_checkearlydata (lua_State *L, const Context *c);

/* Has the server 'ssl' ask 'c', now and when its context is switched. */
void lssl_prepareearlydata (SSL *ssl, const Context *c);

#endif
