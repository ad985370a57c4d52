/*
** primitives.h - what a TLS endpoint in Lua is made of.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_testing_primitives_h
#define lssl_testing_primitives_h

#include "base/common.h"

/* Adds the functions to the table on the top. */
void lssl_openprimitives (lua_State *L);

#endif
