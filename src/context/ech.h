/*
** ech.h - Encrypted ClientHello (RFC 9849): the server's keys, and what a client
** encrypts to.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_ech_h
#define lssl_context_ech_h

#include "context/context.h"

void lssl_openech (lua_State *L);

/*
** set_ech_config with its argument at index 2: for the context 'c', or for its
** connection '*ssl' alone, if 'ssl' is not NULL. A connection that ends meanwhile, by
** a finalizer, sets '*ssl' to NULL.
*/
int lssl_setechconfig (lua_State *L, Context *c, SSL *const *ssl);

/*
** Pushes the name that a certificate has to have, where that is the public name of a
** configuration whose ClientHello the server could not decrypt; or nil.
*/
void lssl_pushechname (lua_State *L, SSL *const *ssl);

/* Pushes how it went with ECH on 'ssl', as SSLSocket.ech_status says; or nil. */
void lssl_pushechstatus (lua_State *L, SSL *ssl);

/*
** Pushes the configurations that the server wants a client to use instead, if they
** can be trusted; or nil. A connection that a finalizer ends meanwhile sets '*ssl' to
** NULL.
*/
void lssl_pushechretry (lua_State *L, SSL *const *ssl);

#endif
