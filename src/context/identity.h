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
** the connection '*ssl' alone, if 'ssl' is not NULL. A connection that ends
** meanwhile, by the password's function or a finalizer, sets '*ssl' to NULL.
*/
int lssl_loadcertchain (lua_State *L, Context *c, SSL *const *ssl);

#endif
