/*
** chains.h - the certificates that an SSLContext shows, told to Lua.
** SPDX-License-Identifier: MIT
*/
#ifndef lssl_context_chains_h
#define lssl_context_chains_h

#include "context/context.h"

void lssl_openchains (lua_State *L);

#endif
