/*
** dane.h - DANE: TLSA records in place of trusted authorities (RFC 6698, 7671).
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_dane_h
#define lssl_context_dane_h

#include "context/context.h"

void lssl_opendane (lua_State *L);

/*
** Gives 'ssl', a client's, the records of its context, at index 'context', if that
** has any: those of 'host', NULL if the connection has no name. Raises.
*/
void lssl_usedane (lua_State *L, int context, SSL *ssl, const char *host);

#endif
