/*
** prelude.h - what lua/ssl/ asks C for: arguments as Python lays them out,
** errors with the caller's position, and the counts that specs look at.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_prelude_h
#define lssl_base_prelude_h

#include "base/common.h"

/* Adds these functions to the table on the top. */
void lssl_openprelude (lua_State *L);

#endif
