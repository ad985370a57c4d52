/*
** dtls.h - what a context says of DTLS: when a flight is sent again, and which
** profiles of SRTP its connections agree on.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_dtls_h
#define lssl_context_dtls_h

#include "context/context.h"

void lssl_opendtls (lua_State *L);

/* Gives a new SSL of the context its timer. Never raises. */
void lssl_preparedtls (SSL *ssl);

#endif
