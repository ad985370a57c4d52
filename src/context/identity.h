/*
** identity.h - SSLContext's own certificate and private key.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_identity_h
#define lssl_context_identity_h

#include "context/context.h"

/* Adds its methods to SSLContext. */
void lssl_openidentity (lua_State *L);

/*
** load_cert_chain with its arguments from index 2 on: for the context 'c', or for
** the connection 'ssl' alone, if that is not NULL.
*/
int lssl_loadcertchain (lua_State *L, Context *c, SSL *ssl);

#endif
