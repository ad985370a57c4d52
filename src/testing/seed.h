/*
** seed.h - randomness that a test can repeat.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_testing_seed_h
#define lssl_testing_seed_h

#include "base/common.h"

/*
** Between the two calls, what OpenSSL takes for random is the seed's, if there is
** one. Nothing between them may raise.
*/
void lssl_beginseeded (void);
void lssl_endseeded (void);

/* Adds the function 'seed' to the table on the top. */
void lssl_openseed (lua_State *L);

#endif
