/*
** identity.h - SSLContext's own certificate and private key.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_identity_h
#define lssl_context_identity_h

#include "base/common.h"

/* Adds its methods to SSLContext. */
void lssl_openidentity (lua_State *L);

#endif
