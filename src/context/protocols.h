/*
** protocols.h - the protocols above TLS that an SSLContext agrees on: ALPN and
** its forerunner NPN.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_protocols_h
#define lssl_context_protocols_h

#include "base/common.h"

/*
** The first name of the list 'wanted' that is also in 'offered', both in their
** form on the wire: where its length stands in 'offered', or NULL. Neither need
** be well formed.
*/
const unsigned char *lssl_chooseprotocol (const unsigned char *wanted,
                                          unsigned int nwanted,
                                          const unsigned char *offered,
                                          unsigned int noffered);

void lssl_openprotocols (lua_State *L);

#endif
