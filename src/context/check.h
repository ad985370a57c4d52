/*
** check.h - the rules that an SSLContext holds peers' certificates to, and the
** check of certificates without a connection.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_check_h
#define lssl_context_check_h

#include "base/common.h"

/* Adds its method and attribute to SSLContext. */
void lssl_opencheck (lua_State *L);

#endif
