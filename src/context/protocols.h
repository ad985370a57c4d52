/*
** protocols.h - the protocols above TLS that an SSLContext agrees on: ALPN and
** its forerunner NPN.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_protocols_h
#define lssl_context_protocols_h

#include "base/callback.h"
#include "context/context.h"

/*
** The first name of the list 'wanted' that is also in 'offered', both in their
** form on the wire: where its length stands in 'offered', or NULL. Neither need
** be well formed.
*/
const unsigned char *lssl_chooseprotocol (const unsigned char *wanted,
                                          unsigned int nwanted,
                                          const unsigned char *offered,
                                          unsigned int noffered);

/* Has the servers of the context choose a protocol, by what is set by then. */
void lssl_preparealpn (const Context *c);

/*
** set_alpn_protocols with its argument at 2, for the connection '*ssl' alone, which
** its Caller keeps. A connection that ends meanwhile sets '*ssl' to NULL.
*/
int lssl_setconnalpn (lua_State *L, Caller *who, SSL *const *ssl);

void lssl_openprotocols (lua_State *L);

#endif
