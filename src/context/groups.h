/*
** groups.h - how SSLContext agrees on keys: groups, curves, Diffie-Hellman.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_groups_h
#define lssl_context_groups_h

#include "base/common.h"

/* Adds its methods to SSLContext. */
void lssl_opengroups (lua_State *L);

#endif
