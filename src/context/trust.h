/*
** trust.h - SSLContext's store of trusted certificates and revocation lists.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_trust_h
#define lssl_context_trust_h

#include "base/common.h"

/* Adds its methods to SSLContext. */
void lssl_opentrust (lua_State *L);

#endif
