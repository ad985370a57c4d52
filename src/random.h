/*
** random.h - the RAND_* functions.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_random_h
#define lssl_random_h

#include "common.h"

/* Sets the functions as fields of the table on the top. */
void lssl_openrandom (lua_State *L);

#endif
