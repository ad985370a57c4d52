/*
** algorithms.h - SSLContext's ciphers, signature algorithms and security level.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_algorithms_h
#define lssl_context_algorithms_h

#include "context/context.h"

/* Adds its methods to SSLContext, and its function to the table on the top. */
void lssl_openalgorithms (lua_State *L);

/*
** set_ciphers and set_ciphersuites with their argument at 2: for the context 'c', or
** for its connection '*ssl' alone, if 'ssl' is not NULL. A connection that ends
** meanwhile, by a finalizer, sets '*ssl' to NULL.
*/
int lssl_setciphers (lua_State *L, const Context *c, SSL *const *ssl);
int lssl_setciphersuites (lua_State *L, const Context *c, SSL *const *ssl);

#endif
