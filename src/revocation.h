/*
** revocation.h - revocation lists and OCSP responses for tests.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_revocation_h
#define lssl_revocation_h

#include "common.h"

/* Adds its functions to the table on the top. */
void lssl_openrevocation (lua_State *L);

#endif
