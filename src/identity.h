/*
** identity.h - SSLContext's own certificate and private key.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_identity_h
#define lssl_identity_h

#include "common.h"

/* Adds its methods to SSLContext. */
void lssl_openidentity (lua_State *L);

#endif
