/*
** algorithms.h - SSLContext's ciphers, signature algorithms and security level.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_algorithms_h
#define lssl_context_algorithms_h

#include "base/common.h"

/* Adds its methods to SSLContext, and its function to the table on the top. */
void lssl_openalgorithms (lua_State *L);

#endif
