/*
** crls.h - revocation lists that an SSLContext gets anew while it is in use.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_crls_h
#define lssl_context_crls_h

#include "context/context.h"

void lssl_opencrls (lua_State *L);

#endif
