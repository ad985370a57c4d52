/*
** testing.h - what the module ssl.testing has in C.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_testing_h
#define lssl_testing_h

#include "common.h"

/* Adds '_testing' to the module, which is the table on the top. */
void lssl_opentesting (lua_State *L);

#endif
