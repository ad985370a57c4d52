/*
** random.h - the RAND_* functions.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_base_random_h
#define lssl_base_random_h

#include "base/common.h"

/* Sets the functions as fields of the table on the top. */
void lssl_openrandom (lua_State *L);

#endif
