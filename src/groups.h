/*
** groups.h - how SSLContext agrees on keys: groups, curves, Diffie-Hellman.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_groups_h
#define lssl_groups_h

#include "common.h"

/* Adds its methods to SSLContext. */
void lssl_opengroups (lua_State *L);

#endif
