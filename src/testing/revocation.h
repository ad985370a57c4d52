/*
** revocation.h - revocation lists and OCSP responses for tests.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_testing_revocation_h
#define lssl_testing_revocation_h

#include "base/common.h"

/* Adds its functions to the table on the top. */
void lssl_openrevocation (lua_State *L);

#endif
