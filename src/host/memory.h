/*
** memory.h - what OpenSSL allocates, by the Lua state that it is for.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_host_memory_h
#define lssl_host_memory_h

#include "base/common.h"

/* Limits what OpenSSL holds for the state; raises if it is not counted. */
void lssl_limitmemory (lua_State *L, size_t limit);

#endif
